package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is written down about one recording. Times are the database's.
 *
 * @param recordingId the engine's id
 * @param storageKey the key at the claim
 * @param account the account at the claim
 * @param recordingCreated when the recording was made
 * @param state where it is on its way
 * @param held whether a hold lies on it
 * @param attempts how many attempts were counted
 * @param owner the instance that made the last attempt
 * @param leaseUntil until when the owner's claim lasts
 * @param nextAttempt not before this time is it tried again
 * @param failingSince since when attempts have been failing
 * @param claimedAt when it was claimed first
 * @param deletedAt when its deletion was proven
 * @param outcome how the last attempt ended
 * @param evidence what the storages said, a line each
 * @param cause why it is not deleted
 * @param policy the policy under which it was claimed
 * @param cutoff the cutoff of that policy then
 * @param runId the run that claimed it
 * @param reason what the engine's row names as the reason
 */
public record LedgerEntry(
        String recordingId,
        @Nullable String storageKey,
        @Nullable String account,
        @Nullable Instant recordingCreated,
        DeletionState state,
        boolean held,
        int attempts,
        @Nullable String owner,
        @Nullable Instant leaseUntil,
        @Nullable Instant nextAttempt,
        @Nullable Instant failingSince,
        @Nullable Instant claimedAt,
        @Nullable Instant deletedAt,
        @Nullable DeletionOutcome outcome,
        @Nullable String evidence,
        @Nullable String cause,
        @Nullable String policy,
        @Nullable Instant cutoff,
        @Nullable String runId,
        @Nullable String reason) {}
