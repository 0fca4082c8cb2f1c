package dev.retention;

/** How the last attempt at a recording ended. */
public enum DeletionOutcome {
    /** The storage said so in its answer. */
    DELETED,
    /** The storage showed it as deleted before. */
    ALREADY_GONE,
    /** The storage said that there never was any media. */
    NOTHING_STORED,
    /** A person accepted that an unproven one is gone. Nothing proves it. */
    ACCEPTED_UNPROVEN,
    /** The storage does not know it, which proves nothing. */
    UNPROVEN,
    /** Its media lies where no configured storage can delete it. */
    KEPT_ELSEWHERE,
    /** Still being recorded or processed. */
    NOT_YET,
    /** To be tried again after a failure. */
    TRY_LATER,
    /** The account's credentials or endpoint are wrong; the recording is not to blame. */
    STOPPED,
    /** The storage refuses this recording for good. */
    REFUSED,
    /** Its key can't be one of the storage's; nothing was sent. */
    REFUSED_UNSENT,
    /** Every attempt failed. */
    ATTEMPTS_USED_UP,
    /** It was in the door already when it turned out that it must be kept: a hold, a later retain-until, a longer policy, a missing row. */
    KEPT;

    /** Whether a row with this outcome is recorded as deleted. */
    public boolean isDeleted() {
        return this == DELETED || this == ALREADY_GONE || this == NOTHING_STORED || this == ACCEPTED_UNPROVEN;
    }
}
