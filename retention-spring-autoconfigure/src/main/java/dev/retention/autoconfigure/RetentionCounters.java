package dev.retention.autoconfigure;

import dev.retention.SweepEvent;
import dev.retention.SweepListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.Supplier;

/** Counts what this instance did: outcomes by policy, sweeps by their end, and answers that said that there were too many requests. */
final class RetentionCounters implements SweepListener {

    private final Supplier<MeterRegistry> registry;

    /**
     * Counters.
     *
     * @param registry asked for at the first event, so that no registry is made for the sake of the sweeper
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
                    .description("Sweeps that this instance took part in or did not start, by their end")
                    .tag("end", tag(ended.report().end().name()))
                    .register(registry.get())
                    .increment();
        } else if (event instanceof SweepEvent.RequestAnswered answered
                && answered.result().isThrottled()) {
            Counter.builder("retention.throttled")
                    .description("Answers that said that there were too many requests")
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
