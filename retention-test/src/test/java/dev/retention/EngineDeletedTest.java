package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Rows that the engine has soft-deleted itself: that they are marked proves nothing about their audio. */
class EngineDeletedTest {

    private static final Instant MARKED = World.NOW.minus(Duration.ofDays(3));

    private final World world = new World();

    private void softDeletedByTheEngine(String... ids) {
        for (String id : ids) {
            world.repository.put(world.row(id).withDeleted(MARKED, "user request"));
        }
    }

    private SweepReport sweep(EngineDeleted choice) {
        return sweep(choice, builder -> builder);
    }

    private SweepReport sweep(EngineDeleted choice, UnaryOperator<RetentionSweeper.Builder> settings) {
        return settings.apply(
                        world.builder(world.storage).firstRun(FirstRun.TRUST).engineDeleted(choice))
                .build()
                .sweep();
    }

    @Test
    void areCountedAndNamedAndKept() {
        world.due("live", "marked").young("young", "marked-young");
        softDeletedByTheEngine("marked", "marked-young");

        SweepReport report = sweep(EngineDeleted.REPORT);

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(world.deletedKeys()).containsExactly("key-live");
        assertThat(report.engineDeleted()).as("that have reached their age").isEqualTo(1);
        assertThat(report.checked() + report.withoutKey() + report.remaining())
                .as("they are not due")
                .isEqualTo(1);
        assertThat(report.message()).contains("1 recordings were soft-deleted by the application itself", "marked");
        assertThat(report.message()).doesNotContain("marked-young");
        assertThat(report.toString()).contains("engineDeleted=1");
        assertThat(world.repository.runs().latest().orElseThrow().report()).isEqualTo(report);
        SweepReport preview = world.builder(world.storage).build().preview();
        assertThat(preview.engineDeleted()).isEqualTo(1);
        assertThat(preview.message()).contains("marked");
    }

    @Test
    void areNotCountedOnceTheyAreErased() {
        world.due("marked").young("young");
        softDeletedByTheEngine("marked");
        assertThat(RetentionOperations.of(world.builder(world.storage)
                                .firstRun(FirstRun.TRUST)
                                .build())
                        .erase(List.of("marked"), "dpo", "request 17"))
                .containsEntry("marked", EraseAnswer.ERASED);

        SweepReport report = sweep(EngineDeleted.REPORT);

        assertThat(report.engineDeleted()).isZero();
        assertThat(report.message()).isEqualTo("every due recording was deleted");
        assertThat(world.row("marked").deletionReason()).isEqualTo("user request");
    }

    @Test
    void areNotCountedWhileAHoldKeepsThem() {
        world.due("by-id", "by-attribute", "by-flag", "free");
        world.repository.put(world.row("by-attribute").withAttribute("tenant", "acme"));
        world.repository.put(world.row("by-flag").withFlaggedHeld(true));
        softDeletedByTheEngine("by-id", "by-attribute", "by-flag", "free");
        world.holds.place("case", List.of("by-id"), "dpo", "dispute", null);
        world.holds.placeWhere("tenant", "tenant", "acme", "dpo", "litigation");

        assertThat(world.builder(world.storage).build().preview().engineDeleted())
                .isEqualTo(1);
        assertThat(sweep(EngineDeleted.DELETE).engineDeleted()).isZero();
        assertThat(world.deletedKeys()).containsExactly("key-free");
    }

    @Test
    void areDeletedByChoiceAndKeepWhatTheEngineWrote() {
        world.due("live", "marked").young("young", "marked-young");
        softDeletedByTheEngine("marked", "marked-young");

        SweepReport report = sweep(EngineDeleted.DELETE);

        assertThat(world.deletedKeys()).containsExactlyInAnyOrder("key-live", "key-marked");
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(2);
        assertThat(report.engineDeleted()).isZero();
        EngineRow row = world.row("marked");
        assertThat(row.deleted()).isEqualTo(MARKED);
        assertThat(row.deletionReason()).isEqualTo("user request");
        assertThat(world.entry("marked").reason()).isEqualTo("engine_deleted");
        assertThat(world.ledger.events("marked")).isEmpty();
        assertThat(sweep(EngineDeleted.DELETE).deleted()).as("once").isZero();
    }

