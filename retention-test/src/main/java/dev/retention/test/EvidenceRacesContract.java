package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionException;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceEntry.Kind;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.EvidenceLog.Seal;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SealStep;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** An {@link EvidenceLog} to which several write while several seal, as a test. */
public abstract class EvidenceRacesContract extends PortContract {

    private static final int WRITERS = 8;
    private static final SealStep STEP = SealSteps.COUNTING;

    /** Its test uses this fixture. */
    protected EvidenceRacesContract(RepositoryFixture fixture) {
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

    private static List<String> lines(List<EvidenceEntry> entries) {
        return entries.stream().map(EvidenceEntry::line).toList();
    }

    private static List<String> linesOf(List<Leaf> leaves) {
        return leaves.stream()
                .map(leaf -> new String(leaf.entry(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<Long> numbers(List<Leaf> leaves) {
        return leaves.stream().map(Leaf::number).toList();
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    /**
     * Eight writers, of whose transactions some are rolled back after they have drawn a number, and two that seal. They
     * commit in another order than they draw numbers, which is where a sealer that goes by numbers loses entries.
     */
    @Test
    void leavesNothingOutWhileOthersWrite() throws Exception {
        int each = Integer.getInteger("dev.retention.test.entries", 400) / WRITERS;
        List<RecordingRepository> instances = List.of(repository, createSecondInstance());
        Set<String> committed = new HashSet<>();
        Contest contest = new Contest(random, 1, "write");
        contest.goesOn();
        List<Contest.Entrant<?>> all = new ArrayList<>();
        List<Contest.Entrant<Collection<String>>> writers = IntStream.range(0, WRITERS)
                .mapToObj(writer -> contest.entrant("write", () -> write(instances.get(writer % 2), writer, each)))
                .toList();
        List<Contest.Entrant<Integer>> sealers = instances.stream()
                .map(instance -> contest.entrant("write", () -> sealUntilQuiet(instance)))
                .toList();
        all.addAll(writers);
        all.addAll(sealers);
        contest.start(all);
        writers.forEach(writer -> committed.addAll(writer.result()));
        sealAll();

        List<Leaf> leaves = log().leaves(0, 10 * WRITERS * each);
        assertThat(numbers(leaves)).as("seed %s", seed).isEqualTo(range(0, leaves.size()));
        assertThat(linesOf(leaves)).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(committed);
        TreeHead head = TreeHead.EMPTY;
        long from = 0;
        for (Seal seal : log().seals(0, 100_000)) {
            List<byte[]> sealed = leaves.subList((int) from, (int) seal.head().size()).stream()
                    .map(Leaf::entry)
                    .toList();
            head = STEP.append(head, sealed).head();
            assertThat(seal.head()).as("seed %s, seal %s", seed, seal.number()).isEqualTo(head);
            from = head.size();
        }
        assertThat(from).isEqualTo(leaves.size());
        assertThat(log().unsealed().entries()).isZero();
    }

    private Collection<String> write(RecordingRepository instance, int writer, int count) {
        List<String> committed = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            String name = "w" + writer + "-" + n;
            List<EvidenceEntry> entries =
                    new ArrayList<>(List.of(entry("r" + writer, name), entry("r" + writer, name + "b")));
            boolean fails = n % 20 == writer;
            if (fails) {
                entries.add(entry("x".repeat(Recording.MAX_ID_LENGTH + 1), name));
            }
            try {
                instance.evidence().append(entries);
                committed.addAll(lines(entries));
            } catch (RetentionException e) {
                assertThat(fails)
                        .as("only what can't be written is refused: %s", e)
                        .isTrue();
            }
        }
        return committed;
    }

    private static int sealUntilQuiet(RecordingRepository instance) {
        int seals = 0;
        // Bounded by what there is to seal: it ends when writers have been quiet for a while.
        for (int empty = 0; empty < 50; ) {
            Optional<Seal> seal = instance.evidence().seal(20, STEP);
            seals += seal.isPresent() ? 1 : 0;
            empty = seal.isPresent() ? 0 : empty + 1;
            Thread.onSpinWait();
        }
        return seals;
    }
}
