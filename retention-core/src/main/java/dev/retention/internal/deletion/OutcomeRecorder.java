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
import dev.retention.spi.DeletionGate.Refusal;
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
 * Records the outcomes of claims in batches. Never waits: an outcome that the database refuses, and all of them while
 * the database does not answer, are kept and tried again later, so that one row does not delay the others. Used by the
 * sweeping thread alone.
 */
final class OutcomeRecorder {

    private static final Logger log = LoggerFactory.getLogger(OutcomeRecorder.class);

    /** Outcomes wait at most this long for others to be recorded with. */
    private static final Duration LONGEST_GATHERING = Duration.ofMillis(250);

    /** How often the library tries to record an outcome that the database refuses. */
    static final int TRIES = 5;

    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

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

    /** An outcome that the database has refused, and when it is tried again. */
    private record Refused(ClaimOutcome outcome, String why, int tries, long nextNanos) {}

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
    private final List<Refused> refused = new ArrayList<>();

    /** Outcomes that can't be recorded, and what is recorded instead. */
    private final List<Refused> givenUp = new ArrayList<>();

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

    /** How many deletions continue when their evidence is recorded. */
    int progressing() {
        return progressing.size();
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
        for (Refused each : refused) {
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
        nextTryNanos = now + waitAfter(++failuresInRow);
    }

    private static long waitAfter(int tries) {
        long doubled = FIRST_WAIT.toNanos() << Math.min(tries - 1, 10);
        return Math.min(doubled, LONGEST_WAIT.toNanos());
    }

    private void recordFresh(long now) {
        Instant at = database.now();
        List<ClaimOutcome> batch =
                fresh.stream().map(outcome -> outcome.apply(at)).toList();
        List<Refusal> refusals = record(batch);
        fresh.clear();
        refusals.forEach(refusal -> refused.add(new Refused(refusal.outcome(), refusal.why(), 1, now + waitAfter(1))));
    }

    /** Separate from the fresh ones, which would otherwise be recorded one by one, too. */
    private void recordRefused(long now) {
        List<Refused> due =
                refused.stream().filter(each -> each.nextNanos() - now <= 0).toList();
        if (due.isEmpty()) {
            return;
        }
        Map<ClaimOutcome, Integer> tries = new HashMap<>();
        due.forEach(each -> tries.put(each.outcome(), each.tries() + 1));
        List<Refusal> refusals = record(due.stream().map(Refused::outcome).toList());
        refused.removeAll(due);
        for (Refusal refusal : refusals) {
            int tried = tries.getOrDefault(refusal.outcome(), TRIES);
            Refused again = new Refused(refusal.outcome(), refusal.why(), tried, now + waitAfter(tried));
            if (tried < TRIES) {
                refused.add(again);
            } else {
                giveUp(again);
            }
        }
    }

    private void giveUp(Refused last) {
        progressing.remove(last.outcome().claim().token());
        givenUp.add(last);
    }

    /** The engine's row can't be marked, but the ledger may accept the proof: then no storage is asked again. */
    private void recordGivenUp() {
        while (!givenUp.isEmpty()) {
            Refused last = givenUp.get(0);
            boolean kept = ownsClaims
                    && last.outcome().step() == Step.DELETED
                    && record(List.of(proof(last))).isEmpty();
            givenUp.remove(0);
            logGivenUp(last, kept);
        }
    }

    private ClaimOutcome proof(Refused last) {
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

    private static void logGivenUp(Refused last, boolean kept) {
        String id = last.outcome().claim().id();
        if (kept) {
            log.error(
                    "recording={} is proven gone, but its row could not be marked as deleted in {} tries: {}. The proof"
                            + " is kept in the ledger, and marking is tried again later. Correct the row, its"
                            + " constraints or triggers, or the grants",
                    id,
                    last.tries(),
                    last.why());
        } else {
            log.error(
                    "recording={} outcome={} could not be recorded in {} tries: {}. The recording remains claimed, and"
                            + " recovery looks it up when the lease has expired. Correct the row, its constraints or"
                            + " triggers, or the grants",
                    id,
                    last.outcome().step(),
                    last.tries(),
                    last.why());
        }
    }

    /** Records these and passes them to listeners; returns the refused ones. */
    private List<Refusal> record(List<ClaimOutcome> batch) {
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
        Set<ClaimOutcome> notTaken =
                recorded.refused().stream().map(Refusal::outcome).collect(Collectors.toSet());
        List<ClaimOutcome> taken = notTaken.isEmpty()
                ? batch
                : batch.stream().filter(each -> !notTaken.contains(each)).toList();
        events.tell(taken);
        for (ClaimOutcome each : taken) {
            PendingDeletion onward = each.step() == Step.PROGRESS
                    ? progressing.remove(each.claim().token())
                    : null;
            if (onward != null) {
                goesOn.accept(onward);
            }
        }
        return recorded.refused();
    }
}
