package dev.retention.internal.support;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Monotonic time, and waiting by it. Tests set it. */
public interface Ticker {

    Ticker SYSTEM = new Ticker() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException {
            return queue.poll(nanos, TimeUnit.NANOSECONDS);
        }
    };

    /** Nanoseconds since some fixed point; they never decrease. */
    long nanos();

    /**
     * The queue's head, for which it waits at most this long; null if none came.
     *
     * @param expected whether another thread is working that will add to the queue
     */
    <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException;
}
