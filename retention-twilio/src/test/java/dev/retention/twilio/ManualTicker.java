package dev.retention.twilio;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Monotonic time that passes only when a test says so. Counts how often it is read. */
final class ManualTicker implements LongSupplier {

    private long nanos;
    private long reads;

    @Override
    public synchronized long getAsLong() {
        reads++;
        notifyAll();
        return nanos;
    }

    synchronized void advance(Duration time) {
        nanos += time.toNanos();
    }

    /** Waits until the time was read so often from now on: whoever watches deadlines has looked at them then. */
    synchronized void awaitReads(int count) throws InterruptedException {
        long wanted = reads + count;
        long end = System.nanoTime() + TwilioFixture.HUNG.toNanos();
        while (reads < wanted) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("nobody reads the time");
            }
            wait(left / 1_000_000 + 1);
        }
    }
}
