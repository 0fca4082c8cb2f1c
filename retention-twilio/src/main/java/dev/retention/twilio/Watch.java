package dev.retention.twilio;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what is under way from a thread of its own, and cuts what has a reason to be cut: a thread that waits for a socket notices neither a deadline nor
 * an interrupt. While nothing is under way it sleeps.
 */
final class Watch implements AutoCloseable {

    /** How much later than its reason something is cut, at most. */
    private static final Duration EVERY = Duration.ofMillis(20);

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Set<Watched> underWay = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Thread thread;
    private volatile boolean asleep;
    private volatile boolean closed;

    /** What may be cut short. */
    interface Watched {

        /** Why it is to be cut now; null while it may go on. */
        @Nullable
        String reasonToCut();

        /** Ends it from outside. May be called more than once; must not wait. */
        void cut(String reason);
    }

    void begin(Watched watched) {
        underWay.add(watched);
        Thread watching = thread;
        if (watching == null) {
            start();
        } else if (asleep) {
            LockSupport.unpark(watching);
        }
    }

    void end(Watched watched) {
        underWay.remove(watched);
    }

    private synchronized void start() {
        if (thread == null) {
            Thread watching = new Thread(this::run, "retention-twilio-watch");
            watching.setDaemon(true);
            thread = watching;
            watching.start();
        }
    }

    private void run() {
        while (!closed) {
            if (underWay.isEmpty()) {
                asleep = true;
                // Seen by whoever began something before this.
                if (underWay.isEmpty() && !closed) {
                    LockSupport.park(this);
                }
                asleep = false;
            } else {
                LockSupport.parkNanos(this, EVERY.toNanos());
            }
            for (Watched watched : underWay) {
                String reason = watched.reasonToCut();
                if (reason != null) {
                    cut(watched, reason);
                }
            }
        }
        underWay.forEach(watched -> cut(watched, "the storage is closed"));
    }

    private static void cut(Watched watched, String reason) {
        try {
            watched.cut(reason);
        } catch (RuntimeException e) {
            // It is tried again at the next look, and its socket has a time-out of its own. The others are still to be
            // watched.
        }
    }

    /** Cuts all that is under way, and returns when the thread has ended. */
    @Override
    public void close() {
        Thread watching;
        synchronized (this) {
            closed = true;
            watching = thread;
        }
        if (watching == null) {
            return;
        }
        LockSupport.unpark(watching);
        try {
            watching.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
