package dev.retention.autoconfigure;

import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.spi.RecordingRepository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Starts sweeps and recovery on two threads of its own, so that neither the application's scheduling nor a long sweep
 * delays the other. Starts last and stops first.
 */
final class RetentionScheduler implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(RetentionScheduler.class);
    private static final Duration THREADS_END_WITHIN = Duration.ofSeconds(5);

    private final RetentionSweeper sweeper;
    private final SweepSchedule schedule;
    private final ScheduledSweeps scheduled;
    private final @Nullable Duration recoveryInterval;
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile @Nullable ScheduledExecutorService sweeps;
    private @Nullable ScheduledExecutorService recovery;

    /**
     * A scheduler.
     *
     * @param clock the schedule's clock
     * @param recoveryInterval how often recovery runs; null to start nothing, and only close the sweeper at the end
     */
    RetentionScheduler(
            RetentionSweeper sweeper,
            RecordingRepository repository,
            SweepSchedule schedule,
            Clock clock,
            @Nullable Duration recoveryInterval) {
        this.sweeper = sweeper;
        this.schedule = schedule;
        this.scheduled = new ScheduledSweeps(
                repository,
                schedule,
                clock,
                sweeper::hasRun,
                fireTime -> marked(() -> sweeper.sweep(fireTime)),
                RetentionOperations.of(sweeper)::plans);
        this.recoveryInterval = recoveryInterval;
    }

    @Override
    public synchronized void start() {
        if (isRunning()) {
            return;
        }
        ScheduledExecutorService sweepThread = singleThread("retention-sweep");
        ScheduledExecutorService recoveryThread = singleThread("retention-recovery");
        sweeps = sweepThread;
        recovery = recoveryThread;
        if (recoveryInterval == null) {
            log.info("the schedule is off, because of retention.schedule.enabled=false or retention.run-once=true: it"
                    + " starts neither sweeps nor recovery. Another scheduler must call RetentionSweeper.sweep(Instant)"
                    + " and recover()");
            return;
        }
        log.info(
                "next sweep at {}, recovery every {}",
                schedule.next().map(Instant::toString).orElse("never"),
                recoveryInterval);
        sweepThread.execute(() -> {
            guarded("the missed sweep", scheduled::begin);
            lookAgain(sweepThread);
        });
        recoveryThread.scheduleWithFixedDelay(
                () -> guarded("recovery", sweeper::recover),
                recoveryInterval.toMillis(),
                recoveryInterval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void stop() {
        ScheduledExecutorService sweepThread = sweeps;
        ScheduledExecutorService recoveryThread = recovery;
        if (sweepThread == null || recoveryThread == null) {
            return;
        }
        scheduled.stop();
        sweepThread.shutdown();
        recoveryThread.shutdown();
        sweeper.close();
        sweepThread.shutdownNow();
        recoveryThread.shutdownNow();
        awaitEnd();
        sweeps = null;
        recovery = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return sweeps != null;
    }

    /** A closed sweeper can't be opened again. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    /**
     * Starts a sweep on the thread of the scheduled ones, and returns at once.
     *
     * @return false when a sweep runs there or is about to, or the scheduler has stopped; nothing is started then
     */
    boolean sweepNow() {
        ScheduledExecutorService thread = sweeps;
        if (thread == null || !sweeping.compareAndSet(false, true)) {
            return false;
        }
        try {
            thread.execute(() -> guarded("the sweep", () -> marked(sweeper::sweep)));
            return true;
        } catch (RejectedExecutionException stopped) {
            sweeping.set(false);
            return false;
        }
    }

    /** When the next sweep starts by itself; empty for never. */
    Optional<Instant> nextSweep() {
        return recoveryInterval == null ? Optional.empty() : schedule.next();
    }

    /** Whether a sweep runs on this scheduler's thread, or is about to. */
    boolean isSweeping() {
        return sweeping.get();
    }

    private SweepReport marked(Supplier<SweepReport> sweep) {
        sweeping.set(true);
        try {
            return sweep.get();
        } finally {
            sweeping.set(false);
        }
    }

    private void lookAgain(ScheduledExecutorService thread) {
        try {
            thread.schedule(
                    () -> {
                        guarded("the schedule", scheduled::look);
                        lookAgain(thread);
                    },
                    scheduled.untilNextLook().toMillis() + 1,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopped) {
            log.debug("the schedule has ended");
        }
    }

    /** The latest fire time that was missed while the application was down. */
    Optional<Instant> missed() {
        return scheduled.missed();
    }

    /** What needs attention about the sweeps that this schedule starts; empty if nothing does. */
    List<Attention> attention() {
        return scheduled.attention().stream().toList();
    }

    private static void guarded(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            log.error("{} failed. The scheduler continues. Correct what the exception names", what, e);
        }
    }

    private ScheduledExecutorService singleThread(String name) {
        return Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            threads.add(thread);
            return thread;
        });
    }

    /** Waits for the threads themselves: an executor counts as terminated a moment before its thread ends. */
    private void awaitEnd() {
        try {
            for (Thread thread : threads) {
                thread.join(THREADS_END_WITHIN.toMillis());
                if (thread.isAlive()) {
                    log.warn(
                            "thread {} did not end within {}, because its work did not react to the stop. Nothing is"
                                    + " lost: recovery continues its claims when their leases have expired",
                            thread.getName(),
                            Durations.readable(THREADS_END_WITHIN));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }
}
