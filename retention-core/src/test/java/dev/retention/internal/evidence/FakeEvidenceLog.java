package dev.retention.internal.evidence;

import dev.retention.RetentionException;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A log in memory, of which a test can take entries away. */
class FakeEvidenceLog implements EvidenceLog {

    static final Instant NOW = Instant.parse("2026-03-01T03:00:00Z");

    private final List<byte[]> unsealed = new ArrayList<>();
    private final List<Leaf> leaves = new ArrayList<>();
    private final List<SealStep.Node> nodes = new ArrayList<>();
    private final List<Seal> seals = new ArrayList<>();
    private final List<AnchoredHead> anchored = new ArrayList<>();
    /** What was read of heads, seals and hashes. */
    final List<String> reads = new ArrayList<>();

    private boolean failing;

    void write(String line) {
        unsealed.add(line.getBytes(StandardCharsets.UTF_8));
    }

    void write(int entries) {
        for (int i = 0; i < entries; i++) {
            unsealed.add(Trees.entry(leaves.size() + unsealed.size()));
        }
    }

    void fail(boolean fails) {
        failing = fails;
    }

    /** As if the database was restored: seals after the first ones are lost, and what was anchored since. */
    void restore(int sealsLeft) {
        seals.subList(sealsLeft, seals.size()).clear();
        long size = head().size();
        leaves.subList((int) size, leaves.size()).clear();
        nodes.removeIf(node -> (node.number() + 1) << node.level() > size);
        anchored.removeIf(head -> head.size() > size);
    }

    @Override
    public boolean enabled() {
        return true;
    }

    @Override
    public void append(Collection<EvidenceEntry> entries) {
        entries.forEach(entry -> unsealed.add(entry.bytes()));
    }

    @Override
    public Optional<Seal> seal(int most, SealStep step) {
        if (failing) {
            throw RetentionException.unavailable("the database does not answer");
        }
        if (unsealed.isEmpty()) {
            return Optional.empty();
        }
        List<byte[]> next = new ArrayList<>(unsealed.subList(0, Math.min(most, unsealed.size())));
        SealStep.Sealing sealing = step.append(head(), next);
        for (int i = 0; i < next.size(); i++) {
            leaves.add(new Leaf(leaves.size(), next.get(i), sealing.leafHashes().get(i)));
        }
        nodes.addAll(sealing.nodes());
        unsealed.subList(0, next.size()).clear();
        seals.add(new Seal(seals.size() + 1L, sealing.head(), sealing.checkpoint(), NOW));
        return newestSeal();
    }

    @Override
    public Unsealed unsealed() {
        return new Unsealed(unsealed.size(), unsealed.isEmpty() ? null : NOW);
    }

    @Override
    public TreeHead head() {
        reads.add("head");
        return newestSeal().map(Seal::head).orElse(TreeHead.EMPTY);
    }

    @Override
    public Optional<Seal> newestSeal() {
        return seals.isEmpty() ? Optional.empty() : Optional.of(seals.get(seals.size() - 1));
    }

    @Override
    public List<Seal> seals(long fromSize, int limit) {
        reads.add("seals");
        return seals.stream()
                .filter(seal -> seal.head().size() >= fromSize)
                .limit(limit)
                .toList();
    }

    @Override
    public List<Leaf> leaves(long from, int limit) {
        return leaves.stream().skip(from).limit(limit).toList();
    }

    @Override
    public List<Leaf> leavesOf(String recordingId) {
        return leaves.stream()
                .filter(leaf ->
                        new String(leaf.entry(), StandardCharsets.UTF_8).contains("\"id\":\"" + recordingId + "\""))
                .toList();
    }

    @Override
    public List<byte[]> hashes(int level, long from, int limit) {
        reads.add("hashes " + level);
        return (level == 0
                        ? leaves.stream().map(Leaf::hash)
                        : nodes.stream().filter(node -> node.level() == level).map(SealStep.Node::hash))
                .skip(from)
                .limit(limit)
                .toList();
    }

    @Override
    public void anchored(AnchoredHead head) {
        anchored.add(head);
    }

    @Override
    public Optional<AnchoredHead> newestAnchored(String anchor) {
        return anchored.stream()
                .filter(head -> head.anchor().equals(anchor))
                .max(Comparator.comparing(AnchoredHead::size));
    }

    @Override
    public List<AnchoredHead> anchoredHeads(long fromSize, int limit) {
        return anchored.stream()
                .filter(head -> head.size() >= fromSize)
                .sorted(Comparator.comparing(AnchoredHead::size))
                .limit(limit)
                .toList();
    }

    @Override
    public List<EvidenceEntry.Text> texts(Collection<String> hashes) {
        return List.of();
    }

    @Override
    public int eraseTexts(Collection<String> hashes) {
        return 0;
    }
}
