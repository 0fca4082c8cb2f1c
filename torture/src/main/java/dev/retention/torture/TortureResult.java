package dev.retention.torture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What came out of a run. */
record TortureResult(
        TortureSettings settings,
        Findings findings,
        Map<String, Long> counts,
        List<String> missing,
        List<String> notes,
        int deaths,
        Duration took) {

    private static final int SHOWN = 5;

    boolean isClean() {
        return findings.violations().isEmpty() && missing.isEmpty();
    }

    /** The invariants that were violated. */
    Set<String> caughtBy() {
        return findings.violations().keySet();
    }

    String summary() {
        StringBuilder text = new StringBuilder();
        text.append("\n=== torture: ").append(isClean() ? "clean" : "FAILED").append(" ===\n");
        line(text, "seed", settings.seed());
        line(text, "database", settings.kind());
        if (settings.sabotage() != Sabotage.NONE) {
            line(text, "sabotage", settings.sabotage());
        }
        line(text, "recordings", settings.recordings());
        line(text, "instances", settings.instances());
        line(text, "took", took.toSeconds() + " s");
        line(text, "deaths", deaths);
        line(text, "deleted", findings.counted(Findings.Count.DELETED));
        line(text, "lost", findings.counted(Findings.Count.LOST));
        line(text, "early", findings.counted(Findings.Count.EARLY));
        line(text, "unrecorded", findings.counted(Findings.Count.UNRECORDED));
        line(text, "falsely recorded", findings.counted(Findings.Count.FALSELY_RECORDED));
        line(text, "held and deleted", findings.counted(Findings.Count.HELD_AND_DELETED));
        text.append("\nwhat the rows have come to\n");
        findings.classes().forEach((name, count) -> line(text, name, count));
        text.append("\nwhat was exercised\n");
        counts.forEach((name, count) -> line(text, name, count));
        if (!missing.isEmpty()) {
            text.append("\nnot exercised, so nothing is proved about it\n");
            missing.forEach(name -> text.append("  ").append(name).append('\n'));
        }
        if (!findings.violations().isEmpty()) {
            text.append("\nviolated\n");
            findings.violations().forEach((invariant, texts) -> {
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
