package dev.retention.spi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The right of one instance to delete one recording, until its lease expires. Times are the database's.
 *
 * @param recording what is sent: id, key, account and creation time as they were at the first claim, attributes as they
 *     are now
 * @param token the random value that identifies the claim; new for each attempt
 * @param runId the run that it belongs to; null for an erasure
 * @param attempt the number of the attempt; 1 for the first. It is 1 only while certainly nothing was sent before
 * @param inDoubt whether an earlier attempt may have been applied, so that a look-up must come first
 * @param late whether a hold applies to the recording, which may then be looked up but not deleted
 * @param leaseUntil when the claim expires
 * @param policy the policy under which it was claimed, or {@value DueCriteria#ERASURE}
 * @param cutoff the cutoff of that policy at that time
 * @param evidence what storages have answered so far; {@link Evidence#NONE} if none has settled its part
 * @param failingSince since when attempts have been failing; null if none has failed
 * @param reason the reason that the engine's row gets with its soft-delete. {@value #ENGINE_DELETED} says that the
 *     engine had soft-deleted the row before: such a row remains as it is
 * @param duration how long the audio is; null if not known
 */
public record Claim(
        Recording recording,
        String token,
        @Nullable String runId,
        int attempt,
        boolean inDoubt,
        boolean late,
        Instant leaseUntil,
        String policy,
        Instant cutoff,
        Evidence evidence,
        @Nullable Instant failingSince,
        String reason,
        @Nullable Duration duration) {

    /** The {@link #reason} of a sweep's claim on a row that the engine had soft-deleted itself. */
    public static final String ENGINE_DELETED = "engine_deleted";

    /** Whether a row that is soft-deleted already is left as it is, and counts as marked. */
    public boolean acceptsSoftDeleted() {
        return policy.equals(DueCriteria.ERASURE) || reason.equals(ENGINE_DELETED);
    }

    /** The id of the recording. */
    public String id() {
        return recording.id();
    }

    /** Starts building a claim. What is not set is null, false, zero or empty. */
    public static Builder builder(
            Recording recording, String token, Instant leaseUntil, String policy, Instant cutoff, String reason) {
        return new Builder(recording, token, leaseUntil, policy, cutoff, reason);
    }

    /** A builder that starts with these values. */
    public Builder toBuilder() {
        return builder(recording, token, leaseUntil, policy, cutoff, reason)
                .runId(runId)
                .attempt(attempt)
                .inDoubt(inDoubt)
                .late(late)
                .evidence(evidence)
                .failingSince(failingSince)
                .duration(duration);
    }

    /** Builds a claim. Not thread-safe. */
    public static final class Builder {
        private final Recording recording;
        private final String token;
        private @Nullable String runId;
        private int attempt;
        private boolean inDoubt;
        private boolean late;
        private final Instant leaseUntil;
        private final String policy;
        private final Instant cutoff;
        private Evidence evidence = Evidence.NONE;
        private @Nullable Instant failingSince;
        private final String reason;
        private @Nullable Duration duration;

        private Builder(
                Recording recording, String token, Instant leaseUntil, String policy, Instant cutoff, String reason) {
            this.recording = recording;
            this.token = token;
            this.leaseUntil = leaseUntil;
            this.policy = policy;
            this.cutoff = cutoff;
            this.reason = reason;
        }

        /** The run that it belongs to; null, the default, for an erasure. */
        public Builder runId(@Nullable String runId) {
            this.runId = runId;
            return this;
        }

        /** The number of the attempt: 1 for the first. To be set always. */
        public Builder attempt(int attempt) {
            this.attempt = attempt;
            return this;
        }

        /** Whether an earlier attempt may have been applied; false by default. */
        public Builder inDoubt(boolean inDoubt) {
            this.inDoubt = inDoubt;
            return this;
        }

        /** Whether a hold applies to the recording; false by default. */
        public Builder late(boolean late) {
            this.late = late;
            return this;
        }

        /** What storages have answered so far; {@link Evidence#NONE} by default. */
        public Builder evidence(Evidence evidence) {
            this.evidence = evidence;
            return this;
        }

        /** Since when attempts have been failing; null, the default, if none has failed. */
        public Builder failingSince(@Nullable Instant failingSince) {
            this.failingSince = failingSince;
            return this;
        }

        /** How long the audio is; null, the default, if not known. */
        public Builder duration(@Nullable Duration duration) {
            this.duration = duration;
            return this;
        }

        /** The claim with these values. */
        public Claim build() {
            return new Claim(
                    recording,
                    token,
                    runId,
                    attempt,
                    inDoubt,
                    late,
                    leaseUntil,
                    policy,
                    cutoff,
                    evidence,
                    failingSince,
                    reason,
                    duration);
        }
    }
}
