package dev.retention.internal.support;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Names with values in one stored text. Both are encoded, so that they can contain any character. */
public final class EncodedPairs {

    private EncodedPairs() {}

    /** In the order of the map, such as {@code name=value&other=value}. */
    public static String join(Map<String, String> pairs, String separator) {
        return pairs.entrySet().stream()
                .map(pair -> encoded(pair.getKey()) + "=" + encoded(pair.getValue()))
                .collect(Collectors.joining(separator));
    }

    /**
     * Reads what {@link #join} wrote.
     *
     * @return null for a text of another form
     */
    public static @Nullable Map<String, String> split(String text, String separator) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (text.isEmpty()) {
            return pairs;
        }
        for (String pair : text.split(separator)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                return null;
            }
            pairs.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
        }
        return pairs;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
