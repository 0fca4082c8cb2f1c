package dev.retention;

/** The outcome of the last attempt to delete a recording. */
public enum DeletionOutcome {
    /** The storage said in its answer that it deleted the recording. */
    DELETED,
    /** The storage proved that it had been deleted before. */
    ALREADY_GONE,
    /** The storage said that there never was any media. */
    NOTHING_STORED,
    /** Nothing proves that it is gone; a person decided to record it as deleted. */
    ACCEPTED_UNPROVEN,
    /** The storage returned "not found", which proves nothing. */
    UNPROVEN,
    /** Its media is stored where no configured storage can delete it. */
    KEPT_ELSEWHERE,
    /** It is still being recorded or processed, and is tried again later. */
    NOT_YET,
    /** The attempt failed, and the recording is tried again later. */
    TRY_LATER,
    /** The account's credentials or endpoint are wrong. That is no fault of the recording, which is tried again. */
    STOPPED,
    /** The storage refuses permanently to delete this recording. */
    REFUSED,
    /** Its key is not valid for the storage; nothing was sent. */
    REFUSED_UNSENT,
    /** Every attempt failed, and the limit of attempts is reached. */
    ATTEMPTS_USED_UP,
    /**
     * It was in flight when something was found that forbids its deletion: a hold, a later retain-until, a longer
     * policy, a missing row.
     */
    KEPT,
    /**
     * It was in flight when the engine's row got another key, account or creation time. A retry deletes what the row
     * names then.
     */
    ROW_CHANGED,
    /**
     * Nothing was sent, since another row names the same storage key and its recording must be kept. It is tried again
     * by each sweep.
     */
    KEY_SHARED;

    /** Whether a recording with this outcome is recorded as deleted. */
    public boolean isDeleted() {
        return this == DELETED || this == ALREADY_GONE || this == NOTHING_STORED || this == ACCEPTED_UNPROVEN;
    }
}
