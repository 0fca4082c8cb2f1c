package dev.retention.autoconfigure;

import dev.retention.StorageOperation;
import dev.retention.SweepTracer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/** Creates an observation of each sweep and of each of its requests, for traces and timers. */
final class ObservedSweeps implements SweepTracer {

    private final ObservationRegistry registry;

    ObservedSweeps(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Span sweepStarts() {
        return new Observed(Observation.createNotStarted("retention.sweep", registry), "end");
    }

    @Override
    public Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
        Observation request = Observation.createNotStarted("retention.request", registry)
                .lowCardinalityKeyValue("storage", storage)
                .lowCardinalityKeyValue("operation", RetentionCounters.tag(operation.name()));
        if (sweep instanceof Observed parent) {
            request.parentObservation(parent.observation);
        }
        return new Observed(request, "result");
    }

    private static final class Observed implements Span {

        private final Observation observation;
        private final Observation.Scope scope;
        private final String resultKey;

        Observed(Observation observation, String resultKey) {
            this.observation = observation.start();
            this.scope = observation.openScope();
            this.resultKey = resultKey;
        }

        @Override
        public void end(String result, @Nullable Throwable failure) {
            if (failure != null) {
                observation.error(failure);
            }
            observation.lowCardinalityKeyValue(resultKey, RetentionCounters.tag(result));
            scope.close();
            observation.stop();
        }
    }
}
