package dev.retention.autoconfigure;

import dev.retention.RetentionSweeper;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Starts sweeps and recovery on two threads of its own, so that neither the application's scheduling nor a long sweep delays the
 * other. Starts last and stops first.
 */
final class RetentionScheduler implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(RetentionScheduler.class);
    private static final Duration THREADS_END_WITHIN = Duration.ofSeconds(5);

    private final RetentionSweeper sweeper;
    private final RecordingRepository repository;
    private final SweepSchedule schedule;
    private final @Nullable Duration recoveryInterval;
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile @Nullable ScheduledExecutorService sweeps;
    private @Nullable ScheduledExecutorService recovery;

    /**
     * A scheduler.
     *
     * @param recoveryInterval how often recovery runs; null to start nothing at all, and only close the sweeper in the end
     */
    RetentionScheduler(
            RetentionSweeper sweeper,
            RecordingRepository repository,
            SweepSchedule schedule,
            @Nullable Duration recoveryInterval) {
        this.sweeper = sweeper;
        this.repository = repository;
        this.schedule = schedule;
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
            log.info("neither sweeps nor recovery start by themselves");
            return;
        }
        log.info(
                "next sweep at {}, recovery every {}",
                schedule.next().map(Instant::toString).orElse("never"),
                recoveryInterval);
        sweepThread.execute(() -> guarded("the missed sweep", this::startMissed));
        lookAgain(sweepThread);
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

    private void marked(Runnable sweep) {
        sweeping.set(true);
        try {
            sweep.run();
        } finally {
            sweeping.set(false);
        }
    }

    private void lookAgain(ScheduledExecutorService thread) {
        try {
            thread.schedule(
                    () -> {
                        guarded("the sweep", this::startDue);
                        lookAgain(thread);
                    },
                    schedule.untilNextLook().toMillis() + 1,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopped) {
            log.debug("the schedule has ended");
        }
    }

    private void startDue() {
        schedule.due().ifPresent(fireTime -> marked(() -> sweeper.sweep(fireTime)));
    }

    /** A first deployment has missed nothing: its first sweep waits for its time. */
    private void startMissed() {
        missed().ifPresent(fireTime -> {
            log.info("the sweep of {} was missed and starts now", fireTime);
            marked(() -> sweeper.sweep(fireTime));
        });
    }

    /** The latest fire time, if no run has started since though there was one before it. */
    Optional<Instant> missed() {
        return schedule.latest()
                .filter(fireTime -> repository
                        .runs()
                        .latest()
                        .map(SweepRun::started)
                        .filter(started -> started.isBefore(fireTime))
                        .isPresent());
    }

    private static void guarded(String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            log.error("{} failed; the schedule goes on", what, e);
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
                    log.warn("a sweep did not end in time and is left to itself; its claims are taken up by recovery");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.clear();
    }
}
