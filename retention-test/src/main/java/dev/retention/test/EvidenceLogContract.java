package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceEntry.Kind;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.AnchoredHead;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.EvidenceLog.Seal;
import dev.retention.spi.Recording;
import dev.retention.spi.SealStep;
import dev.retention.spi.SealStep.Sealing;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link EvidenceLog} must do with entries, as tests. */
public abstract class EvidenceLogContract extends PortContract {

    private static final SealStep STEP = SealSteps.COUNTING;

    /** Its tests use this fixture. */
    protected EvidenceLogContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private EvidenceLog log() {
        return repository.evidence();
    }

    private EvidenceEntry entry(String recordingId, String detail) {
        return EvidenceEntry.builder(Kind.EVENT, dbNow)
                .recording(recordingId)
                .text("detail", detail)
                .build();
    }

    private List<EvidenceEntry> entries(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> entry("r" + n % 7, "n" + n))
                .toList();
    }

    private static List<String> lines(List<EvidenceEntry> entries) {
        return entries.stream().map(EvidenceEntry::line).toList();
    }

    private static String line(Leaf leaf) {
        return new String(leaf.entry(), StandardCharsets.UTF_8);
    }

    private static List<String> linesOf(List<Leaf> leaves) {
        return leaves.stream().map(EvidenceLogContract::line).toList();
    }

    private static List<Long> numbers(List<Leaf> leaves) {
        return leaves.stream().map(Leaf::number).toList();
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    @Test
    void isEmptyAtFirst() {
        assertThat(log().enabled()).isTrue();
        assertThat(log().head()).isEqualTo(TreeHead.EMPTY);
        assertThat(log().newestSeal()).isEmpty();
        assertThat(log().seals(0, 10)).isEmpty();
        assertThat(log().leaves(0, 10)).isEmpty();
        assertThat(log().leavesOf("r1")).isEmpty();
        assertThat(log().hashes(0, 0, 10)).isEmpty();
        assertThat(log().unsealed().entries()).isZero();
        assertThat(log().unsealed().since()).isNull();
        assertThat(log().seal(10, (head, none) -> {
                    throw new AssertionError("nothing is to be sealed");
                }))
                .isEmpty();
        assertThat(log().head()).isEqualTo(TreeHead.EMPTY);
    }

    @Test
    void sealsEntriesInTheirOrder() {
        List<EvidenceEntry> first = entries(3);
        log().append(first);
        log().append(List.of());
        List<EvidenceEntry> second = List.of(entry("r1", "later \u00e4\u20ac\ud83d\ude00 \"quoted\" \\ \n \u0000"));
        log().append(second);
        assertThat(log().unsealed().entries()).isEqualTo(4);
        assertThat(log().unsealed().since()).isEqualTo(dbNow);
        assertThat(log().leaves(0, 10)).isEmpty();

        Seal seal = log().seal(100, STEP).orElseThrow();

        List<EvidenceEntry> all = new ArrayList<>(first);
        all.addAll(second);
        List<byte[]> bytes = all.stream().map(EvidenceEntry::bytes).toList();
        Sealing expected = STEP.append(TreeHead.EMPTY, bytes);
        assertThat(seal.number()).isEqualTo(1);
        assertThat(seal.head()).isEqualTo(expected.head());
        assertThat(seal.checkpoint()).isEqualTo(expected.checkpoint());
        assertThat(log().newestSeal()).contains(seal);
        assertThat(log().head()).isEqualTo(expected.head());
        List<Leaf> leaves = log().leaves(0, 10);
        assertThat(linesOf(leaves)).isEqualTo(lines(all));
        assertThat(numbers(leaves)).isEqualTo(range(0, 4));
        assertThat(leaves).extracting(Leaf::hash).containsExactlyElementsOf(expected.leafHashes());
        assertThat(linesOf(log().leavesOf("r1")))
                .containsExactly(first.get(1).line(), second.get(0).line());
        assertThat(numbers(log().leavesOf("r1"))).containsExactly(1L, 3L);
        assertThat(log().leavesOf("r")).isEmpty();
        assertThat(log().unsealed().entries()).isZero();
        assertThat(log().seal(100, STEP)).isEmpty();
    }

    @Test
    void continuesTheTree() {
        List<Seal> seals = new ArrayList<>();
        TreeHead head = TreeHead.EMPTY;
        for (int n = 1; n <= 5; n++) {
            log().append(entries(n));
            Seal seal = log().seal(100, STEP).orElseThrow();
            head = STEP.append(
                            head, entries(n).stream().map(EvidenceEntry::bytes).toList())
                    .head();
            assertThat(seal.head()).isEqualTo(head);
            seals.add(seal);
        }
        assertThat(seals).extracting(Seal::number).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(log().seals(0, 100)).isEqualTo(seals);
        assertThat(log().seals(6, 2)).isEqualTo(seals.subList(2, 4));
        assertThat(log().seals(7, 2)).isEqualTo(seals.subList(3, 5));
        assertThat(log().seals(16, 2)).isEmpty();
        assertThat(createSecondInstance().evidence().newestSeal()).contains(seals.get(4));
    }

    @Test
    void sealsNoMoreTransactionsThanNeeded() {
        log().append(entries(3));
        log().append(entries(3));
        log().append(entries(3));
        assertThat(log().seal(1, STEP).orElseThrow().head().size()).isBetween(1L, 3L);
        sealAll();
        assertThat(log().head().size()).isEqualTo(9);
        assertThat(numbers(log().leaves(0, 100))).isEqualTo(range(0, 9));
    }

    @Test
    void readsAnyPartOfManyEntries() {
        int count = 1_203;
        List<EvidenceEntry> many = entries(count);
        log().append(many);
        sealAll();
        log().append(entries(20));
        sealAll();
        List<Leaf> all = log().leaves(0, 5_000);
        assertThat(numbers(all)).isEqualTo(range(0, count + 20));
        assertThat(linesOf(all.subList(0, count))).isEqualTo(lines(many));
        for (long from : List.of(0L, 1L, 499L, 500L, 501L, 999L, 1_000L, 1_202L, 1_203L, 1_222L, 1_223L, 9_999L)) {
            for (int limit : List.of(1, 2, 500, 501)) {
                int start = (int) Math.min(from, all.size());
                List<Leaf> expected = all.subList(start, Math.min(start + limit, all.size()));
                String what = "from " + from + " limit " + limit;
                List<Leaf> part = log().leaves(from, limit);
                assertThat(numbers(part)).as(what).isEqualTo(numbers(expected));
                assertThat(linesOf(part)).as(what).isEqualTo(linesOf(expected));
                assertThat(log().hashes(0, from, limit))
                        .as(what)
                        .containsExactlyElementsOf(
                                expected.stream().map(Leaf::hash).toList());
            }
        }
        assertThat(numbers(log().leavesOf("r3")))
                .isEqualTo(LongStream.concat(
                                LongStream.range(0, count).filter(n -> n % 7 == 3),
                                LongStream.range(0, 20).filter(n -> n % 7 == 3).map(n -> count + n))
                        .boxed()
                        .toList());
    }

    @Test
    void keepsNodes() {
        log().append(entries(20));
        Sealing sealed = STEP.append(
                TreeHead.EMPTY, entries(20).stream().map(EvidenceEntry::bytes).toList());
        assertThat(sealed.nodes()).hasSize(2);
        log().seal(100, STEP);
        log().append(entries(20));
        log().seal(100, STEP);
        assertThat(log().hashes(SealSteps.LEVEL, 0, 100)).hasSize(5);
        assertThat(log().hashes(SealSteps.LEVEL, 0, 2))
                .containsExactly(
                        sealed.nodes().get(0).hash(), sealed.nodes().get(1).hash());
        assertThat(log().hashes(SealSteps.LEVEL, 4, 100)).hasSize(1);
        assertThat(log().hashes(SealSteps.LEVEL, 5, 100)).isEmpty();
        assertThat(log().hashes(SealSteps.LEVEL + 1, 0, 100)).isEmpty();
    }

    @Test
    void sealsNothingWithAWrongStep() {
        log().append(entries(3));
        SealStep forgetful = (head, all) -> STEP.append(head, all.subList(1, all.size()));
        SealStep stuck = (head, all) ->
                new Sealing(head, STEP.append(head, all).leafHashes(), List.of(), "the same tree with more leaves");
        SealStep broken = (head, all) -> {
            throw new IllegalStateException("a step that fails");
        };
        for (SealStep wrong : List.of(forgetful, stuck, broken)) {
            assertThatThrownBy(() -> log().seal(100, wrong)).isInstanceOf(RuntimeException.class);
            assertThat(log().head()).isEqualTo(TreeHead.EMPTY);
            assertThat(log().leaves(0, 10)).isEmpty();
            assertThat(log().unsealed().entries()).isEqualTo(3);
        }
        assertThat(log().seal(100, STEP).orElseThrow().head().size()).isEqualTo(3);
    }

    @Test
    void appendsAllOrNothing() {
        EvidenceEntry tooLong = entry("x".repeat(Recording.MAX_ID_LENGTH + 1), "an id that no column takes");
        assertThatThrownBy(() -> log().append(List.of(entry("r1", "good"), tooLong)))
                .isInstanceOf(RetentionException.class);
        assertThat(log().unsealed().entries()).isZero();
        assertThat(log().seal(10, STEP)).isEmpty();
        log().append(List.of(entry("x".repeat(Recording.MAX_ID_LENGTH), "one that fits")));
        assertThat(log().seal(10, STEP).orElseThrow().head().size()).isEqualTo(1);
    }

    @Test
    void keepsATextBesideItsHashUntilItIsErased() {
        String named = "Jane Roe, +44 20 7946 0000, \u201ccase 7\u201d";
        EvidenceEntry entry = EvidenceEntry.builder(Kind.HOLD, dbNow)
                .recording("r1")
                .personal("reason", named)
                .build();
        EvidenceEntry.Text text = only(entry.texts());
        log().append(List.of(entry));
        sealAll();
        assertThat(entry.line())
                .contains("\"reason\":\"" + text.hash() + "\"")
                .doesNotContain("Jane")
                .doesNotContain("7946");
        assertThat(log().texts(List.of(text.hash(), "another"))).containsExactly(text);
        assertThat(log().texts(List.of())).isEmpty();
        assertThat(log().eraseTexts(List.of("another"))).isZero();
        assertThat(log().eraseTexts(List.of(text.hash(), text.hash()))).isEqualTo(1);
        assertThat(log().texts(List.of(text.hash()))).isEmpty();
        assertThat(linesOf(log().leavesOf("r1"))).containsExactly(entry.line());
    }

    @Test
    void remembersWhatIsAnchored() {
        AnchoredHead older = new AnchoredHead("file", 3, dbNow, "line 1");
        AnchoredHead newer = new AnchoredHead("file", 7, dbNow.plusSeconds(1), "line 2");
        AnchoredHead elsewhere = new AnchoredHead("log", 5, dbNow, "");
        List.of(newer, older, elsewhere, older).forEach(log()::anchored);
        log().anchored(new AnchoredHead("file", 7, dbNow.plusSeconds(9), "a second answer"));
        assertThat(log().newestAnchored("file")).contains(newer);
        assertThat(log().newestAnchored("log")).contains(elsewhere);
        assertThat(log().newestAnchored("FILE")).isEmpty();
        assertThat(log().anchoredHeads(0, 10)).containsExactly(older, elsewhere, newer);
        assertThat(log().anchoredHeads(4, 1)).containsExactly(elsewhere);
    }
}
