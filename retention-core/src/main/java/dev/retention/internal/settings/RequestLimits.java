package dev.retention.internal.settings;

import org.jspecify.annotations.Nullable;

/**
 * How much this instance asks of storages.
 *
 * @param maxConcurrency requests at once
 * @param maxRate deletions per second; null for no limit
 * @param headroom the share of an account's permitted concurrency that is left to others
 * @param permittedConcurrency how many requests at once a storage permits an account; null where it is not known
 */
public record RequestLimits(
        int maxConcurrency,
        @Nullable Double maxRate,
        double headroom,
        @Nullable Integer permittedConcurrency) {}
