package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.DeletionResult;
import dev.retention.test.InMemoryRecordingRepository;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The evidence of sweeps: sealed and anchored at their end, and handed out as receipts and exports. */
class SealedEvidenceTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final World world = new World();
    private final Witness witness = new Witness();

    private static final class Witness implements CheckpointAnchor {
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
            return new AnchorReceipt("number " + kept.size());
        }
    }

    private RetentionEvidence evidence() {
        return RetentionEvidence.builder(world.repository)
                .origin("example.com/log")
                .anchor(witness)
                .build();
    }

    private SweepReport sweep(RetentionEvidence evidence) {
        try (RetentionSweeper sweeper =
                world.builder(world.storage).evidence(evidence).build()) {
            return sweeper.sweep();
        }
    }

    @Test
    void aSweepLeavesNothingUnsealed() {
        world.due(5).young("young");
        RetentionEvidence evidence = evidence();
        assertThat(sweep(evidence).deleted()).isEqualTo(5);

        EvidenceStatus status = evidence.status();
        assertThat(status.enabled()).isTrue();
        assertThat(status.unsealed()).isZero();
        // A claim and an outcome for each, the policies, the beginning and the end of the run.
        assertThat(status.sealed()).isGreaterThanOrEqualTo(13);
        assertThat(status.anchors())
                .singleElement()
                .returns("witness", EvidenceStatus.Anchor::name)
                .returns(status.sealed(), EvidenceStatus.Anchor::size)
                .returns(null, EvidenceStatus.Anchor::failure);
        assertThat(witness.kept).containsExactly(evidence.checkpoint().orElseThrow());
        assertThat(witness.kept.get(0)).startsWith("example.com/log\n" + status.sealed() + "\n");
        assertThat(evidence.seal()).isZero();
        assertThat(evidence.objections()).isEmpty();
    }

    @Test
    void aSweepWithoutSettingsSealsToo() {
        world.due(1);
        assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
        RetentionEvidence evidence = RetentionEvidence.builder(world.repository).build();
        assertThat(evidence.status().unsealed()).isZero();
        assertThat(evidence.checkpoint().orElseThrow()).startsWith(RetentionEvidence.DEFAULT_ORIGIN + "\n");
        assertThat(evidence.verifierKey()).isEmpty();
    }

    @Test
    void anAnchorThatFailsChangesNoReport() {
        world.due(2);
        witness.failure = "no connection";
        RetentionEvidence evidence = evidence();
        assertThat(sweep(evidence)).returns(2L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(evidence.status().anchors())
                .singleElement()
                .returns("no connection", EvidenceStatus.Anchor::failure)
                .returns(0L, EvidenceStatus.Anchor::size);
        witness.failure = null;
        evidence.seal();
        assertThat(witness.kept).hasSize(1);
    }

    @Test
    void anErasureIsSealed() {
        world.young("asked").due("left");
        RetentionEvidence evidence = evidence();
        try (RetentionSweeper sweeper =
                world.builder(world.storage).evidence(evidence).build()) {
            sweeper.sweep();
            RetentionOperations.of(sweeper).erase(List.of("asked"), "dpo", "request");
            assertThat(evidence.status().unsealed()).isZero();
            assertThat(evidence.receipt("asked").entries()).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aRecoveryIsSealed() {
        world.due("left");
        world.claimAndDie("left");
        world.clock.advance(Duration.ofMinutes(11));
        RetentionEvidence evidence = evidence();
        try (RetentionSweeper sweeper =
                world.builder(world.storage).evidence(evidence).build()) {
            // A run that all have left is continued first, and sealed as a run is.
            world.repository
                    .runs()
                    .open()
                    .ifPresent(run -> world.repository
                            .runs()
                            .end(
                                    run.id(),
                                    SweepReport.builder(World.NOW, World.NOW, SweepEnd.OUT_OF_TIME, "left")
                                            .build()));
            assertThat(sweeper.recover()).isEqualTo(1);
        }
        assertThat(evidence.status().unsealed()).isZero();
        assertThat(evidence.receipt("left").entries()).hasSizeGreaterThanOrEqualTo(3);
        assertThat(witness.kept).hasSize(1);
    }

    @Test
    void aLongSweepIsSealedWhileItRuns() {
        world.due(200);
        RetentionEvidence evidence = evidence();
        List<Long> sealed = new ArrayList<>();
        world.storage.answer("key-due-0199", recording -> {
            sealed.add(evidence.status().sealed());
            return DeletionResult.nothingStored("as the test wants");
        });
        try (RetentionSweeper sweeper =
                world.builder(world.storage).evidence(evidence).batchSize(10).build()) {
            assertThat(sweeper.sweep().checked()).isEqualTo(200);
        }
        assertThat(sealed)
                .singleElement()
                .asInstanceOf(InstanceOfAssertFactories.LONG)
                .isPositive();
    }

    @Test
    void aReceiptSaysWhatIsKnownAndSinceWhen() throws Exception {
        world.due("gone").young("young");
        RetentionEvidence evidence = evidence();
        assertThat(evidence.receipt("gone"))
                .returns(null, EvidenceReceipt::since)
                .returns(List.of(), EvidenceReceipt::entries);
        sweep(evidence);
        EvidenceReceipt receipt = evidence.receipt("gone");
        assertThat(receipt.entries()).hasSize(2);
        assertThat(receipt.entries().get(0).line()).contains("\"kind\":\"claim\"", "\"id\":\"gone\"");
        assertThat(receipt.entries().get(1).line()).contains("\"step\":\"DELETED\"");
        for (EvidenceReceipt.Entry entry : receipt.entries()) {
            assertThat(entry.proof())
                    .startsWith("c2sp.org/tlog-proof@v1\nextra ")
                    .endsWith(receipt.checkpoint());
        }
        assertThat(evidence.receipt("young"))
                .returns(List.of(), EvidenceReceipt::entries)
                .returns(World.NOW.toString(), EvidenceReceipt::since);

        Path exported = directory.resolve("export");
        evidence.export(exported, Instant.EPOCH, World.NOW.plusSeconds(86_400));
        Path proof = Files.writeString(
                directory.resolve("receipt.tlog-proof"),
                receipt.entries().get(1).proof());
        assertThat(verify(exported, exported)).endsWith("OK\n");
        assertThat(verify(exported, proof)).contains("\"step\":\"DELETED\"").endsWith("OK\n");
        assertThat(Files.readString(exported.resolve("deletions.csv"))).contains(",gone,key-gone,");
    }

    @Test
    void evidenceOfAnotherRepositoryIsRefused() {
        RetentionEvidence other = RetentionEvidence.builder(new InMemoryRecordingRepository(world.clock))
                .build();
        assertThatThrownBy(() -> world.builder(world.storage).evidence(other))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("another repository");
    }

    @Test
    void anAnchorNeedsANameOfItsOwn() {
        assertThatThrownBy(() -> RetentionEvidence.builder(world.repository)
                        .anchor(witness)
                        .anchor(new Witness())
                        .build())
                .hasMessageContaining("'witness' needs a name of its own");
    }

    private static String verify(Path exported, Path what) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        exported.resolve("Verify.java").toString(),
                        what.toString())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
