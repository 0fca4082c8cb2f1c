package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.TreeHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When entries are sealed, where heads are anchored, and what an anchor says of a log that was changed. */
class SealerTest {

    private static final TreeSealing SEALING = new TreeSealing("example.com/log", null);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final FakeEvidenceLog evidence = new FakeEvidenceLog();
    private final List<Runnable> before = new ArrayList<>();
    private final Map<String, Control> controls = new HashMap<>();
    private long nanos;

    /** An anchor that fails when it is told to, and can't be read back. */
    private static class Witness implements CheckpointAnchor {
        private final List<String> kept = new ArrayList<>();
        private @Nullable String failure;

        @Override
        public String name() {
            return "witness";
        }

        @Override
        public AnchorReceipt anchor(String checkpoint) {
            if (failure != null) {
                throw new IllegalStateException(failure);
            }
            kept.add(checkpoint);
            return new AnchorReceipt("x".repeat(1_000));
        }
    }

    private final Witness witness = new Witness();

    @Test
    void allIsSealedInSlicesAndTheNewestHeadIsAnchored() {
        evidence.write(2 * Sealer.MOST_ENTRIES + 1);
        Sealer sealer = sealer(witness);
        assertThat(sealer.seal()).isEqualTo(2L * Sealer.MOST_ENTRIES + 1);
        assertThat(evidence.seals(0, 10)).hasSize(3);
        assertThat(witness.kept).containsExactly(newestCheckpoint());
        assertThat(evidence.newestAnchored("witness").orElseThrow().receipt()).hasSize(500);
        assertThat(sealer.seal()).isZero();
        assertThat(witness.kept).as("no head is anchored twice").hasSize(1);
    }

    @Test
    void whatIsWrittenRightBeforeASealIsSealedWithIt() {
        before.add(() -> evidence.write(1));
        Sealer sealer = sealer(witness);
        sealer.afterSlice();
        assertThat(evidence.head().size()).as("not during a run").isZero();
        assertThat(sealer.seal()).isEqualTo(1);
        sealer.afterWork();
        assertThat(evidence.head().size()).isEqualTo(2);
    }

    @Test
    void aRunSealsAtMostEveryFiveSeconds() {
        Sealer sealer = sealer(witness);
        evidence.write(1);
        sealer.afterSlice();
        assertThat(evidence.head().size()).isEqualTo(1);
        evidence.write(1);
        nanos += Duration.ofSeconds(5).toNanos() - 1;
        sealer.afterSlice();
        assertThat(evidence.head().size()).isEqualTo(1);
        nanos += 1;
        sealer.afterSlice();
        assertThat(evidence.head().size()).isEqualTo(2);
        assertThat(witness.kept).as("within a run nothing is anchored").isEmpty();
        evidence.write(1);
        sealer.afterWork();
        assertThat(evidence.head().size()).as("at its end, whenever that is").isEqualTo(3);
        assertThat(witness.kept).hasSize(1);
    }

    @Test
    void aRunGoesOnWhenSealingFails() {
        Sealer sealer = sealer(witness);
        evidence.write(3);
        evidence.fail(true);
        sealer.afterSlice();
        sealer.afterWork();
        assertThatThrownBy(sealer::seal).isInstanceOf(RetentionException.class);
        evidence.fail(false);
        assertThat(sealer.seal()).isEqualTo(3);
    }

    @Test
    void anAnchorThatFailsIsTriedAgainAndKeepsNoOtherFromItsHead() {
        Witness other = new Witness() {
            @Override
            public String name() {
                return "other";
            }
        };
        Sealer sealer = sealer(witness, other);
        witness.failure = "no connection";
        evidence.write(1);
        sealer.seal();
        assertThat(sealer.failure(witness)).contains("no connection");
        assertThat(sealer.failure(other)).isEmpty();
        assertThat(other.kept).hasSize(1);
        witness.failure = null;
        sealer.seal();
        assertThat(sealer.failure(witness)).isEmpty();
        assertThat(witness.kept).containsExactly(newestCheckpoint());
        assertThat(other.kept).hasSize(1);
    }

