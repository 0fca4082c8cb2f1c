package dev.retention.spi;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The head of the evidence log's Merkle tree (RFC 9162): what is needed to append further entries, and to compare two
 * copies of the log.
 *
 * @param size how many entries the tree has
 * @param root the hash of the whole tree, of {@value #HASH_LENGTH} bytes
 * @param frontier the roots of the perfect subtrees that the tree consists of, the largest one first: one for each bit
 *     that is set in the size
 */
public record TreeHead(long size, byte[] root, List<byte[]> frontier) {

    /** The length of a hash, in bytes. */
    public static final int HASH_LENGTH = 32;

    /** The head of a tree without entries: its root is the SHA-256 of nothing. */
    public static final TreeHead EMPTY = new TreeHead(
            0, HexFormat.of().parseHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), List.of());

    /**
     * A head.
     *
     * @throws IllegalArgumentException for a negative size, a hash of another length, or a frontier that is not one of
     *     this size
     */
    public TreeHead {
        if (size < 0) {
            throw new IllegalArgumentException("a tree of " + size + " entries");
        }
        if (frontier.size() != Long.bitCount(size)) {
            throw new IllegalArgumentException(
                    "a tree of " + size + " entries has no frontier of " + frontier.size() + " hashes");
        }
        root = hash(root);
        frontier = frontier.stream().map(TreeHead::hash).toList();
    }

    /**
     * A copy of a hash.
     *
     * @throws IllegalArgumentException if it has another length than {@value #HASH_LENGTH} bytes
     */
    static byte[] hash(byte[] hash) {
        if (hash.length != HASH_LENGTH) {
            throw new IllegalArgumentException("a hash of " + hash.length + " bytes, in place of " + HASH_LENGTH);
        }
        return hash.clone();
    }

    @Override
    public byte[] root() {
        return root.clone();
    }

    @Override
    public List<byte[]> frontier() {
        return frontier.stream().map(byte[]::clone).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TreeHead head
                && size == head.size
                && Arrays.equals(root, head.root)
                && Arrays.deepEquals(frontier.toArray(), head.frontier.toArray());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(size) * 31 + Arrays.hashCode(root);
    }

    @Override
    public String toString() {
        return "size=" + size + " root=" + HexFormat.of().formatHex(root)
                + frontier.stream().map(HexFormat.of()::formatHex).collect(Collectors.joining(" ", " frontier=[", "]"));
    }
}
