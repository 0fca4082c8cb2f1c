package dev.retention;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Monotonic time, and waiting by it. Tests move it by hand. */
interface Ticker {

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

    /** Nanoseconds since some fixed point; never goes back. */
    long nanos();

    /**
     * The queue's head, waiting at most this long for one; null when none came.
     *
     * @param expected whether somebody is at work who will put something there
     */
    <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException;
}
