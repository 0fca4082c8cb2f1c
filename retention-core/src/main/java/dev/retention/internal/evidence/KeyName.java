package dev.retention.internal.evidence;

/** The names of keys and logs in signed notes. */
public final class KeyName {

    private static final int MOST_CHARACTERS = 200;

    private KeyName() {}

    /** Whether a signed note can carry this name. */
    static boolean isValid(String name) {
        return !name.isEmpty()
                && name.length() <= MOST_CHARACTERS
                && name.codePoints().noneMatch(KeyName::isForbidden)
                && name.equals(new String(name.getBytes(SignedNote.CHARSET), SignedNote.CHARSET));
    }

    /**
     * The name.
     *
     * @throws IllegalArgumentException if no signed note can carry it
     */
    public static String require(String name) {
        if (!isValid(name)) {
            throw new IllegalArgumentException("the evidence log's origin must have 1 to " + MOST_CHARACTERS
                    + " characters, without spaces, control characters and plus signs, such as example.com/recordings"
                    + "; it is '" + name + "'");
        }
        return name;
    }

    private static boolean isForbidden(int character) {
        return character == '+'
                || Character.isISOControl(character)
                || Character.isWhitespace(character)
                || Character.isSpaceChar(character);
    }
}
