package dev.retention.internal.settings;

import dev.retention.RetentionException;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.support.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What settings are allowed. All of them are checked together, so that one start shows every mistake. */
public final class SettingsRules {

    private static final int LONGEST_NAME = 200;
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(10);
    private static final Duration SHORTEST_MINIMUM_PERIOD = Duration.ofDays(1);

    private final List<String> faults = new ArrayList<>();

    private SettingsRules() {}

    /**
     * Checks all settings of a sweeper.
     *
     * @param attributes the names of the mapped attributes; null if policies can use every name
     * @throws RetentionException naming every setting that is not allowed, with its value and what is allowed
     */
    public static void require(
            SweepSettings settings,
            SafetySettings safety,
            Policies policies,
            Storages storages,
            @Nullable Set<String> attributes) {
        SettingsRules rules = new SettingsRules();
        rules.checkRuns(settings);
        rules.checkRequests(settings.requests());
        rules.checkRetries(settings.retries());
        rules.checkSafety(safety);
        rules.faults.addAll(policies.faults(settings.clock().instant()));
        rules.faults.addAll(policies.unmapped(attributes));
        rules.faults.addAll(Storages.faults(storages.inOrder()));
        if (!rules.faults.isEmpty()) {
            throw RetentionException.configuration("The sweeper can't be built: " + String.join("; ", rules.faults));
        }
    }

    private void checkRuns(SweepSettings settings) {
        RunLimits runs = settings.runs();
        int batchSize = runs.batchSize();
        check(batchSize >= 1 && batchSize <= 10_000, "batchSize", batchSize, "1 to 10000 rows");
        Long maxDeletions = runs.maxDeletions();
        check(maxDeletions == null || maxDeletions > 0, "maxDeletions", maxDeletions, "1 or more, or none");
        check(isPositive(runs.maxDuration()), "maxDuration", runs.maxDuration(), "more than zero");
        check(runs.lease().compareTo(SHORTEST_LEASE) >= 0, "lease", runs.lease(), "10 seconds or more");
        check(!runs.shutdownTimeout().isNegative(), "shutdownTimeout", runs.shutdownTimeout(), "zero or more");
        Duration skew = settings.maxClockSkew();
        check(isPositive(skew), "maxClockSkew", skew, "more than zero");
        String owner = settings.owner();
        check(
                !owner.isBlank() && owner.length() <= LONGEST_NAME,
                "instanceName",
                owner,
                "1 to " + LONGEST_NAME + " characters");
    }

    private void checkRequests(RequestLimits requests) {
        int concurrency = requests.maxConcurrency();
        check(concurrency >= 1 && concurrency <= 1_000, "maxConcurrency", concurrency, "1 to 1000");
        Double rate = requests.maxRate();
        check(rate == null || rate > 0, "maxRate", rate, "more than 0 per second, or none");
        double headroom = requests.headroom();
        check(headroom >= 0 && headroom < 1, "headroom", headroom, "0 to below 1");
        Integer permitted = requests.permittedConcurrency();
        check(permitted == null || permitted > 0, "permittedConcurrency", permitted, "1 or more, or none");
    }

    private void checkRetries(RetrySettings retries) {
        check(retries.maxAttempts() >= 1, "maxAttempts", retries.maxAttempts(), "1 or more");
        Duration initial = retries.initialBackoff();
        check(isPositive(initial), "initialBackoff", initial, "more than zero");
        Duration longest = retries.maxBackoff();
        check(
                longest.compareTo(initial) >= 0,
                "maxBackoff",
                longest,
                "at least the initial backoff, " + shown(initial));
    }

    private void checkSafety(SafetySettings safety) {
        Duration period = safety.minimumPeriod();
        check(period.compareTo(SHORTEST_MINIMUM_PERIOD) >= 0, "minimumPeriod", period, "a day or more");
        double share = safety.maxShare();
        check(share > 0 && share <= 1, "maxShare", share, "above 0, up to 1");
        check(safety.maxShareFloor() >= 0, "maxShareFloor", safety.maxShareFloor(), "0 or more");
        String environment = safety.environment();
        check(
                environment.length() <= LONGEST_NAME,
                "environment",
                environment,
                "at most " + LONGEST_NAME + " characters");
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private void check(boolean holds, String name, @Nullable Object value, String allowed) {
        if (!holds) {
            faults.add(name + " is " + shown(value) + ", allowed is " + allowed);
        }
    }

    private static @Nullable Object shown(@Nullable Object value) {
        return value instanceof Duration duration ? Texts.duration(duration) : value;
    }
}
