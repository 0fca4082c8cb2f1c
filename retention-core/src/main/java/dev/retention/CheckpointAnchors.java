package dev.retention;

import dev.retention.internal.evidence.FileAnchor;
import dev.retention.internal.evidence.LogAnchor;
import dev.retention.spi.CheckpointAnchor;
import java.nio.file.Path;

/** The anchors that need nothing else. */
public final class CheckpointAnchors {

    private CheckpointAnchors() {}

    /**
     * A line of the log for each head, at INFO, by the logger {@code dev.retention.evidence}. It is worth as much as
     * the place where logs are collected. It can't be read back.
     */
    public static CheckpointAnchor log() {
        return new LogAnchor();
    }

    /**
     * A file to which heads are appended, and from which they are read back. It should be where those who administer
     * the database can't write.
     *
     * @param file the file; it is created if it does not exist
     */
    public static CheckpointAnchor file(Path file) {
        return new FileAnchor(file);
    }
}
