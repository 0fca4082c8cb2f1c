package dev.retention.internal.run;

import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.SweepEvent;
import dev.retention.SweepReport;
import dev.retention.SweepTracer.Span;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.evidence.Sealer;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.run.Admission.Decision.Admitted;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.Controls;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance's part in one run, from the first page to the report. */
final class Sweep {

    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    private static final Duration ROUND = Duration.ofMillis(100);
    private static final Duration WAITING_ROUND = Duration.ofMillis(500);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int FAILURES_TO_OUTLAST = 10;
    private static final Duration RECOVERY = Duration.ofSeconds(30);
    private static final Duration POLL_OTHERS = Duration.ofMillis(500);
    private static final Duration WAIT_FOR_OTHERS = Duration.ofMinutes(1);

    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final Sealer sealer;
    private final StopSignal stop;
    private final Ticker ticker;
    private final JoinedRun run;
    private final long deadlineNanos;
    private final DeletionPipeline pipeline;
    private final Rehearsal rehearsal;
    private final CandidateReader candidates;
    private final ClaimSlices slices;
    private final Recovery recovery;
    private final Progress progress;
    private final Conclusion conclusion;
    private final ToLongBiFunction<String, Set<String>> acceptWrittenOff;

    /** What ends the run when its requests in flight are done; null while nothing does. */
    private @Nullable SweepEnd signalled;

    private @Nullable String clockObjection;
    private int failuresInRow;
    private long recoveryNanos;
    private long acceptedWrittenOff;

    /**
     * @param acceptWrittenOff records what a run has claimed of accounts that are gone for good, and returns how many
     */
    Sweep(
            Resources resources,
            StopSignal stop,
            Admitted admitted,
            Span span,
            ToLongBiFunction<String, Set<String>> acceptWrittenOff) {
        this.acceptWrittenOff = acceptWrittenOff;
        this.repository = resources.repository();
        this.settings = resources.settings();
        this.sealer = resources.sealer();
        this.stop = stop;
        this.ticker = settings.ticker();
        this.run = new JoinedRun(repository, admitted);
        this.deadlineNanos = ticker.nanos()
                + Duration.between(admitted.databaseNow(), admitted.run().deadline())
                        .toNanos();
        this.pipeline = resources.pipeline(stop, admitted.criteria(), span);
        this.rehearsal = Rehearsal.untilAccepted(repository.gate(), ClaimSlices.REASON);
        this.candidates = new CandidateReader(resources, run, pipeline, rehearsal::hasRefused);
        this.slices = new ClaimSlices(resources, run, candidates, rehearsal, pipeline);
        this.recovery = new Recovery(resources, stop, admitted.criteria());
        this.progress = new Progress(resources, run, pipeline);
        this.conclusion = new Conclusion(resources, run, pipeline, this::kept);
        this.recoveryNanos = ticker.nanos() - RECOVERY.toNanos();
    }

