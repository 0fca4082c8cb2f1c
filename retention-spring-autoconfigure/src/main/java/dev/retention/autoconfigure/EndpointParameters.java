package dev.retention.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of an endpoint's operations; a missing one is an {@link IllegalArgumentException}. */
final class EndpointParameters {

    private EndpointParameters() {}

    static String needed(String operation, String name, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("operation " + operation + " needs the parameter '" + name + "'");
        }
        return value.strip();
    }

    static List<String> neededIds(String operation, @Nullable List<String> ids) {
        List<String> given = ids == null
                ? List.of()
                : ids.stream().map(String::strip).filter(id -> !id.isEmpty()).toList();
        if (given.isEmpty()) {
            throw new IllegalArgumentException(
                    "operation " + operation + " needs the parameter 'ids': ids of recordings, separated by commas");
        }
        return given;
    }
}
