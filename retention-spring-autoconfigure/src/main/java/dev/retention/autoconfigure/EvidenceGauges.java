package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import dev.retention.autoconfigure.EvidenceWatch.View;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far the evidence log is sealed and anchored. Not a number (NaN) while the log is off, or the database does
 * not answer.
 */
final class EvidenceGauges implements MeterBinder {

    private final EvidenceWatch watch;

    EvidenceGauges(EvidenceWatch watch) {
        this.watch = watch;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder(
                        "retention.evidence.sealed",
                        watch,
                        known -> read(known, view -> view.status().sealed()))
                .description("Sealed entries of the evidence log")
                .baseUnit("entries")
                .register(registry);
        Gauge.builder(
                        "retention.evidence.unsealed",
                        watch,
                        known -> read(known, view -> view.status().unsealed()))
                .description("Committed entries of the evidence log that are not sealed yet")
                .baseUnit("entries")
                .register(registry);
        TimeGauge.builder(
                        "retention.evidence.unanchored",
                        watch,
                        TimeUnit.SECONDS,
                        known -> read(known, view -> seconds(view.unanchoredFor())))
                .description("For how long the oldest sealed entry that an anchor lacks has been sealed")
                .register(registry);
    }

    private static double seconds(@Nullable Duration duration) {
        return duration == null ? Double.NaN : duration.toMillis() / 1000.0;
    }

    private static double read(EvidenceWatch watch, ToDoubleFunction<View> value) {
        try {
            return watch.current().map(value::applyAsDouble).orElse(Double.NaN);
        } catch (RetentionException e) {
            return Double.NaN;
        }
    }
}
