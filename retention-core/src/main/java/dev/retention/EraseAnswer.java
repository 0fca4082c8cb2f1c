package dev.retention;

/** The outcome for a recording that a person wanted erased. */
public enum EraseAnswer {
    /** Every storage has proven that it holds nothing of it, and its row is soft-deleted. */
    ERASED,
    /**
     * It was deleted before: the ledger says so of this recording, with its key, account and creation time. That its
     * row is soft-deleted proves nothing.
     */
    ALREADY_DELETED,
    /** A legal hold applies to it, or its row is flagged as held. No deletion of it was ever sent. */
    HELD,
    /**
     * A legal hold applies to it, or its row is flagged as held, but a deletion may have been sent before: by this
     * erasure, by an earlier attempt, or for another row with its key. No new attempt starts; the ledger later says
     * whether it was deleted.
     */
    LATE,
    /** This or an earlier erasure may have sent a deletion, and nothing is proven yet; recovery continues it. */
    PENDING,
    /**
     * An attempt of a sweep or a recovery is under way, which may still end with the recording kept. This erasure sent
     * nothing. Erase the recording again when that attempt has ended, after the lease at the latest.
     */
    BUSY,
    /** The storage returned "not found", which proves nothing. It needs a decision. */
    UNPROVEN,
    /** It needs a decision: refused permanently, kept elsewhere, or out of attempts. The ledger has the cause. */
    QUARANTINED,
    /**
     * Another row names the same storage key, and was not to be erased or must be kept. This erasure sent nothing; the
     * ledger's cause names the row, or the log if a sweep has claimed the recording before. Erase both at once, or
     * correct the row that is wrong.
     */
    SHARED,
    /** Its row has no storage key, so no storage can be asked. Nothing was sent. */
    WITHOUT_KEY,
    /**
     * Its row names another storage key, account or creation time than its ledger entry, so the entry is about another
     * recording: the row was changed, or its id was used before. This erasure sent nothing. Compare the row with the
     * entry.
     */
    CHANGED,
    /**
     * This erasure sent nothing: deleting was paused, the sweeper was closed, the account could not be used, the time
     * was over, or no row could be marked as deleted. Try again.
     */
    NOT_STARTED,
    /**
     * The database refuses to claim it or to mark its row as deleted, such as by a trigger. This erasure sent nothing;
     * the log says what it refused.
     */
    UNMARKABLE,
    /**
     * A value of its row or of its ledger entry can't be read by this instance, such as one that a newer version of the
     * engine or of the library has written. It is kept, and this instance sent nothing; the log names the value's row.
     */
    UNREADABLE,
    /** The engine's table has no such recording, or none with a creation time. */
    UNKNOWN
}
