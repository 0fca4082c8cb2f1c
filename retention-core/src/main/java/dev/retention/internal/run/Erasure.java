package dev.retention.internal.run;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.EraseAnswer;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.recording.LedgerEntries;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.Candidate;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Erases the recordings that a person names, in the same way as a sweep deletes due ones. */
final class Erasure {

    private static final Duration ROUND = Duration.ofMillis(100);
    /** Few at once, so that few are in flight. */
    private static final int SLICE = 50;

    private static final int PAGE = 500;

    private final Resources resources;
    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final StopSignal stop;
    private final DueCriteria policies;
    private final DueCriteria criteria;
    private final String by;
    private final String reason;
    private boolean unconfirmed;

    /** @param policies the criteria of the policies now */
    Erasure(Resources resources, StopSignal stop, DueCriteria policies, String by, String reason) {
        this.resources = resources;
        this.repository = resources.repository();
        this.storages = resources.storages();
        this.settings = resources.settings();
        this.stop = stop;
        this.policies = policies;
        this.criteria = DueCriteria.erasure(policies.now()).under(policies.fingerprint());
        this.by = by;
        this.reason = reason;
    }

    Map<String, EraseAnswer> run(Collection<String> ids) {
        List<String> distinct = ids.stream().distinct().toList();
        Map<String, EraseAnswer> answers = new LinkedHashMap<>();
        DeletionPipeline pipeline = resources.pipelineOfErasure(stop, criteria, policies);
        long deadline = settings.ticker().nanos() + settings.maxDuration().toNanos();
        Rehearsal rehearsal = new Rehearsal(repository.gate(), reason);
        try {
            for (List<String> slice : slices(distinct)) {
                List<Candidate> erasable = rehearsal.withoutRefused(sort(slice, answers));
                if (rehearsal.hasFailed()) {
                    break;
                }
                if (!erasable.isEmpty() && goesOn(pipeline, deadline)) {
                    erase(erasable, pipeline, deadline);
                }
            }
            pipeline.releaseWithheld();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pipeline.finish();
            unconfirmed = pipeline.isUnconfirmed();
        }
        rehearsal.refusal().ifPresent(why -> {
            throw RetentionException.refused("nothing is erased: " + why);
        });
        distinct.stream().filter(rehearsal::hasRefused).forEach(id -> answers.put(id, EraseAnswer.UNMARKABLE));
        boolean interrupted = Thread.interrupted();
        try {
            return answered(distinct, answers);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Rows that name the same key are claimed together: one of them alone would be refused. */
    private List<List<String>> slices(List<String> ids) {
        Map<String, List<String>> byKey = new LinkedHashMap<>();
        for (int from = 0; from < ids.size(); from += PAGE) {
            List<String> page = ids.subList(from, Math.min(from + PAGE, ids.size()));
            Map<String, Candidate> rows = find(page);
            for (String id : page) {
                Candidate row = rows.get(id);
                String key = row == null ? null : row.recording().storageKey();
                byKey.computeIfAbsent(key == null ? "without key " + id : "key " + key, k -> new ArrayList<>())
                        .add(id);
            }
        }
        List<List<String>> slices = new ArrayList<>();
        List<String> slice = new ArrayList<>();
        for (List<String> together : byKey.values()) {
            slice.addAll(together);
            if (slice.size() >= SLICE) {
                slices.add(slice);
                slice = new ArrayList<>();
            }
        }
        if (!slice.isEmpty()) {
            slices.add(slice);
        }
        return slices;
    }

    private Map<String, Candidate> find(List<String> ids) {
        return repository.recordings().find(ids).stream().collect(Collectors.toMap(Candidate::id, row -> row));
    }

    /** Answers for recordings that need no request, and returns the others. */
    private List<Candidate> sort(List<String> slice, Map<String, EraseAnswer> answers) {
        Map<String, Candidate> rows = find(slice);
        Map<String, LedgerEntry> entries = LedgerEntries.find(repository, slice);
        List<Scope> scopes = repository.holds().scopes();
        Set<String> unreadable = unreadable(slice, rows);
        for (String id : slice) {
            EraseAnswer answer = unreadable.contains(id)
                    ? ofUnreadable(entries.get(id))
                    : withoutSending(rows.get(id), entries.get(id), scopes);
            if (answer != null) {
                answers.put(id, answer);
            }
        }
        return slice.stream()
                .filter(id -> !answers.containsKey(id))
                .map(rows::get)
                .toList();
    }

    private Set<String> unreadable(List<String> slice, Map<String, Candidate> rows) {
        List<String> missing =
                slice.stream().filter(id -> !rows.containsKey(id)).toList();
        return missing.isEmpty() ? Set.of() : repository.recordings().unreadable(missing);
    }

    /** What the ledger says of it is true, whatever its row says. */
    private static EraseAnswer ofUnreadable(@Nullable LedgerEntry entry) {
        return entry == null || entry.state() == DeletionState.ACTIVE && !entry.held()
                ? EraseAnswer.UNREADABLE
                : ofEntry(entry);
    }

    private @Nullable EraseAnswer withoutSending(
            @Nullable Candidate row, @Nullable LedgerEntry entry, List<Scope> scopes) {
        if (row == null || row.recording().created().isBefore(DueCriteria.EARLIEST_CREATED)) {
            return entry != null && entry.state() == DeletionState.DELETED
                    ? EraseAnswer.ALREADY_DELETED
                    : EraseAnswer.UNKNOWN;
        }
        if (row.deleted() != null) {
            return EraseAnswer.ALREADY_DELETED;
        }
        if (row.flaggedHeld()
                || scopes.stream()
                        .anyMatch(scope -> scope.covers(row.recording().attributes()))) {
            return EraseAnswer.HELD;
        }
        if (entry != null && (entry.held() || entry.state() != DeletionState.ACTIVE)) {
            return ofEntry(entry);
        }
        return row.recording().storageKey() == null ? EraseAnswer.WITHOUT_KEY : null;
    }

    private void erase(List<Candidate> erasable, DeletionPipeline pipeline, long deadline) throws InterruptedException {
        for (Candidate row : erasable) {
            repository
                    .controls()
                    .change(List.of(), new LedgerEvent(repository.now(), "ERASURE", row.id(), null, by, reason));
        }
        storages.announce(erasable.stream().map(Candidate::recording).toList());
        long before = settings.ticker().nanos();
        Instant leaseUntil = repository.now().plus(settings.lease());
        Claims claims = repository
                .gate()
                .claim(new ClaimRequest(null, settings.owner(), leaseUntil, criteria, reason, erasable));
        if (claims.signal() == Signal.NOT_CONFIRMED) {
            pipeline.unconfirmed();
        }
        pipeline.add(claims.claims(), before);
        while (!pipeline.isIdle() && goesOn(pipeline, deadline)) {
            pipeline.step(ROUND.toNanos());
        }
    }

    private boolean goesOn(DeletionPipeline pipeline, long deadline) {
        return !stop.isRequested()
                && !pipeline.isUnconfirmed()
                && pipeline.clockObjection() == null
                && settings.ticker().nanos() - deadline < 0;
    }

    /** Whether it has ended early, since its terms are no longer those that were confirmed. */
    boolean isUnconfirmed() {
        return unconfirmed;
    }

    /** The answers in the order of the ids, from the ledger where they are not known yet. */
    private Map<String, EraseAnswer> answered(List<String> ids, Map<String, EraseAnswer> known) {
        Map<String, LedgerEntry> entries = LedgerEntries.find(
                repository, ids.stream().filter(id -> !known.containsKey(id)).toList());
        Map<String, EraseAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            EraseAnswer answer = known.get(id);
            LedgerEntry entry = entries.get(id);
            if (answer != null) {
                answers.put(id, answer);
            } else if (entry == null) {
                answers.put(id, EraseAnswer.NOT_STARTED);
            } else {
                answers.put(id, entry.state() == DeletionState.DELETED ? EraseAnswer.ERASED : ofEntry(entry));
            }
        }
        return answers;
    }

    private static EraseAnswer ofActive(@Nullable DeletionOutcome outcome) {
        return outcome == null
                ? EraseAnswer.NOT_STARTED
                : outcome == DeletionOutcome.KEY_SHARED ? EraseAnswer.SHARED : EraseAnswer.QUARANTINED;
    }

    private static EraseAnswer ofEntry(LedgerEntry entry) {
        if (entry.held() && entry.state() != DeletionState.DELETED && entry.state() != DeletionState.UNREADABLE) {
            return EraseAnswer.HELD;
        }
        return switch (entry.state()) {
            case ACTIVE -> ofActive(entry.outcome());
            case DELETING -> EraseAnswer.PENDING;
            case QUARANTINED ->
                entry.outcome() == DeletionOutcome.UNPROVEN ? EraseAnswer.UNPROVEN : EraseAnswer.QUARANTINED;
            case DELETED -> EraseAnswer.ALREADY_DELETED;
            case UNREADABLE -> EraseAnswer.UNREADABLE;
        };
    }
}
