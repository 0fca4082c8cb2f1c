package dev.retention.internal.evidence;

import dev.retention.RetentionException;
import dev.retention.spi.TreeHead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes proofs from stored hashes (RFC 9162, sections 2.1.3.1 and 2.1.4.1). Hashes are read in blocks and kept, so one
 * object is for one proof or a few. Not thread-safe.
 */
public final class TreeProofs {

    private static final int TILE_WIDTH = 1 << TreeBuilder.TILE_HEIGHT;

    /** Reads hashes: see {@link dev.retention.spi.EvidenceLog#hashes}. */
    @FunctionalInterface
    public interface NodeHashes {
        /** Hashes of consecutive nodes of one level; fewer than asked for where they end. */
        List<byte[]> hashes(int level, long from, int limit);
    }

    private record Tile(int level, long number) {}

    private final NodeHashes hashes;
    private final Map<Tile, List<byte[]>> tiles = new HashMap<>();

    /** Proofs from these hashes. */
    public TreeProofs(NodeHashes hashes) {
        this.hashes = hashes;
    }

    /** The root of the tree when it had this size. */
    public byte[] root(long size) {
        return size == 0 ? TreeHead.EMPTY.root() : root(0, size);
    }

    /**
     * That a leaf is in the tree of a size, from the leaf's sibling up to the child of the root.
     *
     * @throws IllegalArgumentException if a tree of this size has no such leaf
     * @throws RetentionException if a hash is missing
     */
    public List<byte[]> inclusion(long leaf, long size) {
        if (leaf < 0 || leaf >= size) {
            throw new IllegalArgumentException("a tree of " + size + " entries has no entry " + leaf);
        }
        List<byte[]> proof = new ArrayList<>();
        path(leaf, 0, size, proof);
        return proof;
    }

    /**
     * That a tree has grown from an older one by appending only.
     *
     * @throws IllegalArgumentException if the older one is not the smaller one
     * @throws RetentionException if a hash is missing
     */
    public List<byte[]> consistency(long oldSize, long size) {
        if (oldSize < 0 || oldSize > size) {
            throw new IllegalArgumentException("a tree of " + size + " entries never had " + oldSize);
        }
        List<byte[]> proof = new ArrayList<>();
        if (oldSize > 0 && oldSize < size) {
            subproof(oldSize, 0, size, true, proof);
        }
        return proof;
    }

    private void path(long leaf, long start, long end, List<byte[]> proof) {
        if (end - start == 1) {
            return;
        }
        long middle = start + split(end - start);
        if (leaf < middle) {
            path(leaf, start, middle, proof);
            proof.add(root(middle, end));
        } else {
            path(leaf, middle, end, proof);
            proof.add(root(start, middle));
        }
    }

    /** @param known whether the verifier has the root of this subtree already: it is the old tree itself */
    private void subproof(long oldEnd, long start, long end, boolean known, List<byte[]> proof) {
        if (oldEnd == end) {
            if (!known) {
                proof.add(root(start, end));
            }
            return;
        }
        long middle = start + split(end - start);
        if (oldEnd <= middle) {
            subproof(oldEnd, start, middle, known, proof);
            proof.add(root(middle, end));
        } else {
            subproof(oldEnd, middle, end, false, proof);
            proof.add(root(start, middle));
        }
    }

    private byte[] root(long start, long end) {
        long width = end - start;
        if (Long.bitCount(width) == 1) {
            int level = Long.numberOfTrailingZeros(width);
            return perfect(level, start >> level);
        }
        long middle = start + split(width);
        return MerkleHash.node(root(start, middle), root(middle, end));
    }

    /** The root of a perfect subtree, from the stored hashes next below it. */
    private byte[] perfect(int level, long number) {
        int above = level % TreeBuilder.TILE_HEIGHT;
        int stored = level - above;
        long first = number << above;
        int offset = (int) (first % TILE_WIDTH);
        int count = 1 << above;
        List<byte[]> tile = tile(stored, first / TILE_WIDTH);
        if (tile.size() < offset + count) {
            throw RetentionException.refused("the evidence log lacks hashes of level " + stored + " after number "
                    + (first - offset + tile.size()) + ", so no proof can be made; rows of its tables are missing");
        }
        List<byte[]> row = new ArrayList<>(tile.subList(offset, offset + count));
        while (row.size() > 1) {
            List<byte[]> next = new ArrayList<>(row.size() / 2);
            for (int i = 0; i < row.size(); i += 2) {
                next.add(MerkleHash.node(row.get(i), row.get(i + 1)));
            }
            row = next;
        }
        return row.get(0);
    }

    private List<byte[]> tile(int level, long number) {
        return tiles.computeIfAbsent(
                new Tile(level, number), tile -> hashes.hashes(level, number * TILE_WIDTH, TILE_WIDTH));
    }

    /** The largest power of two that is smaller. */
    private static long split(long width) {
        return Long.highestOneBit(width - 1);
    }
}
