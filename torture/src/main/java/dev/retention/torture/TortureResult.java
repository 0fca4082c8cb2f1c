package dev.retention.torture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What came out of a run. */
record TortureResult(
        TortureSettings settings,
        Checker checker,
        Map<String, Long> counts,
        List<String> missing,
        List<String> notes,
        int deaths,
        Duration took) {

    private static final int SHOWN = 5;

    boolean isClean() {
        return checker.violations().isEmpty() && missing.isEmpty();
    }

    /** The invariants that were violated. */
    Set<String> caughtBy() {
        return checker.violations().keySet();
    }

    String summary() {
        StringBuilder text = new StringBuilder();
        text.append("\n=== torture: ").append(isClean() ? "clean" : "FAILED").append(" ===\n");
        line(text, "seed", settings.seed());
        line(text, "database", settings.kind());
        line(text, "recordings", settings.recordings());
        line(text, "instances", settings.instances());
        line(text, "took", took.toSeconds() + " s");
        line(text, "deaths", deaths);
        line(text, "deleted", checker.deleted);
        line(text, "lost", checker.lost);
        line(text, "early", checker.early);
        line(text, "unrecorded", checker.unrecorded);
        line(text, "falsely recorded", checker.falselyRecorded);
        line(text, "held and deleted", checker.heldAndDeleted);
        text.append("\nwhat became of the rows\n");
        checker.classes.forEach((name, count) -> line(text, name, count));
        text.append("\nwhat was exercised\n");
        counts.forEach((name, count) -> line(text, name, count));
        if (!missing.isEmpty()) {
            text.append("\nnot exercised, so nothing is proved about it\n");
            missing.forEach(name -> text.append("  ").append(name).append('\n'));
        }
        if (!checker.violations().isEmpty()) {
            text.append("\nviolated\n");
            checker.violations().forEach((invariant, texts) -> {
                text.append("  ")
                        .append(invariant)
                        .append(": ")
                        .append(texts.size())
                        .append('\n');
                texts.stream()
                        .limit(SHOWN)
                        .forEach(each -> text.append("    ").append(each).append('\n'));
            });
            text.append("\nnotes\n");
            notes.stream()
                    .limit(40)
                    .forEach(note -> text.append("  ").append(note).append('\n'));
        }
        text.append("\nrepeat with --seed=").append(settings.seed()).append('\n');
        return text.toString();
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(String.format("  %-40s %s%n", name, value));
    }
}