    @Test
    void aFileIsOnlyAppendedTo() throws IOException {
        Path file = directory.resolve("heads");
        Sealer sealer = sealer(new FileAnchor(file));
        evidence.write(1);
        sealer.seal();
        String first = Files.readString(file);
        assertThat(first).isEqualTo(newestCheckpoint());
        evidence.write(1);
        sealer.seal();
        assertThat(Files.readString(file)).isEqualTo(first + newestCheckpoint());
        assertThat(FileAnchor.read(Files.readString(file))).hasSize(2);
        assertThat(new FileAnchor(file).newest()).contains(newestCheckpoint());
        assertThat(sealer.objections()).isEmpty();
    }

    /** A disk that is full leaves a part of a head. It is never removed, and never read as a head. */
    @Test
    void aHeadThatWasWrittenInPartIsSkipped() throws IOException {
        Path file = directory.resolve("heads");
        FileAnchor anchor = new FileAnchor(file);
        Sealer sealer = sealer(anchor);
        evidence.write(1);
        sealer.seal();
        String first = newestCheckpoint();
        evidence.write(1);
        for (int length = 1; length < first.length(); length++) {
            String torn = first.substring(0, length);
            Files.writeString(file, first + torn);
            assertThat(anchor.newest()).as("after '%s'", torn).contains(first);
            anchor.anchor(first.replace("\n1\n", "\n2\n"));
            assertThat(anchor.newest()).as("after '%s'", torn).contains(first.replace("\n1\n", "\n2\n"));
            assertThat(Files.readString(file)).startsWith(first + torn);
        }
    }

    @Test
    void theNewestHeadOfALongFileIsFound() throws IOException {
        Path file = directory.resolve("heads");
        FileAnchor anchor = new FileAnchor(file);
        evidence.write(1);
        sealer(anchor).seal();
        String note = newestCheckpoint();
        Files.writeString(file, note.repeat(2_000), StandardOpenOption.APPEND);
        String last = note.replace("\n1\n", "\n7\n");
        anchor.anchor(last);
        assertThat(anchor.newest()).contains(last);
    }

    @Test
    void aFileThatCantBeWrittenIsNamed() throws IOException {
        Path file = Files.createDirectory(directory.resolve("folder"));
        FileAnchor anchor = new FileAnchor(file.resolve("missing").resolve("heads"));
        Sealer sealer = sealer(anchor);
        evidence.write(1);
        assertThat(sealer.seal()).isEqualTo(1);
        assertThat(sealer.failure(anchor).orElseThrow()).contains(file.toString(), "could not be written");
        Files.createDirectory(file.resolve("missing"));
        sealer.seal();
        assertThat(sealer.failure(anchor)).isEmpty();
        assertThat(anchor.newest()).contains(newestCheckpoint());
    }

    @Test
    void aRestoredDatabaseIsNoticed() throws IOException {
        Path file = directory.resolve("heads");
        FileAnchor anchor = new FileAnchor(file);
        Sealer sealer = sealer(anchor);
        for (int size : new int[] {300, 5}) {
            evidence.write(size);
            sealer.seal();
        }
        assertThat(sealer.objections()).isEmpty();
        String before = Files.readString(file);
        evidence.restore(1);
        assertThat(sealer.objections())
                .singleElement()
                .asString()
                .contains("older than what was anchored", "5 entries are missing", "restored from a backup");

        // It grows beyond what was anchored, with other entries.
        evidence.write("{\"v\":1,\"other\":1}");
        evidence.write(10);
        sealer.seal();
        assertThat(sealer.objections()).singleElement().asString().contains("forks", "305 entries");
        assertThat(sealer.failure(anchor).orElseThrow()).contains("forks");
        assertThat(Files.readString(file))
                .as("the file still shows what was there")
                .isEqualTo(before);
    }

