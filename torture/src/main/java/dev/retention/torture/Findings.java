package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was found: violations by invariant, and counts for the summary. */
final class Findings {

    /** What is counted beside the violations. */
    enum Count {
        DELETED,
        LOST,
        EARLY,
        UNRECORDED,
        FALSELY_RECORDED,
        HELD_AND_DELETED
    }

    private final Map<String, List<String>> violations = new TreeMap<>();
    private final Map<Count, Long> counts = new TreeMap<>();
    private final Map<String, Long> classes = new TreeMap<>();

    void violated(String invariant, String text) {
        violations.computeIfAbsent(invariant, i -> new ArrayList<>()).add(text);
    }

    void count(Count what) {
        counts.merge(what, 1L, Long::sum);
    }

    /** A row has come to this. */
    void classified(String as) {
        classes.merge(as, 1L, Long::sum);
    }

    boolean isEmpty() {
        return violations.isEmpty();
    }

    Map<String, List<String>> violations() {
        return violations;
    }

    long counted(Count what) {
        return counts.getOrDefault(what, 0L);
    }

    Map<String, Long> classes() {
        return classes;
    }
}
