package dev.retention.torture;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Measures how long this process gets no processor: a thread that sleeps for a short time notes how much later it wakes
 * up. So a bound in time can be as tight as a quiet machine allows, and wider exactly when the machine, or a stop of
 * this process, has made it late.
 */
final class Pulse {

    private static final long BEAT_NANOS = Duration.ofMillis(20).toNanos();
    private static final long REMEMBERED_NANOS = Duration.ofSeconds(20).toNanos();

    private record Late(long atNanos, long byNanos) {}

    private final Deque<Late> late = new ArrayDeque<>();
    private long beat = System.nanoTime();

    Pulse() {
        Thread thread = new Thread(this::beat, "pulse");
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(20);
                noted();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void noted() {
        long now = System.nanoTime();
        late.add(new Late(now, Math.max(0, now - beat - BEAT_NANOS)));
        beat = now;
        while (now - late.getFirst().atNanos() > REMEMBERED_NANOS) {
            late.removeFirst();
        }
    }

    /** The longest time without a processor in the time before now; a stop that has just ended counts already. */
    synchronized long starvedNanos(Duration before) {
        long now = System.nanoTime();
        long longest = Math.max(0, now - beat - BEAT_NANOS);
        for (Late each : late) {
            if (now - each.atNanos() <= before.toNanos()) {
                longest = Math.max(longest, each.byNanos());
            }
        }
        return longest;
    }
}
