package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an erasure answers is true: about what was sent, and about what happens next. */
class ErasureTest {

    private static final DeletionResult FAILED = DeletionResult.tryLater("504", null, false);
    private static final Duration LEASE_OVER = Duration.ofMinutes(11);

    private final World world = new World();

    @BeforeEach
    void identifyTheAccount() {
        world.young("y");
    }

    private EraseAnswer erase(String id) {
        return erase(world.sweeper(), id);
    }

    private static EraseAnswer erase(RetentionSweeper sweeper, String id) {
        Map<String, EraseAnswer> answers = RetentionOperations.of(sweeper).erase(List.of(id), "dpo", "request 17");
        assertThat(answers).containsOnlyKeys(id);
        return answers.get(id);
    }

    private void hold(String... ids) {
        world.holds.place("case", List.of(ids), "dpo", "dispute", null);
    }

    private static Function<Recording, DeletionResult> during(Runnable action, DeletionResult result) {
        return recording -> {
            action.run();
            return result;
        };
    }

    @Test
    void aHoldWhileTheDeletionIsUnderWayIsLate() {
        world.young("a");
        world.storage.answer("key-a", during(() -> hold("a"), FAILED));
        assertThat(erase("a")).isEqualTo(EraseAnswer.LATE);
        assertThat(world.deletedKeys()).as("asked for").containsExactly("key-a");
        assertThat(erase("a")).as("asked again").isEqualTo(EraseAnswer.LATE);
        assertThat(world.deletedKeys()).hasSize(1);
        assertThat(world.ledger.events("a"))
                .filteredOn(event -> event.kind().equals("ERASURE_HELD"))
                .extracting(LedgerEvent::detail)
                .containsExactly("LATE: request 17", "LATE: request 17");
    }

    @Test
    void aHoldByAttributeWhileTheDeletionIsUnderWayIsLate() {
        world.young("a");
        world.repository.put(world.row("a").withAttribute("tenant", "acme"));
        world.storage.answer(
                "key-a", during(() -> world.holds.placeWhere("case", "tenant", "acme", "dpo", "litigation"), FAILED));
        assertThat(erase("a")).isEqualTo(EraseAnswer.LATE);
    }

    @Test
    void aFlagThatTheEngineSetsWhileTheDeletionIsUnderWayIsLate() {
        world.young("a");
        world.storage.answer(
                "key-a", during(() -> world.repository.put(world.row("a").withFlaggedHeld(true)), FAILED));
        assertThat(erase("a")).isEqualTo(EraseAnswer.LATE);
        assertThat(erase("a")).as("asked again").isEqualTo(EraseAnswer.LATE);
    }

    @Test
    void aHoldWhileADeletionSucceedsDoesNotUndoIt() {
        world.young("a");
        world.storage.answer("key-a", during(() -> hold("a"), DeletionResult.deleted("204")));
        assertThat(erase("a")).isEqualTo(EraseAnswer.ERASED);
    }

    @Test
    void aHoldBeforeAnythingIsSentIsInTime() {
        world.young("a", "b");
        Runnable holdTheOther = () -> {
            hold("b");
            world.clock.advance(Duration.ofSeconds(3));
        };
        world.storage.answer("key-a", during(holdTheOther, DeletionResult.deleted("204")));
        Map<String, EraseAnswer> answers =
                RetentionOperations.of(world.sweeper()).erase(List.of("a", "b"), "dpo", "request 17");
        assertThat(answers).containsExactly(Map.entry("a", EraseAnswer.ERASED), Map.entry("b", EraseAnswer.HELD));
        assertThat(world.deletedKeys()).containsExactly("key-a");
    }

    @Test
    void aHoldOnWhatNeedsADecisionIsLate() {
        world.due("a");
        world.storage.answer("key-a", DeletionResult.refused("400"));
        world.sweeper().sweep();
        assertThat(erase("a")).isEqualTo(EraseAnswer.QUARANTINED);
        hold("a");
        assertThat(erase("a")).isEqualTo(EraseAnswer.LATE);
    }

