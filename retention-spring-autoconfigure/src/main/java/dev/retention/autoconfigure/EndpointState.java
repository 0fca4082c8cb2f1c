package dev.retention.autoconfigure;

import dev.retention.Backlog;
import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.Obstacle;
import dev.retention.Pause;
import dev.retention.ReviewAnswer;
import dev.retention.SweepPlan;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.autoconfigure.RetentionStatus.Snapshot;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the endpoint answers.
 *
 * @param answer the result of the requested operation; absent if none was requested
 * @param attention why a person should look, as in health
 * @param obstacles what prevents deletions by this instance now; empty if nothing does
 * @param paused whether deleting is paused on all instances
 * @param pause by whom, since when and why; absent if it is not paused
 * @param dryRun whether this instance never deletes
 * @param sweeping whether this instance sweeps by its schedule or by this endpoint
 * @param nextSweep when the schedule of this instance starts the next sweep; absent for never
 * @param latestRun the run that was started last; absent before the first
 * @param recentRuns the last ten runs, newest first
 * @param backlog the due recordings that are not deleted, and for how long they have been due
 * @param policies what each policy governs; absent after an operation, since counting reads all live rows
 * @param plans the refused sweeps that may be confirmed
 * @param quarantined recordings that need a decision
 */
record EndpointState(
        @Nullable Answer answer,
        List<Attention> attention,
        List<Obstacle> obstacles,
        boolean paused,
        @Nullable Pause pause,
        boolean dryRun,
        boolean sweeping,
        @Nullable Instant nextSweep,
        @Nullable Run latestRun,
        List<Run> recentRuns,
        Backlog backlog,
        @Nullable List<PolicyCounts> policies,
        List<SweepPlan> plans,
        Waiting quarantined)
        implements OperationResponseBody {

    /** Starts building a state. */
    static Builder builder(Snapshot snapshot, Waiting quarantined) {
        return new Builder(snapshot, quarantined);
    }

    /** Builds a state. What is not set is absent or false. */
    static final class Builder {

        private final Snapshot snapshot;
        private final Waiting quarantined;
        private @Nullable Answer answer;
        private @Nullable Pause pause;
        private boolean dryRun;
        private boolean sweeping;
        private @Nullable Instant nextSweep;
        private @Nullable List<PolicyCounts> policies;

        private Builder(Snapshot snapshot, Waiting quarantined) {
            this.snapshot = snapshot;
            this.quarantined = quarantined;
        }

        Builder answer(@Nullable Answer value) {
            answer = value;
            return this;
        }

        Builder pause(@Nullable Pause value) {
            pause = value;
            return this;
        }

        Builder dryRun(boolean value) {
            dryRun = value;
            return this;
        }

        Builder sweeping(boolean value) {
            sweeping = value;
            return this;
        }

        Builder nextSweep(@Nullable Instant value) {
            nextSweep = value;
            return this;
        }

        Builder policies(@Nullable List<PolicyCounts> value) {
            policies = value;
            return this;
        }

        EndpointState build() {
            List<Run> runs = snapshot.runs().recent().stream().map(Run::of).toList();
            return new EndpointState(
                    answer,
                    snapshot.attention(),
                    snapshot.obstacles(),
                    pause != null,
                    pause,
                    dryRun,
                    sweeping,
                    nextSweep,
                    runs.isEmpty() ? null : runs.get(0),
                    runs,
                    snapshot.backlog(),
                    policies,
                    snapshot.plans(),
                    quarantined);
        }
    }

    /**
     * The result of an operation.
     *
     * @param changed whether anything was changed
     * @param recordings for retry and accept: the answer for each id
     * @param preview for preview: what a sweep would do, and what it would be refused for
     */
    record Answer(
            String operation,
            boolean changed,
            String message,
            @Nullable Map<String, ReviewAnswer> recordings,
            @Nullable SweepReport preview) {

        static Answer done(String operation, String message) {
            return new Answer(operation, true, message, null, null);
        }

        static Answer unchanged(String operation, String message) {
            return new Answer(operation, false, message, null, null);
        }
    }

    /**
     * A run.
     *
     * @param claimed how many recordings it has claimed until now
     * @param report how it ended; absent while it is open
     */
    record Run(
            String id,
            Instant started,
            Instant deadline,
            long claimed,
            @Nullable SweepReport report) {

        static Run of(SweepRun run) {
            return new Run(run.id(), run.started(), run.deadline(), run.claimed(), run.report());
        }
    }

    /**
     * A page of the recordings that need a decision.
     *
     * @param next the value of {@code after} for the next page; absent on the last one
     */
    record Waiting(List<Quarantined> recordings, @Nullable String next) {

        /** @param limit the most entries that the page could have had */
        static Waiting of(List<LedgerEntry> page, int limit) {
            String next = page.size() < limit ? null : page.get(page.size() - 1).recordingId();
            return new Waiting(page.stream().map(Quarantined::of).toList(), next);
        }
    }

    /** A recording that needs a decision. */
    record Quarantined(
            String id,
            DeletionState state,
            @Nullable DeletionOutcome outcome,
            @Nullable Cause cause,
            @Nullable Instant failingSince,
            int attempts,
            boolean held) {

        static Quarantined of(LedgerEntry entry) {
            return new Quarantined(
                    entry.recordingId(),
                    entry.state(),
                    entry.outcome(),
                    entry.cause(),
                    entry.failingSince(),
                    entry.attempts(),
                    entry.held());
        }
    }
}
