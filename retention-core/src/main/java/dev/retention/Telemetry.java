package dev.retention;

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

/** Lets others follow the work without being able to hold it up: listeners, a tracer, and how much is under way. */
final class Telemetry {

    private static final Logger log = LoggerFactory.getLogger(Telemetry.class);

    /** Some seconds of the fastest sweep; a few megabytes. */
    static final int MOST_WAITING = 20_000;

    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final Duration TO_TELL_THE_REST = Duration.ofSeconds(1);

    /** Where nothing is traced. */
    private static final Span UNTRACED = (result, failure) -> {};

    private final List<Teller> tellers;
    private final @Nullable SweepTracer tracer;
    private final AtomicBoolean tracerComplained = new AtomicBoolean();
    private final AtomicLong dropped = new AtomicLong();
    private final Set<DeletionPipeline> pipelines = ConcurrentHashMap.newKeySet();

    Telemetry(List<SweepListener> listeners, @Nullable SweepTracer tracer) {
        this.tellers = listeners.stream().map(Teller::new).toList();
        this.tracer = tracer;
    }

    boolean isListenedTo() {
        return !tellers.isEmpty();
    }

    void tell(SweepEvent event) {
        tell(List.of(event));
    }

    /** Never waits and never throws. */
    void tell(List<? extends SweepEvent> events) {
        if (!events.isEmpty()) {
            tellers.forEach(teller -> teller.take(events));
        }
    }

    /** How many events were not told to some listener. */
    long dropped() {
        return dropped.get();
    }

    Span sweepStarts() {
        return guarded(tracer == null ? null : tracer::sweepStarts);
    }

    Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
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
            log.warn("the tracer threw; the sweep goes on, and what else it throws is logged at DEBUG", e);
        } else {
            log.debug("the tracer threw", e);
        }
    }

    void working(DeletionPipeline pipeline) {
        pipelines.add(pipeline);
    }

    void done(DeletionPipeline pipeline) {
        pipelines.remove(pipeline);
    }

    /** What is at work now. */
    Collection<DeletionPipeline> pipelines() {
        return pipelines;
    }

    /** Lets what waits be told, for a moment, and ends the threads. */
    void close() {
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

    /** Tells one listener. */
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
                        "listener={} is too slow: {} events wait for it, and further ones are dropped; the sweep goes on",
                        listener.getClass().getName(),
                        MOST_WAITING);
            }
        }

        private void tell(SweepEvent event) {
            try {
                listener.on(event);
            } catch (Throwable e) {
                // An Error too: the next event is told all the same.
                if (complained) {
                    log.debug("listener={} threw", listener.getClass().getName(), e);
                } else {
                    complained = true;
                    log.warn(
                            "listener={} threw; the sweep goes on, and what else it throws is logged at DEBUG",
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
                thread.awaitTermination(TO_TELL_THE_REST.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            thread.shutdownNow();
            if (waiting.get() > 0) {
                log.warn(
                        "listener={} was not told everything: events={}",
                        listener.getClass().getName(),
                        waiting.get());
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
