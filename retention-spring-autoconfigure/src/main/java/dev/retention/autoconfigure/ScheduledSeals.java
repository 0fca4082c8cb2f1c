package dev.retention.autoconfigure;

import dev.retention.RetentionEvidence;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Seals the evidence log between runs, on a thread of its own, so that no sweep and no recovery begins late. One that
 * ends while a seal is made waits for it, and so for a slow anchor. Instances may seal at once.
 */
final class ScheduledSeals implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(ScheduledSeals.class);
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

    private final RetentionEvidence evidence;
    private final @Nullable Duration interval;
    private @Nullable ScheduledExecutorService thread;
    private boolean failing;

    /** @param interval how often to seal; null for never */
    ScheduledSeals(RetentionEvidence evidence, @Nullable Duration interval) {
        this.evidence = evidence;
        this.interval = interval;
    }

    @Override
    public synchronized void start() {
        if (interval == null || thread != null) {
            return;
        }
        log.info(
                "the evidence log is sealed every {}, with {}",
                Durations.readable(interval),
                evidence.verifierKey().map(key -> "the verifier key " + key).orElse("unsigned heads"));
        thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread sealing = new Thread(work, "retention-seal");
            sealing.setDaemon(true);
            return sealing;
        });
        thread.scheduleWithFixedDelay(this::seal, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Seals now. A failure is logged once, until sealing succeeds again; the next time it is tried again. */
    void seal() {
        try {
            evidence.seal();
            if (failing) {
                failing = false;
                log.info("the evidence log is sealed again");
            }
        } catch (RuntimeException | Error e) {
            if (!failing) {
                failing = true;
                log.warn(
                        "the evidence log could not be sealed. Its entries are kept, deletions go on, and it is tried"
                                + " again; until then nobody would notice if they were changed. Correct what the"
                                + " exception names",
                        e);
            }
        }
    }

    /** Lets a seal end that is being made: an interrupt could close the connection or the anchor's file under it. */
    @Override
    public synchronized void stop() {
        ScheduledExecutorService running = thread;
        thread = null;
        if (running == null) {
            return;
        }
        running.shutdown();
        try {
            if (!running.awaitTermination(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn(
                        "a seal of the evidence log did not end within {}, because the database or an anchor does not"
                                + " answer. Nothing is lost: it is made again after the next start",
                        Durations.readable(ENDS_WITHIN));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }
}
