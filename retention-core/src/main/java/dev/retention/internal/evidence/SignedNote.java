package dev.retention.internal.evidence;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text with the signatures of those who vouch for it (c2sp.org/signed-note). Here a note may also have no signature:
 * without a key, heads are anchored all the same.
 *
 * @param text the text that is signed, with its final line end
 * @param signatures the signatures, of keys that may be unknown
 */
public record SignedNote(String text, List<Line> signatures) {

    static final Charset CHARSET = StandardCharsets.UTF_8;

    private static final String MARK = "\u2014 ";
    private static final int MOST_SIGNATURES = 64;
    private static final int MOST_CHARACTERS = 1_000_000;
    private static final int ID_LENGTH = 4;

    /**
     * A signature.
     *
     * @param name the key's name
     * @param id the key's id
     * @param signature what the key has made of the text
     */
    public record Line(String name, int id, byte[] signature) {

        @Override
        public String toString() {
            byte[] identified = ByteBuffer.allocate(ID_LENGTH + signature.length)
                    .putInt(id)
                    .put(signature)
                    .array();
            return MARK + name + " " + Base64Text.encode(identified) + "\n";
        }
    }

    /** What the signatures of a note say to those who know some keys. */
    public enum Verdict {
        /** A known key has signed the text, and no known key has signed another one. */
        VERIFIED,
        /** No known key has signed. */
        UNSIGNED,
        /** A signature with the name and the id of a known key is not one over this text. */
        INVALID
    }

    /**
     * A note.
     *
     * @throws IllegalArgumentException if the text is no note's: no line end at its end, or control characters
     */
    public SignedNote {
        signatures = List.copyOf(signatures);
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException("a note's text ends with a line end");
        }
        if (text.chars().anyMatch(character -> character < ' ' && character != '\n')) {
            throw new IllegalArgumentException("a note's text has no control characters");
        }
        if (!text.equals(new String(text.getBytes(CHARSET), CHARSET))) {
            throw new IllegalArgumentException("a note's text is UTF-8");
        }
    }

    /** A note of this text, signed with the key if there is one. */
    public static SignedNote of(String text, @Nullable SigningKey key) {
        SignedNote note = new SignedNote(text, List.of());
        return key == null ? note : new SignedNote(text, List.of(key.sign(text)));
    }

    /**
     * Reads a note.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    public static SignedNote parse(String note) {
        if (note.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException("a note of " + note.length() + " characters");
        }
        int separator = note.lastIndexOf("\n\n");
        if (separator < 0 || !note.endsWith("\n")) {
            throw new IllegalArgumentException(
                    "a note has an empty line before its signatures, and a line end at last");
        }
        String text = note.substring(0, separator + 1);
        String lines = note.substring(separator + 2);
        List<Line> signatures = new ArrayList<>();
        if (!lines.isEmpty()) {
            for (String line : lines.substring(0, lines.length() - 1).split("\n", -1)) {
                signatures.add(line(line));
            }
        }
        if (signatures.size() > MOST_SIGNATURES) {
            throw new IllegalArgumentException("a note with " + signatures.size() + " signatures");
        }
        return new SignedNote(text, signatures);
    }

    private static Line line(String line) {
        int space = line.indexOf(' ', MARK.length());
        if (!line.startsWith(MARK) || space < 0 || !KeyName.isValid(line.substring(MARK.length(), space))) {
            throw new IllegalArgumentException("not a signature line of a note: " + line);
        }
        byte[] identified = Base64Text.decode(line.substring(space + 1));
        if (identified.length <= ID_LENGTH) {
            throw new IllegalArgumentException("a signature line without a signature: " + line);
        }
        return new Line(
                line.substring(MARK.length(), space),
                ByteBuffer.wrap(identified).getInt(),
                Arrays.copyOfRange(identified, ID_LENGTH, identified.length));
    }

    /** What the signatures say to those who know these keys. Signatures of other keys say nothing. */
    public Verdict verify(Collection<VerifierKey> known) {
        Verdict verdict = Verdict.UNSIGNED;
        byte[] signed = text.getBytes(CHARSET);
        for (Line line : signatures) {
            for (VerifierKey key : known) {
                if (key.name().equals(line.name()) && key.id() == line.id()) {
                    if (!key.verify(signed, line.signature())) {
                        return Verdict.INVALID;
                    }
                    verdict = Verdict.VERIFIED;
                }
            }
        }
        return verdict;
    }

    /** The note as it is stored and handed out. */
    @Override
    public String toString() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(note::append);
        return note.toString();
    }
}
