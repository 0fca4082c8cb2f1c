package dev.retention;

/** Whether a hold came in time for one recording. */
public enum HoldAnswer {
    /**
     * No deletion was sent, and no instance sends one until the hold has ended. Also the answer for a row that the
     * engine has soft-deleted itself: what the engine did with the recording is not known here.
     */
    HELD,
    /**
     * A deletion may have been sent before. No new attempt starts; the ledger later says whether it was deleted. Also
     * the answer for a row that can't be read here, if the ledger says that a recording with its id was deleted.
     */
    LATE,
    /**
     * It was deleted before: the ledger says so of this recording, with its key, account and creation time. Nothing was
     * stored.
     */
    ALREADY_DELETED,
    /** The engine's table has no such recording. Nothing was stored: a hold needs an existing row. */
    UNKNOWN
}
