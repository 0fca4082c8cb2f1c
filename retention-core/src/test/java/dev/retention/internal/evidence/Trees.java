package dev.retention.internal.evidence;

import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** Trees for tests, with the hashes that a repository would store. */
final class Trees {

    /** The leaves of the reference implementation of RFC 6962, whose hashes many libraries are tested with. */
    static final List<byte[]> REFERENCE = List.of(
            hex(""),
            hex("00"),
            hex("10"),
            hex("2021"),
            hex("3031"),
            hex("40414243"),
            hex("5051525354555657"),
            hex("606162636465666768696a6b6c6d6e6f"));

    private final TreeBuilder builder = new TreeBuilder(TreeHead.EMPTY);
    private final List<byte[]> leaves = new ArrayList<>();
    private int reads;

    private Trees() {}

    static Trees of(List<byte[]> entries) {
        Trees tree = new Trees();
        entries.forEach(tree::add);
        return tree;
    }

    static Trees of(int size) {
        return of(entries(size));
    }

    static List<byte[]> entries(int size) {
        return IntStream.range(0, size).mapToObj(Trees::entry).toList();
    }

    static byte[] entry(int number) {
        return ("{\"v\":1,\"number\":" + number + "}").getBytes(StandardCharsets.UTF_8);
    }

    static byte[] hex(String hash) {
        return HexFormat.of().parseHex(hash);
    }

    static List<byte[]> hexes(String... hashes) {
        return List.of(hashes).stream().map(Trees::hex).toList();
    }

    TreeHead head() {
        return builder.head();
    }

    byte[] leaf(long number) {
        return leaves.get((int) number);
    }

    /** How often hashes were read. */
    int reads() {
        return reads;
    }

    TreeProofs proofs() {
        return new TreeProofs(this::hashes);
    }

    List<byte[]> hashes(int level, long from, int limit) {
        reads++;
        List<byte[]> all = level == 0
                ? leaves
                : builder.nodes().stream()
                        .filter(node -> node.level() == level)
                        .map(SealStep.Node::hash)
                        .toList();
        int start = (int) Math.min(from, all.size());
        return all.subList(start, Math.min(start + limit, all.size()));
    }

    private void add(byte[] entry) {
        byte[] hash = MerkleHash.leaf(entry);
        leaves.add(hash);
        builder.append(hash);
    }
}
