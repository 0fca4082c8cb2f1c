package dev.retention.internal.safety;

import dev.retention.internal.recording.Storages;
import dev.retention.spi.RecordingRepository;
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

    static String oneLine(String text) {
        return text.lines().collect(Collectors.joining(", "));
    }
}
