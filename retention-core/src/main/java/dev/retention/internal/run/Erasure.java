package dev.retention.internal.run;

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
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Erases the recordings that a person names, in the same way as a sweep deletes due ones. */
final class Erasure {

    private static final Logger log = LoggerFactory.getLogger(Erasure.class);

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
    /** Recordings that were to be deleted. */
    private final Set<String> begun = new HashSet<>();
    /** Recordings that the database refuses to claim. */
    private final Set<String> unclaimable = new HashSet<>();

    private boolean unconfirmed;

    /** @param policies the criteria of the policies now */
    Erasure(Resources resources, StopSignal stop, DueCriteria policies, String by, String reason) {
        this.resources = resources;
        this.repository = resources.repository();
        this.storages = resources.storages();
        this.settings = resources.settings();
        this.stop = stop;
        this.policies = policies;
        this.criteria = policies.forErasure(policies.now());
        this.by = by;
        this.reason = reason;
    }

    Map<String, EraseAnswer> run(Collection<String> ids) {
        List<String> distinct = ids.stream().distinct().toList();
        Map<String, EraseAnswer> answers = new LinkedHashMap<>();
        DeletionPipeline pipeline = resources.pipelineOfErasure(stop, criteria, policies);
        long deadline = settings.ticker().nanos() + settings.maxDuration().toNanos();
        Rehearsal rehearsal = Rehearsal.ofEach(repository.gate(), reason);
        try {
            for (List<String> slice : slices(distinct)) {
                if (goesOn(pipeline, deadline)) {
                    erase(rehearsal.withoutRefused(sort(slice, answers)), pipeline, deadline);
                }
            }
            pipeline.releaseWithheld();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pipeline.finish();
            unconfirmed = pipeline.isUnconfirmed();
        }
        distinct.stream()
                .filter(id -> rehearsal.hasRefused(id) || unclaimable.contains(id))
                .forEach(id -> answers.put(id, EraseAnswer.UNMARKABLE));
        // Database drivers fail on a thread whose interrupt is pending.
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

    /** What is known about some recordings at one moment. */
    private record Found(
            EraseAnswers rules,
            Map<String, Candidate> rows,
            Map<String, LedgerEntry> entries,
            Set<String> unreadable,
            Set<String> undated) {

        Optional<EraseAnswer> before(String id) {
            if (unreadable.contains(id)) {
                return Optional.of(rules.ofUnreadable(entries.get(id)));
            }
            return undated.contains(id)
                    ? Optional.of(EraseAnswers.ofUndated(entries.get(id)))
                    : rules.before(rows.get(id), entries.get(id));
        }

        EraseAnswer after(String id) {
            return rules.after(rows.get(id), entries.get(id));
        }
    }

    private Found look(List<String> ids) {
        Map<String, Candidate> rows = find(ids);
        List<String> missing = ids.stream().filter(id -> !rows.containsKey(id)).toList();
        return new Found(
                new EraseAnswers(repository.now(), repository.holds().scopes(), criteria),
                rows,
                LedgerEntries.find(repository, ids),
                missing.isEmpty() ? Set.of() : repository.recordings().unreadable(missing),
                missing.isEmpty() ? Set.of() : repository.recordings().withoutCreationTime(missing));
    }

    /** Answers for recordings that need no request, and returns the others. */
    private List<Candidate> sort(List<String> slice, Map<String, EraseAnswer> answers) {
        Found found = look(slice);
        List<Candidate> erasable = new ArrayList<>();
        for (String id : slice) {
            Candidate row = found.rows.get(id);
            Optional<EraseAnswer> answer = found.before(id);
            answer.ifPresent(known -> answers.put(id, known));
            if (answer.isEmpty() && row != null) {
                erasable.add(row);
                begun.add(id);
            }
        }
        return erasable;
    }

    private void erase(List<Candidate> erasable, DeletionPipeline pipeline, long deadline) throws InterruptedException {
        if (erasable.isEmpty()) {
            return;
        }
        erasable.forEach(row -> event("ERASURE", row.id(), reason));
        storages.announce(erasable.stream().map(Candidate::recording).toList());
        claim(erasable, pipeline);
        while (!pipeline.isIdle() && goesOn(pipeline, deadline)) {
            pipeline.step(ROUND.toNanos());
        }
    }

    private void event(String kind, String id, String detail) {
        repository.controls().change(List.of(), new LedgerEvent(repository.now(), kind, id, null, by, detail));
    }

    /** Halves what the database refuses to claim together, so that each recording has an answer of its own. */
    private void claim(List<Candidate> rows, DeletionPipeline pipeline) {
        long before = settings.ticker().nanos();
        Claims claims;
        try {
            Instant leaseUntil = repository.now().plus(settings.lease());
            claims = repository
                    .gate()
                    .claim(new ClaimRequest(null, settings.owner(), leaseUntil, criteria, reason, rows));
        } catch (RetentionException e) {
            claimByHalves(rows, pipeline, e);
            return;
        }
        if (claims.signal() == Signal.NOT_CONFIRMED) {
            pipeline.unconfirmed();
        }
        pipeline.add(claims.claims(), before);
    }

    private void claimByHalves(List<Candidate> rows, DeletionPipeline pipeline, RetentionException why) {
        if (why.kind() != RetentionException.Kind.REFUSED) {
            throw why;
        }
        if (rows.size() == 1) {
            String id = rows.get(0).id();
            unclaimable.add(id);
            log.error(
                    "recording={} is not erased, because the database refuses to claim it: {}. Correct the row, the"
                            + " constraint or trigger, or the grants, then erase it again",
                    id,
                    why.getMessage());
            return;
        }
        int middle = rows.size() / 2;
        claim(rows.subList(0, middle), pipeline);
        claim(rows.subList(middle, rows.size()), pipeline);
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

    /** The answers in the order of the ids, from rows and the ledger where they are not known yet. */
    private Map<String, EraseAnswer> answered(List<String> ids, Map<String, EraseAnswer> known) {
        Map<String, EraseAnswer> answers = new LinkedHashMap<>();
        for (int from = 0; from < ids.size(); from += PAGE) {
            List<String> page = ids.subList(from, Math.min(from + PAGE, ids.size()));
            Found found = look(page);
            for (String id : page) {
                EraseAnswer answer = known.get(id);
                if (answer == null && !begun.contains(id)) {
                    answer = found.before(id).orElse(null);
                }
                answers.put(id, answer == null ? found.after(id) : answer);
            }
            page.stream()
                    .filter(id -> answers.get(id) == EraseAnswer.NOT_STARTED && isKeptForAnother(id, found))
                    .forEach(id -> answers.put(id, EraseAnswer.SHARED));
            sentForOthers(page, answers, found.rows).forEach(id -> answers.put(id, EraseAnswer.LATE));
            page.forEach(id -> tellIfHeld(id, answers.get(id)));
        }
        return answers;
    }

    /** So that it is not forgotten what has to be erased when the hold has ended. */
    private void tellIfHeld(String id, @Nullable EraseAnswer answer) {
        if (answer == EraseAnswer.HELD || answer == EraseAnswer.LATE) {
            event("ERASURE_HELD", id, answer + ": " + reason);
        }
    }

    /** Of recordings that a sweep had claimed, the ledger does not say that another row forbids their erasure. */
    private boolean isKeptForAnother(String id, Found found) {
        Candidate row = found.rows.get(id);
        LedgerEntry entry = found.entries.get(id);
        return row != null
                && entry != null
                && entry.state() == DeletionState.DELETING
                && !repository.gate().keptForOthers(List.of(row), criteria).isEmpty();
    }

    /** A held recording of which nothing was sent under its own id may share its key with one of which it was. */
    private Set<String> sentForOthers(List<String> ids, Map<String, EraseAnswer> answers, Map<String, Candidate> rows) {
        List<Candidate> held = ids.stream()
                .filter(id -> answers.get(id) == EraseAnswer.HELD)
                .map(rows::get)
                .filter(Objects::nonNull)
                .toList();
        return held.isEmpty() ? Set.of() : repository.gate().sentForOthers(held);
    }
}