    /** Works until the run has ended, or this instance has to leave it. */
    SweepReport run() {
        long due = progress.begin();
        log.info(
                "sweep started run={} due={} cutoffs={} deadline={}",
                run.id(),
                due,
                Policies.cutoffs(run.criteria()),
                run.joined().deadline());
        settings.telemetry().tell(new SweepEvent.SweepStarted(run.id(), repository.now(), due));
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

    /** Whether it has left the run, since its terms are no longer those that were confirmed. */
    boolean isUnconfirmed() {
        return pipeline.isUnconfirmed();
    }

    private SweepEnd work() throws InterruptedException {
        while (true) {
            SweepEnd end = reasonToEnd();
            if (end != null) {
                return end;
            }
            try {
                if (round()) {
                    return endOfWork();
                }
                goneOn();
                sealer.afterSlice();
            } catch (RetentionException e) {
                outlast(e);
            }
        }
    }

    /** A pause shows at a claim, and there may have been nothing to claim. */
    private SweepEnd endOfWork() {
        if (rehearsal.refusal().isPresent()) {
            return SweepEnd.REFUSED;
        }
        return repository.controls().all().containsKey(Controls.PAUSED) ? SweepEnd.PAUSED : SweepEnd.COMPLETED;
    }

    private @Nullable SweepEnd reasonToEnd() {
        if (stop.isLeaving()) {
            return SweepEnd.STOPPED;
        }
        if (pipeline.isUnconfirmed()) {
            return SweepEnd.REFUSED;
        }
        if (pipeline.clockObjection() != null) {
            clockObjection = pipeline.clockObjection();
            return SweepEnd.CLOCKS_DISAGREE;
        }
        if (ticker.nanos() - deadlineNanos >= 0) {
            return pipeline.accounts().stream().anyMatch(AccountState::isOpen)
                    ? SweepEnd.PROVIDER_DOWN
                    : SweepEnd.OUT_OF_TIME;
        }
        return signalled == SweepEnd.CAPPED && !pipeline.isIdle() ? null : signalled;
    }

    /** Reads, claims, sends and records a part. Returns whether all is done. */
    private boolean round() throws InterruptedException {
        if (signalled == null && !candidates.readIfNeeded()) {
            signalled = SweepEnd.ALREADY_RUNNING;
        }
        if (signalled == null) {
            signalled = slices.claim(progress.answersPerSecond());
        }
        recoverNowAndThen();
        boolean nothingToDo = pipeline.isIdle() && candidates.hasToRead();
        pipeline.step(nothingToDo ? 0 : (pipeline.size() > 0 ? ROUND : WAITING_ROUND).toNanos());
        progress.update();
        if (signalled != null || !candidates.isPassOver() || !pipeline.isIdle()) {
            return false;
        }
        pipeline.releaseWithheld();
        return pipeline.isIdle() && !beginAnotherPass();
    }

    private void recoverNowAndThen() {
        if (ticker.nanos() - recoveryNanos >= RECOVERY.toNanos()) {
            recoveryNanos = ticker.nanos();
            recovery.reclaim(pipeline, run.id());
        }
    }

    private boolean beginAnotherPass() throws InterruptedException {
        awaitOthers(deadlineNanos);
        return !stop.isLeaving() && candidates.beginAnotherPass();
    }

    /** Waits while other instances work on recordings of this run. */
    private void awaitOthers(long untilNanos) throws InterruptedException {
        while (!stop.isLeaving() && ticker.nanos() - untilNanos < 0 && run.hasLiveClaims() && !run.hasEnded()) {
            pipeline.step(POLL_OTHERS.toNanos());
        }
    }

    private void goneOn() {
        if (failuresInRow > 0) {
            failuresInRow = 0;
            pipeline.databaseAnswered();
        }
    }

    /**
     * A database that fails for a moment ends no run. One that fails again and again does, and so does a mapping that
     * can't be worked with: waiting changes nothing about it.
     */
    private void outlast(RetentionException e) {
        failuresInRow++;
        boolean lasting =
                e.kind() == RetentionException.Kind.CONFIGURATION || e.kind() == RetentionException.Kind.MISUSE;
        if (lasting || failuresInRow > FAILURES_TO_OUTLAST) {
            throw e;
        }
        log.warn(
                "the database failed, so run={} waits and tries again: try {} of {}",
                run.id(),
                failuresInRow,
                FAILURES_TO_OUTLAST,
                e);
        pipeline.databaseFailed(e);
        pipeline.pause(AFTER_FAILURE.multipliedBy(failuresInRow));
    }

    private SweepReport conclude(SweepEnd end) {
        if (end == SweepEnd.STOPPED) {
            return conclusion.leave();
        }
        if (slices.hasMetUnmappedHold()) {
            return conclusion.leaveForUnmappedHold();
        }
        if (pipeline.isUnconfirmed()) {
            return conclusion.leaveUnconfirmed();
        }
        try {
            awaitOthers(ticker.nanos() + WAIT_FOR_OTHERS.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        acceptedWrittenOff = acceptWrittenOff.applyAsLong(run.id(), pipeline.writtenOff());
        return conclusion.end(end, end == SweepEnd.REFUSED ? refusedByRehearsal() : clockObjection);
    }

    /** What the report says about recordings that were kept, and why. */
    private List<String> kept() {
        List<String> sentences = new ArrayList<>(sealer.faults());
        if (!candidates.unreadable().isEmpty()) {
            sentences.add(candidates.unreadable().text());
        }
        rehearsal.leftOut().ifPresent(sentences::add);
        if (acceptedWrittenOff > 0) {
            sentences.add(acceptedWrittenOff
                    + " recordings of accounts that were written off were recorded as accepted, without a proof");
        }
        return sentences;
    }

    private @Nullable String refusedByRehearsal() {
        return rehearsal
                .refusal()
                .map(why -> "the rehearsal of the first soft-delete failed, so nothing was sent: " + why
                        + ". Correct the database or its grants, then sweep again")
                .orElse(null);
    }
}
