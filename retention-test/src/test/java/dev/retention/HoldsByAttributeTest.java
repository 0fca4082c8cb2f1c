package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds on all recordings with an attribute's value. */
class HoldsByAttributeTest {

    private final World world = new World();

    private void dueOf(String tenant, String... ids) {
        world.due(ids);
        for (String id : ids) {
            world.repository.put(world.row(id).withAttribute("tenant", tenant));
        }
    }

    @Test
    void keepWhatIsThereAndWhatIsToCome() {
        dueOf("acme", "a1", "a2");
        dueOf("other", "o1");
        HoldSummary summary = world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        assertThat(summary).isEqualTo(new HoldSummary("case", 2, 0, 0));
        dueOf("acme", "a3");

        SweepReport report = world.sweeper().sweep();

        assertThat(world.deletedKeys()).containsExactly("key-o1");
        assertThat(report.held()).isEqualTo(3);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(report.remaining()).isZero();
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
    }

    @Test
    void keepWhatTheyCoveredWhateverTheRowSaysLater() {
        dueOf("acme", "renamed", "emptied");
        world.young("later");
        world.repository.put(world.row("later").withAttribute("tenant", "other"));
        dueOf("other", "o1");
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        world.repository.put(
                world.row("renamed").withAttribute("tenant", "acme-inc"),
                world.row("emptied").withAttribute("tenant", null),
                world.row("later").withAttribute("tenant", "acme"));

        SweepReport first = world.sweeper().sweep();
        world.repository.put(world.row("later").withAttribute("tenant", "other"));
        world.clock.advance(Duration.ofDays(30));
        SweepReport second = world.sweeper().sweep();

        assertThat(first.deleted()).isEqualTo(1);
        assertThat(first.held()).isEqualTo(2);
        assertThat(second.held())
                .as("with the one that was in scope in one sweep")
                .isEqualTo(3);
        assertThat(world.deletedKeys()).containsExactly("key-o1");
        assertThat(world.holds.list(0, 1).get(0).recordings()).isEqualTo(3);
        assertThat(RetentionOperations.of(world.sweeper()).erase(List.of("emptied"), "dpo", "request"))
                .containsEntry("emptied", EraseAnswer.HELD);
        world.holds.release("case", "dpo");
        assertThat(world.sweeper().sweep().deleted()).isEqualTo(3);
    }

    @Test
    void areSeenByAPreviewBeforeAnySweepHasMetThem() {
        dueOf("acme", "a1", "a2");
        dueOf("other", "o1");
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        SweepReport preview = world.sweeper().preview();
        assertThat(preview.deleted()).isEqualTo(1);
        assertThat(preview.held()).isEqualTo(2);
    }

    @Test
    void freeAllAgainWhenTheyAreReleased() {
        dueOf("acme", "a1", "a2");
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        world.sweeper().sweep();
        assertThat(world.holds.release("case", "dpo")).isTrue();

        assertThat(world.sweeper().sweep().deleted()).isEqualTo(2);
    }

    @Test
    void leaveThoseHeldThatAnotherHoldLiesOn() {
        dueOf("acme", "a1", "a2");
        world.holds.place("one", List.of("a1"), "dpo", "dispute", null);
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        world.sweeper().sweep();
        world.holds.release("case", "dpo");

        assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
        assertThat(world.isSoftDeleted("a1")).isFalse();
    }

    @Test
    void areLateForWhatIsInTheDoorAndNoFurtherAttemptStarts() {
        dueOf("acme", "a1");
        world.storage.answer("key-a1", DeletionResult.tryLater("504", null, false));
        world.sweeper().sweep();
        int deletes = world.storage.deletes().size();

        assertThat(world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation"))
                .isEqualTo(new HoldSummary("case", 0, 1, 0));
        world.clock.advance(Duration.ofDays(2));
        world.sweeper().sweep();

        assertThat(world.storage.deletes()).hasSize(deletes);
        assertThat(world.entry("a1").held()).isTrue();
    }

    @Test
    void countWhatIsDeletedAlready() {
        dueOf("acme", "a1");
        world.sweeper().sweep();
        assertThat(world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation"))
                .isEqualTo(new HoldSummary("case", 0, 0, 1));
    }

    @Test
    void concernWhatWasClaimedAndNotSentYet() {
        dueOf("acme", "a1");
        dueOf("other", "zz");
        // While the first is under way, the others wait for their turn, which comes after the check has grown old.
        world.storage.answer("key-a1", recording -> {
            world.holds.placeWhere("case", "tenant", "other", "dpo", "litigation");
            world.clock.advance(Duration.ofSeconds(3));
            return DeletionResult.deleted("yes");
        });
        world.repository.put(world.row("a1").withCreated(World.CUTOFF.minus(Duration.ofDays(20))));

        world.sweeper().sweep();

        assertThat(world.isSoftDeleted("a1")).isTrue();
        assertThat(world.storage.holds("key-zz")).isTrue();
        assertThat(world.isSoftDeleted("zz")).isFalse();
    }

    @Test
    void mayBeRepeatedButNotChanged() {
        dueOf("acme", "a1");
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        assertThat(world.holds
                        .placeWhere("case", "tenant", "acme", "dpo", "litigation")
                        .held())
                .isEqualTo(1);
        assertThatThrownBy(() -> world.holds.placeWhere("case", "tenant", "other", "dpo", "litigation"))
                .isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> world.holds.place("case", List.of("a1"), "dpo", "litigation", null))
                .isInstanceOf(RetentionException.class);
        world.holds.release("case", "dpo");
        assertThatThrownBy(() -> world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation"))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("released");
    }

    @Test
    void areInTheRegisterWithWhatTheyLieOn() {
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation");
        assertThat(world.holds.list(0, 10)).singleElement().satisfies(hold -> {
            assertThat(hold.attribute()).isEqualTo("tenant");
            assertThat(hold.value()).isEqualTo("acme");
            assertThat(hold.reason()).isEqualTo("litigation");
        });
    }
}
