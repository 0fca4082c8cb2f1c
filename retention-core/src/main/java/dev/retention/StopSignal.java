package dev.retention;

import java.util.concurrent.CountDownLatch;

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

    void awaitFinished() throws InterruptedException {
        done.await();
    }
}
