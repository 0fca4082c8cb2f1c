package dev.retention.internal.evidence;

import dev.retention.RetentionException;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends entries to the tree and signs its head.
 *
 * @param origin the name of the log
 * @param key signs heads; null if they are unsigned
 */
public record TreeSealing(String origin, @Nullable SigningKey key) implements SealStep {

    /** @throws IllegalArgumentException if a note can't carry the origin */
    public TreeSealing {
        KeyName.require(origin);
    }

    /**
     * {@inheritDoc}
     *
     * @throws RetentionException if the head contradicts itself: nothing is appended to a tree that somebody changed
     */
    @Override
    public Sealing append(TreeHead head, List<byte[]> entries) {
        if (!Arrays.equals(MerkleHash.root(head.frontier()), head.root())) {
            throw RetentionException.refused("the evidence log's head contradicts itself: its root does not follow from"
                    + " its subtrees, so the row was changed by hand; nothing is sealed until it is restored");
        }
        TreeBuilder tree = new TreeBuilder(head);
        List<byte[]> hashes = new ArrayList<>(entries.size());
        for (byte[] entry : entries) {
            byte[] hash = MerkleHash.leaf(entry);
            tree.append(hash);
            hashes.add(hash);
        }
        TreeHead next = tree.head();
        String checkpoint =
                new Checkpoint(origin, next.size(), next.root()).signed(key).toString();
        return new Sealing(next, hashes, tree.nodes(), checkpoint);
    }
}
