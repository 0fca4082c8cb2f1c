package dev.retention.twilio;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Watches requests in flight from a thread of its own, and aborts those that have a reason to end: a thread that waits
 * for a socket notices neither a deadline nor an interrupt. It sleeps while nothing is in flight.
 */
final class Watch implements AutoCloseable {

    /** How long after its reason a request is aborted, at most. */
    private static final Duration EVERY = Duration.ofMillis(20);

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Set<Watched> underWay = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Thread thread;
    private volatile boolean asleep;
    private volatile boolean closed;

    /** Why a request is aborted. */
    enum Reason {
        INTERRUPTED,
        DEADLINE,
        CLOSED
    }

    /** What may be aborted. */
    interface Watched {

        /** Why it must end now; null while it may go on. */
        @Nullable
        Reason reasonToCut();

        /** Ends it, from another thread. May be called more than once; must not wait. */
        void cut(Reason reason);
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
                // Every request that began before this has seen it.
                if (underWay.isEmpty() && !closed) {
                    LockSupport.park(this);
                }
                asleep = false;
            } else {
                LockSupport.parkNanos(this, EVERY.toNanos());
            }
            for (Watched watched : underWay) {
                Reason reason = watched.reasonToCut();
                if (reason != null) {
                    cut(watched, reason);
                }
            }
        }
        underWay.forEach(watched -> cut(watched, Reason.CLOSED));
    }

    private static void cut(Watched watched, Reason reason) {
        try {
            watched.cut(reason);
        } catch (RuntimeException e) {
            // It is tried again at the next look, and its socket has a time-out of its own. The other requests must
            // still be watched.
        }
    }

    /** Aborts all that is in flight, and waits a second at most for the thread to end. */
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
