package dev.retention.autoconfigure;

import dev.retention.Backlog;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
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
import org.jspecify.annotations.Nullable;

/**
 * What an operator should know, and what needs attention. Health and meters may be asked every few seconds; what they are shown is read from the database no more
 * often than {@link #MAX_AGE}.
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
    private final Instant began;
    private @Nullable Snapshot latest;

    RetentionStatus(
            RetentionSweeper sweeper, RetentionOperations operations, RecordingRepository repository, Clock clock) {
        this.sweeper = sweeper;
        this.operations = operations;
        this.repository = repository;
        this.clock = clock;
        this.began = clock.instant();
    }

    /** A reason why a person should look, and what to do. */
    record Attention(String reason, String remedy) {}

    /**
     * How things stand.
     *
     * @param at when it was read, by our clock
     * @param sinceCompleted how long ago the last completed sweep ended; null when none has
     * @param waiting how many recordings waited for a person when the latest run ended
     * @param recentRuns newest first
     */
    record Snapshot(
            Instant at,
            Backlog backlog,
            @Nullable Duration sinceCompleted,
            long waiting,
            List<SweepRun> recentRuns,
            List<SweepPlan> plans,
            boolean paused,
            List<Attention> attention) {}

    /**
     * What was read in the last minutes, else what is read now.
     *
     * @throws dev.retention.RetentionException when the database fails
     */
    synchronized Snapshot current() {
        Snapshot known = latest;
        if (known != null) {
            Duration age = Duration.between(known.at(), clock.instant());
            if (!age.isNegative() && age.compareTo(MAX_AGE) < 0) {
                return known;
            }
        }
        return fresh();
    }

    /** What is read now. */
    synchronized Snapshot fresh() {
        Snapshot read = read();
        latest = read;
        return read;
    }

    private Snapshot read() {
        Instant now = clock.instant();
        Backlog backlog = sweeper.backlog();
        List<SweepRun> recent = repository.runs().recent(RECENT);
        List<SweepPlan> plans = operations.plans();
        Duration sinceCompleted = repository
                .runs()
                .lastCompleted()
                .map(SweepRun::report)
                .map(report -> Duration.between(report.ended(), backlog.at()))
                .orElse(null);
        long waiting = recent.stream()
                .map(SweepRun::report)
                .filter(Objects::nonNull)
                .findFirst()
                .map(RetentionStatus::waiting)
                .orElse(0L);
        List<Attention> attention = new ArrayList<>();
        completed(attention, sinceCompleted, recent, now);
        overdue(attention, backlog);
        refused(attention, plans);
        if (backlog.tableIsEmpty()) {
            attention.add(new Attention(
                    "the table of recordings has no live row",
                    "check retention.jpa.entity and the database it is read from; nothing is due in an empty table"));
        }
        return new Snapshot(
                now,
                backlog,
                sinceCompleted,
                waiting,
                recent,
                plans,
                operations.paused().isPresent(),
                List.copyOf(attention));
    }

    private static long waiting(SweepReport report) {
        return report.quarantined() + report.unproven();
    }

    /** Where none has completed yet, the time runs from the earliest run that is known, or from the start of this instance. */
    private void completed(
            List<Attention> attention, @Nullable Duration sinceCompleted, List<SweepRun> recent, Instant now) {
        Instant first = recent.stream()
                .map(SweepRun::started)
                .min(Comparator.naturalOrder())
                .filter(started -> started.isBefore(began))
                .orElse(began);
        Duration since = sinceCompleted == null ? Duration.between(first, now) : sinceCompleted;
        if (since.compareTo(MAX_SINCE_COMPLETED) > 0) {
            attention.add(new Attention(
                    sinceCompleted == null
                            ? "no sweep has completed for " + since.toDays() + " days, and none before"
                            : "the last completed sweep ended " + since.toDays() + " days ago",
                    "read how the latest runs ended, here or in the log, and mend what their messages name"));
        }
    }

    private static void overdue(List<Attention> attention, Backlog backlog) {
        backlog.longestOverdue()
                .filter(oldest -> oldest.overdue().compareTo(MAX_OVERDUE) > 0)
                .ifPresent(oldest -> attention.add(new Attention(
                        "recording " + oldest.recordingId() + " has been due for "
                                + oldest.overdue().toDays() + " days under policy '" + oldest.policy() + "'",
                        "look at its ledger entry and at what is quarantined; where there are just too many, give sweeps"
                                + " more time or concurrency")));
    }

    private static void refused(List<Attention> attention, List<SweepPlan> plans) {
        plans.forEach(plan -> attention.add(new Attention(
                "a sweep was refused at " + plan.drawn() + ": " + plan.why(),
                "if that is meant, confirm plan " + plan.id() + "; if not, mend the configuration")));
    }
}
