package dev.retention;

/** What a hold achieved for one recording. */
public enum HoldAnswer {
    /** Absolute: no deletion was sent, and none will be by any instance, paused or not, until the hold is released. */
    HELD,
    /** A deletion may have been sent before. No new attempt starts; the ledger will tell whether it was preserved. */
    LATE,
    /** It is deleted. */
    ALREADY_DELETED,
    /** The engine's table has no such recording. Nothing was stored: a hold can't protect what is not there. */
    UNKNOWN
}
