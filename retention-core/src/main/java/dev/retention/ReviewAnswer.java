package dev.retention;

/** The result of a person's decision about one recording. */
public enum ReviewAnswer {
    /** It was carried out. */
    DONE,
    /** Nothing was changed: a hold applies to it, or the engine's row says that it must be kept. */
    HELD,
    /** Nothing was changed: it does not need this decision. */
    NOT_WAITING,
    /** Nothing was changed: it was never claimed or held. */
    UNKNOWN
}