    @Test
    void aRowThatTheEngineHasSoftDeletedProvesNothing() {
        world.due("a").young("b");
        world.repository.put(
                world.row("a").withDeleted(World.NOW, "by a user"),
                world.row("b").withDeleted(World.NOW, "by a user"));
        world.sweeper().sweep();
        assertThat(world.deletedKeys()).as("no policy deletes it").isEmpty();

        assertThat(erase("a")).isEqualTo(EraseAnswer.ERASED);

        assertThat(world.deletedKeys()).containsExactly("key-a");
        assertThat(world.state("a")).isEqualTo(DeletionState.DELETED);
        assertThat(world.row("a").deletionReason()).isEqualTo("by a user");
        assertThat(erase("a")).isEqualTo(EraseAnswer.ALREADY_DELETED);
        assertThat(world.deletedKeys()).hasSize(1);
        assertThat(world.holds.place("case", List.of("a", "b"), "dpo", "dispute", null))
                .containsExactly(Map.entry("a", HoldAnswer.ALREADY_DELETED), Map.entry("b", HoldAnswer.HELD));
        assertThat(erase("b")).isEqualTo(EraseAnswer.HELD);
        assertThat(world.storage.holds("key-b")).isTrue();
    }

    /** Also before the engine deleted the row of it, and while its own deletion fails. */
    @Test
    void whatTheEngineSoftDeletesMeanwhileIsErasedAllTheSame() {
        world.young("a");
        world.storage.answer("key-a", FAILED);
        assertThat(erase("a")).isEqualTo(EraseAnswer.PENDING);
        world.repository.put(world.row("a").withDeleted(World.NOW, "by a user"));
        world.storage.answerNormally();
        world.clock.advance(Duration.ofHours(1));
        world.sweeper().recover();
        assertThat(erase("a")).isEqualTo(EraseAnswer.ALREADY_DELETED);
        assertThat(world.storage.holds("key-a")).isFalse();
    }

    @Test
    void aProofOfAnotherRecordingProvesNothing() {
        world.due("a", "b");
        world.sweeper().sweep();
        world.storage.put("key-new");
        world.repository.put(
                world.row("a").withStorageKey("key-new").withDeleted(null, null),
                world.row("b").withDeleted(null, null));
        assertThat(erase("a")).isEqualTo(EraseAnswer.CHANGED);
        assertThat(erase("b")).isEqualTo(EraseAnswer.ALREADY_DELETED);
        assertThat(world.holds.place("case", List.of("a", "b"), "dpo", "dispute", null))
                .containsExactly(Map.entry("a", HoldAnswer.HELD), Map.entry("b", HoldAnswer.ALREADY_DELETED));
        assertThat(erase("a")).isEqualTo(EraseAnswer.HELD);
        assertThat(world.entry("a").storageKey()).as("the evidence stays").isEqualTo("key-a");
        assertThat(world.storage.holds("key-new")).isTrue();
    }

    @Test
    void aHeldRowIsLateIfADeletionWasSentForAnotherWithItsKey() {
        world.due("a");
        world.young("z");
        world.storage.answer("key-a", FAILED);
        world.sweeper().sweep();
        world.due("later");
        world.repository.put(world.row("later").withStorageKey("key-a"));
        assertThat(world.holds.place("case", List.of("later", "z"), "dpo", "dispute", null))
                .containsExactly(Map.entry("later", HoldAnswer.LATE), Map.entry("z", HoldAnswer.HELD));
        assertThat(erase("later")).isEqualTo(EraseAnswer.LATE);
        assertThat(erase("z")).isEqualTo(EraseAnswer.HELD);
    }

    @Test
    void whatIsInFlightIsSharedIfAnotherRowWithItsKeyWasNotToBeErased() {
        world.due("a");
        world.storage.answer("key-a", FAILED);
        world.sweeper().sweep();
        world.storage.answerNormally();
        world.young("z");
        world.repository.put(world.row("z").withStorageKey("key-a"));
        assertThat(erase("a")).isEqualTo(EraseAnswer.SHARED);
        assertThat(world.storage.holds("key-a")).isTrue();
        assertThat(RetentionOperations.of(world.sweeper()).erase(List.of("a", "z"), "dpo", "request 17"))
                .containsExactly(Map.entry("a", EraseAnswer.ERASED), Map.entry("z", EraseAnswer.ERASED));
    }

