package dev.retention;

import dev.retention.spi.Claim;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import org.jspecify.annotations.Nullable;

/**
 * One claim on its way through the storages. While it is ready, it belongs to the {@link Sender} and its lock; while it is sent, to the worker thread; otherwise to the
 * thread that sweeps.
 */
final class Work {

    /** A storage key longer than this is no key; it would not fit the ledger either. */
    static final int MAX_KEY_LENGTH = 1024;

    final Claim claim;
    final Account account;
    /** When the claim was taken, by monotonic time; its lease is counted from here. */
    final long claimedNanos;

    /** When the rows were last seen, in a committed transaction, to allow the deletion. */
    private long checkedNanos;

    private boolean checked;

    private Evidence evidence;
    private RecordingStorage storage;
    private boolean lookUp;
    /** Whether this or an earlier attempt may have been applied. */
    private boolean inDoubt;
    /** Whether this attempt has asked a storage to delete. */
    private boolean sent;

    private long sentNanos;

    Work(Claim claim, Account account, RecordingStorage first, Evidence evidence, long claimedNanos) {
        this.claim = claim;
        this.account = account;
        this.claimedNanos = claimedNanos;
        this.checkedNanos = claimedNanos;
        // A first claim is itself the committed check; a later one has looked at the gate row alone.
        this.checked = claim.attempt() == 1;
        this.evidence = evidence;
        this.inDoubt = claim.inDoubt();
        this.storage = first;
        moveTo(first);
    }

    /** Turns to a storage. Where an earlier attempt may have been applied, it is looked up there first. */
    void moveTo(RecordingStorage next) {
        storage = next;
        lookUp = inDoubt && next instanceof RecordingLookup;
    }

    /** Why nothing can be sent; null where it can. */
    @Nullable
    DeletionResult refusal() {
        String key = claim.recording().storageKey();
        if (lookUp || key != null && key.length() <= MAX_KEY_LENGTH) {
            return null;
        }
        return DeletionResult.refusedUnsent("a storage key of " + (key == null ? 0 : key.length())
                + " characters; 1 to " + MAX_KEY_LENGTH + " are possible");
    }

    RecordingStorage storage() {
        return storage;
    }

    boolean isLookUp() {
        return lookUp;
    }

    /** The look-up found it: deleting comes next. */
    void lookedUp() {
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

    void inDoubt() {
        inDoubt = true;
    }

    void sentAt(long nanos) {
        sentNanos = nanos;
    }

    long sentNanos() {
        return sentNanos;
    }

    void sent() {
        sent = true;
    }

    /** Whether this attempt has asked no storage to delete, so that the claim can be given back. */
    boolean isUnsent() {
        return !sent;
    }

    boolean needsCheck(long nowNanos, long freshNanos) {
        return !lookUp && (!checked || nowNanos - checkedNanos > freshNanos);
    }

    long checkedNanos() {
        return checkedNanos;
    }

    void checkedAt(long nanos) {
        checked = true;
        checkedNanos = nanos;
    }
}
