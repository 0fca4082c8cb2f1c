package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.SweepEnd;
import java.time.Duration;

/**
 * What follows from an answer, or from none.
 *
 * @param row what happens to the recording's row and its claim
 * @param inDoubt whether this or an earlier attempt may have been applied
 * @param account what happens to the account
 */
public record Decision(Row row, boolean inDoubt, AccountStep account) {

    /** What happens to a row and its claim. */
    public sealed interface Row {}

    /** The answer becomes evidence. The claim stays, for the next storage; after the last one it is settled. */
    public record KeepEvidence() implements Row {}

    /** The look-up found it: it is deleted next. The claim stays. */
    public record DeleteNext() implements Row {}

    /** It takes its turn again. The claim stays. */
    public record SendAgain() implements Row {}

    /**
     * Other answers of its account decide. The claim remains until then.
     *
     * @param otherwise what happens if the account is the right one
     */
    public record Withhold(Quarantine otherwise) implements Row {}

    /** DELETED, and the engine's row is marked. The claim ends. */
    public record Deleted() implements Row {}

    /**
     * DELETING. The claim ends, and the recording is claimed again after some time.
     *
     * @param counts whether the attempt counts against the limit
     */
    public record Retry(DeletionOutcome outcome, Cause cause, Duration after, boolean counts) implements Row {}

    /** QUARANTINED, until a person acts. The claim ends. */
    public record Quarantine(DeletionOutcome outcome, Cause cause) implements Row {}

    /** Nothing was ever sent: ACTIVE again, with the cause. The claim ends. */
    public record RefusedUnsent(Cause cause) implements Row {}

    /**
     * This attempt has sent nothing: the claim is released. After a first attempt the row is ACTIVE again, after a
     * later one DELETING, uncounted.
     */
    public record Release() implements Row {}

    /** What happens to an account. */
    public sealed interface AccountStep {}

    /** Nothing. */
    public record GoesOn() implements AccountStep {}

    /** It is the right one: withheld recordings are decided. */
    public record DecideWithheld() implements AccountStep {}

    /** It is not asked any more in this run. */
    public record Stop(SweepEnd end, String why) implements AccountStep {}

    static Decision of(Row row, boolean inDoubt) {
        return new Decision(row, inDoubt, new GoesOn());
    }

    Decision and(AccountStep step) {
        return new Decision(row, inDoubt, step);
    }
}
