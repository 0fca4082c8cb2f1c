package dev.retention.internal.deletion;

import dev.retention.DeletionOutcome;
import dev.retention.RetentionException;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.time.DatabaseTime;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.Evidence;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the outcomes of claims in batches. Never waits: an outcome that the database refuses or whose row is locked,
 * and all of them while the database does not answer, are kept and tried again later, so that one row does not delay
 * the others. Used by the sweeping thread alone.
 */
final class OutcomeRecorder {

    private static final Logger log = LoggerFactory.getLogger(OutcomeRecorder.class);

    /** Outcomes wait at most this long for others to be recorded with. */
    private static final Duration LONGEST_GATHERING = Duration.ofMillis(250);

    /** How long an unavailable database is waited for before the sweep learns of it. */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    /** The part of the database that this needs. */
    interface Database {

        /** See {@link dev.retention.spi.DeletionGate#record}. */
        Recorded record(Collection<ClaimOutcome> outcomes);

        Instant now();

        static Database of(RecordingRepository repository, DatabaseTime time) {
            return new Database() {
                @Override
                public Recorded record(Collection<ClaimOutcome> outcomes) {
                    return repository.gate().record(outcomes);
                }

                @Override
                public Instant now() {
                    return time.now();
                }
            };
        }
    }

    private final Database database;
    private final Obstacles obstacles;
    private final Ticker ticker;
    private final OutcomeEvents events;
    private final Backoff backoff;
    private final boolean ownsClaims;
    private final int batchSize;
    private final Consumer<PendingDeletion> goesOn;

    /**
     * Each outcome is created when it is recorded, with that time, so the database's time is not read for each answer.
     */
    private final List<Function<Instant, ClaimOutcome>> fresh = new ArrayList<>();

    private long firstNanos;
    private final List<NotTaken> refused = new ArrayList<>();

    /** Outcomes that can't be recorded, and what is recorded instead. */
    private final List<NotTaken> givenUp = new ArrayList<>();

    /** By their token: deletions that continue with another storage when the evidence is recorded. */
    private final Map<String, PendingDeletion> progressing = new HashMap<>();

    private @Nullable RetentionException unavailable;
    private long unavailableSinceNanos;
    private int failuresInRow;
    private long nextTryNanos;

    /** @param goesOn called for a deletion whose evidence is recorded and that continues with another storage */
    OutcomeRecorder(Database database, Obstacles obstacles, SweepSettings settings, Consumer<PendingDeletion> goesOn) {
        this.database = database;
        this.obstacles = obstacles;
        this.ticker = settings.ticker();
        this.events = new OutcomeEvents(settings);
        this.ownsClaims = !settings.dryRun();
        this.backoff = Backoff.of(settings);
        this.batchSize = settings.batchSize();
        this.goesOn = goesOn;
    }

    /** @param outcome the outcome of a claim, for the time at which it is recorded */
    void add(Function<Instant, ClaimOutcome> outcome) {
        if (fresh.isEmpty()) {
            firstNanos = ticker.nanos();
        }
        fresh.add(outcome);
    }

    /** One of several storages has answered; the deletion continues when that is committed. */
    void addProgress(PendingDeletion deletion) {
        Evidence evidence = deletion.evidence();
        boolean inDoubt = deletion.isInDoubt();
        add(at -> ClaimOutcome.progress(deletion.claim, evidence, at).inDoubt(inDoubt));
        progressing.put(deletion.claim.token(), deletion);
    }

    boolean isEmpty() {
        return fresh.isEmpty() && refused.isEmpty() && givenUp.isEmpty();
    }

    /** Whether the database has answered the last time that it was asked to record something. */
    boolean isAnswered() {
        return unavailable == null;
    }

    /** Deletions that continue when their evidence is recorded. */
    Collection<PendingDeletion> progressing() {
        return progressing.values();
    }

    /** How long until something must be recorded; endless if nothing waits. */
    long nanosToNextTurn() {
        if (isEmpty()) {
            return Long.MAX_VALUE;
        }
        long now = ticker.nanos();
        if (unavailable != null) {
            return nextTryNanos - now;
        }
        long next = givenUp.isEmpty() ? Long.MAX_VALUE : 0;
        if (!fresh.isEmpty()) {
            next = Math.min(next, firstNanos + LONGEST_GATHERING.toNanos() - now);
        }
        for (NotTaken each : refused) {
            next = Math.min(next, each.nextNanos() - now);
        }
        return next;
    }

    /**
     * Records the outcomes whose time has come: fresh ones if they fill a batch, have waited long enough, or no others
     * will follow; and those that the database refused before, after their wait.
     *
     * @throws RetentionException when the database has not answered for too long
     */
    void recordDue(boolean nothingElse) {
        long now = ticker.nanos();
        if (unavailable == null || nextTryNanos - now <= 0) {
            boolean gathered =
                    nothingElse || fresh.size() >= batchSize || firstNanos + LONGEST_GATHERING.toNanos() - now <= 0;
            tryToRecord(gathered, now);
        }
        if (unavailable != null && now - unavailableSinceNanos >= PATIENCE.toNanos()) {
            throw unavailable;
        }
    }

