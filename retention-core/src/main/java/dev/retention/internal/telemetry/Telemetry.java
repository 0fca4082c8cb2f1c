package dev.retention.internal.telemetry;

import dev.retention.StorageOperation;
import dev.retention.SweepEvent;
import dev.retention.SweepListener;
import dev.retention.SweepTracer;
import dev.retention.SweepTracer.Span;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes events to listeners and a tracer, and counts requests in flight. None of them can delay the work. */
public final class Telemetry {

    private static final Logger log = LoggerFactory.getLogger(Telemetry.class);

    /** The events of some seconds of the fastest sweep; a few megabytes. */
    public static final int MOST_WAITING = 20_000;

    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final Duration TO_TELL_THE_REST = Duration.ofSeconds(1);

    /** The tracer if nothing is traced. */
    private static final Span UNTRACED = (result, failure) -> {};

    private final List<Teller> tellers;
    private final @Nullable SweepTracer tracer;
    private final AtomicBoolean tracerComplained = new AtomicBoolean();
    private final Duration toTellTheRest;
    private final AtomicLong dropped = new AtomicLong();
    private final Set<RequestGauge> gauges = ConcurrentHashMap.newKeySet();

    public Telemetry(List<SweepListener> listeners, @Nullable SweepTracer tracer) {
        this(listeners, tracer, TO_TELL_THE_REST);
    }

    /** @param toTellTheRest how long closing lets a listener receive the events that remain */
    public Telemetry(List<SweepListener> listeners, @Nullable SweepTracer tracer, Duration toTellTheRest) {
        this.toTellTheRest = toTellTheRest;
        this.tellers = listeners.stream().map(Teller::new).toList();
        this.tracer = tracer;
    }

    public boolean isListenedTo() {
        return !tellers.isEmpty();
    }

    public void tell(SweepEvent event) {
        tell(List.of(event));
    }

    /** Never waits and never throws. */
    public void tell(List<? extends SweepEvent> events) {
        if (!events.isEmpty()) {
            tellers.forEach(teller -> teller.take(events));
        }
    }

    /** How many events some listener did not receive. */
    public long dropped() {
        return dropped.get();
    }

    public Span sweepStarts() {
        return guarded(tracer == null ? null : tracer::sweepStarts);
    }

    public Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
        SweepTracer to = tracer;
        Span parent = sweep instanceof Guarded guarded ? guarded.span : null;
        return guarded(to == null ? null : () -> to.requestStarts(parent, storage, operation));
    }

    private Span guarded(@Nullable Supplier<Span> starts) {
        if (starts == null) {
            return UNTRACED;
        }
        try {
            return new Guarded(starts.get());
        } catch (Throwable e) {
            complainOfTracer(e);
            return UNTRACED;
        }
    }

    private void complainOfTracer(Throwable e) {
        if (tracerComplained.compareAndSet(false, true)) {
            log.warn(
                    "the tracer threw an exception. The sweep continues; the tracer's further exceptions are logged at"
                            + " DEBUG. Correct the tracer",
                    e);
        } else {
            log.debug("the tracer threw an exception", e);
        }
    }

    public void working(RequestGauge gauge) {
        gauges.add(gauge);
    }

    public void done(RequestGauge gauge) {
        gauges.remove(gauge);
    }

    /** The work that is in progress now. */
    public Collection<RequestGauge> gauges() {
        return gauges;
    }

    /** Waits a moment until listeners have received the waiting events, and ends the threads. */
    public void close() {
        tellers.forEach(Teller::close);
    }

    /** A span of a tracer that may throw. */
    private final class Guarded implements Span {

        private final Span span;

        Guarded(Span span) {
            this.span = span;
        }

        @Override
        public void end(String result, @Nullable Throwable failure) {
            try {
                span.end(result, failure);
            } catch (Throwable e) {
                complainOfTracer(e);
            }
        }
    }

    /** Passes events to one listener. */
    private final class Teller {

        private final SweepListener listener;
        private final AtomicInteger waiting = new AtomicInteger();
        private final ThreadPoolExecutor thread;
        private boolean complained;
        private final AtomicBoolean complainedOfDelay = new AtomicBoolean();

        Teller(SweepListener listener) {
            this.listener = listener;
            this.thread = new ThreadPoolExecutor(
                    1, 1, IDLE.toSeconds(), TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Teller::thread);
            this.thread.allowCoreThreadTimeOut(true);
        }

        private static Thread thread(Runnable work) {
            Thread thread = new Thread(work, "retention-listener");
            thread.setDaemon(true);
            return thread;
        }

        void take(List<? extends SweepEvent> events) {
            if (waiting.addAndGet(events.size()) > MOST_WAITING) {
                drop(events.size());
                return;
            }
            try {
                thread.execute(() -> events.forEach(this::tell));
            } catch (RejectedExecutionException closed) {
                waiting.addAndGet(-events.size());
            }
        }

        private void drop(int many) {
            waiting.addAndGet(-many);
            dropped.addAndGet(many);
            if (complainedOfDelay.compareAndSet(false, true)) {
                log.warn(
                        "listener={} is too slow: {} events wait for it, and further events are dropped. The sweep"
                                + " continues. Make the listener return sooner",
                        listener.getClass().getName(),
                        MOST_WAITING);
            }
        }

        private void tell(SweepEvent event) {
            try {
                listener.on(event);
            } catch (Throwable e) {
                // An Error too: the listener receives the next event all the same.
                if (complained) {
                    log.debug(
                            "listener={} threw an exception",
                            listener.getClass().getName(),
                            e);
                } else {
                    complained = true;
                    log.warn(
                            "listener={} threw an exception. The sweep continues; its further exceptions are logged at"
                                    + " DEBUG. Correct the listener",
                            listener.getClass().getName(),
                            e);
                }
            } finally {
                waiting.decrementAndGet();
            }
        }

        void close() {
            thread.shutdown();
            boolean interrupted = Thread.interrupted();
            try {
                thread.awaitTermination(toTellTheRest.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            thread.shutdownNow();
            if (waiting.get() > 0) {
                log.warn(
                        "listener={} did not receive the last events, because it had not returned {} after the sweeper"
                                + " closed: events={}. Make the listener return sooner",
                        listener.getClass().getName(),
                        TO_TELL_THE_REST,
                        waiting.get());
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
