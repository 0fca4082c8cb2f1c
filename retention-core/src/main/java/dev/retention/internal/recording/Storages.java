package dev.retention.internal.recording;

import dev.retention.spi.Evidence;
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

/**
 * The storages of a sweeper, in the order in which they are asked. A recording is deleted when every one of them has
 * proven that it holds nothing of it.
 */
public record Storages(List<RecordingStorage> inOrder) {

    /** The longest storage key, in characters. The ledger has no room for a longer one. */
    public static final int MAX_KEY_LENGTH = 1024;

    private static final Logger log = LoggerFactory.getLogger(Storages.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,40}");

    /** What is wrong with the storages, for people; empty if nothing is. */
    public static List<String> faults(List<RecordingStorage> storages) {
        List<String> faults = new ArrayList<>();
        if (storages.isEmpty()) {
            faults.add("no storage is given: give at least one");
        }
        Set<String> names = new HashSet<>();
        for (RecordingStorage storage : storages) {
            if (!NAME.matcher(storage.name()).matches()) {
                faults.add("storage name '" + storage.name()
                        + "' is not allowed: use 1 to 40 characters of a-z 0-9 . _ -");
            }
            if (!names.add(storage.name())) {
                faults.add("two storages are named '" + storage.name() + "': each needs a name of its own");
            }
        }
        return faults;
    }

    /** The first storage without evidence that may hold it; empty if all have settled their part. */
    public Optional<RecordingStorage> next(Recording recording, Evidence evidence) {
        return inOrder.stream()
                .filter(storage -> !evidence.contains(storage.name()) && mayHold(storage, recording))
                .findFirst();
    }

    /** Whether any of them may hold it. If none may, nothing can prove that it is deleted. */
    public boolean mayHold(Recording recording) {
        return inOrder.stream().anyMatch(storage -> mayHold(storage, recording));
    }

    public static boolean mayHold(RecordingStorage storage, Recording recording) {
        try {
            return storage.mayHold(recording);
        } catch (Exception | LinkageError e) {
            log.warn(
                    "storage={} threw an exception when it was asked whether it may hold recording={}, so it is asked"
                            + " for it; correct the storage",
                    storage.name(),
                    recording.id(),
                    e);
            return true;
        }
    }

    /** Tells all storages which recordings come next. This is only a hint: nothing depends on it. */
    public void announce(List<Recording> recordings) {
        for (RecordingStorage storage : inOrder) {
            try {
                storage.announce(recordings);
            } catch (Exception | LinkageError e) {
                log.warn(
                        "storage={} threw an exception when the next recordings were announced to it. Nothing is lost;"
                                + " correct the storage",
                        storage.name(),
                        e);
            }
        }
    }

    public boolean haveName(String name) {
        return inOrder.stream().anyMatch(storage -> storage.name().equals(name));
    }

    /** Whether one of them holds the media for which another one answers "kept elsewhere". */
    public boolean coverExternalMedia() {
        return inOrder.stream().anyMatch(RecordingStorage::coversExternalMedia);
    }

    /** Whether a storage that covers external media has proven that the media was deleted there. */
    public boolean externalMediaIsGone(Evidence evidence) {
        return inOrder.stream()
                .filter(RecordingStorage::coversExternalMedia)
                .anyMatch(storage -> evidence.provesDeletion(storage.name()));
    }
}
