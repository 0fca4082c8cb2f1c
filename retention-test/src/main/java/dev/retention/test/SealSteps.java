package dev.retention.test;

import dev.retention.spi.SealStep;
import dev.retention.spi.SealStep.Node;
import dev.retention.spi.SealStep.Sealing;
import dev.retention.spi.TreeHead;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Steps for tests of an adapter, to which it makes no difference how hashes are computed. */
final class SealSteps {

    /** The level of the nodes that {@link #COUNTING} gives. */
    static final int LEVEL = 3;

    /** A chain of hashes in place of a tree, of the same form. */
    static final SealStep COUNTING = SealSteps::append;

    private SealSteps() {}

    private static Sealing append(TreeHead head, List<byte[]> entries) {
        long size = head.size();
        byte[] root = head.root();
        List<byte[]> leaves = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        for (byte[] entry : entries) {
            byte[] leaf = hash(new byte[] {0}, entry);
            leaves.add(leaf);
            root = hash(root, leaf);
            size++;
            if (size % (1 << LEVEL) == 0) {
                nodes.add(new Node(LEVEL, size / (1 << LEVEL) - 1, root));
            }
        }
        TreeHead next = new TreeHead(size, root, Collections.nCopies(Long.bitCount(size), root));
        return new Sealing(next, leaves, nodes, "test\n" + size + "\n");
    }

    private static byte[] hash(byte[] first, byte[] second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(first);
            return digest.digest(second);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
