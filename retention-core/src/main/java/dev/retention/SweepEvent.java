package dev.retention;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a {@link SweepListener} is told. Ids, causes and times; no credential and no phone number. Times are the database's. */
public sealed interface SweepEvent {

    /** The run; null for what belongs to none. */
    @Nullable
    String runId();

    /**
     * This instance takes part in a run from now on.
     *
     * @param due how many recordings were due when it came
     */
    record SweepStarted(String runId, Instant at, long due) implements SweepEvent {}

    /**
     * This instance's sweep is over.
     *
     * @param runId null when it was not started, as its report says
     * @param report of the whole run
     */
    record SweepEnded(@Nullable String runId, SweepReport report) implements SweepEvent {}

    /**
     * What became of an attempt was committed.
     *
     * @param recordingId the engine's id
     * @param policy the policy that it was claimed under
     * @param attempt 1 for the first attempt
     * @param cause why it is not deleted; null when it is
     */
    record OutcomeRecorded(
            @Nullable String runId,
            String recordingId,
            String policy,
            DeletionOutcome outcome,
            int attempt,
            @Nullable String cause,
            Instant at)
            implements SweepEvent {}

    /**
     * A storage has answered about a recording.
     *
     * @param storage its name
     * @param took from sending to answer
     */
    record RequestAnswered(
            @Nullable String runId, String storage, StorageOperation operation, DeletionResult result, Duration took)
            implements SweepEvent {}
}
