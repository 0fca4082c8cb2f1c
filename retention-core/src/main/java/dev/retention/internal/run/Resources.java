package dev.retention.internal.run;

import dev.retention.SweepTracer.Span;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import org.jspecify.annotations.Nullable;

/** The database, the storages and the settings, which sweeps, recoveries and erasures share. */
record Resources(RecordingRepository repository, Storages storages, SweepSettings settings) {

    /** @param span the sweep that requests belong to in a trace; null for none */
    DeletionPipeline pipeline(StopSignal stop, DueCriteria criteria, @Nullable Span span) {
        return new DeletionPipeline(repository, storages, settings, stop, criteria, criteria, span);
    }

    /**
     * For an erasure.
     *
     * @param policies by which recent recordings are found that identify an account; to an erasure, all are due
     */
    DeletionPipeline pipelineOfErasure(StopSignal stop, DueCriteria erasure, DueCriteria policies) {
        return new DeletionPipeline(repository, storages, settings, stop, erasure, policies, null);
    }
}
