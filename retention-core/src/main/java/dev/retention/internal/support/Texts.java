package dev.retention.internal.support;

/** Checks texts from people. */
public final class Texts {

    /** The longest id of a hold, name of a person and reason, in characters. */
    public static final int MAX_LENGTH = 200;

    private Texts() {}

    public static void require(String name, String value) {
        if (value.isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(name + " has " + value.length() + " characters or is blank; use 1 to "
                    + MAX_LENGTH + " characters");
        }
    }
}
