package dev.retention.spi;

/**
 * Identifies a database, so that a copy of it has another identity. A person confirms it before the first sweep.
 *
 * @param text its address without user, password and parameters, and a name that it was given, or else the server's own
 *     identifier if it can be read; 1 to 1,000 characters, not blank
 * @param embedded whether it runs inside the application, so that no confirmation is needed
 * @param moving whether the same database has another identity after it was moved to another machine, so that it needs
 *     to be given a name where that can happen
 */
public record DatabaseIdentity(String text, boolean embedded, boolean moving) {

    /**
     * An identity.
     *
     * @throws IllegalArgumentException for a text that is blank or longer than 1,000 characters
     */
    public DatabaseIdentity {
        if (text.isBlank() || text.length() > 1_000) {
            throw new IllegalArgumentException(
                    "database identity of " + text.length() + " characters; it must have 1 to 1000 and not be blank");
        }
    }

    /** An identity that remains the same. */
    public DatabaseIdentity(String text, boolean embedded) {
        this(text, embedded, false);
    }
}
