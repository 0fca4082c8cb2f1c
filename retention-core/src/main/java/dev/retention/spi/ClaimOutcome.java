package dev.retention.spi;

import dev.retention.DeletionOutcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a claim.
 *
 * @param claim the claim
 * @param step what happens to the gate row
 * @param outcome how the attempt ended; null for {@link Step#PROGRESS}
 * @param evidence what storages have proven so far; null when none has
 * @param cause why it is not deleted; null when it is
 * @param at when, by the database's time
 * @param nextAttempt not before this time; null unless the step is {@link Step#RETRY}
 * @param countsAsAttempt whether the attempt counts against the limit. A first attempt always does, so that {@link Claim#attempt()} is 1
 *     only while certainly nothing has been sent before
 * @param inDoubt whether this or an earlier attempt may have been applied
 */
public record ClaimOutcome(
        Claim claim,
        Step step,
        @Nullable DeletionOutcome outcome,
        @Nullable String evidence,
        @Nullable String cause,
        Instant at,
        @Nullable Instant nextAttempt,
        boolean countsAsAttempt,
        boolean inDoubt) {

    /** Transitions of the gate row. */
    public enum Step {
        /** One of several storages has answered: the evidence is kept, the claim stays. */
        PROGRESS,
        /** Proven gone: {@code DELETED}, and the engine's row is soft-deleted. */
        DELETED,
        /** Stays {@code DELETING}, without a lease, until the next attempt. */
        RETRY,
        /** {@code QUARANTINED}, until a person acts. */
        QUARANTINE,
        /** Nothing was ever sent: back to {@code ACTIVE}, with the cause, the key and the account that were judged. */
        REFUSED_UNSENT
    }

    public ClaimOutcome {
        if ((step == Step.PROGRESS) != (outcome == null)) {
            throw new IllegalArgumentException(step + " with outcome " + outcome);
        }
        if (outcome != null && (step == Step.DELETED) != outcome.isDeleted()) {
            throw new IllegalArgumentException(step + " with outcome " + outcome);
        }
        if ((step == Step.DELETED || step == Step.PROGRESS) && evidence == null) {
            throw new IllegalArgumentException(step + " of " + claim.recording() + " without evidence");
        }
        if ((step == Step.RETRY) != (nextAttempt != null)) {
            throw new IllegalArgumentException(step + " with next attempt " + nextAttempt);
        }
        if (claim.attempt() == 1 && !countsAsAttempt) {
            throw new IllegalArgumentException("a first attempt always counts: " + claim.recording());
        }
        if (step == Step.REFUSED_UNSENT && claim.attempt() > 1) {
            throw new IllegalArgumentException("only a first attempt has sent nothing yet: " + claim.recording());
        }
    }

    /** The same outcome at another time: outcomes that are recorded together at one time can be written together. */
    public ClaimOutcome at(Instant time) {
        return new ClaimOutcome(claim, step, outcome, evidence, cause, time, nextAttempt, countsAsAttempt, inDoubt);
    }
}
