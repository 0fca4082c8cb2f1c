package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountFacts;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.Decision.DecideWithheld;
import dev.retention.internal.deletion.Decision.DeleteNext;
import dev.retention.internal.deletion.Decision.Deleted;
import dev.retention.internal.deletion.Decision.KeepEvidence;
import dev.retention.internal.deletion.Decision.Quarantine;
import dev.retention.internal.deletion.Decision.RefusedUnsent;
import dev.retention.internal.deletion.Decision.Release;
import dev.retention.internal.deletion.Decision.Retry;
import dev.retention.internal.deletion.Decision.Row;
import dev.retention.internal.deletion.Decision.SendAgain;
import dev.retention.internal.deletion.Decision.Stop;
import dev.retention.internal.deletion.Decision.Withhold;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Evidence;
import java.time.Duration;

/**
 * What follows from an answer, and from an attempt without one. Pure: the same input gives the same decision.
 *
 * @param maxAttempts attempts before the recording needs a decision
 * @param externalMediaCovered whether a storage holds the media that another one answers "kept elsewhere" for
 */
public record AnswerRules(int maxAttempts, Backoff backoff, boolean externalMediaCovered) {

    /** A request whose wait is no longer than this keeps its claim. */
    private static final Duration MOMENT = Duration.ofSeconds(2);

    /**
     * An answer.
     *
     * @param storage the name of the storage that gave it
     * @param lookUp whether it was asked to look up, and not to delete
     * @param counts whether a failure counts against the recording: not while the account's circuit is open
     */
    public record Answer(String storage, DeletionResult result, boolean lookUp, boolean counts) {}

    /**
     * The attempt that an answer belongs to, before the answer.
     *
     * @param recordingId of the recording
     * @param number 1 for the first attempt
     * @param sentBefore whether this attempt had asked a storage to delete before it sent this request
     * @param inDoubt whether this or an earlier attempt may have been applied
     * @param leaseHalfOver whether the rest of the lease is too short for another request
     */
    public record Attempt(String recordingId, int number, boolean sentBefore, boolean inDoubt, boolean leaseHalfOver) {}

    /** What follows from an answer. */
    public Decision answered(Answer answer, Attempt attempt, AccountFacts account) {
        DeletionResult result = answer.result();
        boolean inDoubt = leavesDoubt(answer, attempt);
        Cause cause = Causes.of(answer.storage(), result);
        return switch (result.kind()) {
            case DELETED, ALREADY_GONE, NOTHING_STORED -> proven(inDoubt, account);
            case STILL_THERE -> Decision.of(stillThere(answer, attempt), inDoubt);
            case NOT_FOUND -> unproven(attempt, inDoubt, cause, account);
            case KEPT_ELSEWHERE ->
                Decision.of(
                        externalMediaCovered
                                ? new KeepEvidence()
                                : new Quarantine(DeletionOutcome.KEPT_ELSEWHERE, cause),
                        inDoubt);
            case NOT_YET -> {
                Duration wait = backoff.untilFinished(attempt.number(), attempt.recordingId());
                yield Decision.of(uncounted(attempt, DeletionOutcome.NOT_YET, cause, wait), inDoubt);
            }
            case TRY_LATER -> Decision.of(tryLater(answer, attempt, cause, account), inDoubt);
            case REFUSED -> refused(attempt, inDoubt, cause, account);
            case REFUSED_UNSENT -> refusedUnsent(attempt, inDoubt, cause, account);
            case STOP -> stopped(SweepEnd.CREDENTIALS_REFUSED, attempt, inDoubt, cause);
            case MISMATCH -> stopped(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, attempt, inDoubt, cause);
        };
    }

    /** A deletion may have been applied unless its answer says for certain that it was, or was not and won't be. */
    private static boolean leavesDoubt(Answer answer, Attempt attempt) {
        DeletionResult result = answer.result();
        return attempt.inDoubt() || !answer.lookUp() && !result.provesGone() && !result.surelyNotApplied();
    }

    private static Decision proven(boolean inDoubt, AccountFacts account) {
        Decision decision = Decision.of(new KeepEvidence(), inDoubt);
        return account.confirmedByProof() ? decision.and(new DecideWithheld()) : decision;
    }

    private Row stillThere(Answer answer, Attempt attempt) {
        return answer.lookUp()
                ? new DeleteNext()
                : new Retry(
                        DeletionOutcome.TRY_LATER,
                        Causes.stillThere(answer.storage()),
                        backoff.after(attempt.number(), attempt.recordingId()),
                        true);
    }

    private Decision unproven(Attempt attempt, boolean inDoubt, Cause cause, AccountFacts account) {
        Quarantine otherwise = new Quarantine(DeletionOutcome.UNPROVEN, cause);
        if (account.suspectsMismatch()) {
            String why = "the storage found none of " + AccountState.IN_A_ROW
                    + " recordings in a row, and there is no recent recording by which to identify the account: the"
                    + " account, the keys or the region may be wrong";
            return Decision.of(new Withhold(otherwise), inDoubt)
                    .and(new Stop(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, why));
        }
        if (account.stopped()) {
            return Decision.of(uncounted(attempt, DeletionOutcome.UNPROVEN, cause, backoff.initial()), inDoubt);
        }
        return Decision.of(account.withholdsUnproven() ? new Withhold(otherwise) : otherwise, inDoubt);
    }

