package dev.retention.internal.evidence;

import dev.retention.spi.TreeHead;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a log says of its tree at one size (c2sp.org/tlog-checkpoint): the text of a {@link SignedNote}.
 *
 * @param origin the name of the log
 * @param size how many entries the tree has
 * @param root the root of the tree
 */
public record Checkpoint(String origin, long size, byte[] root) {

    private static final int LINES = 3;

    /**
     * A checkpoint.
     *
     * @throws IllegalArgumentException if a note can't carry the origin, or the root is no hash
     */
    public Checkpoint {
        KeyName.require(origin);
        if (size < 0 || root.length != TreeHead.HASH_LENGTH) {
            throw new IllegalArgumentException(
                    "a tree of " + size + " entries, with a root of " + root.length + " bytes");
        }
        root = root.clone();
    }

    @Override
    public byte[] root() {
        return root.clone();
    }

    /** The checkpoint in a note, signed with the key if there is one. */
    public SignedNote signed(@Nullable SigningKey key) {
        return SignedNote.of(text(), key);
    }

    /** The text of a note. */
    public String text() {
        return origin + "\n" + size + "\n" + Base64Text.encode(root) + "\n";
    }

    /**
     * Reads the text of a note. Whoever reads a checkpoint decides first whether to believe its signatures.
     *
     * @throws IllegalArgumentException if it is not exactly the text of a checkpoint without extension lines
     */
    public static Checkpoint parse(SignedNote note) {
        String[] lines = note.text().split("\n", -1);
        if (lines.length != LINES + 1) {
            throw new IllegalArgumentException("a checkpoint has three lines: origin, size and root");
        }
        if (!lines[1].matches("0|[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("not the size of a tree: " + lines[1]);
        }
        return new Checkpoint(lines[0], Long.parseLong(lines[1]), Base64Text.decode(lines[2]));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint checkpoint
                && origin.equals(checkpoint.origin)
                && size == checkpoint.size
                && Arrays.equals(root, checkpoint.root);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(size) * 31 + Arrays.hashCode(root);
    }

    @Override
    public String toString() {
        return "origin=" + origin + " size=" + size + " root=" + Base64Text.encode(root);
    }
}
