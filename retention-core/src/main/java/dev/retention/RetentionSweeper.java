package dev.retention;

import dev.retention.internal.deletion.InstanceLimits;
import dev.retention.internal.evidence.Statements;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.report.BacklogReader;
import dev.retention.internal.run.RunCoordinator;
import dev.retention.internal.run.RunKey;
import dev.retention.internal.safety.Plans;
import dev.retention.internal.safety.WriteOffs;
import dev.retention.internal.settings.RequestLimits;
import dev.retention.internal.settings.RetrySettings;
import dev.retention.internal.settings.RunLimits;
import dev.retention.internal.settings.SafetySettings;
import dev.retention.internal.settings.SettingsRules;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.settings.TimeSettings;
import dev.retention.internal.support.Ticker;
import dev.retention.internal.telemetry.RequestGauge;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.internal.time.ClockReading;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.RecordingStorage;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes due recordings: finds them in the engine's database, claims them, deletes them at the storages, and records
 * each outcome. It is plain and synchronous; scheduling is the caller's part.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. A sweep works on the calling thread and on up to
 * {@code maxConcurrency} threads of its own, which end with it.
 *
 * <p><b>Transactions.</b> The calling thread must have no transaction open, since claims are committed before anything
 * is sent. {@link #sweep()} and {@link #recover()} throw if they can see one.
 *
 * <p><b>Instances.</b> Several instances on one database share a run. Each works on a part of it, and all return the
 * same report.
 *
 * <p>One class, since more than half of it is the public {@link Builder}: each setting is documented where it is set,
 * and callers name the builder by this class.
 */
public final class RetentionSweeper implements AutoCloseable {

    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final Policies policies;
    private final RunCoordinator runs;

    private RetentionSweeper(
            RecordingRepository repository, SweepSettings settings, Policies policies, RunCoordinator runs) {
        this.repository = repository;
        this.settings = settings;
        this.policies = policies;
        this.runs = runs;
    }

    /**
     * Starts building a sweeper.
     *
     * @param repository the engine's database
     * @param storages where recordings are stored, in the order in which they are asked; at least one. A recording is
     *     deleted when every one of them has proven it
     */
    public static Builder builder(RecordingRepository repository, RecordingStorage... storages) {
        return new Builder(repository, Arrays.asList(storages));
    }

    /** The same, with a list of storages. */
    public static Builder builder(RecordingRepository repository, List<? extends RecordingStorage> storages) {
        return new Builder(repository, storages);
    }

    /**
     * Sweeps now: joins the run that is open on this database, or starts one. Returns when the run has ended, or when
     * this instance leaves it.
     *
     * <p>If this instance is recovering, the recovery finishes what is in flight and leaves; the sweep then continues
     * the run that the recovery worked on. If this instance is sweeping already, nothing is started, and the report's
     * end is {@link SweepEnd#ALREADY_RUNNING}.
     *
     * @return the report of the whole run, over all instances; if nothing was started, {@link SweepReport#end()} and
     *     {@link SweepReport#message()} say why
     * @throws RetentionException if the caller has a transaction open, this sweeper is closed, or the database fails
     */
    public SweepReport sweep() {
        return runs.sweep(RunKey.manual());
    }

    /**
     * Sweeps for a fire time of a schedule. Instances that call this with the same fire time share one run. An instance
     * that calls it after the run has ended gets its report, and starts no second run. If another run is open whose
     * ages were judged before the fire time, this instance first works on that run, and then on the run of the fire
     * time.
     *
     * @param fireTime when the schedule fired, the same on all instances
     * @return the report of the run, or why nothing was started: see {@link #sweep()} and {@link #hasRun(Instant)}
     * @throws RetentionException as {@link #sweep()}
     */
    public SweepReport sweep(Instant fireTime) {
        return runs.sweep(RunKey.scheduled(fireTime));
    }

    /**
     * Whether the run of this fire time was started, by any instance. It may have ended. A scheduler uses this to find
     * out whether it has to try again.
     *
     * @throws RetentionException if the database fails
     */
    public boolean hasRun(Instant fireTime) {
        return runs.hasRun(fireTime);
    }

    /**
     * What a sweep would do now, by the same selection and the same checks. Nothing is deleted or claimed, and no
     * storage is asked.
     *
     * @return a report in which {@code deleted} counts the recordings that would be sent
     */
    public SweepReport preview() {
        return runs.preview();
    }

    /**
     * Continues claims whose lease has expired, such as those of an instance that died, and claims whose next attempt
     * is due: they are looked up first, and then deleted. Also continues a run that all its instances have left. Call
     * it every few minutes between sweeps. It does nothing while this instance sweeps, since a sweep does the same, and
     * returns early if a sweep begins.
     *
     * @return how many claims were continued
     * @throws RetentionException as {@link #sweep()}
     */
    public int recover() {
        return runs.recover();
    }

    /**
     * The due recordings that are not deleted, and how long they have been due. Reads a few small pages, whatever the
     * size of the table, and counts the due recordings.
     *
     * @throws RetentionException if the database fails
     */
    public Backlog backlog() {
        ClockReading clocks = ClockReading.now(repository, settings);
        return new BacklogReader(repository, policies.at(clocks.judged())).read(clocks.database());
    }

    /**
     * The live recordings that each policy governs, and how many of them are due, in the order of the policies, the
     * default last. Slow on large tables: it reads all live rows.
     *
     * @throws RetentionException if the database fails
     */
    public List<PolicyCounts> countByPolicy() {
        ClockReading clocks = ClockReading.now(repository, settings);
        return repository.recordings().countByPolicy(policies.at(clocks.judged()));
    }

    /** How many requests of this instance to storages are in flight. */
    public int requestsUnderWay() {
        return settings.telemetry().gauges().stream()
                .mapToInt(RequestGauge::underWay)
                .sum();
    }

    /**
     * How many requests at once this instance allows itself now, as it has learnt from answers; 0 while it sends none.
     */
    public int concurrencyLimit() {
        return settings.telemetry().gauges().stream()
                .mapToInt(RequestGauge::limit)
                .sum();
    }

    /**
     * What keeps this instance from deleting now, such as an account that does not answer, or policies that were not
     * confirmed. Empty if nothing does. While nothing runs, only a missing confirmation is known, as the last sweep,
     * recovery or erasure of this instance found it.
     */
    public List<Obstacle> obstacles() {
        return Stream.concat(
                        runs.unconfirmed().stream(),
                        settings.telemetry().gauges().stream().flatMap(gauge -> gauge.obstacles().stream()))
                .toList();
    }

    /** How many events were dropped because listeners were too slow. */
    public long droppedEvents() {
        return settings.telemetry().dropped();
    }

    /**
     * Stops sweeps, recovery and erasures. Waits up to the shutdown timeout for requests that are in flight, and
     * releases claims that were not sent. For a database that does not answer it waits 5 seconds more, and for each
     * listener 1 second. May be called more than once. Closes neither the repository nor the storages.
     */
    @Override
    public void close() {
        runs.close();
    }

    RecordingRepository repository() {
        return repository;
    }

    boolean confirm(String planId, String by) {
        return runs.confirm(planId, by);
    }

    Plans plans() {
        return runs.plans();
    }

    WriteOffs writeOffs() {
        return runs.writeOffs();
    }

    /** Tells listeners what a person has accepted as deleted. */
    void tellAccepted(Map<String, ReviewAnswer> answers, Instant at) {
        runs.tellAccepted(answers, at);
    }

    /** See {@link RetentionOperations#erase}. */
    Map<String, EraseAnswer> erase(Collection<String> ids, String by, String reason) {
        return runs.erase(ids, by, reason);
    }

    /** Builds a {@link RetentionSweeper}. Not thread-safe. All lengths of time are exact; nothing is rounded. */
    public static final class Builder {

        /** Rows read at once. */
        public static final int DEFAULT_BATCH_SIZE = 500;
        /** Remote deletions at once, per instance. */
        public static final int DEFAULT_MAX_CONCURRENCY = 10;
        /** The share of an account's allowance that is left to others. */
        public static final double DEFAULT_HEADROOM = 0.2;
        /** How long a run may last. */
        public static final Duration DEFAULT_MAX_DURATION = Duration.ofHours(4);
        /** How long a claim lasts. */
        public static final Duration DEFAULT_LEASE = Duration.ofMinutes(10);
        /** Attempts per recording before it needs a decision. */
        public static final int DEFAULT_MAX_ATTEMPTS = 10;
        /** The wait after the first failed attempt; it doubles with each further one. */
        public static final Duration DEFAULT_INITIAL_BACKOFF = Duration.ofMinutes(1);
        /** The longest wait between attempts. */
        public static final Duration DEFAULT_MAX_BACKOFF = Duration.ofHours(24);
        /** The shortest period that a policy may have. */
        public static final Duration DEFAULT_MINIMUM_PERIOD = Duration.ofDays(7);
        /** How far our clock and the database's may differ. */
        public static final Duration DEFAULT_MAX_CLOCK_SKEW = Duration.ofMinutes(5);
        /** The share of a policy's live recordings that may be due. */
        public static final double DEFAULT_MAX_SHARE = 0.1;
        /** If no more recordings are due than this, their share is not checked. */
        public static final long DEFAULT_MAX_SHARE_FLOOR = 1_000;
        /** How long {@link RetentionSweeper#close()} waits for what is in flight. */
        public static final Duration DEFAULT_SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

        private final RecordingRepository repository;
        private final List<RecordingStorage> storages;
        private RetentionPolicy fallback = RetentionPolicy.ofDays(RetentionPolicy.RECORDING_RETENTION_DAYS);
        private final List<RetentionPolicy> further = new ArrayList<>();
        private Clock clock = Clock.systemUTC();
        private String owner = ProcessHandle.current().pid() + "@" + host() + "/"
                + UUID.randomUUID().toString().substring(0, 8);
        private int batchSize = DEFAULT_BATCH_SIZE;
        private int maxConcurrency = DEFAULT_MAX_CONCURRENCY;
        private @Nullable Double maxRate;
        private double headroom = DEFAULT_HEADROOM;
        private @Nullable Integer permittedConcurrency;
        private Duration maxDuration = DEFAULT_MAX_DURATION;
        private @Nullable Long maxDeletions;
        private Duration lease = DEFAULT_LEASE;
        private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
        private Duration initialBackoff = DEFAULT_INITIAL_BACKOFF;
        private Duration maxBackoff = DEFAULT_MAX_BACKOFF;
        private Duration minimumPeriod = DEFAULT_MINIMUM_PERIOD;
        private Instant earliestCreated = DueCriteria.EARLIEST_CREATED;
        private Duration maxClockSkew = DEFAULT_MAX_CLOCK_SKEW;
        private Duration shutdownTimeout = DEFAULT_SHUTDOWN_TIMEOUT;
        private EngineDeleted engineDeleted = EngineDeleted.REPORT;
        private boolean dryRun;
        private String environment = "";
        private FirstRun firstRun = FirstRun.CONFIRM;
        private double maxShare = DEFAULT_MAX_SHARE;
        private long maxShareFloor = DEFAULT_MAX_SHARE_FLOOR;
        private @Nullable String confirm;
        private final List<SweepListener> listeners = new ArrayList<>();
        private @Nullable SweepTracer tracer;
        private @Nullable RetentionEvidence evidence;
        private Ticker ticker = Ticker.SYSTEM;
        private @Nullable RetentionSweeper sharesLimits;

        private Builder(RecordingRepository repository, List<? extends RecordingStorage> storages) {
            this.repository = repository;
            this.storages = List.copyOf(storages);
        }

        /**
         * The default policy: it governs what no further policy matches.
         * {@value RetentionPolicy#RECORDING_RETENTION_DAYS} days unless set.
         */
        public Builder policy(RetentionPolicy policy) {
            this.fallback = policy;
            return this;
        }

        /**
         * Adds a policy for the recordings that it matches. Of several that match, the one that keeps longest governs.
         */
        public Builder furtherPolicy(RetentionPolicy policy) {
            this.further.add(policy);
            return this;
        }

        /** This instance's clock; the system's unless set. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * This instance's name in claims and logs, unique among running instances. Unless set, it consists of the
         * process id, the host and a random part.
         */
        public Builder instanceName(String name) {
            this.owner = name;
            return this;
        }

        /** Rows read at once; 1 to 10,000. */
        public Builder batchSize(int rows) {
            this.batchSize = rows;
            return this;
        }

        /** Remote deletions at once, per instance, whatever it does at the same time; 1 to 1,000. */
        public Builder maxConcurrency(int deletions) {
            this.maxConcurrency = deletions;
            return this;
        }

        /**
         * The most deletions per second of this instance, whatever it does at the same time, above zero; null, the
         * default, for no limit.
         */
        public Builder maxRate(@Nullable Double deletionsPerSecond) {
            this.maxRate = deletionsPerSecond;
            return this;
        }

        /**
         * The share of an account's permitted concurrency that is kept free for others, such as live calls: 0 to below
         * 1, and 0.2 by default; 0 is for a run on an idle account. It applies if the storage reports how many requests
         * the account has in flight, once a 429 has shown how many are permitted or {@link #permittedConcurrency} has
         * stated it.
         */
        public Builder headroom(double share) {
            this.headroom = share;
            return this;
        }

        /**
         * How many requests at once a storage permits an account, including those of others. If it is stated, the
         * {@link #headroom} is kept free from the start, and no 429 is needed to learn it. Null, the default, if it is
         * not known.
         */
        public Builder permittedConcurrency(@Nullable Integer requests) {
            this.permittedConcurrency = requests;
            return this;
        }

        /** How long a run may last, over all instances. The next run deletes the recordings that remain. */
        public Builder maxDuration(Duration duration) {
            this.maxDuration = duration;
            return this;
        }

        /** The most recordings that a run may claim, over all instances; null, the default, for no limit. */
        public Builder maxDeletions(@Nullable Long recordings) {
            this.maxDeletions = recordings;
            return this;
        }

        /**
         * How long a claim lasts: at least twice as long as a storage may take for one request, and at least 10
         * seconds.
         */
        public Builder lease(Duration duration) {
            this.lease = duration;
            return this;
        }

        /**
         * Attempts per recording before it needs a decision, at least 1; the wait after the first failed attempt, which
         * doubles with each further one; and the longest wait.
         */
        public Builder retry(int maxAttempts, Duration initialBackoff, Duration maxBackoff) {
            this.maxAttempts = maxAttempts;
            this.initialBackoff = initialBackoff;
            this.maxBackoff = maxBackoff;
            return this;
        }

        /**
         * The shortest period that a policy may have, at any instant. A shorter policy must be allowed here. Only a
         * change of clocks may make a period shorter by two hours; recordings are then kept for these hours.
         */
        public Builder minimumPeriod(Duration duration) {
            this.minimumPeriod = duration;
            return this;
        }

        /** How far our clock and the database's may differ. If they differ more, nothing is deleted. */
        public Builder maxClockSkew(Duration duration) {
            this.maxClockSkew = duration;
            return this;
        }

        /** How long {@link RetentionSweeper#close()} waits for what is in flight before it interrupts it. */
        public Builder shutdownTimeout(Duration duration) {
            this.shutdownTimeout = duration;
            return this;
        }

        /**
         * No recording is older; 2008 unless set. A row with an earlier creation time is kept and counted as undated,
         * since such a time is the zero of a clock or another mistake, and the recording may be new.
         */
        public Builder earliestCreated(Instant earliest) {
            this.earliestCreated = earliest;
            return this;
        }

        /**
         * What happens to recordings whose rows the engine has soft-deleted itself, once they have reached their age;
         * {@link EngineDeleted#REPORT} unless set. To delete them is confirmed like a shorter policy.
         */
        public Builder engineDeleted(EngineDeleted choice) {
            this.engineDeleted = choice;
            return this;
        }

        /**
         * Whether no deletion is ever sent: {@link RetentionSweeper#sweep()} previews, and
         * {@link RetentionSweeper#recover()} only looks up and records what is proven gone. It takes nothing from an
         * instance that deletes on the same database.
         */
        public Builder dryRun(boolean dryRun) {
            this.dryRun = dryRun;
            return this;
        }

        /**
         * The name of this deployment, such as {@code production}; empty unless set. A copy of the deployment that has
         * another name sends nothing until a person confirms it.
         */
        public Builder environment(String name) {
            this.environment = name;
            return this;
        }

        /**
         * What happens if this database and these storages were never swept before; {@link FirstRun#CONFIRM} unless
         * set.
         */
        public Builder firstRun(FirstRun firstRun) {
            this.firstRun = firstRun;
            return this;
        }

        /**
         * The share of a policy's live recordings that may be due, above 0 up to 1. If more are due, a sweep is refused
         * until a person confirms it. Three times the recordings that should have reached their age since the last
         * completed sweep are always allowed, up to one half.
         */
        public Builder maxShare(double share) {
            this.maxShare = share;
            return this;
        }

        /** If no more recordings are due than this, their share is not checked; 0 or more. */
        public Builder maxShareFloor(long recordings) {
            this.maxShareFloor = recordings;
            return this;
        }

        /**
         * The id of a plan that a refused sweep named, to confirm it; null, the default, for none. It is used once;
         * afterwards it is ignored with a warning.
         */
        public Builder confirm(@Nullable String planId) {
            this.confirm = planId;
            return this;
        }

        /** Adds a listener for the sweeper's events. */
        public Builder listener(SweepListener listener) {
            this.listeners.add(listener);
            return this;
        }

        /** Records sweeps and requests in a trace; null, the default, for no trace. */
        public Builder tracer(@Nullable SweepTracer tracer) {
            this.tracer = tracer;
            return this;
        }

        /**
         * Lets this sweeper share the limits of another one in this JVM: the requests of both count together against
         * the other's {@link #maxConcurrency}, {@link #maxRate}, {@link #headroom} and {@link #permittedConcurrency},
         * and what was learnt about an account applies to both. Of requests that wait, those of the sweeper with the
         * fewest in flight come first. For sweepers of several databases, such as those of several tenants, that use
         * the same accounts. Closing one of them changes nothing for the other.
         */
        public Builder sharedLimits(RetentionSweeper other) {
            this.sharesLimits = other;
            return this;
        }

        /**
         * Seals the evidence log of the same repository, and has its heads anchored. If an anchor shows that the
         * database was restored from a backup, nothing is deleted until a person confirms it. Unless set, heads have
         * the default origin, and are neither signed nor anchored, so that no restored backup is noticed.
         */
        public Builder evidence(RetentionEvidence evidence) {
            if (evidence.repository() != repository) {
                throw RetentionException.misuse(
                        "the evidence is of another repository than the sweeper's; build both with the same one");
            }
            this.evidence = evidence;
            return this;
        }

        Builder ticker(Ticker ticker) {
            this.ticker = ticker;
            return this;
        }

        /**
         * Builds the sweeper. Neither the database nor a storage is asked.
         *
         * @throws RetentionException for settings that are not allowed; it names all of them, with their values and
         *     what is allowed
         */
        public RetentionSweeper build() {
            SweepSettings settings = new SweepSettings(
                    owner,
                    dryRun,
                    new RequestLimits(maxConcurrency, maxRate, headroom, permittedConcurrency),
                    new RunLimits(batchSize, maxDuration, maxDeletions, lease, shutdownTimeout),
                    new RetrySettings(maxAttempts, initialBackoff, maxBackoff),
                    new TimeSettings(clock, ticker, maxClockSkew),
                    new Telemetry(listeners, tracer));
            SafetySettings safety =
                    new SafetySettings(environment, firstRun, minimumPeriod, maxShare, maxShareFloor, confirm);
            Policies policies = new Policies(
                    fallback,
                    List.copyOf(further),
                    minimumPeriod,
                    engineDeleted == EngineDeleted.DELETE,
                    earliestCreated);
            Storages all = new Storages(storages);
            Map<String, String> attributes = repository.mapping().attributes();
            SettingsRules.require(settings, safety, policies, all, attributes == null ? null : attributes.keySet());
            InstanceLimits limits = sharesLimits == null ? new InstanceLimits(settings) : sharesLimits.runs.limits();
            RetentionEvidence sealed = evidence != null
                    ? evidence
                    : RetentionEvidence.builder(repository).build();
            sealed.judgedBy(database -> {
                ClockReading clocks = new ClockReading(clock.instant(), database, maxClockSkew);
                DueCriteria criteria = policies.at(clocks.judged());
                return new Statements.Judgement(criteria, Policies.text(criteria));
            });
            return new RetentionSweeper(
                    repository,
                    settings,
                    policies,
                    new RunCoordinator(repository, all, policies, settings, safety, limits, sealed.sealer()));
        }

        private static String host() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }
}
