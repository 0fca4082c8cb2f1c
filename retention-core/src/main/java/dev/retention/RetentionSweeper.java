package dev.retention;

import dev.retention.Brakes.Verdict;
import dev.retention.SweepTracer.Span;
import dev.retention.spi.Controls;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.RecordingStorage;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is due: finds due recordings in the engine's database, claims them, deletes them at the storages, and records what
 * became of each. Plain and synchronous; when it runs is somebody else's concern.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. A sweep works on the calling thread and on up to
 * {@code maxConcurrency} threads of its own, which end with it.
 *
 * <p><b>Transactions.</b> The calling thread must have no transaction open, since claims have to be committed before anything is
 * sent; {@link #sweep()} and {@link #recover()} refuse where that can be seen.
 *
 * <p><b>Instances.</b> Several instances on one database share a run: each works on its part, and all return the same report.
 */
public final class RetentionSweeper implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RetentionSweeper.class);

    /** How long closing waits beyond the shutdown timeout, for the database. */
    private static final Duration TO_WIND_UP = Duration.ofSeconds(5);

    private final RecordingRepository repository;
    private final Storages storages;
    private final Policies policies;
    private final SweepSettings settings;
    private final Brakes brakes;
    private final Semaphore working = new Semaphore(1);
    private final Set<StopSignal> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private RetentionSweeper(
            RecordingRepository repository,
            Storages storages,
            Policies policies,
            SweepSettings settings,
            SafetySettings safety) {
        this.brakes = new Brakes(repository, storages, policies, settings, safety);
        this.repository = repository;
        this.storages = storages;
        this.policies = policies;
        this.settings = settings;
    }

    /**
     * Starts building a sweeper.
     *
     * @param repository the engine's database
     * @param storages where recordings lie, in the order in which they are asked; at least one. A recording is gone when every one of them
     *     proves it
     */
    public static Builder builder(RecordingRepository repository, RecordingStorage... storages) {
        return new Builder(repository, Arrays.asList(storages));
    }

    /** The same, with a list of storages. */
    public static Builder builder(RecordingRepository repository, List<? extends RecordingStorage> storages) {
        return new Builder(repository, storages);
    }

    /**
     * Sweeps now: joins the run that is open on this database, or starts one. Returns when the run has ended, or when this instance leaves it.
     *
     * @return what the run did, over all instances; also when it was refused or stopped: see {@link SweepReport#end()}
     * @throws RetentionException when the caller has a transaction open, this sweeper is closed, or the database fails
     */
    public SweepReport sweep() {
        return sweep("manual-" + UUID.randomUUID());
    }

    /**
     * The sweep of a schedule's fire time. Instances that are called with the same fire time share one run; one that comes when it has ended
     * gets its report, and no second run with a second limit.
     *
     * @param fireTime when the schedule fired, the same on all instances
     * @throws RetentionException as {@link #sweep()}
     */
    public SweepReport sweep(Instant fireTime) {
        return sweep("scheduled-" + fireTime);
    }

    /**
     * What a sweep would do now: the same selection and checks; nothing is deleted, nothing claimed, no storage asked.
     *
     * @return a report in which {@code deleted} is what would be sent
     */
    public SweepReport preview() {
        refuseIfClosed();
        Now now = now();
        SweepReport report = now.disagree()
                ? notRun(now, SweepEnd.CLOCKS_DISAGREE, now.message())
                : new Preview(repository, storages, settings, policies.at(now.judged()), brakes).run();
        log.info("sweep previewed {}", report);
        return report;
    }

    /**
     * Takes up what an instance that died, or an earlier failure, left behind: looks it up first, then deletes again. Meant to be called every few
     * minutes between sweeps. Does nothing while this instance sweeps, since a sweep does the same.
     *
     * @return how many recordings were taken up
     * @throws RetentionException as {@link #sweep()}
     */
    public int recover() {
        refuseIfClosed();
        refuseTransaction();
        if (!working.tryAcquire()) {
            return 0;
        }
        StopSignal stop = started();
        try {
            Now now = now();
            if (now.disagree()) {
                log.error("nothing is recovered: {}", now.message());
                return 0;
            }
            Optional<String> objection = brakes.objectionToDatabase();
            if (objection.isPresent()) {
                log.warn("nothing is recovered: {}; a sweep tells how to confirm it", objection.get());
                return 0;
            }
            repository.holds().expire(now.database());
            if (!settings.dryRun()) {
                endOverdue(now);
            }
            Optional<SweepRun> abandoned = settings.dryRun() ? Optional.empty() : abandonedRun(now);
            if (abandoned.isPresent()) {
                log.warn(
                        "run={} was left by all its instances; going on with it",
                        abandoned.get().id());
                traced(span -> work(abandoned.get(), now, stop, span));
            }
            int taken = new Recovery(repository, storages, settings, stop, policies.at(now.judged())).run();
            if (taken > 0) {
                log.info("recovered recordings={}", taken);
            }
            return taken;
        } finally {
            working.release();
            ended(stop);
        }
    }

    /**
     * What is due now and not deleted yet, and how long it has been due. A few small reads, whatever the size of the table, and a count of what is due.
     *
     * @throws RetentionException when the database fails
     */
    public Backlog backlog() {
        Now now = now();
        return new BacklogReader(repository, policies.at(now.judged())).read(now.database());
    }

    /**
     * The live recordings that each policy governs, and how many of them are due, in the order of the policies, the default last. Slow on large tables: it reads all live
     * rows.
     *
     * @throws RetentionException when the database fails
     */
    public List<PolicyCounts> countByPolicy() {
        return repository.recordings().countByPolicy(policies.at(now().judged()));
    }

    /** How many requests to storages are under way at this instance. */
    public int requestsUnderWay() {
        return settings.telemetry().pipelines().stream()
                .mapToInt(DeletionPipeline::underWay)
                .sum();
    }

    /** How many requests at once this instance allows itself at present, as it has learnt from answers; 0 while it asks no storage for anything. */
    public int concurrencyLimit() {
        return settings.telemetry().pipelines().stream()
                .mapToInt(DeletionPipeline::limit)
                .sum();
    }

    /** How many events were dropped since listeners were too slow for them. */
    public long droppedEvents() {
        return settings.telemetry().dropped();
    }

    /**
     * Stops what runs, waits up to the shutdown timeout for what is in flight, gives back what was not sent, and returns when that
     * is done; a database that does not answer is waited for 5 seconds more, and no longer, and each listener for one. Idempotent. Closes neither the repository nor the storages.
     */
    @Override
    public void close() {
        closed = true;
        List<StopSignal> toStop = List.copyOf(running);
        toStop.forEach(StopSignal::request);
        long until =
                System.nanoTime() + settings.shutdownTimeout().plus(TO_WIND_UP).toNanos();
        try {
            for (StopSignal stopping : toStop) {
                Duration left = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
                if (!stopping.awaitFinished(left)) {
                    log.error("closed while work still waits for the database; what it claimed ends with its lease");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        settings.telemetry().close();
    }

    RecordingRepository repository() {
        return repository;
    }

    Brakes brakes() {
        return brakes;
    }

    /** A person has taken these for gone. */
    void tellAccepted(Map<String, ReviewAnswer> answers, Instant at) {
        List<String> accepted = answers.entrySet().stream()
                .filter(answer -> answer.getValue() == ReviewAnswer.DONE)
                .map(Map.Entry::getKey)
                .toList();
        if (!accepted.isEmpty() && settings.telemetry().isListenedTo()) {
            List<SweepEvent> events = new ArrayList<>();
            DeletionLedger.of(repository)
                    .find(accepted)
                    .forEach((id, entry) -> events.add(new SweepEvent.OutcomeRecorded(
                            entry.runId(),
                            id,
                            entry.policy() == null ? "" : entry.policy(),
                            DeletionOutcome.ACCEPTED_UNPROVEN,
                            entry.attempts(),
                            null,
                            at)));
            settings.telemetry().tell(events);
        }
    }

    /** See {@link RetentionOperations#erase}. */
    Map<String, EraseAnswer> erase(Collection<String> ids, String by, String reason) {
        refuseIfClosed();
        refuseTransaction();
        if (settings.dryRun()) {
            throw new RetentionException("nothing is erased: this is a dry run, which never deletes");
        }
        Now now = now();
        if (now.disagree()) {
            throw new RetentionException("nothing is erased: " + now.message());
        }
        brakes.objectionToDatabase().ifPresent(objection -> {
            throw new RetentionException(
                    "nothing is erased: " + objection + "; a sweep tells how to confirm that it is meant");
        });
        if (repository.controls().all().containsKey(Controls.PAUSED)) {
            throw new RetentionException("nothing is erased: deleting is paused; resume it first");
        }
        StopSignal stop = started();
        try {
            repository.holds().expire(now.database());
            Map<String, EraseAnswer> answers =
                    new Erasure(repository, storages, settings, stop, now.judged(), by, reason).run(ids);
            log.info("erasure by={} recordings={} answers={}", by, answers.size(), counted(answers));
            return answers;
        } finally {
            ended(stop);
        }
    }

    private static Map<EraseAnswer, Long> counted(Map<String, EraseAnswer> answers) {
        return answers.values().stream()
                .collect(Collectors.groupingBy(answer -> answer, TreeMap::new, Collectors.counting()));
    }

    private SweepReport sweep(String key) {
        refuseIfClosed();
        refuseTransaction();
        return settings.dryRun() ? preview() : traced(span -> sweep(key, span));
    }

    private SweepReport traced(Function<Span, SweepReport> sweep) {
        Span span = settings.telemetry().sweepStarts();
        try {
            SweepReport report = sweep.apply(span);
            span.end(report.end().name(), null);
            return report;
        } catch (Throwable e) {
            span.end("FAILED", e);
            throw e;
        }
    }

    private SweepReport sweep(String key, Span span) {
        if (!working.tryAcquire()) {
            return notStarted(now(), SweepEnd.ALREADY_RUNNING, "this instance is sweeping already");
        }
        StopSignal stop = started();
        try {
            Now now = now();
            if (now.disagree()) {
                SweepReport report = notStarted(now, SweepEnd.CLOCKS_DISAGREE, now.message());
                log.error("sweep not started {} message={}", report, report.message());
                return report;
            }
            repository.holds().expire(now.database());
            endOverdue(now);
            boolean opens = repository.runs().withKey(key).isEmpty()
                    && repository.runs().open().isEmpty();
            Verdict verdict = brakes.judge(policies.at(now.judged()), now.database(), opens);
            if (verdict.refusal() != null) {
                SweepReport report = notStarted(now, SweepEnd.REFUSED, verdict.refusal());
                log.error("sweep refused {} message={}", report, report.message());
                return report;
            }
            return work(joinOrOpen(key, now, verdict.budget()), now, stop, span);
        } finally {
            working.release();
            ended(stop);
        }
    }

    /** A run whose time is up ends first, so that a new one can be opened. */
    private void endOverdue(Now now) {
        repository
                .runs()
                .open()
                .filter(run -> !run.deadline().isAfter(now.database()))
                .ifPresent(run -> {
                    DueCriteria criteria = policies.at(run.judgedAt());
                    SweepReport report = Tally.of(repository, run, criteria)
                            .report(
                                    run.started(),
                                    now.database(),
                                    criteria,
                                    SweepEnd.OUT_OF_TIME,
                                    "its instances left it before its time was up");
                    if (repository.runs().end(run.id(), report)) {
                        log.warn("sweep ended run={} {} message={}", run.id(), report, report.message());
                    }
                });
    }

    private SweepRun joinOrOpen(String key, Now now, @Nullable Long budget) {
        Long own = settings.maxDeletions();
        Long most = budget == null || own != null && own < budget ? own : budget;
        return repository
                .runs()
                .joinOrOpen(new RunRequest(
                        key,
                        settings.owner(),
                        now.judged(),
                        now.database(),
                        now.database().plus(settings.maxDuration()),
                        Policies.text(policies.at(now.judged())),
                        most));
    }

    private SweepReport work(SweepRun run, Now now, StopSignal stop, Span span) {
        SweepReport past = run.report();
        if (past != null) {
            log.info("sweep of this time has ended already run={} {}", run.id(), past);
            return past;
        }
        DueCriteria criteria = policies.at(run.judgedAt());
        if (!run.policies().equals(Policies.text(criteria))) {
            SweepReport report = notStarted(
                    now,
                    SweepEnd.REFUSED,
                    "run " + run.id()
                            + " is under way with other policies than this instance has; configure all instances alike");
            log.error("sweep not joined {} message={}", report, report.message());
            return report;
        }
        SweepReport report = RunContext.in(
                run.id(),
                () -> new Sweep(repository, storages, settings, stop, criteria, run, now.database(), span).run());
        settings.telemetry().tell(new SweepEvent.SweepEnded(run.id(), report));
        return report;
    }

    private Optional<SweepRun> abandonedRun(Now now) {
        Instant quietSince = now.database().minus(settings.lease());
        return repository
                .runs()
                .open()
                .filter(run -> run.deadline().isAfter(now.database()))
                .filter(run -> run.aliveAt().isBefore(quietSince))
                .filter(run -> !repository.runs().hasLiveClaims(run.id(), now.database()))
                .filter(run -> run.policies().equals(Policies.text(policies.at(run.judgedAt()))));
    }

    /** Both clocks at one moment. Ages are judged by the earlier one. */
    private record Now(Instant ours, Instant database, Duration allowed) {

        /** As fine as databases keep it, so that all instances of a run work out the same cutoffs from it. */
        Instant judged() {
            return (ours.isBefore(database) ? ours : database).truncatedTo(ChronoUnit.MICROS);
        }

        boolean disagree() {
            return Duration.between(ours, database).abs().compareTo(allowed) > 0;
        }

        String message() {
            return "our clock says " + ours + " and the database's " + database + ", which is more than " + allowed
                    + " apart, so ages can't be judged. Set the clocks right, then sweep again";
        }
    }

    private Now now() {
        return new Now(settings.clock().instant(), repository.now(), settings.maxClockSkew());
    }

    private SweepReport notStarted(Now now, SweepEnd end, String message) {
        SweepReport report = notRun(now, end, message);
        settings.telemetry().tell(new SweepEvent.SweepEnded(null, report));
        return report;
    }

    private SweepReport notRun(Now now, SweepEnd end, String message) {
        return new SweepReport(
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Map.of(),
                Duration.ZERO,
                now.database(),
                now.database(),
                end,
                message);
    }

    private StopSignal started() {
        StopSignal stop = new StopSignal();
        running.add(stop);
        if (closed) {
            stop.request();
        }
        return stop;
    }

    private void ended(StopSignal stop) {
        running.remove(stop);
        stop.finished();
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new RetentionException("this sweeper is closed");
        }
    }

    private void refuseTransaction() {
        if (repository.callerHasTransaction()) {
            throw new RetentionException(
                    "the caller has a transaction open. Claims must be committed before anything is sent; call this outside of transactions");
        }
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
        /** Attempts per recording before it waits for a person. */
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
        /** With fewer recordings due than this, their share is not looked at. */
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
        private Duration maxClockSkew = DEFAULT_MAX_CLOCK_SKEW;
        private Duration shutdownTimeout = DEFAULT_SHUTDOWN_TIMEOUT;
        private boolean dryRun;
        private String environment = "";
        private FirstRun firstRun = FirstRun.CONFIRM;
        private double maxShare = DEFAULT_MAX_SHARE;
        private long maxShareFloor = DEFAULT_MAX_SHARE_FLOOR;
        private @Nullable String confirm;
        private final List<SweepListener> listeners = new ArrayList<>();
        private @Nullable SweepTracer tracer;
        private Ticker ticker = Ticker.SYSTEM;

        private Builder(RecordingRepository repository, List<? extends RecordingStorage> storages) {
            this.repository = repository;
            this.storages = List.copyOf(storages);
        }

        /** The default policy: it governs what no further policy matches. {@value RetentionPolicy#RECORDING_RETENTION_DAYS} days unless set. */
        public Builder policy(RetentionPolicy policy) {
            this.fallback = policy;
            return this;
        }

        /** Adds a policy for the recordings that it matches. Of several that match, the one that keeps longest governs. */
        public Builder furtherPolicy(RetentionPolicy policy) {
            this.further.add(policy);
            return this;
        }

        /** What tells our time; the system's unless set. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** This instance's name in claims and logs; the process id, host and something random unless set. Unique among living instances. */
        public Builder instanceName(String name) {
            this.owner = name;
            return this;
        }

        /** Rows read at once; 1 to 10,000. */
        public Builder batchSize(int rows) {
            this.batchSize = rows;
            return this;
        }

        /** Remote deletions at once, per instance; 1 to 1,000. */
        public Builder maxConcurrency(int deletions) {
            this.maxConcurrency = deletions;
            return this;
        }

        /** The most deletions per second of this instance, above zero; null, the default, for no limit. */
        public Builder maxRate(@Nullable Double deletionsPerSecond) {
            this.maxRate = deletionsPerSecond;
            return this;
        }

        /**
         * The share of an account's permitted concurrency that is left to others, such as live calls: 0 to below 1; 0 for a run on an idle account. It counts where the
         * storage tells how many requests the account has under way, once a refusal has shown how many are permitted or {@link #permittedConcurrency}
         * has stated it. 0.2 by default.
         */
        public Builder headroom(double share) {
            this.headroom = share;
            return this;
        }

        /**
         * How many requests at once a storage permits an account, those of others included. Where it is stated, the {@link #headroom} is kept free from the
         * start, and no refusal is needed to learn it. Null, which is the default, where it is not known.
         */
        public Builder permittedConcurrency(@Nullable Integer requests) {
            this.permittedConcurrency = requests;
            return this;
        }

        /** How long a run may last, over all instances; what is left then is the next run's. */
        public Builder maxDuration(Duration duration) {
            this.maxDuration = duration;
            return this;
        }

        /** The most recordings that a run may claim, over all instances; null, the default, for no limit. */
        public Builder maxDeletions(@Nullable Long recordings) {
            this.maxDeletions = recordings;
            return this;
        }

        /** How long a claim lasts: at least twice as long as a storage may take for one request, and at least 10 seconds. */
        public Builder lease(Duration duration) {
            this.lease = duration;
            return this;
        }

        /** Attempts per recording before it waits for a person, at least 1; the wait after the first failed one; the longest wait. */
        public Builder retry(int maxAttempts, Duration initialBackoff, Duration maxBackoff) {
            this.maxAttempts = maxAttempts;
            this.initialBackoff = initialBackoff;
            this.maxBackoff = maxBackoff;
            return this;
        }

        /** The shortest period that a policy may have; whoever needs a shorter one says so here. */
        public Builder minimumPeriod(Duration duration) {
            this.minimumPeriod = duration;
            return this;
        }

        /** How far our clock and the database's may differ before nothing is deleted. */
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
         * Whether no deletion is ever sent: {@link RetentionSweeper#sweep()} previews, and {@link RetentionSweeper#recover()} only looks up and records
         * what is proven gone.
         */
        public Builder dryRun(boolean dryRun) {
            this.dryRun = dryRun;
            return this;
        }

        /**
         * What this deployment is called, such as {@code production}; nothing unless set. A copy of it that differs in nothing but this name sends nothing until a
         * person confirms it.
         */
        public Builder environment(String name) {
            this.environment = name;
            return this;
        }

        /** What happens when this database and these storages were never swept before; {@link FirstRun#CONFIRM} unless set. */
        public Builder firstRun(FirstRun firstRun) {
            this.firstRun = firstRun;
            return this;
        }

        /**
         * How much of what a policy governs may be due, before a sweep is refused until a person confirms it: a share of its live recordings, above 0
         * up to 1. Three times what should have come of age since the last completed sweep is always allowed, up to a half.
         */
        public Builder maxShare(double share) {
            this.maxShare = share;
            return this;
        }

        /** With no more recordings due than this, their share is not looked at; 0 or more. */
        public Builder maxShareFloor(long recordings) {
            this.maxShareFloor = recordings;
            return this;
        }

        /** The id of a plan that a refused sweep named, to confirm it; null, the default, for none. It counts once, and is ignored with a warning afterwards. */
        public Builder confirm(@Nullable String planId) {
            this.confirm = planId;
            return this;
        }

        /** Adds a listener, which is told what the sweeper does. */
        public Builder listener(SweepListener listener) {
            this.listeners.add(listener);
            return this;
        }

        /** What marks sweeps and requests in a trace; null, the default, for nothing. */
        public Builder tracer(@Nullable SweepTracer tracer) {
            this.tracer = tracer;
            return this;
        }

        Builder ticker(Ticker ticker) {
            this.ticker = ticker;
            return this;
        }

        /**
         * Builds the sweeper. Neither the database nor a storage is asked for anything.
         *
         * @throws RetentionException naming every setting that can't be, with its value and what is allowed
         */
        public RetentionSweeper build() {
            List<String> faults = new ArrayList<>();
            check(faults, batchSize >= 1 && batchSize <= 10_000, "batchSize", batchSize, "1 to 10000 rows");
            check(
                    faults,
                    maxConcurrency >= 1 && maxConcurrency <= 1_000,
                    "maxConcurrency",
                    maxConcurrency,
                    "1 to 1000");
            check(faults, maxRate == null || maxRate > 0, "maxRate", maxRate, "more than 0 per second, or none");
            check(faults, headroom >= 0 && headroom < 1, "headroom", headroom, "0 to below 1");
            check(
                    faults,
                    permittedConcurrency == null || permittedConcurrency > 0,
                    "permittedConcurrency",
                    permittedConcurrency,
                    "1 or more, or none");
            check(faults, maxDeletions == null || maxDeletions > 0, "maxDeletions", maxDeletions, "1 or more, or none");
            check(faults, isPositive(maxDuration), "maxDuration", maxDuration, "more than zero");
            check(faults, lease.compareTo(Duration.ofSeconds(10)) >= 0, "lease", lease, "10 seconds or more");
            check(faults, maxAttempts >= 1, "maxAttempts", maxAttempts, "1 or more");
            check(faults, isPositive(initialBackoff), "initialBackoff", initialBackoff, "more than zero");
            check(
                    faults,
                    maxBackoff.compareTo(initialBackoff) >= 0,
                    "maxBackoff",
                    maxBackoff,
                    "at least the initial backoff, " + initialBackoff);
            check(
                    faults,
                    minimumPeriod.compareTo(Duration.ofDays(1)) >= 0,
                    "minimumPeriod",
                    minimumPeriod,
                    "a day or more");
            check(faults, isPositive(maxClockSkew), "maxClockSkew", maxClockSkew, "more than zero");
            check(faults, !shutdownTimeout.isNegative(), "shutdownTimeout", shutdownTimeout, "zero or more");
            check(faults, !owner.isBlank() && owner.length() <= 200, "instanceName", owner, "1 to 200 characters");
            check(faults, maxShare > 0 && maxShare <= 1, "maxShare", maxShare, "above 0, up to 1");
            check(faults, maxShareFloor >= 0, "maxShareFloor", maxShareFloor, "0 or more");
            check(faults, environment.length() <= 200, "environment", environment, "at most 200 characters");
            Policies policies = new Policies(fallback, List.copyOf(further));
            faults.addAll(policies.faults(clock.instant(), minimumPeriod));
            faults.addAll(Storages.faults(storages));
            if (!faults.isEmpty()) {
                throw new RetentionException("The sweeper can't be built: " + String.join("; ", faults));
            }
            SweepSettings settings = new SweepSettings(
                    clock,
                    owner,
                    batchSize,
                    maxConcurrency,
                    maxRate,
                    headroom,
                    permittedConcurrency,
                    maxDuration,
                    maxDeletions,
                    lease,
                    maxAttempts,
                    initialBackoff,
                    maxBackoff,
                    maxClockSkew,
                    shutdownTimeout,
                    dryRun,
                    ticker,
                    new Telemetry(listeners, tracer));
            return new RetentionSweeper(
                    repository,
                    new Storages(storages),
                    policies,
                    settings,
                    new SafetySettings(environment, firstRun, maxShare, maxShareFloor, confirm));
        }

        private static String host() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }

        private static boolean isPositive(Duration duration) {
            return !duration.isNegative() && !duration.isZero();
        }

        private static void check(
                List<String> faults, boolean holds, String name, @Nullable Object value, String allowed) {
            if (!holds) {
                faults.add(name + " is " + value + ", allowed is " + allowed);
            }
        }
    }
}
