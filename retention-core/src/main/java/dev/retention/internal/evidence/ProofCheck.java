package dev.retention.internal.evidence;

import dev.retention.spi.TreeHead;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** Verifies proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2). */
public final class ProofCheck {

    private ProofCheck() {}

    /** Whether the proof shows that a leaf with this hash is in the tree with this root. */
    public static boolean isIncluded(byte[] leafHash, long leaf, long size, List<byte[]> proof, byte[] root) {
        if (leaf < 0 || leaf >= size) {
            return false;
        }
        long node = leaf;
        long last = size - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : proof) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = MerkleHash.node(sibling, hash);
                // At the right edge, levels without a sibling are skipped.
                int skipped = node == 0 ? 0 : Long.numberOfTrailingZeros(node);
                node >>= skipped;
                last >>= skipped;
            } else {
                hash = MerkleHash.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(hash, root);
    }

    /** Whether the proof shows that the tree has grown from the older one by appending only. */
    public static boolean isConsistent(long oldSize, byte[] oldRoot, long size, byte[] root, List<byte[]> proof) {
        if (oldSize < 0 || oldSize > size) {
            return false;
        }
        if (oldSize == size) {
            return proof.isEmpty() && Arrays.equals(oldRoot, root);
        }
        if (oldSize == 0) {
            return proof.isEmpty() && Arrays.equals(oldRoot, TreeHead.EMPTY.root());
        }
        Iterator<byte[]> hashes = proof.iterator();
        long node = oldSize - 1;
        long last = size - 1;
        int shared = Long.numberOfTrailingZeros(oldSize);
        node >>= shared;
        last >>= shared;
        if (node > 0 && !hashes.hasNext()) {
            return false;
        }
        // An old tree that is one perfect subtree is the first hash itself.
        byte[] oldHash = node == 0 ? oldRoot : hashes.next();
        byte[] hash = oldHash;
        while (hashes.hasNext()) {
            byte[] sibling = hashes.next();
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                oldHash = MerkleHash.node(sibling, oldHash);
                hash = MerkleHash.node(sibling, hash);
                int skipped = node == 0 ? 0 : Long.numberOfTrailingZeros(node);
                node >>= skipped;
                last >>= skipped;
            } else {
                hash = MerkleHash.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(oldHash, oldRoot) && Arrays.equals(hash, root);
    }
}
