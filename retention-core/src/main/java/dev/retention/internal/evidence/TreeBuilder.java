package dev.retention.internal.evidence;

import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.util.ArrayList;
import java.util.List;

/** Appends leaves to a tree of which only the head is known. Not thread-safe. */
final class TreeBuilder {

    /**
     * Nodes at multiples of this height are stored: one for 256 nodes below. A proof then reads a few hundred hashes,
     * however large the tree is.
     */
    static final int TILE_HEIGHT = 8;

    private final List<byte[]> frontier;
    private final List<SealStep.Node> nodes = new ArrayList<>();
    private long size;

    TreeBuilder(TreeHead head) {
        frontier = new ArrayList<>(head.frontier());
        size = head.size();
    }

    void append(byte[] leafHash) {
        byte[] hash = leafHash;
        // As in an addition of 1 in binary: each subtree of the same height is merged and carried.
        for (int height = 1; (size >> (height - 1) & 1) == 1; height++) {
            hash = MerkleHash.node(frontier.remove(frontier.size() - 1), hash);
            if (height % TILE_HEIGHT == 0) {
                nodes.add(new SealStep.Node(height, size >> height, hash));
            }
        }
        frontier.add(hash);
        size++;
    }

    TreeHead head() {
        return new TreeHead(size, MerkleHash.root(frontier), frontier);
    }

    /** The nodes to store that have become complete. */
    List<SealStep.Node> nodes() {
        return nodes;
    }
}
