package dev.retention.autoconfigure;

import dev.retention.FirstRun;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is due, and how sweeps work.
 *
 * @param enabled Whether recordings are deleted at all. Switch it off in tests that need no retention.
 * @param period How long recordings are kept that no further policy governs, such as 90d, P90D, P7Y or keep. Never a number without a unit.
 * @param policies Further policies by name, each for the recordings that it matches.
 * @param dryRun Whether no deletion is ever sent: sweeps preview, and recovery only looks up.
 * @param environment What this deployment is called, such as production. A copy of it under another name sends nothing until a person confirms it. The active profiles,
 *     sorted and joined by commas, unless set.
 * @param schedule When sweeps run.
 * @param sweep How sweeps work.
 * @param retry How failed recordings are tried again.
 * @param safety What keeps mistakes from deleting.
 * @param runOnce Whether to sweep once at start-up and then end the process, with status 0 when all was done, 2 when something is left or failed, 3 when it was refused.
 * @param health What health says.
 * @param shutdownTimeout How long stopping waits for what is in flight.
 */
@ConfigurationProperties("retention")
record RetentionProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("90d") String period,
        @DefaultValue Map<String, Policy> policies,
        @DefaultValue("false") boolean dryRun,
        @Nullable String environment,
        @DefaultValue Schedule schedule,
        @DefaultValue Sweep sweep,
        @DefaultValue Retry retry,
        @DefaultValue Safety safety,
        @DefaultValue("false") boolean runOnce,
        @DefaultValue Health health,
        @DefaultValue("30s") Duration shutdownTimeout) {

    /**
     * A further policy.
     *
     * @param period How long the recordings that it matches are kept, such as 365d, P7Y or keep.
     * @param match Attribute values that a recording must all have, by the names of retention.jpa.attributes.extra.
     */
    record Policy(@Nullable String period, @DefaultValue Map<String, String> match) {}

    /**
     * When sweeps run.
     *
     * @param enabled Whether sweeps and recovery run by themselves.
     * @param cron When sweeps start: second, minute, hour, day of month, month, day of week. A single dash for no sweeps; recovery stays.
     * @param zone The time zone of the cron expression and of calendar periods.
     * @param recoveryInterval How often what an instance left behind is taken up between sweeps.
     */
    record Schedule(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("0 0 3 * * *") String cron,
            @DefaultValue("UTC") String zone,
            @DefaultValue("10m") Duration recoveryInterval) {}

    /**
     * How sweeps work.
     *
     * @param batchSize Rows read at once.
     * @param maxConcurrency Remote deletions at once, per instance.
     * @param maxRate Deletions per second and instance; no limit unless set.
     * @param maxDuration How long a run may last; what is left is the next run's.
     * @param maxDeletions Recordings that a run may claim, over all instances; no limit unless set.
     * @param lease How long a claim lasts; at least twice the request timeout of the storage.
     */
    record Sweep(
            @DefaultValue("500") int batchSize,
            @DefaultValue("10") int maxConcurrency,
            @Nullable Double maxRate,
            @DefaultValue("4h") Duration maxDuration,
            @Nullable Long maxDeletions,
            @DefaultValue("10m") Duration lease) {}

    /**
     * How failed recordings are tried again.
     *
     * @param maxAttempts Attempts per recording before it waits for a person.
     * @param initialBackoff The wait after the first failed attempt; it doubles with each further one.
     * @param maxBackoff The longest wait between attempts.
     */
    record Retry(
            @DefaultValue("10") int maxAttempts,
            @DefaultValue("1m") Duration initialBackoff,
            @DefaultValue("24h") Duration maxBackoff) {}

    /**
     * What health says.
     *
     * @param down Whether health says DOWN in place of ATTENTION.
     */
    record Health(@DefaultValue("false") boolean down) {}

    /**
     * What keeps mistakes from deleting.
     *
     * @param minimumPeriod The shortest period that a policy may have.
     * @param maxClockSkew How far our clock and the database's may differ before nothing is deleted.
     * @param maxShare How much of what a policy governs may be due before a sweep is refused until a person confirms it: a share above 0, up to 1.
     * @param maxShareFloor With no more recordings due than this, their share is not looked at.
     * @param confirm The id of the plan that a refused sweep named. It counts once, and is ignored with a warning afterwards.
     * @param firstRun Whether the first sweep of a database and its storages waits for a person's confirmation. An embedded database needs none.
     */
    record Safety(
            @DefaultValue("7d") Duration minimumPeriod,
            @DefaultValue("5m") Duration maxClockSkew,
            @DefaultValue("0.1") double maxShare,
            @DefaultValue("1000") long maxShareFloor,
            @Nullable String confirm,
            @DefaultValue("confirm") FirstRun firstRun) {}
}