    /** The recording was due when a sweep claimed it, and a longer policy keeps it now. */
    @Test
    void whatALongerPolicyKeepsInFlightIsErased() {
        world.due("a");
        world.storage.answer("key-a", FAILED);
        world.sweeper().sweep();
        RetentionSweeper longer =
                world.builder(world.storage).policy(RetentionPolicy.ofDays(365)).build();
        longer.sweep();
        world.clock.advance(Duration.ofHours(1));
        longer.recover();
        assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.KEPT);
        assertThat(world.storage.holds("key-a")).isTrue();
        world.storage.answerNormally();

        assertThat(erase(longer, "a")).isEqualTo(EraseAnswer.ERASED);

        assertThat(world.storage.holds("key-a")).isFalse();
        assertThat(world.row("a").deletionReason()).isEqualTo("request 17");
        assertThat(world.entry("a").policy()).isEqualTo("erasure");
    }

    @Test
    void whatAnotherInstanceWorksOnIsBusyUntilItsLeaseIsOver() {
        world.due("a");
        world.claimAndDie("a");
        assertThat(erase("a")).isEqualTo(EraseAnswer.BUSY);
        assertThat(world.deletedKeys()).isEmpty();
        world.clock.advance(LEASE_OVER);
        assertThat(erase("a")).isEqualTo(EraseAnswer.ERASED);
        assertThat(world.storage.holds("key-a")).isFalse();
    }

    @Test
    void whatAnErasureLeftPendingIsLeftToRecovery() {
        world.young("a");
        world.storage.answer("key-a", FAILED);
        assertThat(erase("a")).isEqualTo(EraseAnswer.PENDING);
        assertThat(erase("a")).as("repeated").isEqualTo(EraseAnswer.PENDING);
        assertThat(world.deletedKeys()).hasSize(1);
        world.storage.answerNormally();
        world.clock.advance(Duration.ofHours(1));
        world.sweeper().recover();
        assertThat(erase("a")).isEqualTo(EraseAnswer.ALREADY_DELETED);
    }

    @Test
    void aCorrectedKeyInFlightIsNamed() {
        world.due("a");
        world.storage.answer("key-a", FAILED);
        world.sweeper().sweep();
        world.repository.put(world.row("a").withStorageKey("key-corrected"));
        assertThat(erase("a")).isEqualTo(EraseAnswer.CHANGED);
        assertThat(world.deletedKeys()).hasSize(1);
    }

    @Test
    void aRecordingThatTheDatabaseRefusesToClaimIsAnsweredByItself() {
        world.young("a", "b", "c");
        DeletionGate gate = InterceptedPort.of(DeletionGate.class, world.repository.gate(), (method, given, call) -> {
            if (method.getName().equals("claim")
                    && ((ClaimRequest) given[0])
                            .candidates().stream().anyMatch(row -> row.id().equals("b"))) {
                throw RetentionException.refused("a constraint");
            }
            return call.run();
        });
        RetentionSweeper sweeper = RetentionSweeper.builder(
                        InterceptedPort.withGate(world.repository, gate), world.storage)
                .clock(world.clock)
                .ticker(world.ticker())
                .build();
        assertThat(RetentionOperations.of(sweeper).erase(List.of("a", "b", "c"), "dpo", "request 17"))
                .containsExactly(
                        Map.entry("a", EraseAnswer.ERASED),
                        Map.entry("b", EraseAnswer.UNMARKABLE),
                        Map.entry("c", EraseAnswer.ERASED));
        assertThat(world.storage.holds("key-b")).isTrue();
    }

    /** The time is over after the first part of the ids. */
    @Test
    void whatWasDeletedBeforeWasNotErasedAlsoIfTheTimeIsOver() {
        world.due("deleted");
        world.sweeper().sweep();
        List<String> ids = new ArrayList<>();
        for (int n = 0; n < 50; n++) {
            ids.add("e" + n);
        }
        world.young(ids.toArray(String[]::new)).young("late", "held");
        hold("held");
        world.storage.answer(
                "key-e0", during(() -> world.clock.advance(Duration.ofHours(5)), DeletionResult.deleted("204")));
        ids.addAll(List.of("deleted", "late", "held"));
        Map<String, EraseAnswer> answers =
                RetentionOperations.of(world.sweeper()).erase(ids, "dpo", "request 17");
        assertThat(answers)
                .containsEntry("e0", EraseAnswer.ERASED)
                .containsEntry("deleted", EraseAnswer.ALREADY_DELETED)
                .containsEntry("late", EraseAnswer.NOT_STARTED)
                .containsEntry("held", EraseAnswer.HELD);
    }
}
