package dev.retention;

import dev.retention.SweepTracer.Span;
import dev.retention.spi.Candidate;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance's part in one run, from the first page to the report. */
final class Sweep {

    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    private static final String REASON = "retention_policy";

    private static final Duration ROUND = Duration.ofMillis(100);
    private static final Duration WAITING_ROUND = Duration.ofMillis(500);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int FAILURES_TO_OUTLAST = 10;
    private static final Duration PROGRESS = Duration.ofSeconds(30);
    private static final Duration RECOVERY = Duration.ofSeconds(30);
    private static final Duration POLL_OTHERS = Duration.ofMillis(500);
    private static final int MOST_PASSES_FOR_MISSED = 3;
    private static final int MOST_REHEARSALS = 3;
    private static final Duration WAIT_FOR_OTHERS = Duration.ofMinutes(1);

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final StopSignal stop;
    private final Ticker ticker;
    private final DueCriteria criteria;
    private final String runId;
    private final SweepRun joined;
    private final long deadlineNanos;
    private final DeletionPipeline pipeline;

    /** Candidates of pages that this instance owns, not claimed yet. */
    private final Deque<Candidate> pending = new ArrayDeque<>();

    /** Rows that the database would not let us mark as deleted, found by the rehearsal. */
    private final Set<String> unmarkable = new HashSet<>();

    private boolean passOver;
    private boolean rehearsed;
    /** Whether this pass may have lost candidates that nobody else works on. */
    private boolean missed;

    private int passesForMissed;
    private long postponedBeforePass;
    private @Nullable SweepEnd signalled;
    private @Nullable String refusal;
    private int failuresInRow;
    private long dueAtStart;
    private double answersPerSecond;
    private long rateNanos;
    private long rateAnswers;
    private long progressNanos;
    private long recoveryNanos;

    Sweep(
            RecordingRepository repository,
            Storages storages,
            SweepSettings settings,
            StopSignal stop,
            DueCriteria criteria,
            SweepRun run,
            Instant databaseNow,
            Span span) {
        this.repository = repository;
        this.storages = storages;
        this.settings = settings;
        this.stop = stop;
        this.ticker = settings.ticker();
        this.criteria = criteria;
        this.joined = run;
        this.runId = run.id();
        this.deadlineNanos =
                ticker.nanos() + Duration.between(databaseNow, run.deadline()).toNanos();
        this.pipeline = new DeletionPipeline(repository, storages, settings, stop, criteria, span);
        this.rateNanos = ticker.nanos();
        this.progressNanos = rateNanos;
        this.recoveryNanos = rateNanos - RECOVERY.toNanos();
    }

