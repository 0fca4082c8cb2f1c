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
import java.util.function.ToIntFunction;
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
        return reclaim(pipeline, runId, null);
    }

    /** @param dueAt by when they were due; null for now */
    private int reclaim(DeletionPipeline pipeline, @Nullable String runId, @Nullable Instant dueAt) {
        long before = settings.ticker().nanos();
        Instant now = repository.now();
        List<Claim> claims = repository
                .gate()
                .reclaim(settings.owner(), runId, dueAt == null ? now : dueAt, now.plus(settings.lease()), SLICE);
        pipeline.add(claims, before);
        return claims.size();
    }

    /**
     * Works until no claim remains that was due at its beginning, and returns how many there were. What it releases
     * meanwhile, such as for an account that is refused, is soon due again: that is for the next one, or it would never
     * end.
     */
    int run() {
        Instant dueAt = repository.now();
        return run(pipeline -> reclaim(pipeline, null, dueAt));
    }

    /**
     * The same in a dry run: claims are looked up, and those that are proven gone are recorded. All others remain as
     * they are, for the instances that delete.
     */
    int run(DryRunClaims inFlight) {
        inFlight.beginRound();
        return run(pipeline -> {
            long before = settings.ticker().nanos();
            List<Claim> claims = inFlight.next();
            pipeline.add(claims, before);
            return claims.size();
        });
    }

    /** @param next gives the pipeline the next slice, and returns how many claims it has; 0 ends the work */
    private int run(ToIntFunction<DeletionPipeline> next) {
        int taken = 0;
        DeletionPipeline pipeline = resources.pipeline(stop, criteria, null);
        long deadline = settings.ticker().nanos() + settings.maxDuration().toNanos();
        try {
            int slice = -1;
            while (slice != 0 && goesOn(pipeline, deadline)) {
                slice = next.applyAsInt(pipeline);
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
