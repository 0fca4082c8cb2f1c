package dev.retention;

import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The sweeper's settings, checked together so that one start shows every mistake. */
record SweepSettings(
        Clock clock,
        String owner,
        int batchSize,
        int maxConcurrency,
        @Nullable Double maxRate,
        double headroom,
        @Nullable Integer permittedConcurrency,
        Duration maxDuration,
        @Nullable Long maxDeletions,
        Duration lease,
        int maxAttempts,
        Duration initialBackoff,
        Duration maxBackoff,
        Duration maxClockSkew,
        Duration shutdownTimeout,
        boolean dryRun,
        Ticker ticker,
        Telemetry telemetry) {}
