package dev.retention;

import dev.retention.spi.Claim;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes up again what was claimed and not brought to an end: its instance died, or its next attempt has come. */
final class Recovery {

    private static final Duration ROUND = Duration.ofMillis(100);
    private static final int SLICE = 50;

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final StopSignal stop;
    private final DueCriteria criteria;

    Recovery(
            RecordingRepository repository,
            Storages storages,
            SweepSettings settings,
            StopSignal stop,
            DueCriteria criteria) {
        this.repository = repository;
        this.storages = storages;
        this.settings = settings;
        this.stop = stop;
        this.criteria = criteria;
    }

    /** Claims a slice of what is due again, and returns how many that were. */
    static int reclaim(
            RecordingRepository repository, SweepSettings settings, DeletionPipeline pipeline, @Nullable String runId) {
        long before = settings.ticker().nanos();
        Instant now = repository.now();
        List<Claim> claims = repository.gate().reclaim(settings.owner(), runId, now, now.plus(settings.lease()), SLICE);
        pipeline.add(claims, before);
        return claims.size();
    }

    /** Works until nothing is due again, and returns how many recordings were taken up. */
    int run() {
        int taken = 0;
        DeletionPipeline pipeline = new DeletionPipeline(repository, storages, settings, stop, criteria, null);
        long deadline = settings.ticker().nanos() + settings.maxDuration().toNanos();
        try {
            int slice;
            do {
                slice = reclaim(repository, settings, pipeline, null);
                taken += slice;
                while (!pipeline.isIdle() && goesOn(pipeline, deadline)) {
                    pipeline.step(ROUND.toNanos());
                }
            } while (slice > 0 && goesOn(pipeline, deadline));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pipeline.finish();
        }
        return taken;
    }

    private boolean goesOn(DeletionPipeline pipeline, long deadline) {
        return !stop.isRequested()
                && pipeline.clockObjection() == null
                && settings.ticker().nanos() - deadline < 0;
    }
}
