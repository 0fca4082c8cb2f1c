package dev.retention;

import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Erases what a person names, by the way that all recordings go. */
final class Erasure {

    private static final Duration ROUND = Duration.ofMillis(100);
    /** Few at once, so that few are in the door at any time. */
    private static final int SLICE = 50;

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final StopSignal stop;
    private final DueCriteria criteria;
    private final String by;
    private final String reason;

    Erasure(
            RecordingRepository repository,
            Storages storages,
            SweepSettings settings,
            StopSignal stop,
            Instant now,
            String by,
            String reason) {
        this.repository = repository;
        this.storages = storages;
        this.settings = settings;
        this.stop = stop;
        this.criteria = DueCriteria.erasure(now);
        this.by = by;
        this.reason = reason;
    }

    Map<String, EraseAnswer> run(Collection<String> ids) {
        List<String> distinct = ids.stream().distinct().toList();
        Map<String, EraseAnswer> answers = new LinkedHashMap<>();
        DeletionPipeline pipeline = new DeletionPipeline(repository, storages, settings, stop, criteria, null);
        long deadline = settings.ticker().nanos() + settings.maxDuration().toNanos();
        boolean rehearsed = false;
        try {
            for (int from = 0; from < distinct.size(); from += SLICE) {
                List<String> slice = distinct.subList(from, Math.min(from + SLICE, distinct.size()));
                List<Candidate> erasable = sort(slice, answers);
                if (!rehearsed && !erasable.isEmpty()) {
                    repository.gate().rehearse(erasable.get(0), reason);
                    rehearsed = true;
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
        }
        boolean interrupted = Thread.interrupted();
        try {
            return answered(distinct, answers);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Answers for those of which nothing has to be sent, and returns the others. */
    private List<Candidate> sort(List<String> slice, Map<String, EraseAnswer> answers) {
        Map<String, Candidate> rows =
                repository.recordings().find(slice).stream().collect(Collectors.toMap(Candidate::id, row -> row));
        Map<String, LedgerEntry> entries = DeletionLedger.of(repository).find(slice);
        List<Scope> scopes = repository.holds().scopes();
        for (String id : slice) {
            EraseAnswer answer = withoutSending(rows.get(id), entries.get(id), scopes);
            if (answer != null) {
                answers.put(id, answer);
            }
        }
        return slice.stream()
                .filter(id -> !answers.containsKey(id))
                .map(rows::get)
                .toList();
    }

    private @Nullable EraseAnswer withoutSending(
            @Nullable Candidate row, @Nullable LedgerEntry entry, List<Scope> scopes) {
        if (row == null) {
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
        List<Claim> claimed = claims.signal() == Signal.PAUSED ? List.of() : claims.claims();
        pipeline.add(claimed, before);
        while (!pipeline.isIdle() && goesOn(pipeline, deadline)) {
            pipeline.step(ROUND.toNanos());
        }
    }

    private boolean goesOn(DeletionPipeline pipeline, long deadline) {
        return !stop.isRequested()
                && pipeline.clockObjection() == null
                && settings.ticker().nanos() - deadline < 0;
    }

    /** What the database says in the end, in the order of the ids. */
    private Map<String, EraseAnswer> answered(List<String> ids, Map<String, EraseAnswer> known) {
        Map<String, LedgerEntry> entries = DeletionLedger.of(repository)
                .find(ids.stream().filter(id -> !known.containsKey(id)).toList());
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

    private static EraseAnswer ofEntry(LedgerEntry entry) {
        if (entry.held() && entry.state() != DeletionState.DELETED) {
            return EraseAnswer.HELD;
        }
        return switch (entry.state()) {
            case ACTIVE -> entry.outcome() == null ? EraseAnswer.NOT_STARTED : EraseAnswer.QUARANTINED;
            case DELETING -> EraseAnswer.PENDING;
            case QUARANTINED ->
                entry.outcome() == DeletionOutcome.UNPROVEN ? EraseAnswer.UNPROVEN : EraseAnswer.QUARANTINED;
            case DELETED -> EraseAnswer.ALREADY_DELETED;
        };
    }
}
