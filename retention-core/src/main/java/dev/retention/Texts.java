package dev.retention;

/** Checks the texts that a person gives. */
final class Texts {

    private Texts() {}

    static void require(String name, String value) {
        if (value.isBlank() || value.length() > LegalHolds.MAX_TEXT_LENGTH) {
            throw new IllegalArgumentException(name + " has " + value.length() + " characters; give 1 to "
                    + LegalHolds.MAX_TEXT_LENGTH + ", not blank");
        }
    }
}
