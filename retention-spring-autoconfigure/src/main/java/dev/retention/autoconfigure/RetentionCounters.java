package dev.retention.autoconfigure;

import dev.retention.SweepEvent;
import dev.retention.SweepListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.Supplier;

/** Counts what this instance did: outcomes by policy, sweeps by their end, and throttled requests by storage. */
final class RetentionCounters implements SweepListener {

    private final Supplier<MeterRegistry> registry;

    /**
     * Counters.
     *
     * @param registry called at the first event, so that the sweeper does not cause a registry to be created early
     */
    RetentionCounters(Supplier<MeterRegistry> registry) {
        this.registry = registry;
    }

    @Override
    public void on(SweepEvent event) {
        if (event instanceof SweepEvent.OutcomeRecorded recorded) {
            Counter.builder("retention.deletions")
                    .description("Attempts whose outcome was recorded")
                    .baseUnit("recordings")
                    .tag("outcome", tag(recorded.outcome().name()))
                    .tag("policy", recorded.policy().isEmpty() ? "unknown" : recorded.policy())
                    .register(registry.get())
                    .increment();
        } else if (event instanceof SweepEvent.SweepEnded ended) {
            Counter.builder("retention.sweeps")
                    .description("Sweeps of this instance, by their end, with those that were not started")
                    .tag("end", tag(ended.report().end().name()))
                    .register(registry.get())
                    .increment();
        } else if (event instanceof SweepEvent.RequestAnswered answered
                && answered.result().isThrottled()) {
            Counter.builder("retention.throttled")
                    .description("Answers that there were too many requests at once")
                    .baseUnit("requests")
                    .tag("storage", answered.storage())
                    .register(registry.get())
                    .increment();
        }
    }

    static String tag(String constant) {
        return constant.toLowerCase(Locale.ROOT);
    }
}
