package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.EvidenceLog.Leaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A database that was restored from a backup is noticed by what was anchored outside of it, and nothing is deleted. */
class RestoredBackupTest {

    private static final String MISSING = "entries are missing; it was restored from a backup";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @RegisterExtension
    private final CapturedLog log = new CapturedLog("dev.retention.internal.evidence.Sealer");

    private final World world = new World();

    @SuppressWarnings("NullAway.Init")
    private Path file;

    @BeforeEach
    void aLogThatIsAnchored() {
        file = directory.resolve("heads");
        world.due("first");
        assertThat(sweeper().sweep().deleted()).isEqualTo(1);
    }

    private RetentionEvidence evidence() {
        return RetentionEvidence.builder(world.repository)
                .anchor(CheckpointAnchors.file(file))
                .build();
    }

    /** As after a restart: it remembers nothing. */
    private RetentionSweeper sweeper() {
        return sweeper(evidence(), builder -> builder);
    }

    private RetentionSweeper sweeper(RetentionEvidence evidence, UnaryOperator<RetentionSweeper.Builder> settings) {
        return settings.apply(world.builder(world.storage).evidence(evidence)).build();
    }

    /** What happens after the backup is anchored, and then missing. */
    private void restored() {
        Runnable backup = world.repository.backup();
        world.due("second", "third");
        assertThat(sweeper().sweep().deleted()).isEqualTo(2);
        backup.run();
        world.due("due");
        world.storage.clearJournal();
    }

    private static String planOf(RetentionSweeper sweeper) {
        List<SweepPlan> plans = RetentionOperations.of(sweeper).plans();
        assertThat(plans).hasSize(1);
        return plans.get(0).id();
    }

    private static void assertRefused(SweepReport report, String why) {
        assertThat(report).returns(SweepEnd.REFUSED, SweepReport::end).returns(0L, SweepReport::checked);
        assertThat(report.message()).contains(why);
    }

    private List<String> entries() {
        return world.repository.evidence().leaves(0, 1_000).stream()
                .map(Leaf::entry)
                .map(entry -> new String(entry, StandardCharsets.US_ASCII))
                .toList();
    }

    @Test
    void nothingIsDeletedUntilThatIsConfirmed() throws IOException {
        restored();
        String anchored = Files.readString(file);
        RetentionSweeper sweeper = sweeper();

        SweepReport refused = sweeper.sweep();

        assertRefused(refused, "the database is older than what was anchored: 7 " + MISSING);
        String plan = planOf(sweeper);
        assertThat(refused.message()).contains("confirm plan " + plan, file.toString());
        assertThat(sweeper.obstacles()).singleElement().satisfies(obstacle -> {
            assertThat(obstacle.cause().code()).isEqualTo("NOT_CONFIRMED");
            assertThat(obstacle.cause().detail()).contains(MISSING);
        });
        assertThat(planOf(sweeper)).as("the same one each time").isEqualTo(plan);
        assertRefused(sweeper().sweep(), plan);
        assertThat(Files.readString(file)).as("nothing is anchored meanwhile").isEqualTo(anchored);

        assertThat(RetentionOperations.of(sweeper).confirm(plan, "ops")).isTrue();

        assertThat(sweeper.obstacles()).isEmpty();
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
        assertThat(Files.readString(file)).startsWith(anchored).hasSizeGreaterThan(anchored.length());
        assertThat(evidence().status().anchors().get(0).failure()).isNull();
        world.due("later");
        assertThat(sweeper().sweep().deleted())
                .as("it is not objected to again")
                .isEqualTo(1);
        assertThat(entries()).anyMatch(entry -> entry.contains("\"kind\":\"confirmation\""));
    }

    @Test
    void aRestartAloneRefusesNothing() {
        world.due("second");
        assertThat(sweeper().sweep().deleted()).isEqualTo(1);
        assertThat(evidence().objections()).isEmpty();
    }

    /** Such as the file of an instance that was away for some time. */
    @Test
    void anAnchorThatLagsBehindRefusesNothing() {
        RetentionEvidence elsewhere = RetentionEvidence.builder(world.repository)
                .anchor(CheckpointAnchors.file(directory.resolve("elsewhere")))
                .build();
        world.due("second");
        assertThat(sweeper(elsewhere, builder -> builder).sweep().deleted()).isEqualTo(1);
        world.due("third");
        assertThat(sweeper().sweep().deleted()).isEqualTo(1);
        world.due("fourth");
        assertThat(sweeper(elsewhere, builder -> builder).sweep().deleted()).isEqualTo(1);
    }

    @Test
    void neitherRecoveryNorErasureNorJoiningDeletes() {
        restored();
        world.claimAndDie("due");
        world.clock.advance(Duration.ofMinutes(11));
        RetentionSweeper sweeper = sweeper();

        assertThat(sweeper.recover()).isZero();
        assertThatThrownBy(() -> RetentionOperations.of(sweeper).erase(List.of("first"), "dpo", "request"))
                .hasMessageContaining(MISSING);
        world.opened("another", "other");
        assertRefused(sweeper().sweep(), MISSING);

        assertThat(world.storage.deletes()).isEmpty();
        RetentionOperations.of(sweeper).confirm(planOf(sweeper), "ops");
        sweeper.recover();
        assertThat(world.deletedKeys()).containsExactly("key-due");
    }

