package dev.retention.internal.evidence;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads an entry of the evidence log: a JSON object of strings, integers and such objects, as
 * {@link dev.retention.spi.EvidenceEntry} writes it. Anything else is refused, and so is another version of the format.
 */
final class EntryText {

    /** An entry that says nothing. */
    static final EntryText EMPTY = new EntryText(Map.of());

    private static final long FORMAT = dev.retention.spi.EvidenceEntry.FORMAT;

    private final Map<String, Object> values;

    private EntryText(Map<String, Object> values) {
        this.values = values;
    }

    /** @throws IllegalArgumentException if it is malformed or of another version */
    static EntryText parse(String line) {
        Reader reader = new Reader(line);
        EntryText entry = new EntryText(reader.object());
        reader.end();
        if (!(entry.values.get("v") instanceof Long version) || version != FORMAT) {
            throw new IllegalArgumentException("an entry of the format " + entry.values.get("v")
                    + ", and this version of the library reads the format " + FORMAT);
        }
        return entry;
    }

    /** The text of a key; empty if it is missing. */
    String text(String key) {
        Object value = values.get(key);
        return value == null ? "" : value.toString();
    }

    /** The integer of a key; null if it is missing or none. */
    @Nullable
    Long number(String key) {
        return values.get(key) instanceof Long number ? number : null;
    }

    private static final class Reader {

        private static final int HEX = 16;

        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Map<String, Object> object() {
            expect('{');
            Map<String, Object> values = new LinkedHashMap<>();
            if (peek() == '}') {
                at++;
                return values;
            }
            do {
                String key = string();
                expect(':');
                if (values.put(key, value()) != null) {
                    throw malformed();
                }
            } while (accept(','));
            expect('}');
            return values;
        }

        private Object value() {
            char next = peek();
            if (next == '"') {
                return string();
            }
            return next == '{' ? object() : number();
        }

        private Long number() {
            int start = at;
            accept('-');
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
            return Long.valueOf(text.substring(start, at));
        }

        private String string() {
            expect('"');
            StringBuilder value = new StringBuilder();
            while (true) {
                char next = next();
                if (next == '"') {
                    return value.toString();
                }
                value.append(next == '\\' ? escaped() : next);
            }
        }

        private char escaped() {
            char next = next();
            return switch (next) {
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case '"', '\\', '/' -> next;
                case 'u' -> (char) Integer.parseInt(hex(), HEX);
                default -> throw malformed();
            };
        }

        private String hex() {
            if (at + 4 > text.length()) {
                throw malformed();
            }
            at += 4;
            return text.substring(at - 4, at);
        }

        private void expect(char expected) {
            if (next() != expected) {
                throw malformed();
            }
        }

        private boolean accept(char expected) {
            if (peek() == expected) {
                at++;
                return true;
            }
            return false;
        }

        private char peek() {
            if (at >= text.length()) {
                throw malformed();
            }
            return text.charAt(at);
        }

        private char next() {
            char next = peek();
            at++;
            return next;
        }

        void end() {
            if (at != text.length()) {
                throw malformed();
            }
        }

        private IllegalArgumentException malformed() {
            return new IllegalArgumentException("not an entry of the evidence log, at character " + at);
        }
    }
}