    /**
     * Records all that waits, before the work ends.
     *
     * @param longest how long this may take
     * @param pause waits so many nanoseconds, and returns whether there may be another wait
     * @throws RetentionException when the database does not answer within this time
     */
    void recordAll(Duration longest, LongPredicate pause) {
        long until = ticker.nanos() + longest.toNanos();
        tryToRecord(true, ticker.nanos());
        boolean patient = true;
        while (!isEmpty() && patient && until - ticker.nanos() > 0) {
            patient = pause.test(Math.max(0, Math.min(nanosToNextTurn(), until - ticker.nanos())));
            tryToRecord(true, ticker.nanos());
        }
        if (unavailable != null && !isEmpty()) {
            throw unavailable;
        }
        refused.forEach(this::giveUp);
        refused.clear();
        tryToRecord(true, ticker.nanos());
    }

    private void tryToRecord(boolean gathered, long now) {
        try {
            if ((gathered || unavailable != null) && !fresh.isEmpty()) {
                recordFresh(now);
            }
            recordRefused(now);
            recordGivenUp();
        } catch (RetentionException e) {
            if (e.kind() != RetentionException.Kind.UNAVAILABLE) {
                throw e;
            }
            notAnswered(e);
        }
    }

    private void notAnswered(RetentionException e) {
        long now = ticker.nanos();
        if (unavailable == null) {
            unavailableSinceNanos = now;
            obstacles.databaseFailed(fresh.size() + " outcomes wait to be recorded", e.getMessage());
        }
        unavailable = e;
        nextTryNanos = now + NotTaken.waitAfter(++failuresInRow);
    }

    private void recordFresh(long now) {
        Instant at = database.now();
        List<ClaimOutcome> batch =
                fresh.stream().map(outcome -> outcome.apply(at)).toList();
        List<NotTaken> notTaken = record(batch);
        fresh.clear();
        notTaken.forEach(each -> refused.add(each.first(now)));
    }

    /** Separate from the fresh ones, which would otherwise be recorded one by one, too. */
    private void recordRefused(long now) {
        List<NotTaken> due =
                refused.stream().filter(each -> each.nextNanos() - now <= 0).toList();
        if (due.isEmpty()) {
            return;
        }
        Map<ClaimOutcome, NotTaken> before = new HashMap<>();
        due.forEach(each -> before.put(each.outcome(), each));
        List<NotTaken> again = record(due.stream().map(NotTaken::outcome).toList());
        refused.removeAll(due);
        for (NotTaken each : again) {
            NotTaken last = each.after(before.get(each.outcome()), now);
            if (last.isLast(now)) {
                giveUp(last);
            } else {
                refused.add(last);
            }
        }
    }

    private void giveUp(NotTaken last) {
        progressing.remove(last.outcome().claim().token());
        givenUp.add(last);
    }

    /** The engine's row can't be marked, but the ledger may accept the proof: then no storage is asked again. */
    private void recordGivenUp() {
        while (!givenUp.isEmpty()) {
            NotTaken last = givenUp.get(0);
            boolean kept = ownsClaims
                    && last.outcome().step() == Step.DELETED
                    && record(List.of(proof(last))).isEmpty();
            givenUp.remove(0);
            last.logGivenUp(kept);
        }
    }

    private ClaimOutcome proof(NotTaken last) {
        Claim claim = last.outcome().claim();
        Instant at = database.now();
        return ClaimOutcome.retry(
                        claim,
                        DeletionOutcome.TRY_LATER,
                        Causes.rowNotMarked(last.why()),
                        at,
                        at.plus(backoff.after(claim.attempt(), claim.id())))
                .withEvidence(last.outcome().evidence())
                .inDoubt(true);
    }

    /** Records these and passes them to listeners; returns those that were not taken. */
    private List<NotTaken> record(List<ClaimOutcome> batch) {
        Recorded recorded = database.record(batch);
        unavailable = null;
        failuresInRow = 0;
        obstacles.databaseAnswered();
        if (!recorded.notMarked().isEmpty()) {
            log.warn(
                    "recordings={} are proven gone, but their rows were not marked as deleted: each is missing, deleted"
                            + " already, or names another recording now. Compare each row with its ledger entry, which"
                            + " has the proof",
                    recorded.notMarked());
        }
        List<NotTaken> notTaken = NotTaken.of(recorded);
        Set<ClaimOutcome> left = notTaken.stream().map(NotTaken::outcome).collect(Collectors.toSet());
        List<ClaimOutcome> taken = left.isEmpty()
                ? batch
                : batch.stream().filter(each -> !left.contains(each)).toList();
        events.tell(taken);
        for (ClaimOutcome each : taken) {
            PendingDeletion onward = each.step() == Step.PROGRESS
                    ? progressing.remove(each.claim().token())
                    : null;
            if (onward != null) {
                goesOn.accept(onward);
            }
        }
        return notTaken;
    }
}
