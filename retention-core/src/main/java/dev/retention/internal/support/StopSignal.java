package dev.retention.internal.support;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How a piece of work is asked to end early, and how others learn that it has. Closing a sweeper stops it: what is in
 * flight is waited for no longer than the shutdown timeout. Other work makes it leave: nothing more is begun, and what
 * is in flight is finished.
 */
public final class StopSignal {

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean requested;
    private volatile boolean leaving;

    public void request() {
        requested = true;
    }

    public boolean isRequested() {
        return requested || Thread.currentThread().isInterrupted();
    }

    public void leave() {
        leaving = true;
    }

    /** Whether nothing more should be begun: it has to stop or to leave. */
    public boolean isLeaving() {
        return leaving || isRequested();
    }

    public void finished() {
        done.countDown();
    }

    /** Returns whether it has finished in time. */
    public boolean awaitFinished(Duration atMost) throws InterruptedException {
        return done.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