    @Test
    void aDryRunSaysItAndLooksNothingUp() {
        restored();
        RetentionSweeper dryRun = sweeper(evidence(), builder -> builder.dryRun(true));
        assertThat(dryRun.sweep().message()).contains("would be refused", MISSING);
        world.claimAndDie("due");
        world.clock.advance(Duration.ofMinutes(11));
        assertThat(dryRun.recover()).isZero();
        assertThat(world.storage.calls()).isEmpty();
        assertThat(dryRun.obstacles()).hasSize(1);
    }

    @Test
    void aLogThatWasWrittenToSinceIsNoticedToo() {
        restored();
        for (int i = 0; i < 20; i++) {
            world.holds.place("hold-" + i, List.of("due"), "dpo", "dispute", null);
        }
        evidence().seal();
        assertRefused(sweeper().sweep(), "the log forks from what was anchored");
    }

    /** Its file is on another machine, and does not have what is missing. */
    @Test
    void anInstanceWithoutThatAnchorIsStoppedInTheMiddleOfItsSweep() {
        restored();
        world.due(60);
        RetentionEvidence unaware = RetentionEvidence.builder(world.repository).build();
        world.storage.answer("key-due-0002", recording -> {
            assertThat(sweeper().recover()).isZero();
            return DeletionResult.notYet("in progress");
        });
        RetentionSweeper other =
                sweeper(unaware, builder -> builder.maxConcurrency(1).batchSize(10));

        SweepReport left = other.sweep();

        int sent = world.storage.deletes().size();
        assertThat(sent).isBetween(4, 20);
        assertRefused(left, MISSING);
        assertRefused(other.sweep(), MISSING);
        assertThat(other.recover()).isZero();
        assertThat(world.storage.deletes()).hasSize(sent);
        world.storage.answerNormally();
        RetentionOperations.of(other).confirm(planOf(other), "ops");
        world.clock.advance(Duration.ofHours(3));
        other.sweep();
        assertThat(world.repository.rows()).allMatch(row -> row.deleted() != null);
    }

    @Test
    void aConfirmationIsForTheseHeadsOnly() {
        restored();
        RetentionSweeper sweeper = sweeper();
        sweeper.sweep();
        RetentionOperations.of(sweeper).confirm(planOf(sweeper), "ops");
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);

        restored();

        assertRefused(sweeper.sweep(), MISSING);
        String second = planOf(sweeper);
        assertThat(sweeper(evidence(), builder -> builder.confirm(second))
                        .sweep()
                        .end())
                .isEqualTo(SweepEnd.COMPLETED);
    }

    /** It was drawn by an instance without the anchor that shows it. */
    @Test
    void aPlanForAnotherReasonDoesNotConfirmIt() {
        UnaryOperator<RetentionSweeper.Builder> shorter = builder -> builder.policy(RetentionPolicy.ofDays(60));
        restored();
        RetentionSweeper unaware =
                sweeper(RetentionEvidence.builder(world.repository).build(), shorter);
        assertRefused(unaware.sweep(), "less time");
        String plan = planOf(unaware);
        RetentionSweeper aware = sweeper(evidence(), shorter);
        SweepReport refusedForBoth = aware.sweep();
        assertRefused(refusedForBoth, MISSING);
        assertThat(refusedForBoth.message())
                .contains("less time", "confirm plan")
                .doesNotContain(plan);

        assertThat(RetentionOperations.of(aware).confirm(plan, "ops")).isTrue();

        SweepReport refused = aware.sweep();
        assertRefused(refused, MISSING);
        assertThat(refused.message()).doesNotContain("less time");
        assertRefused(unaware.sweep(), MISSING);
    }

    @Test
    void anAnchorThatCantBeReadNowStopsNothing() {
        CheckpointAnchor away = new CheckpointAnchor() {
            @Override
            public String name() {
                return "bucket";
            }

            @Override
            public AnchorReceipt anchor(String checkpoint) {
                throw new IllegalStateException("no connection to write");
            }

            @Override
            public Optional<String> newest() {
                throw new IllegalStateException("no connection");
            }
        };
        RetentionEvidence evidence =
                RetentionEvidence.builder(world.repository).anchor(away).build();
        world.due("due");
        SweepReport report = sweeper(evidence, builder -> builder).sweep();
        assertThat(report).returns(1L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(report.message())
                .contains("the anchor 'bucket' could not be read: no connection")
                .contains("a database that was restored from a backup would not be noticed");
        assertThat(log.lines(Level.WARN, "the anchor 'bucket' could not be read: no connection", "Deletions go on"))
                .as("once, not each time")
                .hasSize(1);
        assertThat(evidence.status().anchors().get(0).failure()).contains("no connection");
    }

    @Test
    void aFileThatWasEmptiedStopsNothingAndIsNotWrittenTo() throws IOException {
        Files.writeString(file, "");
        world.due("due");
        RetentionEvidence evidence = evidence();
        SweepReport report = sweeper(evidence, builder -> builder).sweep();
        assertThat(report).returns(1L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(report.message()).contains("replaced or emptied");
        assertThat(evidence.status().anchors().get(0).failure()).contains("replaced or emptied");
        assertThat(file).isEmptyFile();
    }
}
