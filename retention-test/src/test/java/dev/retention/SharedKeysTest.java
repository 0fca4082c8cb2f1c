package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two rows of the engine that name the same storage key. */
class SharedKeysTest {

    private final World world = new World();

    private void alsoNames(String id, String key, boolean due) {
        world.repository.put(EngineRow.of(id, key, due ? World.CUTOFF.minusSeconds(9) : World.NOW.minusSeconds(60)));
        world.storage.put(key);
    }

    @Test
    void theAudioIsKeptForTheYoungOneThatIsHeld() {
        world.due("old", "alone");
        alsoNames("young", "key-old", false);
        assertThat(world.holds.place("case", List.of("young"), "dpo", "litigation", null))
                .containsEntry("young", HoldAnswer.HELD);

        SweepReport report = world.sweeper().sweep();

        assertThat(world.deletedKeys()).containsExactly("key-alone");
        assertThat(report)
                .returns(1L, SweepReport::held)
                .returns(1L, SweepReport::deleted)
                .returns(0L, SweepReport::remaining)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
    }

    @Test
    void theAudioIsKeptForTheYoungOneAndTheOldOneIsDeferred() {
        world.due("old", "alone");
        alsoNames("young", "key-old", false);

        SweepReport report = world.sweeper().sweep();
        SweepReport preview = world.sweeper().preview();

        assertThat(world.deletedKeys()).containsExactly("key-alone");
        assertThat(report)
                .returns(1L, SweepReport::deferred)
                .returns(0L, SweepReport::quarantined)
                .returns(0L, SweepReport::remaining)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(preview).returns(1L, SweepReport::deferred).returns(0L, SweepReport::deleted);
        assertThat(RetentionOperations.of(world.sweeper()).quarantined(null, 9)).isEmpty();
        alsoNames("young", "another", false);
        assertThat(world.sweeper().sweep().deleted())
                .as("once the row is correct")
                .isEqualTo(1);
        assertThat(world.isSoftDeleted("young")).isFalse();
    }

    @Test
    void recoveryKeepsTheAudioForARowThatCameLater() {
        world.due("old", "alone");
        world.claimAndDie("old", "alone");
        alsoNames("young", "key-old", false);
        world.clock.advance(Duration.ofHours(1));

        world.sweeper().recover();

        assertThat(world.deletedKeys()).containsExactly("key-alone");
        assertThat(world.entry("old"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(DeletionOutcome.KEPT, LedgerEntry::outcome);
        assertThat(world.causeCode(world.entry("old"))).isEqualTo("KEY_SHARED");
    }

    @Test
    void bothAreMarkedByOneProof() {
        world.due("one");
        alsoNames("two", "key-one", true);

        SweepReport report = world.sweeper().sweep();

        assertThat(report.deleted() + report.alreadyGone()).isEqualTo(2);
        assertThat(report.remaining()).isZero();
        assertThat(world.isSoftDeleted("one")).isTrue();
        assertThat(world.isSoftDeleted("two")).isTrue();
        assertThat(world.entry("two").evidence()).startsWith("fake: ");
    }

    @Test
    void oneAloneIsNotErasedAndTheAnswerSaysWhy() {
        world.young("one");
        alsoNames("two", "key-one", false);
        RetentionOperations operations = RetentionOperations.of(world.sweeper());

        assertThat(operations.erase(List.of("one"), "dpo", "request")).isEqualTo(Map.of("one", EraseAnswer.SHARED));

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(String.valueOf(world.entry("one").cause())).contains("two");
        assertThat(operations.erase(List.of("one", "two"), "dpo", "request"))
                .isEqualTo(Map.of("one", EraseAnswer.ERASED, "two", EraseAnswer.ERASED));
        assertThat(world.deletedKeys()).contains("key-one");
    }

    @Test
    void bothAreErasedHoweverFarApartTheyAreNamed() {
        List<String> ids = new ArrayList<>(List.of("first"));
        world.young("first");
        for (int n = 0; n < 120; n++) {
            world.young("y" + n);
            ids.add("y" + n);
        }
        alsoNames("last", "key-first", false);
        ids.add("last");

        assertThat(RetentionOperations.of(world.sweeper())
                        .erase(ids, "dpo", "request")
                        .values())
                .containsOnly(EraseAnswer.ERASED);
    }
}
