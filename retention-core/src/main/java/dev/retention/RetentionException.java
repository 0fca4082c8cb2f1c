package dev.retention;

/**
 * The root of what this library throws when a setting or a state of the outside world keeps it from working. An argument that
 * no caller should pass is an {@link IllegalArgumentException}, as everywhere in Java.
 */
public class RetentionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RetentionException(String message) {
        super(message);
    }

    public RetentionException(String message, Throwable cause) {
        super(message, cause);
    }
}
