package dev.retention;

/** Why a sweep ended. */
public enum SweepEnd {
    /** All that was due was dealt with. */
    COMPLETED,
    /** Its time was up; the next run goes on. */
    OUT_OF_TIME,
    /** The run's limit of deletions was reached; the next run goes on. */
    CAPPED,
    /** It was not started: the message says why and what to do. */
    REFUSED,
    /** Deleting is paused. */
    PAUSED,
    /** The instance is shutting down, or the thread was interrupted. */
    STOPPED,
    /** The storage knows none of the recordings that it should: wrong account, key or region. Nothing was recorded as deleted. */
    ACCOUNT_MISMATCH_SUSPECTED,
    /** None of the first storage keys can be one of the storage's: the mapping is probably wrong. */
    STORAGE_KEY_SUSPECTED,
    /** The storage was out of reach until the time was up. */
    PROVIDER_DOWN,
    /** The storage refuses the credentials. */
    CREDENTIALS_REFUSED,
    /** Our clock and the database's differ too much to judge ages. */
    CLOCKS_DISAGREE,
    /** This instance is sweeping already. */
    ALREADY_RUNNING
}
