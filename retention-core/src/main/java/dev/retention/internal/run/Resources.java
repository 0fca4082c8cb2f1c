package dev.retention.internal.run;

import dev.retention.SweepTracer.Span;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.deletion.DeletionPipeline.Work;
import dev.retention.internal.deletion.InstanceLimits;
import dev.retention.internal.evidence.Sealer;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import org.jspecify.annotations.Nullable;

/** The database, the storages, the settings, the limits and the sealer, which sweeps, recoveries and erasures share. */
record Resources(
        RecordingRepository repository,
        Storages storages,
        SweepSettings settings,
        InstanceLimits limits,
        Sealer sealer) {

    /** @param span the sweep that requests belong to in a trace; null for none */
    DeletionPipeline pipeline(StopSignal stop, DueCriteria criteria, @Nullable Span span) {
        return pipeline(new Work(stop, criteria, criteria, span));
    }

    /**
     * For an erasure.
     *
     * @param policies by which recent recordings are found that identify an account; to an erasure, all are due
     */
    DeletionPipeline pipelineOfErasure(StopSignal stop, DueCriteria erasure, DueCriteria policies) {
        return pipeline(new Work(stop, erasure, policies, null));
    }

    private DeletionPipeline pipeline(Work work) {
        return new DeletionPipeline(repository, storages, settings, limits, work);
    }
}