    /** Works until the run has ended, or this instance has to leave it. */
    SweepReport run() {
        dueAtStart = repository.recordings().count(criteria).due();
        log.info(
                "sweep started run={} due={} cutoffs={} deadline={}",
                runId,
                dueAtStart,
                Policies.cutoffs(criteria),
                joined.deadline());
        settings.telemetry().tell(new SweepEvent.SweepStarted(runId, repository.now(), dueAtStart));
        SweepEnd end;
        try {
            end = work();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end = SweepEnd.STOPPED;
        } finally {
            pipeline.finish();
        }
        // Database drivers fail on a thread whose interrupt is pending.
        boolean interrupted = Thread.interrupted();
        try {
            return conclude(end);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private SweepEnd work() throws InterruptedException {
        while (true) {
            SweepEnd end = reasonToEnd();
            if (end != null) {
                return end;
            }
            try {
                if (round()) {
                    return SweepEnd.COMPLETED;
                }
                failuresInRow = 0;
            } catch (RetentionException e) {
                outlast(e);
            }
        }
    }

    /** Returns whether all is done. */
    private boolean round() throws InterruptedException {
        fetch();
        claim();
        recoverNowAndThen();
        boolean nothingHere = pipeline.isIdle() && pending.isEmpty() && !passOver;
        pipeline.step(nothingHere ? 0 : (pipeline.size() > 0 ? ROUND : WAITING_ROUND).toNanos());
        measure();
        if (signalled != null || !passOver || !pending.isEmpty() || !pipeline.isIdle()) {
            return false;
        }
        pipeline.releaseWithheld();
        return pipeline.isIdle() && !anotherPass();
    }

    /** A database that fails for a moment ends no run; one that fails again and again does. */
    private void outlast(RetentionException e) {
        failuresInRow++;
        if (failuresInRow > FAILURES_TO_OUTLAST) {
            throw e;
        }
        log.warn("run={} the database failed, trying again ({} of {})", runId, failuresInRow, FAILURES_TO_OUTLAST, e);
        pipeline.pause(AFTER_FAILURE.multipliedBy(failuresInRow));
    }

    private @Nullable SweepEnd reasonToEnd() {
        if (stop.isRequested()) {
            return SweepEnd.STOPPED;
        }
        if (pipeline.clockObjection() != null) {
            refusal = pipeline.clockObjection();
            return SweepEnd.CLOCKS_DISAGREE;
        }
        if (ticker.nanos() - deadlineNanos >= 0) {
            return pipeline.accounts().stream().anyMatch(Account::isOpen)
                    ? SweepEnd.PROVIDER_DOWN
                    : SweepEnd.OUT_OF_TIME;
        }
        return signalled == SweepEnd.CAPPED && !pipeline.isIdle() ? null : signalled;
    }

    /** Takes the next page, unless there is enough to do. */
    private void fetch() {
        if (signalled != null || passOver || !pending.isEmpty() && !onlyBlockedArePending()) {
            return;
        }
        SweepRun run = current();
        if (run.report() != null) {
            signalled = SweepEnd.ALREADY_RUNNING;
            return;
        }
        if (run.passDone()) {
            passOver = true;
            return;
        }
        Page page = repository.recordings().page(criteria, run.cursor(), settings.batchSize());
        List<Candidate> due = page.candidates().stream().filter(criteria::isDue).toList();
        Map<String, LedgerEntry> entries = DeletionLedger.of(repository)
                .find(due.stream().map(Candidate::id).toList());
        // All that can fail comes before: a page that was taken is nobody else's. The answer may be lost, and then it
        // is nobody's.
        boolean unsure = missed;
        missed = true;
        if (!repository.runs().advance(run, page.next(), repository.now())) {
            return;
        }
        missed = unsure;
        passOver = page.next() == null;
        List<Candidate> liveAgain = new ArrayList<>();
        for (Candidate candidate : due) {
            Standing standing = Standing.of(candidate, entries.get(candidate.id()), storages);
            if (standing == Standing.CLAIMABLE && !unmarkable.contains(candidate.id())) {
                addUnlessTooMany(candidate);
            } else if (standing == Standing.LIVE_AGAIN) {
                liveAgain.add(candidate);
            }
        }
        storages.announce(pending.stream().map(Candidate::recording).toList());
        repair(liveAgain);
    }

    private void repair(List<Candidate> liveAgain) {
        if (liveAgain.isEmpty()) {
            return;
        }
        var repaired = repository.gate().repair(liveAgain);
        for (Candidate candidate : liveAgain) {
            if (repaired.contains(candidate.id())) {
                log.warn("recording={} was deleted before, and its row live again; soft-deleted anew", candidate.id());
            } else {
                log.warn(
                        "recording={} was deleted before, but its row names another recording by now, as after a restore; left alone",
                        candidate.id());
            }
        }
    }

    /** Of accounts that have to wait no more than a page is kept in mind; the rest is the next pass's. */
    private void addUnlessTooMany(Candidate candidate) {
        Account account = accountOf(candidate);
        if (account.isStopped()) {
            return;
        }
        if (pending.size() >= settings.batchSize() && account.hasToWait(ticker.nanos())) {
            missed = true;
        } else {
            pending.add(candidate);
        }
    }

    /** Whether to read on, since others may wait behind those of accounts that have to wait. A single account has nobody behind it. */
    private boolean onlyBlockedArePending() {
        long now = ticker.nanos();
        return pending.stream().allMatch(c -> accountOf(c).hasToWait(now))
                && (pending.stream().anyMatch(c -> c.recording().account() != null)
                        || pipeline.accounts().stream().anyMatch(a -> !a.hasToWait(now)));
    }

    /** Claims about a second's work, so that few recordings are in the door at any time; at least as much again as is under way, so that none waits for a claim. */
    private void claim() {
        if (signalled != null) {
            return;
        }
        int most = 2 * settings.batchSize();
        int target = (int) Math.min(most, Math.max(2 * settings.maxConcurrency(), Math.ceil(answersPerSecond)));
        int wanted = Math.min(settings.batchSize(), target - pipeline.size());
        if (wanted <= 0 || pending.isEmpty() || pipeline.size() > target / 2 && pending.size() > wanted) {
            return;
        }
        long now = ticker.nanos();
        List<Candidate> slice = new ArrayList<>();
        for (Iterator<Candidate> each = pending.iterator(); each.hasNext() && slice.size() < wanted; ) {
            Candidate candidate = each.next();
            Account account = accountOf(candidate);
            if (account.isStopped()) {
                each.remove();
            } else if (!account.hasToWait(now)
                    && !(account.isOpen() && slice.stream().anyMatch(c -> accountOf(c) == account))) {
                each.remove();
                slice.add(candidate);
            }
        }
        if (slice.isEmpty()) {
            return;
        }
        Claims claims;
        try {
            rehearse(slice);
            if (signalled != null || slice.isEmpty()) {
                return;
            }
            Instant leaseUntil = repository.now().plus(settings.lease());
            claims = repository
                    .gate()
                    .claim(new ClaimRequest(runId, settings.owner(), leaseUntil, criteria, REASON, slice));
        } catch (RetentionException e) {
            for (int i = slice.size() - 1; i >= 0; i--) {
                pending.addFirst(slice.get(i));
            }
            throw e;
        }
        missed |= claims.signal() == Signal.GO_ON && claims.claims().size() < slice.size();
        pipeline.add(claims.claims(), now);
        signalled = switch (claims.signal()) {
            case GO_ON -> null;
            case CAP_REACHED -> SweepEnd.CAPPED;
            case PAUSED -> SweepEnd.PAUSED;
            case RUN_ENDED -> SweepEnd.ALREADY_RUNNING;
        };
        if (claims.signal() == Signal.CAP_REACHED) {
            pending.clear();
        }
    }

    /**
     * Tries the marks that a deletion leaves, once a run, and refuses the run if they can't be made. A row that is refused alone is left out: it stops
     * no other, and would otherwise be deleted without a record.
     */
    private void rehearse(List<Candidate> slice) {
        RetentionException refused = null;
        for (int tries = 0; !rehearsed && !slice.isEmpty() && tries < MOST_REHEARSALS; tries++) {
            Candidate first = slice.get(0);
            try {
                rehearseTwice(first);
                rehearsed = true;
            } catch (RetentionException e) {
                // A database that is away has refused nothing; this throws then.
                repository.now();
                log.error("recording={} can't be marked as deleted, so it is left alone in this run", first.id(), e);
                refused = e;
                unmarkable.add(first.id());
                slice.remove(0);
            }
        }
        if (!rehearsed && refused != null) {
            signalled = SweepEnd.REFUSED;
            refusal = "the rehearsal of the first soft-delete failed, so nothing was sent: " + refused.getMessage()
                    + ". Mend the database or its grants, then sweep again";
        }
    }

    private void rehearseTwice(Candidate candidate) {
        try {
            repository.gate().rehearse(candidate, REASON);
        } catch (RetentionException e) {
            repository.gate().rehearse(candidate, REASON);
        }
    }

    private void recoverNowAndThen() {
        if (ticker.nanos() - recoveryNanos >= RECOVERY.toNanos()) {
            recoveryNanos = ticker.nanos();
            Recovery.reclaim(repository, settings, pipeline, runId);
        }
    }

    /** After the last page: whether there is more to claim, such as the rest of an instance that died. */
    private boolean anotherPass() throws InterruptedException {
        awaitOthers(deadlineNanos);
        SweepRun run = current();
        if (run.report() != null || stop.isRequested()) {
            return false;
        }
        if (!run.passDone()) {
            // Another instance has begun one.
            return joinPass();
        }
        boolean claimedSome = run.claimed() > run.claimedBeforePass() || pipeline.postponed() > postponedBeforePass;
        if (!claimedSome && !(missed && passesForMissed++ < MOST_PASSES_FOR_MISSED)) {
            return false;
        }
        if (Tally.of(repository, run, criteria).remaining() == 0) {
            return false;
        }
        repository.runs().nextPass(run, repository.now());
        return joinPass();
    }

    private boolean joinPass() {
        passOver = false;
        missed = false;
        postponedBeforePass = pipeline.postponed();
        return true;
    }

    private void awaitOthers(long untilNanos) throws InterruptedException {
        while (!stop.isRequested()
                && ticker.nanos() - untilNanos < 0
                && repository.runs().hasLiveClaims(runId, repository.now())
                && current().report() == null) {
            pipeline.step(POLL_OTHERS.toNanos());
        }
    }

    private SweepReport conclude(SweepEnd reason) {
        SweepEnd worst = worst(reason);
        if (worst == SweepEnd.STOPPED) {
            SweepReport report = report(worst, "this instance stopped; others go on, or the next recovery does");
            log.info("sweep left run={} {}", runId, report);
            return report;
        }
        try {
            awaitOthers(ticker.nanos() + WAIT_FOR_OTHERS.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        SweepReport ours = report(worst, worst == reason ? refusal : null);
        if (!repository.runs().end(runId, ours)) {
            ours = Objects.requireNonNull(current().report(), "a run that has ended has a report");
        }
        String line = "sweep ended run={} {} message={}";
        if (ours.end() == SweepEnd.COMPLETED || ours.end() == SweepEnd.CAPPED || ours.end() == SweepEnd.OUT_OF_TIME) {
            log.info(line, runId, ours, ours.message());
        } else {
            log.error(line, runId, ours, ours.message());
        }
        return ours;
    }

    private SweepReport report(SweepEnd end, @Nullable String message) {
        Tally tally = Tally.of(repository, joined, criteria);
        SweepEnd honest = end == SweepEnd.CAPPED && tally.remaining() == 0 ? SweepEnd.COMPLETED : end;
        return tally.report(
                joined.started(),
                repository.now(),
                criteria,
                honest,
                message != null ? message : Messages.of(honest, tally.remaining(), joined, pipeline.accounts()));
    }

    private SweepEnd worst(SweepEnd reason) {
        if (reason == SweepEnd.STOPPED) {
            return reason;
        }
        for (SweepEnd end : Messages.WORST_FIRST) {
            if (pipeline.accounts().stream().anyMatch(account -> account.stopped() == end)) {
                return end;
            }
        }
        return reason == SweepEnd.ALREADY_RUNNING ? SweepEnd.COMPLETED : reason;
    }

    private void measure() {
        long now = ticker.nanos();
        double seconds = (now - rateNanos) / 1e9;
        if (seconds >= 1) {
            double latest = (pipeline.answers() - rateAnswers) / seconds;
            answersPerSecond = answersPerSecond == 0 ? latest : (answersPerSecond + latest) / 2;
            rateNanos = now;
            rateAnswers = pipeline.answers();
        }
        if (now - progressNanos >= PROGRESS.toNanos()) {
            progressNanos = now;
            logProgress();
        }
    }

    private void logProgress() {
        long done = Math.min(
                dueAtStart,
                repository.ledger().deletedBy(runId).byOutcome().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        long left = dueAtStart - done;
        double seconds = left / Math.max(answersPerSecond, 1e-6);
        long untilDeadline =
                Duration.between(repository.now(), joined.deadline()).toSeconds();
        Instant expected = seconds < untilDeadline ? repository.now().plusSeconds((long) seconds) : joined.deadline();
        log.info(
                "sweep goes on run={} deleted={} due={} share={}% rate={}/s expectedEnd={}",
                runId,
                done,
                dueAtStart,
                dueAtStart == 0 ? 100 : done * 100 / dueAtStart,
                Math.round(answersPerSecond),
                expected);
    }

    private Account accountOf(Candidate candidate) {
        return pipeline.account(candidate.recording().account());
    }

    private SweepRun current() {
        Optional<SweepRun> run = repository.runs().find(runId);
        return run.orElseThrow(() -> new RetentionException("run " + runId + " is no longer in the database"));
    }
}
