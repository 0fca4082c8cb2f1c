package dev.retention;

/**
 * What this library throws if a setting, the database or the state of the caller keeps it from working. Code decides by
 * {@link #kind()}; the message is for people: it says what happened, why, and what to do. A wrong argument is an
 * {@link IllegalArgumentException} instead.
 */
public class RetentionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What kept the library from working, and whether the same call may work later. */
    public enum Kind {
        /** The database did not answer, or not in time. The same call may work later. */
        UNAVAILABLE,
        /** The database refused, or its contents forbid the call. The same call fails again until that changes. */
        REFUSED,
        /**
         * The call is not allowed here or now: the sweeper is closed, the caller has a transaction, it is a dry run.
         */
        MISUSE,
        /** A setting, a mapping or a schema is wrong, and must be corrected first. */
        CONFIGURATION
    }

    private final Kind kind;

    /** An exception without a cause. */
    public RetentionException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** An exception with the failure that caused it. */
    public RetentionException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** An exception of the kind {@link Kind#UNAVAILABLE}. */
    public static RetentionException unavailable(String message) {
        return new RetentionException(Kind.UNAVAILABLE, message);
    }

    /** An exception of the kind {@link Kind#REFUSED}. */
    public static RetentionException refused(String message) {
        return new RetentionException(Kind.REFUSED, message);
    }

    /** An exception of the kind {@link Kind#MISUSE}. */
    public static RetentionException misuse(String message) {
        return new RetentionException(Kind.MISUSE, message);
    }

    /** An exception of the kind {@link Kind#CONFIGURATION}. */
    public static RetentionException configuration(String message) {
        return new RetentionException(Kind.CONFIGURATION, message);
    }

    /** What kept the library from working. */
    public final Kind kind() {
        return kind;
    }
}
