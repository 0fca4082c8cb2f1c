package dev.retention.spi;

/**
 * Which database it is: what a copy of it would differ in.
 *
 * @param text its address without user, password and parameters, and the server's own identifier where that can be read; at most 1,000 characters
 * @param embedded whether it lives inside the application, so that nobody else can be meant by it
 */
public record DatabaseIdentity(String text, boolean embedded) {
    public DatabaseIdentity {
        if (text.isBlank() || text.length() > 1_000) {
            throw new IllegalArgumentException("database identity of " + text.length() + " characters; 1 to 1000");
        }
    }
}
