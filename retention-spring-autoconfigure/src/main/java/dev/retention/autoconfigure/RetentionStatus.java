package dev.retention.autoconfigure;

import dev.retention.Backlog;
import dev.retention.Obstacle;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepPlan;
import dev.retention.SweepReport;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an operator should know, and what needs attention. Health and meters may be read every few seconds; the values
 * are read from the database no more often than {@link #MAX_AGE}.
 */
final class RetentionStatus {

    static final Duration MAX_AGE = Duration.ofMinutes(5);
    static final Duration MAX_SINCE_COMPLETED = Duration.ofDays(3);
    static final Duration MAX_OVERDUE = Duration.ofDays(7);

    private static final int RECENT = 10;

    private final RetentionSweeper sweeper;
    private final RetentionOperations operations;
    private final RecordingRepository repository;
    private final Clock clock;
    private final Supplier<List<Attention>> schedule;
    private final Instant began;
    private @Nullable Snapshot latest;

    /**
     * The state of a sweeper.
     *
     * @param schedule what needs attention about the sweeps that are started by themselves
     */
    RetentionStatus(
            RetentionSweeper sweeper,
            RetentionOperations operations,
            RecordingRepository repository,
            Clock clock,
            Supplier<List<Attention>> schedule) {
        this.sweeper = sweeper;
        this.operations = operations;
        this.repository = repository;
        this.clock = clock;
        this.schedule = schedule;
        this.began = clock.instant();
    }

    /** A reason why a person should look, and what to do. */
    record Attention(String reason, String remedy) {}

    /**
     * The state at one time.
     *
     * @param at when the database was read, by this instance's clock
     * @param obstacles what prevents deletions by this instance now
     */
    record Snapshot(
            Instant at,
            Backlog backlog,
            Runs runs,
            List<SweepPlan> plans,
            boolean paused,
            List<Obstacle> obstacles,
            List<Attention> attention) {

        /** The same with these obstacles, each of which needs attention, and what else does now. */
        private Snapshot with(List<Obstacle> current, List<Attention> further) {
            List<Attention> more = new ArrayList<>(attention);
            more.addAll(further);
            current.forEach(obstacle -> more.add(attentionFor(obstacle)));
            return new Snapshot(at, backlog, runs, plans, paused, List.copyOf(current), List.copyOf(more));
        }
    }

    /**
     * The latest runs.
     *
     * @param sinceCompleted how long ago the last completed sweep ended; null when none has
     * @param waiting how many recordings needed a decision when the latest run ended
     * @param engineDeleted how many rows the application had soft-deleted itself, without a proof, when the latest run
     *     ended
     * @param freed the audio of the recordings that the latest ended run deleted, as far as their rows say
     * @param recent newest first
     */
    record Runs(
            @Nullable Duration sinceCompleted,
            long waiting,
            long engineDeleted,
            Duration freed,
            List<SweepRun> recent) {}

    /**
     * What was read from the database in the last minutes, else what is read now; and the obstacles of this moment.
     *
     * @throws dev.retention.RetentionException when the database fails
     */
    synchronized Snapshot current() {
        Snapshot known = latest;
        if (known != null) {
            Duration age = Duration.between(known.at(), clock.instant());
            if (!age.isNegative() && age.compareTo(MAX_AGE) < 0) {
                return known.with(sweeper.obstacles(), schedule.get());
            }
        }
        return fresh();
    }

    /** What is read now. */
    synchronized Snapshot fresh() {
        Snapshot read = read();
        latest = read;
        return read.with(sweeper.obstacles(), schedule.get());
    }

    /** Whether a failover or a restart changes what identifies the database, so that sweeps are refused afterwards. */
    boolean isIdentityMoving() {
        return repository.identity().moving();
    }

    private Snapshot read() {
        Instant now = clock.instant();
        Backlog backlog = sweeper.backlog();
        Runs runs = runs(backlog.at());
        List<SweepPlan> plans = operations.plans();
        List<Attention> attention = new ArrayList<>();
        completed(attention, runs, now);
        overdue(attention, backlog);
        refused(attention, plans);
        if (backlog.tableIsEmpty()) {
            attention.add(new Attention(
                    "the table of recordings has no live row",
                    "check retention.jpa.entity and the database that it is read from; nothing is due in an empty"
                            + " table"));
        }
        badEnd(attention, runs.recent());
        incomplete(attention, backlog);
        engineDeleted(attention, runs);
        if (backlog.unreadable().count() > 0) {
            attention.add(new Attention(
                    backlog.unreadable().count()
                            + " of the oldest due recordings are kept, because this instance can't read a"
                            + " value of their row or their ledger entry",
                    "the log and the report of a sweep name the recordings; correct the values, or start a version of"
                            + " the application that has them"));
        }
        boolean paused = operations.paused().isPresent();
        return new Snapshot(now, backlog, runs, plans, paused, List.of(), List.copyOf(attention));
    }

    private Runs runs(Instant databaseNow) {
        List<SweepRun> recent = repository.runs().recent(RECENT);
        Duration sinceCompleted = repository
                .runs()
                .lastCompleted()
                .map(SweepRun::report)
                .map(report -> Duration.between(report.ended(), databaseNow))
                .orElse(null);
        Optional<SweepReport> latest =
                recent.stream().map(SweepRun::report).filter(Objects::nonNull).findFirst();
        long waiting = latest.map(RetentionStatus::waiting).orElse(0L);
        Duration freed = latest.map(SweepReport::audioFreed).orElse(Duration.ZERO);
        long engineDeleted = latest.map(SweepReport::engineDeleted).orElse(0L);
        return new Runs(sinceCompleted, waiting, engineDeleted, freed, recent);
    }

    private static Attention attentionFor(Obstacle obstacle) {
        String account = obstacle.account() == null ? "" : " for account " + obstacle.account();
        return new Attention(
                "nothing is deleted" + account + " since " + obstacle.since() + ": " + obstacle.cause() + " ("
                        + obstacle.cause().code() + ")",
                "correct what the cause names. Deleting then continues by itself; an account that was stopped"
                        + " continues with the next sweep");
    }

    private static long waiting(SweepReport report) {
        return report.quarantined() + report.unproven();
    }

    /**
     * If none has completed yet, the time is counted from the earliest known run, or from the start of this instance.
     */
    private void completed(List<Attention> attention, Runs runs, Instant now) {
        Duration sinceCompleted = runs.sinceCompleted();
        Instant first = runs.recent().stream()
                .map(SweepRun::started)
                .min(Comparator.naturalOrder())
                .filter(started -> started.isBefore(began))
                .orElse(began);
        Duration since = sinceCompleted == null ? Duration.between(first, now) : sinceCompleted;
        if (since.compareTo(MAX_SINCE_COMPLETED) > 0) {
            attention.add(new Attention(
                    sinceCompleted == null
                            ? "no sweep has completed in the " + since.toDays()
                                    + " days since the first run or the start of this instance"
                            : "the last completed sweep ended " + since.toDays() + " days ago",
                    "read how the latest runs ended, here or in the log, and correct what their messages name"));
        }
    }

    /** A run that was left to others has not ended, and one that was paused was meant to be. */
    private static void badEnd(List<Attention> attention, List<SweepRun> recent) {
        recent.stream()
                .map(SweepRun::report)
                .filter(Objects::nonNull)
                .filter(report -> report.end() != SweepEnd.STOPPED)
                .findFirst()
                .ifPresent(report -> remedy(report.end())
                        .ifPresent(remedy -> attention.add(new Attention(
                                "the last run ended " + report.end() + " at " + report.ended() + ": "
                                        + report.message(),
                                remedy))));
    }

    /** What to do after a run has ended like this; empty if nothing has to be done. */
    private static Optional<String> remedy(SweepEnd end) {
        return switch (end) {
            case CREDENTIALS_REFUSED ->
                Optional.of("renew the credentials of the account, or correct their permissions, then sweep again");
            case ACCOUNT_MISMATCH_SUSPECTED ->
                Optional.of("check the account, the credentials and the region, then sweep again");
            case STORAGE_KEY_SUSPECTED ->
                Optional.of("check which attribute is mapped as the storage key, then sweep again");
            case CLOCKS_DISAGREE -> Optional.of("correct the clocks, then sweep again");
            case PROVIDER_DOWN -> Optional.of("check the storage; the next run continues");
            case REFUSED -> Optional.of("correct what the message names, then sweep again");
            case COMPLETED, OUT_OF_TIME, CAPPED, PAUSED, STOPPED, ALREADY_RUNNING -> Optional.empty();
        };
    }

    /** Nothing else would remind of them: the ledger has no entry of a row that nothing can be claimed for. */
    private static void incomplete(List<Attention> attention, Backlog backlog) {
        if (backlog.withoutKey().count() > 0) {
            attention.add(new Attention(
                    backlog.withoutKey().count() + " due recordings have no storage key: "
                            + named(backlog.withoutKey()),
                    "give the rows their storage key; soft-delete those for which nothing was recorded"));
        }
        if (backlog.undated().count() > 0) {
            attention.add(new Attention(
                    backlog.undated().count() + " recordings have no creation time, or one in the future or too"
                            + " early, and are kept: " + named(backlog.undated()),
                    "correct the creation times of the rows"));
        }
    }

    private static void engineDeleted(List<Attention> attention, Runs runs) {
        if (runs.engineDeleted() > 0) {
            attention.add(new Attention(
                    "the rows of " + runs.engineDeleted() + " recordings were soft-deleted by the application itself,"
                            + " and nothing proves that their audio is deleted",
                    "the report of the latest run names the first; erase them, or set"
                            + " retention.sweep.engine-deleted=delete, so that sweeps delete their audio"));
        }
    }

    private static String named(Backlog.Some some) {
        return String.join(", ", some.first()) + (some.count() > some.first().size() ? ", …" : "");
    }

    private static void overdue(List<Attention> attention, Backlog backlog) {
        backlog.longestOverdue()
                .filter(oldest -> oldest.overdue().compareTo(MAX_OVERDUE) > 0)
                .ifPresent(oldest -> attention.add(new Attention(
                        "recording " + oldest.recordingId() + " has been due for "
                                + oldest.overdue().toDays() + " days under policy '" + oldest.policy() + "'",
                        "read the ledger entry of the recording and the list of quarantined recordings; if there are"
                                + " only too many due recordings, raise retention.sweep.max-duration or"
                                + " retention.sweep.max-concurrency")));
    }

    private static void refused(List<Attention> attention, List<SweepPlan> plans) {
        plans.forEach(plan -> attention.add(new Attention(
                "a sweep was refused at " + plan.drawn() + ": " + plan.why(),
                "if this is intended, confirm plan " + plan.id() + "; if not, correct the configuration")));
    }
}
