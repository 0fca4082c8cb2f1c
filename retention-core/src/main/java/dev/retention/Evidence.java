package dev.retention;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What storages have proven about one recording, a line each: {@code twilio: DELETED status=204 …}. Immutable.
 *
 * <p>The text is what the ledger keeps, and what a retry after a crash reads back.
 */
record Evidence(Map<String, String> lines) {

    static final Evidence NONE = new Evidence(Map.of());

    /** Reads what {@link #text()} wrote. */
    static Evidence parse(@Nullable String text) {
        Map<String, String> lines = new LinkedHashMap<>();
        if (text != null) {
            text.lines().forEach(line -> {
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    lines.put(line.substring(0, colon), line.substring(colon + 2));
                }
            });
        }
        return new Evidence(lines);
    }

    Evidence with(String storage, DeletionResult result) {
        Map<String, String> more = new LinkedHashMap<>(lines);
        more.put(storage, result.kind() + " " + result.detail());
        return new Evidence(more);
    }

    /** Only what proves a deletion. */
    Evidence proofs() {
        Map<String, String> proofs = new LinkedHashMap<>(lines);
        proofs.keySet().removeIf(storage -> !provesDeletion(storage));
        return new Evidence(proofs);
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    boolean contains(String storage) {
        return lines.containsKey(storage);
    }

    boolean provesDeletion(String storage) {
        return is(lines.get(storage), Kind.DELETED) || is(lines.get(storage), Kind.ALREADY_GONE);
    }

    boolean hasKeptElsewhere() {
        return has(Kind.KEPT_ELSEWHERE);
    }

    /** The outcome of a recording that every storage has answered for. */
    DeletionOutcome outcome() {
        if (has(Kind.DELETED)) {
            return DeletionOutcome.DELETED;
        }
        return has(Kind.ALREADY_GONE) ? DeletionOutcome.ALREADY_GONE : DeletionOutcome.NOTHING_STORED;
    }

    @Nullable
    String text() {
        return isEmpty()
                ? null
                : lines.entrySet().stream()
                        .map(line -> line.getKey() + ": " + line.getValue())
                        .collect(Collectors.joining("\n"));
    }

    private boolean has(Kind kind) {
        return lines.values().stream().anyMatch(line -> is(line, kind));
    }

    private static boolean is(@Nullable String line, Kind kind) {
        return line != null && line.startsWith(kind + " ");
    }
}
