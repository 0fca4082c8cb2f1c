package dev.retention.spi;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Writes one JSON object of strings and integers, in ASCII, with its keys in the order of the calls. */
final class EvidenceLine {

    private final StringBuilder json = new StringBuilder(400).append('{');
    private final Set<String> keys = new HashSet<>();

    EvidenceLine text(String key, String value) {
        key(key);
        quoted(value);
        return this;
    }

    EvidenceLine number(String key, long value) {
        key(key);
        json.append(value);
        return this;
    }

    /** An object within this one, ordered by its keys. */
    <T> EvidenceLine object(String key, Map<String, T> values, BiConsumer<EvidenceLine, Map.Entry<String, T>> each) {
        EvidenceLine inner = new EvidenceLine();
        new TreeMap<>(values).entrySet().forEach(value -> each.accept(inner, value));
        key(key);
        json.append(inner.end());
        return this;
    }

    String end() {
        return json.append('}').toString();
    }

    private void key(String key) {
        if (!keys.add(key)) {
            throw new IllegalArgumentException("an entry has the key '" + key + "' once");
        }
        if (keys.size() > 1) {
            json.append(',');
        }
        quoted(key);
        json.append(':');
    }

    private void quoted(String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        json.append(c);
                    } else {
                        json.append(String.format("\\u%04x", (int) c));
                    }
                }
            }
        }
        json.append('"');
    }
}
