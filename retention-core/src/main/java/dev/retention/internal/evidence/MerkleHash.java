package dev.retention.internal.evidence;

import dev.retention.internal.support.Sha256;
import dev.retention.spi.TreeHead;
import java.security.MessageDigest;
import java.util.List;

/**
 * The hashes of a Merkle tree (RFC 9162, section 2.1.1). Leaves and inner nodes begin with different bytes, so that
 * nobody can present a node as an entry.
 */
public final class MerkleHash {

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private MerkleHash() {}

    /** The hash of an entry. */
    public static byte[] leaf(byte[] entry) {
        MessageDigest digest = Sha256.digest();
        digest.update(LEAF);
        return digest.digest(entry);
    }

    /** The hash of two neighbours. */
    public static byte[] node(byte[] left, byte[] right) {
        MessageDigest digest = Sha256.digest();
        digest.update(NODE);
        digest.update(left);
        return digest.digest(right);
    }

    /** The root of the tree that consists of these perfect subtrees, the largest one first. */
    static byte[] root(List<byte[]> subtrees) {
        if (subtrees.isEmpty()) {
            return TreeHead.EMPTY.root();
        }
        byte[] root = subtrees.get(subtrees.size() - 1);
        for (int i = subtrees.size() - 2; i >= 0; i--) {
            root = node(subtrees.get(i), root);
        }
        return root;
    }
}
