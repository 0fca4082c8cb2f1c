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
        return "database " + repository.identity().text() + "\n"
                + storages.inOrder().stream()
                        .map(storage -> "storage " + storage.target())
                        .sorted()
                        .collect(Collectors.joining("\n"))
                + "\nenvironment '" + environment + "'";
    }

    String oneLine() {
        return oneLine(text());
    }

    static String oneLine(String text) {
        return text.lines().collect(Collectors.joining(", "));
    }
}
