package dev.retention.test;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The answers that a test has set for one operation of a {@link FakeRecordingStorage}: for the next calls, or else by
 * key. Safe for use by several threads.
 */
final class ToldAnswers {

    private final Queue<Function<Recording, DeletionResult>> next = new ArrayDeque<>();
    private final Map<String, Function<Recording, DeletionResult>> byKey = new HashMap<>();

    synchronized void next(DeletionResult... results) {
        for (DeletionResult result : results) {
            next.add(recording -> result);
        }
    }

    synchronized void always(String key, Function<Recording, DeletionResult> function) {
        byKey.put(key, function);
    }

    /** The answer to this call; null if none was set. */
    synchronized @Nullable Function<Recording, DeletionResult> take(String key) {
        Function<Recording, DeletionResult> first = next.poll();
        return first != null ? first : byKey.get(key);
    }

    synchronized void clear() {
        next.clear();
        byKey.clear();
    }
}
