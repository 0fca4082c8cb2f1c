package dev.retention.internal.run;

import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.Claim;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Continues claims without an outcome: the lease has expired, or the next attempt is due. */
final class Recovery {

    private static final Duration ROUND = Duration.ofMillis(100);
    private static final int SLICE = 50;

    private final Resources resources;
    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final StopSignal stop;
    private final DueCriteria criteria;
    private boolean unconfirmed;

    Recovery(Resources resources, StopSignal stop, DueCriteria criteria) {
        this.resources = resources;
        this.repository = resources.repository();
        this.settings = resources.settings();
        this.stop = stop;
        this.criteria = criteria;
    }

    /**
     * Claims a slice of them again, for this pipeline.
     *
     * @param runId the run that they count for; null leaves them with the run that claimed them first
     * @return how many those were
     */
    int reclaim(DeletionPipeline pipeline, @Nullable String runId) {
        long before = settings.ticker().nanos();
        Instant now = repository.now();
        List<Claim> claims = repository.gate().reclaim(settings.owner(), runId, now, now.plus(settings.lease()), SLICE);
        pipeline.add(claims, before);
        return claims.size();
    }

    /** Works until no such claim remains, and returns how many there were. */
    int run() {
        int taken = 0;
        DeletionPipeline pipeline = resources.pipeline(stop, criteria, null);
        long deadline = settings.ticker().nanos() + settings.maxDuration().toNanos();
        try {
            int slice = -1;
            while (slice != 0 && goesOn(pipeline, deadline)) {
                slice = reclaim(pipeline, null);
                taken += slice;
                while (!pipeline.isIdle() && goesOn(pipeline, deadline)) {
                    pipeline.step(ROUND.toNanos());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pipeline.finish();
            unconfirmed = pipeline.isUnconfirmed();
        }
        return taken;
    }

    /** Whether it has ended early, since its terms are no longer those that were confirmed. */
    boolean isUnconfirmed() {
        return unconfirmed;
    }

    private boolean goesOn(DeletionPipeline pipeline, long deadline) {
        return !stop.isLeaving()
                && !pipeline.isUnconfirmed()
                && pipeline.clockObjection() == null
                && settings.ticker().nanos() - deadline < 0;
    }
}
