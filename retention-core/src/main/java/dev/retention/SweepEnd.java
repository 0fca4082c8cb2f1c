package dev.retention;

/** Why a run ended, or was not started. */
public enum SweepEnd {
    /** Every due recording was processed. */
    COMPLETED,
    /** The run reached its maximum duration; the next run continues. */
    OUT_OF_TIME,
    /** The run's limit of deletions was reached; the next run continues. */
    CAPPED,
    /** It was not started; the message says why and what to do. */
    REFUSED,
    /** Deleting is paused. It continues when a person resumes it. */
    PAUSED,
    /** The instance is shutting down, or the thread was interrupted. */
    STOPPED,
    /**
     * The storage finds none of the recordings that it should have, or answered about another account: wrong account,
     * credentials or region, or credentials that lost their rights during the run. Nothing more is deleted for this
     * account in this run.
     */
    ACCOUNT_MISMATCH_SUSPECTED,
    /** None of the first storage keys is valid for the storage: the mapping is probably wrong. */
    STORAGE_KEY_SUSPECTED,
    /** The storage gave no useful answer until the run reached its maximum duration. The next run continues. */
    PROVIDER_DOWN,
    /** The storage refuses the credentials. */
    CREDENTIALS_REFUSED,
    /** The clocks of the instance and of the database or a storage differ too much to judge ages. */
    CLOCKS_DISAGREE,
    /** This instance is sweeping already; no second sweep was started. */
    ALREADY_RUNNING
}
