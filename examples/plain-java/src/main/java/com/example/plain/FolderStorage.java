package com.example.plain;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Recordings as files in one folder, by their names.
 *
 * @param folder the folder, which exists: a missing one would look as if all had been deleted
 */
public record FolderStorage(Path folder) implements RecordingStorage {

    @Override
    public String name() {
        return "folder";
    }

    @Override
    public DeletionResult delete(Recording recording) {
        String key = String.valueOf(recording.storageKey());
        if (!key.matches("[A-Za-z0-9_-]{1,80}\\.wav")) {
            return DeletionResult.refusedUnsent("the key is no file name such as call-1.wav");
        }
        if (!Files.isDirectory(folder)) {
            return DeletionResult.stop("the folder is not there");
        }
        try {
            return Files.deleteIfExists(folder.resolve(key))
                    ? DeletionResult.deleted("file deleted, " + Instant.now())
                    : DeletionResult.notFound();
        } catch (IOException e) {
            return DeletionResult.tryLater(e.getClass().getSimpleName(), null, false);
        }
    }
}
