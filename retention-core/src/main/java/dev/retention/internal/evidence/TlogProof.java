package dev.retention.internal.evidence;

import dev.retention.spi.TreeHead;
import java.util.ArrayList;
import java.util.List;

/**
 * That one entry is in the log, in a file of its own (c2sp.org/tlog-proof). Optional extra data, which nothing
 * protects, is neither written nor kept.
 *
 * @param index the entry's number, from 0
 * @param hashes from the leaf's sibling up to the child of the root
 * @param checkpoint the note of the head, as it was stored
 */
public record TlogProof(byte[] entry, long index, List<byte[]> hashes, String checkpoint) {

    private static final String FIRST_LINE = "c2sp.org/tlog-proof@v1";
    private static final String EXTRA = "extra ";
    private static final String INDEX = "index ";
    /** A tree of 2^63 entries. */
    private static final int MOST_HASHES = 63;

    /** A proof. */
    public TlogProof {
        hashes = List.copyOf(hashes);
    }

    /** The proof as a file. */
    public String text() {
        StringBuilder text = new StringBuilder(FIRST_LINE)
                .append('\n')
                .append(EXTRA)
                .append(Base64Text.encode(entry))
                .append('\n')
                .append(INDEX)
                .append(index)
                .append('\n');
        hashes.forEach(hash -> text.append(Base64Text.encode(hash)).append('\n'));
        return text.append('\n').append(checkpoint).toString();
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    public static TlogProof parse(String text) {
        int end = text.indexOf("\n\n");
        if (end < 0) {
            throw new IllegalArgumentException("a proof has an empty line before its checkpoint");
        }
        List<String> lines = new ArrayList<>(List.of(text.substring(0, end).split("\n", -1)));
        if (!lines.remove(0).equals(FIRST_LINE)) {
            throw new IllegalArgumentException("a proof begins with " + FIRST_LINE);
        }
        if (lines.isEmpty() || !lines.get(0).startsWith(EXTRA)) {
            throw new IllegalArgumentException("a proof of this log contains its entry as extra data");
        }
        byte[] entry = Base64Text.decode(lines.remove(0).substring(EXTRA.length()));
        if (lines.isEmpty() || !lines.get(0).matches(INDEX + "(0|[1-9][0-9]{0,17})")) {
            throw new IllegalArgumentException("a proof has the index of its entry");
        }
        long index = Long.parseLong(lines.remove(0).substring(INDEX.length()));
        if (lines.size() > MOST_HASHES) {
            throw new IllegalArgumentException("a proof of " + lines.size() + " hashes");
        }
        List<byte[]> hashes = lines.stream().map(Base64Text::decode).toList();
        if (hashes.stream().anyMatch(hash -> hash.length != TreeHead.HASH_LENGTH)) {
            throw new IllegalArgumentException("a hash has " + TreeHead.HASH_LENGTH + " bytes");
        }
        return new TlogProof(entry, index, hashes, text.substring(end + 2));
    }

    /**
     * Whether the entry is under the checkpoint's root. It says nothing about who signed the checkpoint.
     *
     * @throws IllegalArgumentException if the checkpoint is malformed
     */
    public boolean isProven() {
        Checkpoint head = Checkpoint.parse(SignedNote.parse(checkpoint));
        return ProofCheck.isIncluded(MerkleHash.leaf(entry), index, head.size(), hashes, head.root());
    }
}
