package dev.retention;

import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The storages of a sweeper, in the order in which they are asked. A recording is gone when every one of them proves it. */
record Storages(List<RecordingStorage> inOrder) {

    private static final Logger log = LoggerFactory.getLogger(Storages.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,40}");

    /** What is wrong with the storages; empty when nothing is. */
    static List<String> faults(List<RecordingStorage> storages) {
        List<String> faults = new ArrayList<>();
        if (storages.isEmpty()) {
            faults.add("there is no storage to delete from; give at least one");
        }
        Set<String> names = new HashSet<>();
        for (RecordingStorage storage : storages) {
            if (!NAME.matcher(storage.name()).matches()) {
                faults.add("storage name '" + storage.name() + "' has to be 1 to 40 of a-z 0-9 . _ -");
            }
            if (!names.add(storage.name())) {
                faults.add("two storages are named '" + storage.name() + "'");
            }
        }
        return faults;
    }

    /** The first storage that has not answered yet; empty when all have. */
    Optional<RecordingStorage> next(Evidence evidence) {
        return inOrder.stream()
                .filter(storage -> !evidence.contains(storage.name()))
                .findFirst();
    }

    /** Tells all storages what comes next. It is a hint: one that fails to take it loses nothing. */
    void announce(List<Recording> recordings) {
        for (RecordingStorage storage : inOrder) {
            try {
                storage.announce(recordings);
            } catch (Exception | LinkageError e) {
                log.warn("storage={} failed to be told what comes next", storage.name(), e);
            }
        }
    }

    boolean haveName(String name) {
        return inOrder.stream().anyMatch(storage -> storage.name().equals(name));
    }

    /** Whether one of them holds the media that another one answers "kept elsewhere" for. */
    boolean coverExternalMedia() {
        return inOrder.stream().anyMatch(RecordingStorage::coversExternalMedia);
    }

    /** Whether a storage that covers external media has proven that it holds none any more. */
    boolean externalMediaIsGone(Evidence evidence) {
        return inOrder.stream()
                .filter(RecordingStorage::coversExternalMedia)
                .anyMatch(storage -> evidence.provesDeletion(storage.name()));
    }
}
