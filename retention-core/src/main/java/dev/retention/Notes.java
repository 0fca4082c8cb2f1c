package dev.retention;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Named texts in one setting of a control: a line each, {@code name=text}, encoded as in a URL. */
final class Notes {

    private final Map<String, String> texts = new LinkedHashMap<>();

    /** Reads what {@link #text()} wrote; null for anything else. */
    static @Nullable Notes parse(String setting) {
        Notes notes = new Notes();
        for (String line : setting.lines().toList()) {
            int equals = line.indexOf('=');
            if (equals < 1) {
                return null;
            }
            notes.put(line.substring(0, equals), URLDecoder.decode(line.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return notes.texts.isEmpty() ? null : notes;
    }

    Notes put(String name, String text) {
        texts.put(name, text);
        return this;
    }

    String get(String name) {
        String text = texts.get(name);
        if (text == null) {
            throw new RetentionException("a control of the sweep has no '" + name + "'; was it changed by hand?");
        }
        return text;
    }

    Instant time(String name) {
        return Instant.parse(get(name));
    }

    long number(String name) {
        return Long.parseLong(get(name));
    }

    String text() {
        return texts.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("\n"));
    }
}
