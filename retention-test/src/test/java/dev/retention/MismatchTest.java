package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * An answer that names another recording or account than was asked for stops the account: none of its answers can be
 * trusted. Each test has a twin whose answer is as useless, but names nothing else.
 */
class MismatchTest {

    private static final DeletionResult MISMATCH = DeletionResult.mismatch("it names RE2 and not RE1");
    private static final DeletionResult UNUSABLE = DeletionResult.tryLater("unreadable", null, false);

    private final World world = new World();

    private void assertStopped(SweepReport report) {
        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(report.message()).contains("it names RE2 and not RE1").contains("Check the account");
    }

    @Test
    void inTheIdentificationOfTheAccount() {
        world.due(3).young("y");
        world.storage.answerIdentifications(new Identification(MISMATCH, null));

        SweepReport report = world.sweeper().sweep();

        assertStopped(report);
        assertThat(report.remaining()).isEqualTo(3);
        assertThat(world.storage.calls()).isEmpty();
    }

    @Test
    void anIdentificationThatIsUnusableIsRepeated() {
        world.due(3).young("y");
        world.storage.answerIdentifications(name -> world.clock.instant().isBefore(World.NOW.plusSeconds(30))
                ? new Identification(UNUSABLE, null)
                : Identification.NOTHING_KNOWN);

        assertThat(world.sweeper().sweep())
                .returns(SweepEnd.COMPLETED, SweepReport::end)
                .returns(3L, SweepReport::deleted);
    }

    @Test
    void inALookUpOfARecentRecording() {
        world.due(3).young("y1", "y2");
        world.storage.answerLookUp("key-y1", MISMATCH).answerLookUp("key-y2", MISMATCH);

        SweepReport report = world.sweeper().sweep();

        assertStopped(report);
        assertThat(report.remaining()).isEqualTo(3);
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.storage.lookUps()).as("it is not asked any further").hasSize(1);
    }

    @Test
    void aLookUpOfARecentRecordingThatIsUnusableIsRepeated() {
        world.due(3).young("y1", "y2");
        for (String key : List.of("key-y1", "key-y2")) {
            world.storage.answerLookUp(
                    key,
                    recording -> world.clock.instant().isBefore(World.NOW.plusSeconds(30))
                            ? UNUSABLE
                            : DeletionResult.stillThere());
        }

        assertThat(world.sweeper().sweep())
                .returns(SweepEnd.COMPLETED, SweepReport::end)
                .returns(3L, SweepReport::deleted);
    }

    @Test
    void inADeletion() {
        world.due(3).young("y");
        world.storage.answer("key-due-0000", MISMATCH);

        SweepReport report = world.sweeper().sweep();

        assertStopped(report);
        assertThat(world.deletedKeys()).containsExactly("key-due-0000");
        assertThat(report).returns(1L, SweepReport::failed).returns(2L, SweepReport::remaining);
        assertThat(world.entry("due-0000"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(DeletionOutcome.STOPPED, LedgerEntry::outcome);
    }

    @Test
    void aDeletionWhoseAnswerIsUnusableStopsNoOther() {
        world.due(3).young("y");
        world.storage.answer("key-due-0000", UNUSABLE);

        assertThat(world.sweeper().sweep())
                .returns(SweepEnd.COMPLETED, SweepReport::end)
                .returns(1L, SweepReport::failed)
                .returns(2L, SweepReport::deleted);
    }

    @Test
    void aDeletionThatMayHaveBeenAppliedIsLookedUpInTheNextRun() {
        world.due("a").young("y");
        world.storage.deleteButAnswer("key-a", MISMATCH);
        RetentionSweeper sweeper = world.sweeper();
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        world.storage.answerNormally();
        world.storage.clearJournal();
        world.clock.advance(Duration.ofMinutes(5));

        sweeper.recover();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.entry("a"))
                .returns(DeletionState.DELETED, LedgerEntry::state)
                .returns(DeletionOutcome.ALREADY_GONE, LedgerEntry::outcome);
    }

    private RetentionSweeper leaveInDoubt(String... ids) {
        world.due(ids).young("y");
        for (String id : ids) {
            world.storage.answer("key-" + id, DeletionResult.tryLater("timed out", null, false));
        }
        RetentionSweeper sweeper = world.sweeper();
        sweeper.sweep();
        world.storage.answerNormally();
        world.storage.clearJournal();
        world.clock.advance(Duration.ofMinutes(5));
        return sweeper;
    }

    @Test
    void inALookUpBeforeADeletion() {
        RetentionSweeper sweeper = leaveInDoubt("a", "b");
        world.storage.answerLookUp("key-a", MISMATCH).answerLookUp("key-b", MISMATCH);

        sweeper.recover();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.storage.lookUps())
                .filteredOn(recording -> !recording.id().equals("y"))
                .as("the account is not asked for the other")
                .hasSize(1);
        assertThat(world.entry("a").state()).isEqualTo(DeletionState.DELETING);
    }

    @Test
    void aLookUpBeforeADeletionThatIsUnusableStopsNoOther() {
        RetentionSweeper sweeper = leaveInDoubt("a", "b");
        world.storage.answerLookUp("key-a", UNUSABLE);

        sweeper.recover();

        assertThat(world.deletedKeys()).containsExactly("key-b");
        assertThat(world.isSoftDeleted("b")).isTrue();
    }

    @Test
    void ofOneAccountLeavesTheOthersAlone() {
        world.due("a1", "a2", "b1", "b2").young("ya", "yb");
        for (EngineRow row : world.repository.rows()) {
            world.repository.put(row.withAccount(row.id().contains("a") ? "AC-a" : "AC-b"));
        }
        world.storage.answerLookUp("key-ya", MISMATCH);

        SweepReport report = world.sweeper().sweep();

        assertStopped(report);
        assertThat(report.message()).contains("AC-a").doesNotContain("AC-b");
        assertThat(world.deletedKeys()).containsExactlyInAnyOrder("key-b1", "key-b2");
    }
}