    private Decision refused(Attempt attempt, boolean inDoubt, Cause cause, AccountFacts account) {
        Quarantine otherwise = new Quarantine(DeletionOutcome.REFUSED, cause);
        if (!account.withholdsRefused()) {
            return Decision.of(otherwise, inDoubt);
        }
        return Decision.of(
                account.stopped()
                        ? uncounted(attempt, DeletionOutcome.STOPPED, cause, backoff.initial())
                        : new Withhold(otherwise),
                inDoubt);
    }

    private Row tryLater(Answer answer, Attempt attempt, Cause cause, AccountFacts account) {
        Duration requested = answer.result().after();
        boolean aMoment = requested == null || requested.compareTo(MOMENT) <= 0;
        if (answer.result().isThrottled() && aMoment && !account.open() && !attempt.leaseHalfOver()) {
            // Fewer are sent from now on.
            return new SendAgain();
        }
        if (answer.counts() && attempt.number() >= maxAttempts) {
            return new Quarantine(DeletionOutcome.ATTEMPTS_USED_UP, cause);
        }
        Duration wait = backoff.after(attempt.number(), attempt.recordingId(), requested);
        return answer.counts()
                ? new Retry(DeletionOutcome.TRY_LATER, cause, wait, true)
                : uncounted(attempt, DeletionOutcome.TRY_LATER, cause, wait);
    }

    private static Decision refusedUnsent(Attempt attempt, boolean inDoubt, Cause cause, AccountFacts account) {
        boolean nothingWasSent = attempt.number() == 1 && !attempt.sentBefore();
        Decision decision = Decision.of(
                nothingWasSent ? new RefusedUnsent(cause) : new Quarantine(DeletionOutcome.REFUSED_UNSENT, cause),
                inDoubt);
        if (!account.suspectsStorageKey()) {
            return decision;
        }
        String why = "none of the first " + AccountState.IN_A_ROW
                + " storage keys is valid for the storage. The last one: " + cause;
        return decision.and(new Stop(SweepEnd.STORAGE_KEY_SUSPECTED, why));
    }

    private Decision stopped(SweepEnd end, Attempt attempt, boolean inDoubt, Cause cause) {
        return Decision.of(uncounted(attempt, DeletionOutcome.STOPPED, cause, backoff.initial()), inDoubt)
                .and(new Stop(end, cause.toString()));
    }

    /**
     * A first attempt counts all the same: a claim's number is 1 only while certainly nothing was sent before, and only
     * such a claim may return to ACTIVE.
     */
    private static Retry uncounted(Attempt attempt, DeletionOutcome outcome, Cause cause, Duration wait) {
        return new Retry(outcome, cause, wait, attempt.number() == 1);
    }

    /** What follows once every storage has answered. */
    public Row settled(Evidence evidence, boolean externalMediaGone) {
        return isLeftElsewhere(evidence, externalMediaGone)
                ? new Quarantine(DeletionOutcome.KEPT_ELSEWHERE, Causes.keptElsewhere())
                : new Deleted();
    }

    static boolean isLeftElsewhere(Evidence evidence, boolean externalMediaGone) {
        return evidence.has(Kind.KEPT_ELSEWHERE) && !externalMediaGone;
    }

    /** Whether the recording is looked up at the storage before it is deleted. */
    public boolean looksUpFirst(boolean inDoubt, boolean canLookUp) {
        return inDoubt && canLookUp;
    }

    /**
     * What follows when it was not sent, because the time was over or its turn did not come.
     *
     * @param sent whether this attempt has asked a storage to delete, before its turn came again
     */
    public Row notSent(Attempt attempt, boolean sent, String storage) {
        return sent
                ? uncounted(attempt, DeletionOutcome.KEPT, Causes.notSent(storage), backoff.initial())
                : new Release();
    }

    /**
     * What follows when the check before the send refused it: only a claim that never sent anything is released.
     *
     * @param rowChanged whether the row names another recording than the claim: then no later check will allow it
     */
    public Row refusedByCheck(Attempt attempt, boolean sent, boolean rowChanged, Refusal why) {
        if (attempt.number() == 1 && !sent) {
            return new Release();
        }
        return rowChanged
                ? new Quarantine(DeletionOutcome.ROW_CHANGED, Causes.rowChanged())
                : uncounted(attempt, DeletionOutcome.KEPT, why.cause(), why.soon() ? backoff.initial() : Backoff.LATER);
    }

    /** Attempts that ended without an outcome count, too: the recording may have made their instance crash. */
    public boolean isUsedUp(int attempt) {
        return attempt > maxAttempts;
    }

    /** What follows when all attempts were used up without a conclusive answer. */
    public Row usedUp() {
        return new Quarantine(DeletionOutcome.ATTEMPTS_USED_UP, Causes.attemptsUsedUp());
    }

    /**
     * What follows for a withheld recording whose account is stopped, or may have lost rights: another run tries it
     * again.
     */
    public Row withheldStopped(Attempt attempt, Withhold withheld, Cause cause) {
        boolean unproven = withheld.otherwise().outcome() == DeletionOutcome.UNPROVEN;
        DeletionOutcome outcome = unproven ? DeletionOutcome.UNPROVEN : DeletionOutcome.STOPPED;
        return uncounted(attempt, outcome, cause, backoff.initial());
    }
}
