package dev.retention.internal.run;

import dev.retention.RetentionException;
import dev.retention.internal.support.StopSignal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this instance is doing: one sweep or one recovery at a time, and any number of erasures. A sweep has priority: a
 * recovery is asked to leave, and the sweep begins when it has left.
 */
final class ActiveWork {

    private static final Logger log = LoggerFactory.getLogger(ActiveWork.class);

    // All guarded by this object's lock.
    private final Set<StopSignal> running = new HashSet<>();
    private @Nullable Turn current;
    private boolean sweepWaits;
    private boolean closed;

    /** The exclusive right of one sweep or recovery to work at this instance. */
    static final class Turn {

        private final StopSignal stop = new StopSignal();
        private final boolean isSweep;
        private volatile @Nullable String runId;

        private Turn(boolean isSweep) {
            this.isSweep = isSweep;
        }

        StopSignal stop() {
            return stop;
        }

        /** Says which run it works on, for those that have to wait. */
        void worksOn(String run) {
            runId = run;
        }
    }

    /**
     * Begins a sweep, once a recovery that runs has left.
     *
     * @return empty when another sweep runs, or waits already
     * @throws InterruptedException when the thread was interrupted while it waited; nothing is begun then
     */
    synchronized Optional<Turn> beginSweep() throws InterruptedException {
        if (sweepWaits || current != null && current.isSweep) {
            return Optional.empty();
        }
        if (current != null) {
            current.stop.leave();
            log.info("the sweep waits for the recovery of this instance, which ends after its requests in flight");
            awaitRecovery();
        }
        return Optional.of(begin(new Turn(true)));
    }

    private void awaitRecovery() throws InterruptedException {
        sweepWaits = true;
        try {
            while (current != null) {
                wait();
            }
        } finally {
            sweepWaits = false;
        }
    }

    /** Begins a recovery; empty while a sweep or another recovery runs, or a sweep waits. */
    synchronized Optional<Turn> beginRecovery() {
        return sweepWaits || current != null ? Optional.empty() : Optional.of(begin(new Turn(false)));
    }

    private Turn begin(Turn turn) {
        current = turn;
        add(turn.stop);
        return turn;
    }

    synchronized void end(Turn turn) {
        current = null;
        end(turn.stop);
        notifyAll();
    }

    /** Begins an erasure, and returns how it is asked to stop. */
    synchronized StopSignal beginErasure() {
        StopSignal stop = new StopSignal();
        add(stop);
        return stop;
    }

    private void add(StopSignal stop) {
        running.add(stop);
        if (closed) {
            stop.request();
        }
    }

    synchronized void end(StopSignal stop) {
        running.remove(stop);
        stop.finished();
    }

    /** What keeps a further sweep from beginning, for people. */
    synchronized String whatSweeps() {
        String runId = current == null || !current.isSweep ? null : current.runId;
        return runId == null
                ? "this instance is about to begin a sweep already"
                : "this instance is sweeping already, run " + runId;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    void refuseIfClosed() {
        if (isClosed()) {
            throw RetentionException.misuse("this sweeper is closed; build a new one");
        }
    }

    /** Asks all work to stop, and waits for it so long at most. */
    void close(Duration patience) {
        List<StopSignal> toStop = stopAll();
        long until = System.nanoTime() + patience.toNanos();
        try {
            for (StopSignal stopping : toStop) {
                Duration left = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
                if (!stopping.awaitFinished(left)) {
                    log.error("the sweeper was closed, but its work still waits for the database. Check the database."
                            + " Recovery continues the claims of this instance when their leases have expired");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized List<StopSignal> stopAll() {
        closed = true;
        running.forEach(StopSignal::request);
        return List.copyOf(running);
    }
}
