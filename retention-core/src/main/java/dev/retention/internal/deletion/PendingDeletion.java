package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.AnswerRules.Attempt;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Evidence;
import dev.retention.spi.RecordingStorage;

/**
 * One claim that is processed at the storages. While it is ready, it belongs to the {@link Dispatcher} and its lock;
 * while it is sent, to the worker thread; otherwise to the thread that sweeps.
 */
final class PendingDeletion {

    final Claim claim;
    final AccountState account;
    /** When the claim was taken, by monotonic time; its lease is counted from here. */
    final long claimedNanos;

    private Evidence evidence;
    private RecordingStorage storage;
    private boolean lookUp;
    /** Whether this or an earlier attempt may have been applied. */
    private boolean inDoubt;

    /** Whether this attempt has asked a storage to delete. */
    private boolean sent;
    /** The same before the latest request. */
    private boolean sentBefore;

    /** Whether the permit for the latest request was refused. */
    private boolean notPermitted;

    private long sentNanos;

    /** When the rows were last seen, in a committed transaction, to allow the deletion. */
    private long checkedNanos;

    private boolean checked;

    PendingDeletion(Claim claim, AccountState account, Evidence evidence, long claimedNanos, RecordingStorage first) {
        this.claim = claim;
        this.account = account;
        this.claimedNanos = claimedNanos;
        this.checkedNanos = claimedNanos;
        // A first claim is itself the committed check; a later one has looked at the gate row alone.
        this.checked = claim.attempt() == 1;
        this.evidence = evidence;
        this.inDoubt = claim.inDoubt();
        this.storage = first;
    }

    /** Turns to a storage, to look the recording up there first or to delete it. */
    PendingDeletion at(RecordingStorage next, boolean lookUpFirst) {
        storage = next;
        lookUp = lookUpFirst;
        return this;
    }

    RecordingStorage storage() {
        return storage;
    }

    boolean isLookUp() {
        return lookUp;
    }

    /** The look-up found it: deleting comes next. */
    void deleteNext() {
        lookUp = false;
    }

    Evidence evidence() {
        return evidence;
    }

    void evidence(Evidence more) {
        evidence = more;
    }

    boolean isInDoubt() {
        return inDoubt;
    }

    void inDoubt(boolean mayHaveBeenApplied) {
        inDoubt = mayHaveBeenApplied;
    }

    /** A request leaves. */
    void sent(long nanos, boolean asksToDelete) {
        sentNanos = nanos;
        sentBefore = sent;
        sent |= asksToDelete;
        notPermitted = false;
    }

    /** The storage has asked for the permit of the latest request, and it was refused. */
    void notPermitted() {
        notPermitted = true;
    }

    /** Whether the latest request was not permitted, and the storage says that it was not sent. */
    boolean wasWithdrawn(DeletionResult result) {
        return notPermitted && result.kind() == DeletionResult.Kind.TRY_LATER && result.surelyNotApplied();
    }

    /** Undoes the latest request, which was withdrawn. The rows are checked again before the next one. */
    void withdraw() {
        sent = sentBefore;
        checked = false;
    }

    long sentNanos() {
        return sentNanos;
    }

    /** Whether this attempt has asked a storage to delete. */
    boolean isSent() {
        return sent;
    }

    /** As the rules see it. */
    Attempt attempt(boolean leaseHalfOver) {
        return new Attempt(claim.id(), claim.attempt(), sentBefore, inDoubt, leaseHalfOver);
    }

    /** Whether the rows were last seen to allow it no longer ago than this. */
    boolean wasChecked(long nowNanos, long atMostNanosAgo) {
        return checked && nowNanos - checkedNanos <= atMostNanosAgo;
    }

    void checkedAt(long nanos) {
        checked = true;
        checkedNanos = nanos;
    }
}
