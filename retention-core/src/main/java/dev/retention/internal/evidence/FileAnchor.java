package dev.retention.internal.evidence;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.retention.RetentionException;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Appends heads to a file. What is in the file is never changed: a head that was written in part, since the disk was
 * full, remains there, and readers skip it.
 */
public final class FileAnchor implements CheckpointAnchor {

    private static final String PREFIX = "file ";
    /** More than the longest checkpoint, so that the newest one is found in the last bytes of a long file. */
    private static final int TAIL = 64 * 1024;
    /** The lines of a checkpoint, and the empty line before its signatures. */
    private static final int HEAD_LINES = 4;

    private final Path file;

    public FileAnchor(Path file) {
        this.file = file.toAbsolutePath().normalize();
    }

    /** The end of the path, if all of it is too long. */
    @Override
    public String name() {
        String path = file.toString();
        return PREFIX + path.substring(Math.max(0, path.length() - (MAX_NAME_LENGTH - PREFIX.length())));
    }

    @Override
    public AnchorReceipt anchor(String checkpoint) {
        // Within a JVM, a second lock on the file would be an error.
        synchronized (FileAnchor.class) {
            return append(checkpoint);
        }
    }

    private AnchorReceipt append(String checkpoint) {
        try (FileChannel channel = FileChannel.open(file, CREATE, WRITE, APPEND)) {
            // Instances may share the file. Closing it ends the lock.
            channel.lock();
            long position = channel.size();
            String separated = endsWithLine(position) ? checkpoint : "\n" + checkpoint;
            ByteBuffer bytes = ByteBuffer.wrap(separated.getBytes(SignedNote.CHARSET));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            return new AnchorReceipt("at byte " + position);
        } catch (IOException e) {
            throw failed("written", e);
        }
    }

    @Override
    public Optional<String> newest() {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            List<String> checkpoints = read(tail());
            return checkpoints.isEmpty() ? Optional.empty() : Optional.of(checkpoints.get(checkpoints.size() - 1));
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    /** The checkpoints in a text, in their order. What is none is skipped, such as one that was written in part. */
    static List<String> read(String text) {
        String[] lines = text.split("(?<=\n)");
        List<String> checkpoints = new ArrayList<>();
        int next = 0;
        while (next + HEAD_LINES <= lines.length) {
            int end = next + HEAD_LINES;
            while (end < lines.length && lines[end].startsWith("\u2014 ")) {
                end++;
            }
            String note = String.join("", List.of(lines).subList(next, end));
            if (isCheckpoint(note)) {
                checkpoints.add(note);
                next = end;
            } else {
                next++;
            }
        }
        return checkpoints;
    }

    private static boolean isCheckpoint(String note) {
        try {
            Checkpoint.parse(SignedNote.parse(note));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean endsWithLine(long size) throws IOException {
        if (size == 0) {
            return true;
        }
        String tail = tail();
        return tail.isEmpty() || tail.endsWith("\n");
    }

    private String tail() throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(TAIL, channel.size()));
            channel.position(channel.size() - bytes.capacity());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // A read may return less than there is.
            }
            return new String(bytes.array(), 0, bytes.position(), SignedNote.CHARSET);
        }
    }

    private RetentionException failed(String what, IOException e) {
        return new RetentionException(
                RetentionException.Kind.UNAVAILABLE,
                "the file " + file + " could not be " + what + " ("
                        + e.getClass().getSimpleName() + ": " + e.getMessage()
                        + "); heads of the evidence log are anchored there, so correct its permissions or its disk",
                e);
    }
}
