package dev.retention.internal.settings;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much a run takes on, and for how long.
 *
 * @param batchSize rows read at once
 * @param maxDuration how long a run may last
 * @param maxDeletions how many recordings a run may claim over all instances; null for no limit
 * @param lease how long a claim lasts
 * @param shutdownTimeout how long stopping waits for what is in flight
 */
public record RunLimits(
        int batchSize, Duration maxDuration, @Nullable Long maxDeletions, Duration lease, Duration shutdownTimeout) {}
