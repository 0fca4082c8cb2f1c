package dev.retention;

/** What became of a person's decision about one recording. */
public enum ReviewAnswer {
    /** It was carried out. */
    DONE,
    /** Nothing was changed: a hold lies on it, or the engine's row says that it must be kept. */
    HELD,
    /** Nothing was changed: it does not wait for this decision. */
    NOT_WAITING,
    /** Nothing was changed: it was never claimed nor held. */
    UNKNOWN
}
