package dev.retention;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SweepListener} receives. Events contain ids, causes and times, and no credentials or phone numbers.
 * Times are the database's.
 */
public sealed interface SweepEvent {

    /** The run; null if the event does not belong to one, as in an erasure. */
    @Nullable
    String runId();

    /**
     * This instance has joined a run.
     *
     * @param runId the run
     * @param at when it joined
     * @param due how many recordings were due at that time
     */
    record SweepStarted(String runId, Instant at, long due) implements SweepEvent {}

    /**
     * This instance's sweep has ended, or was not started.
     *
     * @param runId the run; null if the sweep was not started, as its report says
     * @param report the report of the whole run, over all instances
     */
    record SweepEnded(@Nullable String runId, SweepReport report) implements SweepEvent {}

    /**
     * The outcome of an attempt was committed.
     *
     * @param runId the run; null for an erasure
     * @param recordingId the engine's id
     * @param policy the policy under which it was claimed; empty if not known
     * @param outcome the outcome
     * @param attempt 1 for the first attempt
     * @param cause why it is not deleted; null if it is
     * @param at when the outcome was recorded
     */
    record OutcomeRecorded(
            @Nullable String runId,
            String recordingId,
            String policy,
            DeletionOutcome outcome,
            int attempt,
            @Nullable Cause cause,
            Instant at)
            implements SweepEvent {}

    /**
     * A storage has answered about a recording. The outcome is not recorded yet.
     *
     * @param runId the run; null for an erasure
     * @param storage the storage's name
     * @param operation the operation that was requested
     * @param result its answer
     * @param took the time from sending to the answer
     */
    record RequestAnswered(
            @Nullable String runId, String storage, StorageOperation operation, DeletionResult result, Duration took)
            implements SweepEvent {}
}
