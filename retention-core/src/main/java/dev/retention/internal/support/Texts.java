package dev.retention.internal.support;

import java.util.Collection;

/** Checks texts from people, and makes texts for them. */
public final class Texts {

    /** The longest id of a hold, name of a person and reason, in characters. */
    public static final int MAX_LENGTH = 200;

    private static final int MOST_NAMED = 10;

    private Texts() {}

    public static void require(String name, String value) {
        if (value.isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(name + " has " + value.length() + " characters or is blank; use 1 to "
                    + MAX_LENGTH + " characters");
        }
    }

    /** The first ten of these, in their order, and whether there are more. */
    public static String named(Collection<String> ids) {
        String first = String.join(", ", ids.stream().limit(MOST_NAMED).toList());
        return ids.size() > MOST_NAMED ? first + ", …" : first;
    }
}
