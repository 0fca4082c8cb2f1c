package dev.retention;

/** Where a recording is on its way. */
public enum DeletionState {
    /** Not being deleted; perhaps held. */
    ACTIVE,
    /** Claimed: a deletion may have been sent. There is no way back to {@link #ACTIVE} from here once something was. */
    DELETING,
    /** Proven to be deleted, or accepted as such by a person. */
    DELETED,
    /** Waiting for a person. */
    QUARANTINED
}
