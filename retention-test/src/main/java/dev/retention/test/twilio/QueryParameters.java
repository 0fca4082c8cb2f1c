package dev.retention.test.twilio;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query, of which each is known and used. Twilio disregards others, and a client whose filter was
 * disregarded would read, or delete, more than it asked for.
 */
final class QueryParameters {

    private final Map<String, String> values;

    private QueryParameters(Map<String, String> values) {
        this.values = values;
    }

    /** A request that Twilio, or this server, can't answer. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;
        private final int code;

        Invalid(int code, String message) {
            super(message);
            this.code = code;
        }

        HttpAnswer answer() {
            return HttpAnswer.error(400, code, String.valueOf(getMessage()));
        }
    }

    /**
     * Reads the query of a request.
     *
     * @throws Invalid for another name, one without a value, or one that occurs twice
     */
    static QueryParameters of(HttpHead head, Set<String> known) throws Invalid {
        Map<String, String> values = head.query();
        Set<String> seen = new HashSet<>();
        for (String name : head.queryNames()) {
            if (!known.contains(name)) {
                List<String> sorted = new ArrayList<>(known);
                sorted.sort(null);
                throw new Invalid(
                        20001,
                        "LoopbackTwilio has no parameter '" + name + "' here; Twilio's OpenAPI document has " + sorted);
            }
            if (!values.containsKey(name) || !seen.add(name)) {
                throw invalid(name);
            }
        }
        return new QueryParameters(values);
    }

    private static Invalid invalid(String name) {
        return new Invalid(20001, "Invalid parameter '" + name + "'");
    }

    @Nullable
    String text(String name) {
        return values.get(name);
    }

    /** A SID of the right form; null if there is none. */
    @Nullable
    String sid(String name, Pattern pattern) throws Invalid {
        String value = text(name);
        if (value != null && !pattern.matcher(value).matches()) {
            throw invalid(name);
        }
        return value;
    }

    int number(String name, int otherwise) throws Invalid {
        String value = text(name);
        if (value == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw invalid(name);
        }
    }

    /** False if there is none. */
    boolean flag(String name) throws Invalid {
        String value = text(name);
        if (value == null) {
            return false;
        }
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(name);
        };
    }
}
