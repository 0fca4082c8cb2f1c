package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A key that the engine corrects after the claim")
class CorrectedKeyTest {

    private final World world = new World();
    private final RetentionSweeper sweeper = world.sweeper();
    private final RetentionOperations operations = RetentionOperations.of(sweeper);

    CorrectedKeyTest() {
        world.due("a").young("y");
        world.storage.answer("key-a", DeletionResult.tryLater("503", null, true));
        assertThat(sweeper.sweep().failed()).isEqualTo(1);
        world.storage.answerNormally();
        world.storage.put("right");
        world.repository.put(world.row("a").withStorageKey("right"));
        world.storage.clearJournal();
    }

    private void recoverLater() {
        world.clock.advance(Duration.ofHours(2));
        sweeper.recover();
    }

    @Test
    void isShownAsADecisionInsteadOfBeingDeferredForEver() {
        recoverLater();

        assertThat(world.entry("a"))
                .returns(DeletionState.QUARANTINED, LedgerEntry::state)
                .returns(DeletionOutcome.ROW_CHANGED, LedgerEntry::outcome);
        assertThat(operations.quarantined(null, 9))
                .extracting(LedgerEntry::recordingId)
                .containsExactly("a");
        assertThat(sweeper.sweep())
                .returns(1L, SweepReport::quarantined)
                .returns(0L, SweepReport::deferred)
                .returns(0L, SweepReport::remaining);
        assertThat(operations.erase(List.of("a"), "dpo", "request")).containsEntry("a", EraseAnswer.QUARANTINED);
        assertThat(world.holds.place("h", List.of("a"), "dpo", "dispute", null))
                .as("the first key may have been deleted")
                .containsEntry("a", HoldAnswer.LATE);
        assertThat(world.storage.deletes()).isEmpty();
    }

    @Test
    void isDeletedByARetryAndTheKeyBeforeIsNot() {
        recoverLater();
        assertThat(operations.retry(List.of("a"), "ops")).isEqualTo(Map.of("a", ReviewAnswer.DONE));
        sweeper.recover();

        assertThat(world.deletedKeys()).containsExactly("right");
        assertThat(world.storage.keys()).contains("key-a", "key-y").doesNotContain("right");
        assertThat(world.isSoftDeleted("a")).isTrue();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETED, LedgerEntry::state)
                .returns("right", LedgerEntry::storageKey);
    }

    @Test
    void isNotDeletedByARetryWhileTheRowIsYoung() {
        world.repository.put(world.row("a").withCreated(world.row("y").created()));
        recoverLater();
        operations.retry(List.of("a"), "ops");
        sweeper.recover();
        recoverLater();
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(DeletionOutcome.KEPT, LedgerEntry::outcome);
    }

    @Test
    void isADecisionAlsoIfItsAccountIsCorrected() {
        world.repository.put(world.row("a").withStorageKey("key-a").withAccount("right"));
        recoverLater();
        assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.ROW_CHANGED);
        operations.retry(List.of("a"), "ops");
        sweeper.recover();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETED, LedgerEntry::state)
                .returns("right", LedgerEntry::account);
    }

    @Test
    void isNoDecisionOfADryRun() {
        world.clock.advance(Duration.ofHours(2));
        world.builder(world.storage).dryRun(true).build().recover();
        assertThat(world.entry("a").state()).isEqualTo(DeletionState.DELETING);
        recoverLater();
        assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.ROW_CHANGED);
    }

    /** With another mapping, each row might name another key. */
    @Test
    void isNoDecisionOfAnInstanceWhoseTermsAreNoLongerConfirmed() {
        World other = new World().due("b").young("y");
        other.storage.answer("key-b", DeletionResult.tryLater("503", null, false));
        RetentionSweeper unconfirmed = other.sweeper();
        assertThat(unconfirmed.sweep().failed()).isEqualTo(1);
        other.storage.answerLookUp("key-b", recording -> {
            other.repository.put(other.row("b").withStorageKey("right"));
            Controls controls = other.repository.controls();
            String before = Objects.requireNonNull(controls.all().get(Controls.FINGERPRINT))
                    .setting();
            controls.change(
                    List.of(new Change(Controls.FINGERPRINT, before, "others")),
                    new LedgerEvent(other.clock.instant(), "CONFIRMED", null, null, "ops", null));
            return DeletionResult.stillThere();
        });
        other.clock.advance(Duration.ofHours(2));
        unconfirmed.recover();
        assertThat(other.entry("b"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(DeletionOutcome.KEPT, LedgerEntry::outcome);
    }

    @Test
    void isNoDecisionWhileTheRowIsAsItWas() {
        world.repository.put(world.row("a").withStorageKey("key-a").withFlaggedHeld(true));
        recoverLater();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(DeletionOutcome.KEPT, LedgerEntry::outcome);
    }

    /** Nothing was sent, so that a sweep claims it like a new one. */
    @Test
    void isDeletedWithoutADecisionIfItWasRefusedUnsent() {
        World other = refusedUnsent();
        other.storage.put("right");
        other.repository.put(other.row("b").withStorageKey("right"));
        assertThat(other.sweeper().sweep()).returns(1L, SweepReport::deleted).returns(0L, SweepReport::quarantined);
        assertThat(other.deletedKeys()).contains("right");
    }

    @Test
    void mayBeTheStoragesFaultAndIsDeletedByARetryThen() {
        World other = refusedUnsent();
        assertThat(other.sweeper().sweep()).returns(0L, SweepReport::deleted).returns(1L, SweepReport::quarantined);
        RetentionOperations.of(other.sweeper()).retry(List.of("b"), "ops");
        assertThat(other.sweeper().sweep()).returns(1L, SweepReport::deleted).returns(0L, SweepReport::quarantined);
        assertThat(other.isSoftDeleted("b")).isTrue();
    }

    @Test
    void mayBeTheStoragesFaultAndIsErasedOnDemandThen() {
        World other = refusedUnsent();
        RetentionOperations erasing = RetentionOperations.of(other.sweeper());
        assertThat(erasing.erase(List.of("b"), "dpo", "request")).containsEntry("b", EraseAnswer.ERASED);
    }

    private static World refusedUnsent() {
        World other = new World().due("b").young("y");
        other.storage.answer("key-b", DeletionResult.refusedUnsent("no key"));
        assertThat(other.sweeper().sweep().quarantined()).isEqualTo(1);
        assertThat(other.entry("b").state()).isEqualTo(DeletionState.ACTIVE);
        other.storage.answerNormally();
        return other;
    }

    /** The first request may have been applied, whatever the storage says the second time. */
    @Test
    void isNotForgottenWhenTheStorageRefusesItAfterARequest() {
        World other = new World().due("b").young("y");
        other.storage.answerNext(DeletionResult.throttled("429", null), DeletionResult.refusedUnsent("no key"));
        other.sweeper().sweep();

        assertThat(other.storage.deletes()).hasSize(2);
        assertThat(other.entry("b"))
                .returns(DeletionState.QUARANTINED, LedgerEntry::state)
                .returns(DeletionOutcome.REFUSED_UNSENT, LedgerEntry::outcome);
        assertThat(other.holds.place("h", List.of("b"), "dpo", "dispute", null)).containsEntry("b", HoldAnswer.LATE);
    }
}
