package com.example.plain;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recordings as files in one folder of a POSIX file system. The storage key is the file's name. */
public class LocalFolderStorage implements RecordingLookup {

    // Without this file the folder may be an empty mount point, and a missing file proves nothing.
    private static final String MARKER = ".recordings";

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{1,80}\\.wav");
    private static final String ATTRIBUTES = "unix:isRegularFile,nlink";

    private final Path folder;

    /** A storage in a folder for which {@link #prepare} was called once. */
    public LocalFolderStorage(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /** Marks the folder. Called by a person or a set-up script, never by the engine. */
    public static void prepare(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(MARKER))) {
            Files.createFile(folder.resolve(MARKER));
        }
    }

    @Override
    public String name() {
        return "folder";
    }

    @Override
    public String target() {
        String path = folder.toString();
        return "folder " + (path.length() <= 190 ? path : path.substring(path.length() - 190));
    }

    /** Says whether this is the right folder, before the first deletion of a run. */
    @Override
    public Identification identify(@Nullable String account) {
        return new Identification(isPrepared() ? null : notTheFolder(), null);
    }

    @Override
    public DeletionResult delete(Recording recording) {
        return delete(recording, () -> true);
    }

    @Override
    public DeletionResult delete(Recording recording, DeletionPermit permit) {
        return onFile(recording, file -> {
            // On a slow mount, a hold may have been placed while the attributes were read.
            if (!permit.lasts()) {
                return DeletionResult.tryLater("the deletion was no longer permitted", null, true);
            }
            Files.delete(file);
            // Written to disk now: after a crash of the machine, the file must not exist again.
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
            return DeletionResult.deleted("file deleted, " + Instant.now());
        });
    }

    @Override
    public DeletionResult lookUp(Recording recording) {
        return onFile(recording, file -> DeletionResult.stillThere());
    }

    private interface Action {
        DeletionResult on(Path file) throws IOException;
    }

    private DeletionResult onFile(Recording recording, Action action) {
        String key = recording.storageKey();
        if (key == null || !KEY.matcher(key).matches()) {
            return DeletionResult.refusedUnsent("the key is not a file name such as call-1.wav");
        }
        if (!isPrepared()) {
            return notTheFolder();
        }
        Path file = file(key);
        try {
            Map<String, Object> found = Files.readAttributes(file, ATTRIBUTES, NOFOLLOW_LINKS);
            // Deleting a link, or one of several names, would not delete the audio.
            return Boolean.TRUE.equals(found.get("isRegularFile"))
                            && Integer.valueOf(1).equals(found.get("nlink"))
                    ? action.on(file)
                    : DeletionResult.refused("not a regular file with a single name");
        } catch (NoSuchFileException e) {
            // Checked again, since the folder may have been unmounted meanwhile.
            if (!isPrepared()) {
                return notTheFolder();
            }
            return DeletionResult.alreadyGone("no such file in the folder, " + Instant.now());
        } catch (IOException e) {
            return DeletionResult.tryLater(e.getClass().getSimpleName(), null, false);
        }
    }

    Path file(String key) {
        return folder.resolve(key);
    }

    private boolean isPrepared() {
        return Files.isRegularFile(folder.resolve(MARKER));
    }

    private static DeletionResult notTheFolder() {
        return DeletionResult.stop("no marker file: the folder is not mounted, or is another one");
    }
}
