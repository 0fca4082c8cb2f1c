package dev.retention.autoconfigure;

import dev.retention.Backlog;
import dev.retention.RetentionException;
import dev.retention.RetentionSweeper;
import dev.retention.autoconfigure.RetentionStatus.Snapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows the current state. Values from the database are the same on all instances, at most some minutes old, and not a
 * number (NaN) while the database does not answer.
 */
final class RetentionGauges implements MeterBinder {

    private final RetentionSweeper sweeper;
    private final RetentionStatus status;

    RetentionGauges(RetentionSweeper sweeper, RetentionStatus status) {
        this.sweeper = sweeper;
        this.status = status;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("retention.concurrency", sweeper, RetentionSweeper::requestsUnderWay)
                .description("Requests in progress at this instance")
                .baseUnit("requests")
                .register(registry);
        Gauge.builder("retention.concurrency.limit", sweeper, RetentionSweeper::concurrencyLimit)
                .description("Requests that this instance allows at once")
                .baseUnit("requests")
                .register(registry);
        FunctionCounter.builder("retention.events.dropped", sweeper, RetentionSweeper::droppedEvents)
                .description("Events dropped because a listener was too slow")
                .baseUnit("events")
                .register(registry);
        gauge(
                registry,
                "retention.backlog",
                "recordings",
                "Recordings that are due",
                now -> now.backlog().due());
        gauge(
                registry,
                "retention.waiting",
                "recordings",
                "Recordings that need a decision",
                now -> now.runs().waiting());
        gauge(
                registry,
                "retention.unreadable",
                "recordings",
                "Recordings that are due and can't be read",
                now -> now.backlog().unreadable().count());
        gauge(
                registry,
                "retention.keyless",
                "recordings",
                "Recordings that are due and have no storage key",
                now -> now.backlog().withoutKey().count());
        gauge(
                registry,
                "retention.undated",
                "recordings",
                "Live rows without a creation time, or with one in the future or too early",
                now -> now.backlog().undated().count());
        gauge(
                registry,
                "retention.engine.deleted",
                "recordings",
                "Rows that the application has soft-deleted itself, whose audio is not proven gone",
                now -> now.runs().engineDeleted());
        gauge(
                registry,
                "retention.refusals",
                null,
                "Refused sweeps that may be confirmed",
                now -> now.plans().size());
        gauge(registry, "retention.paused", null, "1 while deleting is paused", now -> now.paused() ? 1 : 0);
        gauge(
                registry,
                "retention.attention",
                null,
                "Reasons for attention",
                now -> now.attention().size());
        seconds(
                registry,
                "retention.overdue",
                "For how long the oldest due recording that is not held has been due",
                now -> now.backlog()
                        .longestOverdue()
                        .map(Backlog.Overdue::overdue)
                        .orElse(Duration.ZERO));
        seconds(
                registry,
                "retention.freed.audio",
                "Audio of the recordings that the latest ended run deleted, where rows have a duration",
                now -> now.runs().freed());
        seconds(
                registry,
                "retention.completed.age",
                "Time since the last completed sweep ended",
                now -> now.runs().sinceCompleted());
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            @Nullable String unit,
            String description,
            ToDoubleFunction<Snapshot> value) {
        Gauge.builder(name, status, known -> read(known, value))
                .description(description)
                .baseUnit(unit)
                .register(registry);
    }

    private interface Age {
        @Nullable
        Duration of(Snapshot snapshot);
    }

    private void seconds(MeterRegistry registry, String name, String description, Age age) {
        TimeGauge.builder(
                        name,
                        status,
                        TimeUnit.SECONDS,
                        known -> read(known, now -> {
                            Duration duration = age.of(now);
                            return duration == null ? Double.NaN : duration.toMillis() / 1000.0;
                        }))
                .description(description)
                .register(registry);
    }

    private static double read(RetentionStatus status, ToDoubleFunction<Snapshot> value) {
        try {
            return value.applyAsDouble(status.current());
        } catch (RetentionException e) {
            return Double.NaN;
        }
    }
}
