package dev.retention;

import dev.retention.internal.support.Texts;
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
 * What a person does: pause, confirm a plan, decide about recordings, erase on demand. Each writes an event that names
 * the person.
 *
 * <p><b>Threads and transactions.</b> All methods may be called from any thread. Changes are committed before a method
 * returns, in transactions of its own, even if the caller has one open. Only {@link #erase} refuses in that case, since
 * it sends requests to storages.
 *
 * <p>Texts that name a person, a reason or a plan have 1 to {@value LegalHolds#MAX_TEXT_LENGTH} characters and are not
 * blank; any other text is an {@link IllegalArgumentException}. They are written to the ledger and the log.
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

    /** The operations of this sweeper. They concern all instances on its database. */
    public static RetentionOperations of(RetentionSweeper sweeper) {
        return new RetentionOperations(sweeper);
    }

    /**
     * Pauses deleting on all instances. Nothing more is claimed, and two seconds after this returns nothing more is
     * sent. The outcomes of requests that are in flight are still recorded.
     *
     * @return false if it was paused already; nothing is changed then
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
     * Ends the pause. Deleting continues with the next sweep or recovery.
     *
     * @return false if it was not paused
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
            log.warn("deleting is resumed by={}", by);
        }
        return resumed;
    }

    /** Who paused deleting, when and why; empty if it is not paused. */
    public Optional<Pause> paused() {
        return Optional.ofNullable(repository.controls().all().get(Controls.PAUSED))
                .map(control -> new Pause(control.by(), control.at(), control.setting()));
    }

    /** The refused sweeps that may be confirmed, in the order in which they were first refused. */
    public List<SweepPlan> plans() {
        return sweeper.plans().waiting();
    }

    /**
     * Confirms a plan, so that the next sweep is allowed: to sweep this database with these storages, policies and
     * mapping, and to delete up to the plan's ceiling within 14 days. A plan can be confirmed once.
     *
     * @return false if no plan has this id, such as one that was confirmed before; nothing is changed then
     */
    public boolean confirm(String planId, String by) {
        Texts.require("planId", planId);
        Texts.require("by", by);
        return sweeper.confirm(planId, by);
    }

    /**
     * Recordings that need a decision, by id: those that were refused permanently, are unproven, are kept elsewhere or
     * used up their attempts, and those whose key is not valid for the storage. Each entry has the cause, and the time
     * since when attempts have been failing.
     *
     * @param afterId only ids after this one, such as the last of the page before; null for the first page
     * @param limit the most to return, 1 to 1,000
     */
    public List<LedgerEntry> quarantined(@Nullable String afterId, int limit) {
        if (limit < 1 || limit > 1_000) {
            throw new IllegalArgumentException("limit is " + limit + "; use 1 to 1000");
        }
        return repository.quarantine().waiting(afterId, limit);
    }

    /**
     * Tries recordings again that need a decision. They are looked up at the storage first and then deleted, with as
     * many attempts as a new recording.
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
     * Tries all recordings again that need a decision for this cause.
     *
     * @param causeCode the {@link Cause#code()} that their ledger entries name
     * @param storage only those whose cause names this storage; null for all
     * @param account only those of this account; null for all
     * @param by who wants it
     * @return how many are tried again
     */
    public long retryAll(String causeCode, @Nullable String storage, @Nullable String account, String by) {
        Texts.require("by", by);
        return each(withCause(causeCode, storage, account), ids -> retry(ids, by));
    }

    /**
     * Records unproven recordings as deleted because a person decides so. Nothing proves that they are gone, and the
     * ledger says so permanently. Nothing is sent.
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
     * Records all unproven recordings that need a decision for this cause as deleted, because a person decides so.
     *
     * @param causeCode the {@link Cause#code()} that their ledger entries name
     * @param storage only those whose cause names this storage; null for all
     * @param account only those of this account; null for all
     * @param by who wants it
     * @return how many were recorded
     */
    public long acceptAllUnproven(String causeCode, @Nullable String storage, @Nullable String account, String by) {
        Texts.require("by", by);
        Predicate<LedgerEntry> unproven = entry -> entry.outcome() == DeletionOutcome.UNPROVEN;
        return each(unproven.and(withCause(causeCode, storage, account)), ids -> acceptUnproven(ids, by));
    }

    /**
     * Writes an account off that is gone for good, such as a closed sub-account: its due recordings can't be deleted
     * any more, nor proven to be gone. From then on, each sweep that finds the account refused by its storage records
     * them as deleted in this person's name, labelled permanently like those of {@link #acceptUnproven}. Held ones are
     * kept. As long as the account answers, its recordings are deleted as always, whatever was written off.
     *
     * @param account as recordings name it
     * @return false if it was written off before; nothing is changed then
     * @throws RetentionException if the sweeper has several storages: another one may hold copies, which must be
     *     deleted
     */
    public boolean writeOff(String account, String by, String reason) {
        Texts.require("account", account);
        Texts.require("by", by);
        Texts.require("reason", reason);
        return sweeper.writeOffs().writeOff(account, by, reason);
    }

    /**
     * Ends a {@link #writeOff}. What was recorded because of it remains recorded.
     *
     * @return false if the account was not written off
     */
    public boolean reinstate(String account, String by) {
        Texts.require("account", account);
        Texts.require("by", by);
        return sweeper.writeOffs().reinstate(account, by);
    }

    /** The accounts that are written off, in the order of their names. */
    public List<WrittenOffAccount> writtenOff() {
        return sweeper.writeOffs().all();
    }

    private static Predicate<LedgerEntry> withCause(String code, @Nullable String storage, @Nullable String account) {
        Cause.requireCode(code);
        return entry -> {
            Cause cause = entry.cause();
            return cause != null
                    && cause.code().equals(code)
                    && (storage == null || storage.equals(cause.storage()))
                    && (account == null || account.equals(entry.account()));
        };
    }

    /**
     * Erases recordings now, whatever their age and their own retain-until. They are deleted as in a sweep: claimed,
     * checked, deleted at every storage, and recorded with evidence. Held recordings are not erased. Returns when every
     * recording has an answer, or when the maximum duration of a sweep is over.
     *
     * <p>A row that the engine has soft-deleted itself proves nothing about its recording, which is erased like others.
     * A recording that a sweep has left in flight is erased as soon as no instance works on it. A recording that needs
     * a decision is not changed, and neither is one whose ledger entry is about another recording.
     *
     * @param ids the engine's ids
     * @param by who wants it
     * @param reason why; it is written to the engine's row
     * @return an answer for each id, in the order of the ids
     * @throws RetentionException before anything is sent, if the sweeper never deletes (dry run) or is closed, if
     *     deleting is paused, if a hold by attribute names an attribute that is not mapped, if the clocks disagree, if
     *     the database, the storages, the policies or the mapping are not those that were confirmed, if the caller has
     *     a transaction open, or if the database fails. If the database fails later, the outcomes until then are in the
     *     ledger
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
                                part.get(id),
                                () -> "the repository returned no answer for recording " + id
                                        + "; correct the repository"));
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
