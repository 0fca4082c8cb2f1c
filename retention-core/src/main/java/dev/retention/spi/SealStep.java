package dev.retention.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * Appends entries to the tree: what {@link EvidenceLog#seal} needs to know about hashing and signing. It is called
 * within a transaction, possibly several times for one seal, since the transaction may have to be repeated: so it
 * depends on its arguments alone, changes nothing, and asks neither the database nor the network.
 */
@FunctionalInterface
public interface SealStep {

    /**
     * The tree after these entries.
     *
     * @param head the newest head
     * @param entries the bytes of the next entries, in their order; at least one
     */
    Sealing append(TreeHead head, List<byte[]> entries);

    /**
     * What a seal writes.
     *
     * @param head the new head
     * @param leafHashes the hash of each entry, in their order
     * @param nodes inner nodes that have become complete, so that a proof needs few hashes; the sealing code decides
     *     which. No node is given twice in the life of a log
     * @param checkpoint the signed note of the new head
     */
    record Sealing(TreeHead head, List<byte[]> leafHashes, List<Node> nodes, String checkpoint) {

        /**
         * What a seal writes.
         *
         * @throws IllegalArgumentException for a hash of another length than {@value TreeHead#HASH_LENGTH} bytes
         */
        public Sealing {
            leafHashes = copy(leafHashes);
            nodes = List.copyOf(nodes);
        }

        @Override
        public List<byte[]> leafHashes() {
            return copy(leafHashes);
        }

        private static List<byte[]> copy(List<byte[]> hashes) {
            List<byte[]> copies = new ArrayList<>(hashes.size());
            hashes.forEach(hash -> copies.add(TreeHead.hash(hash)));
            return List.copyOf(copies);
        }
    }

    /**
     * The root of a perfect subtree: of the entries from {@code number * 2^level}, {@code 2^level} of them.
     *
     * @param level the height of the subtree, 1 to 62; a leaf has the level 0 and is no node
     * @param number the subtree's number among those of its level, from 0
     * @param hash its root
     */
    record Node(int level, long number, byte[] hash) {

        /**
         * A node.
         *
         * @throws IllegalArgumentException for a level or a number that does not exist, or a hash of another length
         *     than {@value TreeHead#HASH_LENGTH} bytes
         */
        public Node {
            if (level < 1 || level > 62 || number < 0) {
                throw new IllegalArgumentException("there is no node " + number + " at level " + level);
            }
            hash = TreeHead.hash(hash);
        }

        @Override
        public byte[] hash() {
            return hash.clone();
        }
    }
}