    @Test
    void aFileThatWasReplacedIsNamedAndLeftAsItIs() throws IOException {
        Path file = directory.resolve("heads");
        FileAnchor anchor = new FileAnchor(file);
        Sealer sealer = sealer(anchor);
        evidence.write(1);
        sealer.seal();
        Files.move(file, directory.resolve("moved"));
        assertThat(sealer.objections()).singleElement().asString().contains("replaced or emptied");
        evidence.write(1);
        sealer.seal();
        assertThat(sealer.failure(anchor).orElseThrow()).contains("replaced or emptied", "head of 1 entries");
        assertThat(file).doesNotExist();

        String foreign = new Checkpoint("example.com/other", 1, evidence.head().root())
                .signed(null)
                .toString();
        Files.writeString(file, foreign);
        sealer.seal();
        assertThat(sealer.failure(anchor).orElseThrow()).contains("keeps heads of the log example.com/other");
        assertThat(Files.readString(file)).isEqualTo(foreign);

        Files.move(directory.resolve("moved"), file, StandardCopyOption.REPLACE_EXISTING);
        sealer.seal();
        assertThat(sealer.failure(anchor)).isEmpty();
        assertThat(anchor.newest()).contains(newestCheckpoint());
    }

    @Test
    void whatAPersonHasAcceptedIsNotObjectedToAndTheFileGoesOn() throws IOException {
        Path file = directory.resolve("heads");
        FileAnchor anchor = new FileAnchor(file);
        Sealer sealer = sealer(anchor);
        for (int size : new int[] {300, 5}) {
            evidence.write(size);
            sealer.seal();
        }
        String before = Files.readString(file);
        evidence.restore(1);
        List<LostHead> lost = sealer.lostHeads();
        LostHeads.accept(lost, controls)
                .forEach(change -> controls.put(change.name(), new Control(String.valueOf(change.to()), null, null)));
        assertThat(sealer.objections()).isEmpty();
        assertThat(sealer.lostHeads()).as("the brakes decide").isEqualTo(lost);
        evidence.write("{\"v\":1,\"other\":1}");
        sealer.seal();
        assertThat(Files.readString(file)).isEqualTo(before + newestCheckpoint());
        assertThat(sealer.lostHeads()).isEmpty();

        evidence.write(7);
        sealer.seal();
        evidence.restore(2);
        assertThat(sealer.objections()).as("another head").hasSize(1);
    }

    /** Nearly always the newest head is that of a seal. Otherwise its root is made of a few stored hashes. */
    @Test
    void aComparisonReadsLittle() throws IOException {
        Path file = directory.resolve("heads");
        FileAnchor anchor = new FileAnchor(file);
        Sealer sealer = sealer(anchor);
        for (int size : new int[] {300, 5}) {
            evidence.write(size);
            sealer.seal();
        }
        evidence.reads.clear();
        assertThat(sealer.lostHeads()).isEmpty();
        assertThat(evidence.reads).containsExactly("head");

        evidence.write(5);
        sealer(new Witness()).seal();
        evidence.reads.clear();
        assertThat(sealer.lostHeads()).isEmpty();
        assertThat(evidence.reads).containsExactly("head", "seals");

        byte[] root = new TreeProofs(evidence::hashes).root(303);
        Files.writeString(
                file, new Checkpoint("example.com/log", 303, root).signed(null).toString());
        evidence.reads.clear();
        assertThat(sealer.lostHeads()).isEmpty();
        assertThat(evidence.reads).containsExactly("head", "seals", "hashes 8", "hashes 0");

        List<Integer> read = new ArrayList<>();
        new TreeProofs((level, from, limit) -> {
                    read.add(limit);
                    return Collections.nCopies(limit, new byte[TreeHead.HASH_LENGTH]);
                })
                .root(9_999_999);
        assertThat(read)
                .as("of ten million entries")
                .hasSizeLessThanOrEqualTo(4)
                .allMatch(limit -> limit == 256);
    }

    private Sealer sealer(CheckpointAnchor... anchors) {
        return new Sealer(
                evidence,
                SEALING,
                List.of(anchors),
                () -> nanos,
                () -> FakeEvidenceLog.NOW,
                () -> before.forEach(Runnable::run),
                () -> controls);
    }

    private String newestCheckpoint() {
        return evidence.newestSeal().orElseThrow().checkpoint();
    }
}
