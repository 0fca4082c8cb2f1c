package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The tree of the evidence log, and proofs over it. */
class MerkleTreeTest {

    /** The roots of the reference implementation's trees of 1 to 8 leaves. */
    private static final List<byte[]> ROOTS = Trees.hexes(
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    /** A tree of two whole tiles, a part of a third one, and a node above them. */
    private static final int SIZE = 700;

    @Test
    void rootsAreThoseOfTheReference() {
        assertThat(TreeHead.EMPTY.root())
                .isEqualTo(Trees.hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
                .isEqualTo(new TreeBuilder(TreeHead.EMPTY).head().root());
        for (int size = 1; size <= ROOTS.size(); size++) {
            assertThat(Trees.of(Trees.REFERENCE.subList(0, size)).head().root())
                    .as("%s leaves", size)
                    .isEqualTo(ROOTS.get(size - 1));
        }
    }

    @Test
    void inclusionProofsAreThoseOfTheReference() {
        TreeProofs proofs = Trees.of(Trees.REFERENCE).proofs();
        assertThat(proofs.inclusion(0, 1)).isEmpty();
        assertThat(proofs.inclusion(0, 8))
                .containsExactlyElementsOf(Trees.hexes(
                        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"));
        assertThat(proofs.inclusion(5, 8))
                .containsExactlyElementsOf(Trees.hexes(
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
        assertThat(proofs.inclusion(2, 3))
                .containsExactlyElementsOf(
                        Trees.hexes("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"));
        assertThat(proofs.inclusion(1, 5))
                .containsExactlyElementsOf(Trees.hexes(
                        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
    }

    @Test
    void consistencyProofsAreThoseOfTheReference() {
        TreeProofs proofs = Trees.of(Trees.REFERENCE).proofs();
        assertThat(proofs.consistency(1, 1)).isEmpty();
        assertThat(proofs.consistency(0, 8)).isEmpty();
        assertThat(proofs.consistency(1, 8))
                .containsExactlyElementsOf(Trees.hexes(
                        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"));
        assertThat(proofs.consistency(6, 8))
                .containsExactlyElementsOf(Trees.hexes(
                        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
        assertThat(proofs.consistency(2, 5))
                .containsExactlyElementsOf(Trees.hexes(
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
    }

    @Test
    void eachLeafOfEachSizeIsProven() {
        Trees tree = Trees.of(70);
        for (int size = 1; size <= 70; size++) {
            byte[] root = Trees.of(size).head().root();
            assertThat(tree.proofs().root(size)).isEqualTo(root);
            for (int leaf = 0; leaf < size; leaf++) {
                List<byte[]> proof = tree.proofs().inclusion(leaf, size);
                assertThat(ProofCheck.isIncluded(tree.leaf(leaf), leaf, size, proof, root))
                        .as("leaf %s of %s", leaf, size)
                        .isTrue();
            }
        }
    }

    @Test
    void eachSizeIsConsistentWithEachLargerOne() {
        Trees tree = Trees.of(70);
        for (int size = 0; size <= 70; size++) {
            for (int old = 0; old <= size; old++) {
                List<byte[]> proof = tree.proofs().consistency(old, size);
                assertThat(ProofCheck.isConsistent(old, root(tree, old), size, root(tree, size), proof))
                        .as("%s to %s", old, size)
                        .isTrue();
            }
        }
    }

    @Test
    void proofsReadWholeTilesAndStoredNodes() {
        Trees tree = Trees.of(SIZE);
        assertThat(tree.hashes(8, 0, 256)).hasSize(2);
        byte[] root = tree.head().root();
        for (int leaf : new int[] {0, 255, 256, 511, 512, 699}) {
            int before = tree.reads();
            List<byte[]> proof = tree.proofs().inclusion(leaf, SIZE);
            assertThat(ProofCheck.isIncluded(tree.leaf(leaf), leaf, SIZE, proof, root))
                    .isTrue();
            assertThat(tree.reads() - before).as("reads for %s", leaf).isLessThanOrEqualTo(3);
        }
        for (int old : new int[] {1, 255, 256, 257, 511, 512, 513, 699}) {
            List<byte[]> proof = tree.proofs().consistency(old, SIZE);
            assertThat(ProofCheck.isConsistent(old, root(tree, old), SIZE, root, proof))
                    .as("from %s", old)
                    .isTrue();
        }
    }

    /** A verifier accepts one proof only: each change of it, or of what it is about, is refused. */
    @Test
    void noChangedInclusionProofIsAccepted() {
        Trees tree = Trees.of(37);
        byte[] root = tree.head().root();
        for (int leaf = 0; leaf < 37; leaf++) {
            List<byte[]> proof = tree.proofs().inclusion(leaf, 37);
            byte[] hash = tree.leaf(leaf);
            for (List<byte[]> changed : changes(proof)) {
                assertThat(ProofCheck.isIncluded(hash, leaf, 37, changed, root)).isFalse();
            }
            for (int other = -1; other <= 37; other++) {
                assertThat(ProofCheck.isIncluded(hash, other, 37, proof, root))
                        .as("leaf %s as %s", leaf, other)
                        .isEqualTo(other == leaf);
            }
            assertThat(ProofCheck.isIncluded(flipped(hash), leaf, 37, proof, root))
                    .isFalse();
            assertThat(ProofCheck.isIncluded(hash, leaf, 37, proof, flipped(root)))
                    .isFalse();
        }
    }

    @Test
    void noChangedConsistencyProofIsAccepted() {
        Trees tree = Trees.of(37);
        byte[] root = tree.head().root();
        for (int old = 1; old < 37; old++) {
            List<byte[]> proof = tree.proofs().consistency(old, 37);
            byte[] oldRoot = root(tree, old);
            for (List<byte[]> changed : changes(proof)) {
                assertThat(ProofCheck.isConsistent(old, oldRoot, 37, root, changed))
                        .isFalse();
            }
            assertThat(ProofCheck.isConsistent(old, flipped(oldRoot), 37, root, proof))
                    .isFalse();
            assertThat(ProofCheck.isConsistent(old, oldRoot, 37, flipped(root), proof))
                    .isFalse();
            assertThat(ProofCheck.isConsistent(38, oldRoot, 37, root, proof)).isFalse();
        }
        assertThat(ProofCheck.isConsistent(0, root, 37, root, List.of())).isFalse();
        assertThat(ProofCheck.isConsistent(37, flipped(root), 37, root, List.of()))
                .isFalse();
    }

    @Test
    void anEntryIsNeverTheNodeAboveTwoOthers() {
        byte[] left = MerkleHash.leaf(Trees.entry(0));
        byte[] right = MerkleHash.leaf(Trees.entry(1));
        byte[] both = new byte[64];
        System.arraycopy(left, 0, both, 0, 32);
        System.arraycopy(right, 0, both, 32, 32);
        assertThat(MerkleHash.leaf(both)).isNotEqualTo(MerkleHash.node(left, right));
    }

    @Test
    void aTreeGrowsFromItsHeadAlone() {
        Random random = new Random(1);
        TreeSealing sealing = new TreeSealing("example.com/log", null);
        TreeHead head = TreeHead.EMPTY;
        List<byte[]> entries = Trees.entries(SIZE);
        List<SealStep.Node> nodes = new ArrayList<>();
        while (head.size() < SIZE) {
            int from = (int) head.size();
            int to = Math.min(SIZE, from + 1 + random.nextInt(90));
            SealStep.Sealing seal = sealing.append(head, entries.subList(from, to));
            assertThat(seal.leafHashes()).hasSize(to - from);
            nodes.addAll(seal.nodes());
            head = seal.head();
            assertThat(head).isEqualTo(Trees.of(to).head());
            assertThat(Checkpoint.parse(SignedNote.parse(seal.checkpoint())))
                    .isEqualTo(new Checkpoint("example.com/log", to, head.root()));
        }
        assertThat(nodes).extracting(SealStep.Node::level).containsExactly(8, 8);
        assertThat(nodes).extracting(SealStep.Node::number).containsExactly(0L, 1L);
    }

    @Test
    void nothingIsSealedOnAHeadThatContradictsItself() {
        TreeHead head = Trees.of(5).head();
        TreeHead changed = new TreeHead(5, flipped(head.root()), head.frontier());
        assertThatThrownBy(() -> new TreeSealing("example.com/log", null).append(changed, Trees.entries(1)))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("changed by hand");
    }

    @Test
    void missingHashesAreSaidToBeMissing() {
        Trees tree = Trees.of(8);
        TreeProofs proofs = new TreeProofs(
                (level, from, limit) -> tree.hashes(level, from, limit).subList(0, 7));
        assertThatThrownBy(() -> proofs.inclusion(0, 8))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("lacks hashes of level 0 after number 7");
        assertThatThrownBy(() -> tree.proofs().inclusion(8, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tree.proofs().consistency(9, 8)).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] root(Trees tree, int size) {
        return tree.proofs().root(size);
    }

    private static byte[] flipped(byte[] hash) {
        byte[] changed = hash.clone();
        changed[31] ^= 1;
        return changed;
    }

    private static List<List<byte[]>> changes(List<byte[]> proof) {
        List<List<byte[]>> changes = new ArrayList<>();
        for (int i = 0; i < proof.size(); i++) {
            List<byte[]> changed = new ArrayList<>(proof);
            changed.set(i, flipped(proof.get(i)));
            changes.add(changed);
            List<byte[]> shorter = new ArrayList<>(proof);
            shorter.remove(i);
            changes.add(shorter);
            if (i > 0) {
                List<byte[]> swapped = new ArrayList<>(proof);
                swapped.set(i, proof.get(i - 1));
                swapped.set(i - 1, proof.get(i));
                changes.add(swapped);
            }
        }
        List<byte[]> longer = new ArrayList<>(proof);
        longer.add(new byte[32]);
        changes.add(longer);
        return changes;
    }
}
