package dev.retention;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How {@link RetentionSweeper#close()} asks the working thread to stop, and learns that it has. */
final class StopSignal {

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean requested;

    void request() {
        requested = true;
    }

    boolean isRequested() {
        return requested || Thread.currentThread().isInterrupted();
    }

    void finished() {
        done.countDown();
    }

    /** Returns whether it has finished in time. */
    boolean awaitFinished(Duration atMost) throws InterruptedException {
        return done.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
