package dev.retention;

import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.RecordingRepository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a person does: pausing, confirming a plan, deciding about recordings that wait for a person, erasing on demand. Each leaves an event that names the
 * person.
 *
 * <p><b>Threads and transactions.</b> All methods may be called from any thread. What they change is committed before they answer, in transactions of their
 * own, also where the caller has one open; only {@link #erase} refuses then, since it asks the storages.
 *
 * <p>Texts that name a person, a reason or a plan have 1 to {@value LegalHolds#MAX_TEXT_LENGTH} characters and are not blank, else
 * {@link IllegalArgumentException} is thrown. They become part of the ledger and the log.
 */
public final class RetentionOperations {

    private static final Logger log = LoggerFactory.getLogger(RetentionOperations.class);
    private static final int SLICE = 200;

    private final RetentionSweeper sweeper;
    private final RecordingRepository repository;

    private RetentionOperations(RetentionSweeper sweeper) {
        this.sweeper = sweeper;
        this.repository = sweeper.repository();
    }

    /** What a person does with this sweeper, and with all instances on its database. */
    public static RetentionOperations of(RetentionSweeper sweeper) {
        return new RetentionOperations(sweeper);
    }

    /**
     * Pauses deleting on all instances: nothing is claimed any more, and what is claimed is sent no more from two seconds after this returns. What is under way
     * is recorded.
     *
     * @return false when it was paused already; then nothing is changed
     */
    public boolean pause(String by, String reason) {
        Texts.require("by", by);
        Texts.require("reason", reason);
        boolean paused = repository
                .controls()
                .change(
                        List.of(new Change(Controls.PAUSED, null, reason)),
                        new LedgerEvent(repository.now(), "PAUSED", null, null, by, reason));
        if (paused) {
            log.warn("deleting is paused by={} reason={}", by, reason);
        }
        return paused;
    }

    /**
     * Ends the pause. The next sweep or recovery goes on.
     *
     * @return false when it was not paused
     */
    public boolean resume(String by) {
        Texts.require("by", by);
        Control paused = repository.controls().all().get(Controls.PAUSED);
        boolean resumed = paused != null
                && repository
                        .controls()
                        .change(
                                List.of(new Change(Controls.PAUSED, paused.setting(), null)),
                                new LedgerEvent(repository.now(), "RESUMED", null, null, by, null));
        if (resumed) {
            log.warn("deleting goes on by={}", by);
        }
        return resumed;
    }

    /** Why nothing is deleted at present; empty when deleting is not paused. */
    public Optional<Pause> paused() {
        return Optional.ofNullable(repository.controls().all().get(Controls.PAUSED))
                .map(control -> new Pause(control.by(), control.at(), control.setting()));
    }

    /** The refused sweeps that may be confirmed, in the order in which they were first refused. */
    public List<SweepPlan> plans() {
        return sweeper.brakes().plans();
    }

    /**
     * Confirms a plan, so that the next sweep may do what was refused: sweep this database with these storages and policies, and delete up to the plan's ceiling
     * within 14 days. A plan is confirmed once.
     *
     * @return false when no plan of this id waits, such as one that was confirmed before; nothing is changed then
     */
    public boolean confirm(String planId, String by) {
        Texts.require("planId", planId);
        Texts.require("by", by);
        return sweeper.brakes().confirm(planId, by);
    }

    /**
     * Recordings that wait for a person, by id: those refused for good, unproven, kept elsewhere or out of attempts, and those whose key can't be one of the
     * storage's. Each entry names the cause and since when it has been failing.
     *
     * @param afterId only ids after this one, such as the last of the page before; null for the start
     * @param limit the most to return, 1 to 1,000
     */
    public List<LedgerEntry> quarantined(@Nullable String afterId, int limit) {
        if (limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException("limit " + limit + ": use 1 to 1000");
        }
        return repository.quarantine().waiting(afterId, limit);
    }

    /**
     * Lets recordings that wait for a person be tried again: they are looked up at the storage first, then deleted, with as many attempts as a new one has.
     *
     * @param ids the engine's ids
     * @return an answer for each id, in the order of the ids
     */
    public Map<String, ReviewAnswer> retry(Collection<String> ids, String by) {
        Texts.require("by", by);
        Instant now = repository.now();
        return inSlices("retried", by, ids, slice -> repository.quarantine().retry(slice, by, now));
    }

    /**
     * Lets all recordings be tried again that wait for this cause.
     *
     * @param cause as their ledger entries name it
     * @return how many will be tried again
     */
    public long retryAll(String cause, String by) {
        return each(entry -> cause.equals(entry.cause()), ids -> retry(ids, by));
    }

    /**
     * Records unproven recordings as deleted on a person's word. Nothing proves that they are gone, and the ledger says so for ever. Nothing is sent.
     *
     * @param ids the engine's ids
     * @return an answer for each id, in the order of the ids
     */
    public Map<String, ReviewAnswer> acceptUnproven(Collection<String> ids, String by) {
        Texts.require("by", by);
        Instant now = repository.now();
        return inSlices("accepted as gone", by, ids, slice -> {
            Map<String, ReviewAnswer> answers = repository.quarantine().acceptUnproven(slice, by, now);
            sweeper.tellAccepted(answers, now);
            return answers;
        });
    }

    /**
     * Records all unproven recordings as deleted on a person's word that wait for this cause.
     *
     * @param cause as their ledger entries name it
     * @return how many were recorded
     */
    public long acceptAllUnproven(String cause, String by) {
        return each(
                entry -> entry.outcome() == DeletionOutcome.UNPROVEN && cause.equals(entry.cause()),
                ids -> acceptUnproven(ids, by));
    }

    /**
     * Erases recordings now, whatever their age and their own retain-until, by the same way as a sweep: claimed, checked, deleted at every storage, recorded with
     * evidence. Holds are respected. Returns when every recording has an answer, or the longest time of a sweep is over. A recording that is being deleted
     * or waits for a person already is left on its way.
     *
     * @param ids the engine's ids
     * @param by who wants it
     * @param reason why; the engine's row will name it
     * @return an answer for each id, in the order of the ids
     * @throws RetentionException before anything was sent, when the sweeper never deletes (dry run) or is closed, deleting is paused, the clocks disagree, this is
     *     not the database or account that was confirmed, the rows can't be marked with that reason, the caller has a transaction open, or the database
     *     fails. If the database fails later, what was answered until then is in the ledger
     */
    public Map<String, EraseAnswer> erase(Collection<String> ids, String by, String reason) {
        Texts.require("by", by);
        Texts.require("reason", reason);
        return sweeper.erase(ids, by, reason);
    }

    private interface Decision {
        Map<String, ReviewAnswer> about(List<String> slice);
    }

    private static Map<String, ReviewAnswer> inSlices(
            String what, String by, Collection<String> ids, Decision decision) {
        List<String> distinct = ids.stream().distinct().toList();
        Map<String, ReviewAnswer> answers = new LinkedHashMap<>();
        for (int from = 0; from < distinct.size(); from += SLICE) {
            List<String> slice = distinct.subList(from, Math.min(from + SLICE, distinct.size()));
            Map<String, ReviewAnswer> part = decision.about(slice);
            for (String id : slice) {
                answers.put(
                        id,
                        Objects.requireNonNull(
                                part.get(id), () -> "the repository gave no answer for recording " + id));
            }
        }
        log.info("{} recordings={} of={} by={}", what, done(answers), distinct.size(), by);
        return answers;
    }

    private static long done(Map<String, ReviewAnswer> answers) {
        return answers.values().stream().filter(ReviewAnswer.DONE::equals).count();
    }

    private long each(Predicate<LedgerEntry> concerned, Decision decision) {
        long done = 0;
        String after = null;
        List<LedgerEntry> page;
        do {
            page = repository.quarantine().waiting(after, SLICE);
            List<String> ids = new ArrayList<>(page.stream()
                    .filter(concerned)
                    .map(LedgerEntry::recordingId)
                    .toList());
            if (!ids.isEmpty()) {
                done += done(decision.about(ids));
            }
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == SLICE);
        return done;
    }
}
