package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's entry about one recording: the contents of its gate row. Times are the database's. What a claim sets is
 * null if the recording was never claimed, or only by claims that were released since nothing had been sent.
 *
 * @param recordingId the engine's id
 * @param storageKey the key when it was claimed; a key longer than 1,024 characters is shortened
 * @param account the account when it was claimed; null also if the row named none
 * @param recordingCreated when the recording was made
 * @param state the state of its gate row
 * @param held whether a hold applies to it
 * @param attempts how many attempts counted against the limit
 * @param owner the instance that made the last attempt
 * @param leaseUntil when the owner's claim expires; null if no instance has a claim now
 * @param nextAttempt it is not tried again before this time; null if there is none to wait for
 * @param failingSince since when its attempts have been failing; null if none has failed
 * @param claimedAt when it was claimed first
 * @param deletedAt when it was recorded as deleted; null if it is not
 * @param outcome the outcome of the last attempt; null if none has ended
 * @param evidence what the storages answered, one line for each storage, or who accepted it as deleted; null if no
 *     storage has settled its part
 * @param cause why it is not deleted; null if it is, or if no attempt has ended
 * @param policy the policy under which it was claimed, or {@value dev.retention.spi.DueCriteria#ERASURE}
 * @param cutoff the cutoff of that policy at that time
 * @param runId the run that the last claim belongs to; null also for an erasure
 * @param reason the reason that the engine's row gets with its soft-delete
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
        @Nullable Cause cause,
        @Nullable String policy,
        @Nullable Instant cutoff,
        @Nullable String runId,
        @Nullable String reason) {
    /** Starts building an entry. What is not set is null, zero or empty. */
    public static Builder builder(String recordingId, DeletionState state) {
        return new Builder(recordingId, state);
    }

    /** Builds an entry. Not thread-safe. */
    public static final class Builder {
        private final String recordingId;
        private @Nullable String storageKey;
        private @Nullable String account;
        private @Nullable Instant recordingCreated;
        private DeletionState state;
        private boolean held;
        private int attempts;
        private @Nullable String owner;
        private @Nullable Instant leaseUntil;
        private @Nullable Instant nextAttempt;
        private @Nullable Instant failingSince;
        private @Nullable Instant claimedAt;
        private @Nullable Instant deletedAt;
        private @Nullable DeletionOutcome outcome;
        private @Nullable String evidence;
        private @Nullable Cause cause;
        private @Nullable String policy;
        private @Nullable Instant cutoff;
        private @Nullable String runId;
        private @Nullable String reason;

        private Builder(String recordingId, DeletionState state) {
            this.recordingId = recordingId;
            this.state = state;
        }

        /** The key when it was claimed. */
        public Builder storageKey(@Nullable String storageKey) {
            this.storageKey = storageKey;
            return this;
        }

        /** The account when it was claimed. */
        public Builder account(@Nullable String account) {
            this.account = account;
            return this;
        }

        /** When the recording was made. */
        public Builder recordingCreated(@Nullable Instant recordingCreated) {
            this.recordingCreated = recordingCreated;
            return this;
        }

        /** Whether a hold applies to it. */
        public Builder held(boolean held) {
            this.held = held;
            return this;
        }

        /** How many attempts counted against the limit. */
        public Builder attempts(int attempts) {
            this.attempts = attempts;
            return this;
        }

        /** The instance that made the last attempt. */
        public Builder owner(@Nullable String owner) {
            this.owner = owner;
            return this;
        }

        /** When the owner's claim expires. */
        public Builder leaseUntil(@Nullable Instant leaseUntil) {
            this.leaseUntil = leaseUntil;
            return this;
        }

        /** The time before which it is not tried again. */
        public Builder nextAttempt(@Nullable Instant nextAttempt) {
            this.nextAttempt = nextAttempt;
            return this;
        }

        /** Since when its attempts have been failing. */
        public Builder failingSince(@Nullable Instant failingSince) {
            this.failingSince = failingSince;
            return this;
        }

        /** When it was claimed first. */
        public Builder claimedAt(@Nullable Instant claimedAt) {
            this.claimedAt = claimedAt;
            return this;
        }

        /** When it was recorded as deleted. */
        public Builder deletedAt(@Nullable Instant deletedAt) {
            this.deletedAt = deletedAt;
            return this;
        }

        /** The outcome of the last attempt. */
        public Builder outcome(@Nullable DeletionOutcome outcome) {
            this.outcome = outcome;
            return this;
        }

        /** What the storages answered, one line for each storage. */
        public Builder evidence(@Nullable String evidence) {
            this.evidence = evidence;
            return this;
        }

        /** Why it is not deleted. */
        public Builder cause(@Nullable Cause cause) {
            this.cause = cause;
            return this;
        }

        /** The policy under which it was claimed. */
        public Builder policy(@Nullable String policy) {
            this.policy = policy;
            return this;
        }

        /** The cutoff of that policy at that time. */
        public Builder cutoff(@Nullable Instant cutoff) {
            this.cutoff = cutoff;
            return this;
        }

        /** The run that the last claim belongs to. */
        public Builder runId(@Nullable String runId) {
            this.runId = runId;
            return this;
        }

        /** The reason that the engine's row gets with its soft-delete. */
        public Builder reason(@Nullable String reason) {
            this.reason = reason;
            return this;
        }

        /** The entry with these values. */
        public LedgerEntry build() {
            return new LedgerEntry(
                    recordingId,
                    storageKey,
                    account,
                    recordingCreated,
                    state,
                    held,
                    attempts,
                    owner,
                    leaseUntil,
                    nextAttempt,
                    failingSince,
                    claimedAt,
                    deletedAt,
                    outcome,
                    evidence,
                    cause,
                    policy,
                    cutoff,
                    runId,
                    reason);
        }
    }
}
