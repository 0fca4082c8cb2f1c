package dev.retention.internal.settings;

import dev.retention.internal.support.Ticker;
import dev.retention.internal.telemetry.Telemetry;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A sweeper's settings, grouped by what they concern. The methods give direct access to those that are used often.
 *
 * @param owner this instance's name in claims and logs
 * @param dryRun whether no deletion is ever sent
 */
public record SweepSettings(
        String owner,
        boolean dryRun,
        RequestLimits requests,
        RunLimits runs,
        RetrySettings retries,
        TimeSettings time,
        Telemetry telemetry) {

    public int maxConcurrency() {
        return requests.maxConcurrency();
    }

    @Nullable
    public Double maxRate() {
        return requests.maxRate();
    }

    public double headroom() {
        return requests.headroom();
    }

    @Nullable
    public Integer permittedConcurrency() {
        return requests.permittedConcurrency();
    }

    public int batchSize() {
        return runs.batchSize();
    }

    public Duration maxDuration() {
        return runs.maxDuration();
    }

    @Nullable
    public Long maxDeletions() {
        return runs.maxDeletions();
    }

    public Duration lease() {
        return runs.lease();
    }

    public Duration shutdownTimeout() {
        return runs.shutdownTimeout();
    }

    public int maxAttempts() {
        return retries.maxAttempts();
    }

    public Duration initialBackoff() {
        return retries.initialBackoff();
    }

    public Duration maxBackoff() {
        return retries.maxBackoff();
    }

    public Clock clock() {
        return time.clock();
    }

    public Ticker ticker() {
        return time.ticker();
    }

    public Duration maxClockSkew() {
        return time.maxClockSkew();
    }
}
