package dev.retention;

/** The state of a recording's gate row. */
public enum DeletionState {
    /** Not being deleted; it may be held. */
    ACTIVE,
    /** Claimed, so that a deletion may have been sent. A claim that may have been sent never returns to ACTIVE. */
    DELETING,
    /** Its deletion is proven, or a person accepted it as deleted. */
    DELETED,
    /** Needs a decision: the library does nothing more with it until a person retries or accepts it. */
    QUARANTINED,
    /**
     * The row has a value that this version of the library can't read, such as one of a later version. It is never
     * written. The recording is kept: this instance neither claims nor deletes it, until it can read the row.
     */
    UNREADABLE
}
