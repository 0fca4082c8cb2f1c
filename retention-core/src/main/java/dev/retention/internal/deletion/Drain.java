package dev.retention.internal.deletion;

import dev.retention.internal.deletion.Dispatcher.Message;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.internal.support.Ticker;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the work ends: claims that were not sent are released, requests in flight are awaited, and their outcomes are
 * recorded. A request without an answer within half a lease, or within the shutdown timeout once a stop was requested,
 * is interrupted. An interrupt of the thread requests a stop, and is pending again at the end. For use once, by the
 * sweeping thread.
 */
final class Drain {

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private static final Duration LOOK_FOR_STOP = Duration.ofMillis(100);
    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);
    /** How long outcomes may take to be recorded. */
    private static final Duration LONGEST_RECORDING = Duration.ofSeconds(3);

    private final Dispatcher dispatcher;
    private final DecisionExecutor executor;
    private final OutcomeRecorder recorder;
    private final SweepSettings settings;
    private final Ticker ticker;
    private final StopSignal stop;
    private final Consumer<Message> handle;
    private boolean interrupted;

    Drain(
            Dispatcher dispatcher,
            DecisionExecutor executor,
            OutcomeRecorder recorder,
            SweepSettings settings,
            StopSignal stop,
            Consumer<Message> handle) {
        this.dispatcher = dispatcher;
        this.executor = executor;
        this.recorder = recorder;
        this.settings = settings;
        this.ticker = settings.ticker();
        this.stop = stop;
        this.handle = handle;
    }

    void run() {
        // Database drivers fail on a thread whose interrupt is pending.
        interrupted = Thread.interrupted();
        dispatcher.end();
        try {
            releaseReady();
            awaitAnswers();
        } finally {
            stopWorkers();
            executor.decideWithheld();
            try {
                recorder.recordAll(LONGEST_RECORDING, this::mayWaitAgain);
                // The next storage of a deletion is no longer asked.
                releaseReady();
                recorder.recordAll(LONGEST_RECORDING, this::mayWaitAgain);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private void releaseReady() {
        executor.notSent(dispatcher.takeReady());
    }

    private void awaitAnswers() {
        long began = ticker.nanos();
        long stopSeen = 0;
        boolean stopping = false;
        while (dispatcher.isExpecting()) {
            long now = ticker.nanos();
            if (!stopping && (interrupted || stop.isRequested())) {
                stopping = true;
                stopSeen = now;
            }
            long left = began + settings.lease().toNanos() / 2 - now;
            if (stopping) {
                left = Math.min(left, stopSeen + settings.shutdownTimeout().toNanos() - now);
            }
            if (left <= 0) {
                break;
            }
            try {
                Message message = ticker.poll(dispatcher.messages(), Math.min(left, LOOK_FOR_STOP.toNanos()), true);
                if (message != null) {
                    handle.accept(message);
                }
                releaseReady();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** Interrupts requests that are still in flight. */
    private void stopWorkers() {
        try {
            if (!dispatcher.stopWorkers(AFTER_INTERRUPT)) {
                log.warn("a storage does not react to interrupts, so that its threads continue although the work has"
                        + " ended. Correct the storage: its calls must end when their thread is interrupted");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (Message message = next(); message != null; message = next()) {
            handle.accept(message);
        }
        int unanswered = dispatcher.unseen();
        if (unanswered > 0) {
            log.warn(
                    "{} requests had no answer in time, so their recordings remain claimed. Recovery looks them up when"
                            + " the leases have expired",
                    unanswered);
        }
    }

    private @Nullable Message next() {
        return dispatcher.messages().poll();
    }

    /** Waits, and returns whether the thread was not interrupted meanwhile. */
    private boolean mayWaitAgain(long nanos) {
        try {
            ticker.poll(new LinkedBlockingQueue<>(), nanos, false);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        return !interrupted;
    }
}
