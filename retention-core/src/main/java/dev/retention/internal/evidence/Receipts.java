package dev.retention.internal.evidence;

import dev.retention.EvidenceReceipt;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.EvidenceLog.Seal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes receipts: the entries of one recording with their proofs, all of them under one head. */
public final class Receipts {

    private final EvidenceLog evidence;

    public Receipts(EvidenceLog evidence) {
        this.evidence = evidence;
    }

    public EvidenceReceipt of(String recordingId) {
        Optional<Seal> newest = evidence.newestSeal();
        if (newest.isEmpty()) {
            return new EvidenceReceipt(recordingId, List.of(), "", null);
        }
        Seal seal = newest.get();
        TreeProofs proofs = new TreeProofs(evidence::hashes);
        List<EvidenceReceipt.Entry> entries = evidence.leavesOf(recordingId).stream()
                // Some may have been sealed since the head was read.
                .filter(leaf -> leaf.number() < seal.head().size())
                .map(leaf -> entry(leaf, seal, proofs))
                .toList();
        return new EvidenceReceipt(recordingId, entries, seal.checkpoint(), since(evidence));
    }

    private static EvidenceReceipt.Entry entry(Leaf leaf, Seal seal, TreeProofs proofs) {
        TlogProof proof = new TlogProof(
                leaf.entry(),
                leaf.number(),
                proofs.inclusion(leaf.number(), seal.head().size()),
                seal.checkpoint());
        return new EvidenceReceipt.Entry(leaf.number(), new String(leaf.entry(), StandardCharsets.UTF_8), proof.text());
    }

    /** Since when there is evidence; null before the first seal. */
    static @Nullable String since(EvidenceLog evidence) {
        return evidence.leaves(0, 1).stream()
                .map(leaf -> EntryText.parse(new String(leaf.entry(), StandardCharsets.UTF_8))
                        .text("at"))
                .findFirst()
                .orElse(null);
    }
}
