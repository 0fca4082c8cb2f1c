package dev.retention.spi;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a claim, to be recorded in its gate row. The factories below make the outcomes that exist.
 *
 * @param claim the claim
 * @param step what happens to the gate row
 * @param outcome the outcome of the attempt; null for {@link Step#PROGRESS}
 * @param evidence what storages have answered so far; {@link Evidence#NONE} if none has settled its part
 * @param cause why it is not deleted; null if it is, and for {@link Step#PROGRESS}
 * @param at when, by the database's time
 * @param nextAttempt it is not tried again before this time; null unless the step is {@link Step#RETRY}
 * @param countsAsAttempt whether the attempt counts against the limit. A first attempt always does, so that
 *     {@link Claim#attempt()} is 1 only while certainly nothing was sent before
 * @param inDoubt whether this or an earlier attempt may have been applied
 */
public record ClaimOutcome(
        Claim claim,
        Step step,
        @Nullable DeletionOutcome outcome,
        Evidence evidence,
        @Nullable Cause cause,
        Instant at,
        @Nullable Instant nextAttempt,
        boolean countsAsAttempt,
        boolean inDoubt) {

    /** The changes of a gate row. */
    public enum Step {
        /** One of several storages has settled its part: the evidence is stored, the claim remains. */
        PROGRESS,
        /** Proven to be deleted: {@code DELETED}, and the engine's row is soft-deleted. */
        DELETED,
        /** It remains {@code DELETING}, without a lease, until the next attempt. */
        RETRY,
        /** It becomes {@code QUARANTINED}, and needs a decision. */
        QUARANTINE,
        /**
         * Nothing was ever sent: it returns to {@code ACTIVE}, with the cause, and the key and account it applies to.
         */
        REFUSED_UNSENT
    }

    /**
     * An outcome.
     *
     * @throws IllegalArgumentException if the values contradict each other
     */
    public ClaimOutcome {
        if ((step == Step.PROGRESS) != (outcome == null)) {
            throw new IllegalArgumentException(step + " with outcome " + outcome);
        }
        if (outcome != null && (step == Step.DELETED) != outcome.isDeleted()) {
            throw new IllegalArgumentException(step + " with outcome " + outcome);
        }
        if ((step == Step.DELETED || step == Step.PROGRESS) && evidence.isEmpty()) {
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

    /** One of several storages has settled its part; the claim remains. */
    public static ClaimOutcome progress(Claim claim, Evidence evidence, Instant at) {
        return new ClaimOutcome(claim, Step.PROGRESS, null, evidence, null, at, null, true, claim.inDoubt());
    }

    /** Every storage has proven that it holds nothing of the recording. */
    public static ClaimOutcome deleted(Claim claim, Evidence evidence, Instant at) {
        return new ClaimOutcome(claim, Step.DELETED, evidence.outcome(), evidence, null, at, null, true, false);
    }

    /**
     * The same proof for another row that names the claim's storage key: see {@link DeletionGate#record}.
     *
     * @param other the recording of that row
     */
    public ClaimOutcome deletedToo(Recording other) {
        Claim same = Claim.builder(
                        other, claim.token(), claim.leaseUntil(), claim.policy(), claim.cutoff(), claim.reason())
                .runId(claim.runId())
                .attempt(1)
                .build();
        return deleted(same, evidence, at);
    }

    /** To be tried again, by default with the claim's evidence, its doubt, and counted as an attempt. */
    public static ClaimOutcome retry(
            Claim claim, DeletionOutcome outcome, Cause cause, Instant at, Instant nextAttempt) {
        return new ClaimOutcome(
                claim, Step.RETRY, outcome, claim.evidence(), cause, at, nextAttempt, true, claim.inDoubt());
    }

    /** Needs a decision. By default with the claim's evidence, its doubt, and counted as an attempt. */
    public static ClaimOutcome quarantine(Claim claim, DeletionOutcome outcome, Cause cause, Instant at) {
        return new ClaimOutcome(
                claim, Step.QUARANTINE, outcome, claim.evidence(), cause, at, null, true, claim.inDoubt());
    }

    /** Refused by a first attempt before anything was sent. */
    public static ClaimOutcome refusedUnsent(Claim claim, Cause cause, Instant at) {
        return new ClaimOutcome(
                claim,
                Step.REFUSED_UNSENT,
                DeletionOutcome.REFUSED_UNSENT,
                Evidence.NONE,
                cause,
                at,
                null,
                true,
                false);
    }

    /** The same outcome, not counted against the limit of attempts; a first attempt always counts. */
    public ClaimOutcome uncounted() {
        return new ClaimOutcome(claim, step, outcome, evidence, cause, at, nextAttempt, claim.attempt() == 1, inDoubt);
    }

    /** The same outcome, with this answer to whether this or an earlier attempt may have been applied. */
    public ClaimOutcome inDoubt(boolean mayHaveBeenApplied) {
        return new ClaimOutcome(
                claim, step, outcome, evidence, cause, at, nextAttempt, countsAsAttempt, mayHaveBeenApplied);
    }

    /** The same outcome with this evidence. */
    public ClaimOutcome withEvidence(Evidence more) {
        return new ClaimOutcome(claim, step, outcome, more, cause, at, nextAttempt, countsAsAttempt, inDoubt);
    }

    /** The same outcome at another time. Outcomes with the same time can be written with one statement. */
    public ClaimOutcome at(Instant time) {
        return new ClaimOutcome(claim, step, outcome, evidence, cause, time, nextAttempt, countsAsAttempt, inDoubt);
    }
}
