package dev.retention;

/** What became of a recording that a person wanted erased. */
public enum EraseAnswer {
    /** Every storage has proven that it holds nothing of it, and its row is soft-deleted. */
    ERASED,
    /** It was deleted before. */
    ALREADY_DELETED,
    /** A legal hold lies on it, or its row is flagged as held. Nothing was sent. */
    HELD,
    /** A deletion may have been sent, and nothing is proven yet; recovery looks it up and goes on. */
    PENDING,
    /** The storage does not know it, which proves nothing. It waits for a person. */
    UNPROVEN,
    /** It waits for a person: refused for good, kept elsewhere, or out of attempts. The ledger names the cause. */
    QUARANTINED,
    /** Its row names no storage key, so that there is nothing to ask a storage for. Nothing was sent. */
    WITHOUT_KEY,
    /** Nothing was sent: deleting was paused, the sweeper was closed, or the account could not be used; ask again. */
    NOT_STARTED,
    /** The engine's table has no such recording, or none with a creation time. */
    UNKNOWN
}