    @Test
    void areLeftToTheNextRunByTheLimit() {
        world.due("live", "marked-1", "marked-2").young("young");
        softDeletedByTheEngine("marked-1", "marked-2");

        SweepReport report = sweep(EngineDeleted.DELETE, builder -> builder.maxDeletions(2L));

        assertThat(report.end()).isEqualTo(SweepEnd.CAPPED);
        assertThat(report.engineDeleted()).isEqualTo(1);
        assertThat(sweep(EngineDeleted.DELETE).engineDeleted()).isZero();
        assertThat(world.deletedKeys()).hasSize(3);
    }

    @Test
    void areDeletedByRecoveryAfterACrash() {
        world.due("marked").young("young");
        softDeletedByTheEngine("marked");
        world.storage.answer("key-marked", DeletionResult.tryLater("504", null, false));
        sweep(EngineDeleted.DELETE);
        assertThat(world.state("marked")).isEqualTo(DeletionState.DELETING);
        world.storage.answer("key-marked", DeletionResult.deleted("204"));
        world.clock.advance(Duration.ofHours(1));

        world.builder(world.storage)
                .firstRun(FirstRun.TRUST)
                .engineDeleted(EngineDeleted.DELETE)
                .build()
                .recover();

        assertThat(world.state("marked")).isEqualTo(DeletionState.DELETED);
        assertThat(world.row("marked").deletionReason()).isEqualTo("user request");
        assertThat(world.ledger.events("marked")).extracting(LedgerEvent::kind).doesNotContain("ROW_NOT_UPDATED");
    }

    @Test
    void needAConfirmationBeforeTheyAreDeleted() {
        world.due("marked").young("young");
        softDeletedByTheEngine("marked");
        sweep(EngineDeleted.REPORT);

        SweepReport refused = sweep(EngineDeleted.DELETE);

        assertThat(refused.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(refused.message())
                .contains("recordings whose rows the application has soft-deleted itself were kept and are deleted")
                .contains("also 1 recordings");
        assertThat(world.deletedKeys()).isEmpty();
        RetentionSweeper sweeper =
                world.builder(world.storage).engineDeleted(EngineDeleted.DELETE).build();
        RetentionOperations operations = RetentionOperations.of(sweeper);
        assertThat(operations.confirm(operations.plans().get(0).id(), "ann")).isTrue();
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
        assertThat(sweep(EngineDeleted.REPORT).end())
                .as("to keep them needs none")
                .isEqualTo(SweepEnd.COMPLETED);
    }

    @Test
    void anInstanceWithAnotherChoiceDoesNotJoinTheRun() {
        world.due("live").young("young");
        world.opened("other", "other");

        assertThat(sweep(EngineDeleted.DELETE).end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(world.deletedKeys()).isEmpty();
    }

    @Test
    void aRecordingThatHadTheIdBeforeProvesNothing() {
        world.due("reused").young("young");
        sweep(EngineDeleted.REPORT);
        world.storage.put("key-after");
        world.repository.put(world.row("reused").withStorageKey("key-after").withDeleted(MARKED, "user request"));

        SweepReport report = sweep(EngineDeleted.DELETE);

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        report = sweep(EngineDeleted.REPORT);
        assertThat(report.engineDeleted()).isEqualTo(1);
        assertThat(world.deletedKeys()).containsExactly("key-reused");
        assertThat(RetentionOperations.of(world.builder(world.storage).build())
                        .erase(List.of("reused"), "dpo", "request 17"))
                .containsEntry("reused", EraseAnswer.CHANGED);
    }

    @Test
    void aRowWithoutACreationTimeIsNotTheDeletedOne() {
        world.due("reused").young("young");
        sweep(EngineDeleted.REPORT);
        world.repository.put(EngineRow.of("reused", "key-after", null));

        assertThat(RetentionOperations.of(world.builder(world.storage).build())
                        .erase(List.of("reused"), "dpo", "request 17"))
                .containsEntry("reused", EraseAnswer.CHANGED);

        world.repository.put(EngineRow.of("reused", "key-after", Instant.EPOCH));
        assertThat(RetentionOperations.of(world.builder(world.storage).build())
                        .erase(List.of("reused"), "dpo", "request 17"))
                .containsEntry("reused", EraseAnswer.CHANGED);
    }
}
