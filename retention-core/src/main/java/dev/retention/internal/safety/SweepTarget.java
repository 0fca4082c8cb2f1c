package dev.retention.internal.safety;

import dev.retention.SweepPlan;
import dev.retention.internal.recording.Storages;
import dev.retention.spi.RecordingRepository;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is swept: the database, the storages that are deleted from, and the environment. A copy of the application that
 * runs elsewhere differs in one of them.
 */
final class SweepTarget {

    private final RecordingRepository repository;
    private final Storages storages;
    private final String environment;

    SweepTarget(RecordingRepository repository, Storages storages, String environment) {
        this.repository = repository;
        this.storages = storages;
        this.environment = environment;
    }

    /** A line for each of them; equal for the same target. */
    String text() {
        return databaseLine() + "\n"
                + storages.inOrder().stream()
                        .map(storage -> "storage " + storage.target())
                        .sorted()
                        .collect(Collectors.joining("\n"))
                + "\nenvironment '" + environment + "'";
    }

    /** What to do if the database is the same although it is identified by something else; empty if it is not. */
    String adviceUnlessSameDatabase(String other) {
        return other.lines().anyMatch(databaseLine()::equals)
                ? ""
                : " (if it is the same database, which a failover or another pod has brought to a server with another"
                        + " identifier: set retention.identity, or the repository's identity(...) in plain Java, to a"
                        + " name of your own, so that this is the last time)";
    }

    private String databaseLine() {
        return "database " + repository.identity().text();
    }

    String oneLine() {
        return oneLine(text());
    }

    /** The parts of what is swept, by the first word of their lines. */
    private static final List<String> PARTS = List.of("database", "storage", "environment");

    /** What differs between two texts, for people: only the parts that do. */
    static List<String> changes(String was, String is) {
        List<String> changes = new ArrayList<>();
        for (String part : PARTS) {
            List<String> before = of(part, was);
            List<String> after = of(part, is);
            List<String> gone = without(before, after);
            List<String> added = without(after, before);
            if (!gone.isEmpty() || !added.isEmpty()) {
                changes.add(part + " was " + joined(gone) + " and is " + joined(added));
            }
        }
        return changes;
    }

    private static List<String> without(List<String> some, List<String> others) {
        return some.stream().filter(each -> !others.contains(each)).toList();
    }

    private static String joined(List<String> some) {
        return some.isEmpty() ? "none" : String.join(", ", some);
    }

    private static List<String> of(String part, String text) {
        return text.lines()
                .filter(line -> line.startsWith(part + " "))
                .map(line -> line.substring(part.length() + 1))
                .toList();
    }

    /** What is swept, for people, with what differs from what was confirmed. */
    static SweepPlan.Target shown(String text, List<String> changes) {
        String environment = String.join(", ", of("environment", text));
        return new SweepPlan.Target(
                String.join(", ", of("database", text)),
                of("storage", text),
                environment.length() < 2 ? environment : environment.substring(1, environment.length() - 1),
                changes);
    }

    static String oneLine(String text) {
        return text.lines().collect(Collectors.joining(", "));
    }
}
