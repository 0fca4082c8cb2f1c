package dev.retention;

/** The outcome for a recording that a person wanted erased. */
public enum EraseAnswer {
    /** Every storage has proven that it holds nothing of it, and its row is soft-deleted. */
    ERASED,
    /** It was deleted before. */
    ALREADY_DELETED,
    /** A legal hold applies to it, or its row is flagged as held. Nothing was sent. */
    HELD,
    /** A deletion may have been sent, and nothing is proven yet; recovery looks it up and continues. */
    PENDING,
    /** The storage returned "not found", which proves nothing. It needs a decision. */
    UNPROVEN,
    /** It needs a decision: refused permanently, kept elsewhere, or out of attempts. The ledger has the cause. */
    QUARANTINED,
    /**
     * Another row names the same storage key, and was not to be erased or must be kept. Nothing was sent; the ledger's
     * cause names the row. Erase both at once, or correct the row that is wrong.
     */
    SHARED,
    /** Its row has no storage key, so no storage can be asked. Nothing was sent. */
    WITHOUT_KEY,
    /** Nothing was sent: deleting was paused, the sweeper was closed, or the account could not be used. Try again. */
    NOT_STARTED,
    /**
     * The database refuses to mark its row as deleted, such as by a trigger. Nothing was sent; the log says what it
     * refused.
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
