package dev.retention;

/** The result of a person's decision about one recording. */
public enum ReviewAnswer {
    /** It was carried out. */
    DONE,
    /** Nothing was changed: a hold applies to it, or the engine's row says that it must be kept. */
    HELD,
    /**
     * Nothing was changed: the engine's row names another recording than the one that was not found, by its key,
     * account or creation time. Retry it, so that what the row names now is looked up.
     */
    ROW_CHANGED,
    /** Nothing was changed: it does not need this decision. */
    NOT_WAITING,
    /** Nothing was changed: it was never claimed or held. */
    UNKNOWN
}
