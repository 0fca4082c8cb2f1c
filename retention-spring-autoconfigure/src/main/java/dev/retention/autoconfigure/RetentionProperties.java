package dev.retention.autoconfigure;

import dev.retention.EngineDeleted;
import dev.retention.FirstRun;
import dev.retention.RetentionEvidence;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.format.annotation.DateTimeFormat;

/**
 * Which recordings are due, and how sweeps work.
 *
 * @param enabled Whether the library does anything. Set it to false for tests that need no retention.
 * @param period How long the default policy keeps recordings, such as 90d, P90D, P7Y or keep. A unit is required.
 * @param policies Further policies by name, each for the recordings that it matches.
 * @param dryRun Whether no deletion is sent: sweeps preview, recovery only looks up, and erasing is refused.
 * @param environment The name of this deployment, such as production. A copy under another name sends nothing until a
 *     person confirms it. The active profiles, sorted and joined by commas, unless set.
 * @param identity A name for this database, in place of the server's own identifier, which a failover or another pod
 *     may change. The server's own unless set.
 * @param schedule When sweeps run.
 * @param sweep How sweeps work.
 * @param retry How failed recordings are tried again.
 * @param safety What prevents deletions by mistake.
 * @param evidence What is written so that others can check deletions later.
 * @param runOnce Whether to sweep once at start and then end the process: with status 0 if every due recording was
 *     processed, 2 if some remain or failed, 3 if a person has to act first.
 * @param health How health reports reasons for attention.
 * @param shutdownTimeout How long a shutdown waits for requests in progress.
 */
@ConfigurationProperties("retention")
record RetentionProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("90d") String period,
        @DefaultValue Map<String, Policy> policies,
        @DefaultValue("false") boolean dryRun,
        @Nullable String environment,
        @Nullable String identity,
        @DefaultValue Schedule schedule,
        @DefaultValue Sweep sweep,
        @DefaultValue Retry retry,
        @DefaultValue Safety safety,
        @DefaultValue Evidence evidence,
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
     * @param enabled Whether sweeps and recovery are started by the library.
     * @param cron When sweeps start: second, minute, hour, day of month, month, day of week. A single dash starts only
     *     recovery.
     * @param zone The time zone of the cron expression and of calendar periods.
     * @param recoveryInterval How often recovery runs between sweeps.
     */
    record Schedule(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("0 0 3 * * *") String cron,
            @DefaultValue("UTC") String zone,
            @DefaultValue("10m") Duration recoveryInterval) {}

    /**
     * How sweeps work.
     *
     * @param batchSize Rows per page.
     * @param maxConcurrency Requests at once, per instance.
     * @param maxRate Deletions per second, per instance; no limit unless set.
     * @param maxDuration How long a run may last. Remaining recordings are left to the next run.
     * @param maxDeletions How many recordings a run may claim, over all instances; no limit unless set.
     * @param lease How long a claim lasts; at least twice the request timeout of the storage.
     * @param engineDeleted What happens to recordings that have reached their age and whose rows the application has
     *     soft-deleted itself: report counts and keeps them, delete deletes their audio, too.
     */
    record Sweep(
            @DefaultValue("500") int batchSize,
            @DefaultValue("10") int maxConcurrency,
            @Nullable Double maxRate,
            @DefaultValue("4h") Duration maxDuration,
            @Nullable Long maxDeletions,
            @DefaultValue("10m") Duration lease,
            @DefaultValue("report") EngineDeleted engineDeleted) {}

    /**
     * How failed recordings are tried again.
     *
     * @param maxAttempts Attempts per recording before it is quarantined.
     * @param initialBackoff The wait after the first failed attempt; it doubles with each further one.
     * @param maxBackoff The longest wait between attempts.
     */
    record Retry(
            @DefaultValue("10") int maxAttempts,
            @DefaultValue("1m") Duration initialBackoff,
            @DefaultValue("24h") Duration maxBackoff) {}

    /**
     * What is written so that others can check deletions later.
     *
     * @param enabled Whether each change is an entry of the evidence log. If not, each report says so.
     * @param origin The name of the log in its heads: without spaces and plus signs, of this log alone, and the same as
     *     long as it exists.
     * @param signingKey A file with the Ed25519 key that signs heads, as PKCS#8 in PEM, which others can't read. Heads
     *     are not signed unless set.
     * @param sealInterval How often entries are sealed between runs.
     * @param anchor Where heads are stored outside of the database.
     */
    record Evidence(
            @DefaultValue("true") boolean enabled,
            @DefaultValue(RetentionEvidence.DEFAULT_ORIGIN) String origin,
            @Nullable String signingKey,
            @DefaultValue("5m") Duration sealInterval,
            @DefaultValue Anchor anchor) {}

    /**
     * Where heads are stored outside of the database.
     *
     * @param file A file to which heads are appended, and from which they are read back. None unless set.
     * @param log Whether each head is a line of the application's log.
     */
    record Anchor(
            @Nullable String file, @DefaultValue("true") boolean log) {}

    /**
     * How health reports reasons for attention.
     *
     * @param down Whether health reports DOWN instead of ATTENTION.
     */
    record Health(@DefaultValue("false") boolean down) {}

    /**
     * What prevents deletions by mistake.
     *
     * @param minimumPeriod The shortest period that a policy may have.
     * @param maxClockSkew How far the clocks of the instance and the database may differ.
     * @param maxShare The share of a policy's live recordings that may be due without a confirmation: above 0, up to 1.
     * @param maxShareFloor The share is not checked while no more recordings than this are due.
     * @param confirm The id of the plan that a refused sweep named. It counts once, and is ignored with a warning
     *     later.
     * @param firstRun Whether the first sweep of a database and its storages needs a confirmation. An embedded database
     *     needs none.
     * @param earliestCreated Rows with a creation time before this day are kept and counted as undated.
     */
    record Safety(
            @DefaultValue("7d") Duration minimumPeriod,
            @DefaultValue("5m") Duration maxClockSkew,
            @DefaultValue("0.1") double maxShare,
            @DefaultValue("1000") long maxShareFloor,
            @Nullable String confirm,
            @DefaultValue("confirm") FirstRun firstRun,

            @DefaultValue("2008-01-01") @DateTimeFormat(iso = DateTimeFormat.ISO.DATE)
            LocalDate earliestCreated) {}
}
