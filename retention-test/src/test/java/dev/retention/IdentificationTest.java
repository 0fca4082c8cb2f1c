package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingLookup.Identification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An account is identified before anything of it is deleted. */
class IdentificationTest {

    private final World world = new World();
    private final List<Optional<String>> asked = Collections.synchronizedList(new ArrayList<>());

    /** The world's storage, which says of an account what the test wants. */
    private final class Asked implements RecordingLookup {

        private final Function<@Nullable String, Identification> answer;

        Asked(Function<@Nullable String, Identification> answer) {
            this.answer = answer;
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public DeletionResult delete(Recording recording) {
            return world.storage.delete(recording);
        }

        @Override
        public DeletionResult lookUp(Recording recording) {
            return world.storage.lookUp(recording);
        }

        @Override
        public Identification identify(@Nullable String account) {
            asked.add(Optional.ofNullable(account));
            return answer.apply(account);
        }
    }

    private SweepReport sweep(Function<@Nullable String, Identification> answer) {
        return world.builder(new Asked(answer)).build().sweep();
    }

    private static Identification objection(DeletionResult objection) {
        return new Identification(objection, null);
    }

    @Test
    void thatSaysNothingAgainstItLetsTheSweepGoOn() {
        world.due("a", "b").young("y");
        assertThat(sweep(account -> Identification.NOTHING_KNOWN).deleted()).isEqualTo(2);
        assertThat(asked).as("once a run").hasSize(1);
    }

    @Test
    void thatNamesAnotherAccountStopsTheRunBeforeTheFirstDeletion() {
        world.due("a", "b").young("y");
        SweepReport report =
                sweep(account -> objection(DeletionResult.refused("the recordings are of AC2, not of AC1")));
        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(report.message()).contains("of AC2, not of AC1");
        assertThat(world.storage.calls()).isEmpty();
        assertThat(world.state("a")).isNotEqualTo(DeletionState.DELETED);
    }

    /** Also where there is no recent recording to look up. */
    @Test
    void isAskedForWithoutRecentRecordingsToo() {
        world.due("a");
        SweepReport report = sweep(account -> objection(DeletionResult.refused("another account")));
        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(world.storage.calls()).isEmpty();
    }

    @Test
    void thatIsNotLetInStopsTheRun() {
        world.due("a").young("y");
        SweepReport report = sweep(account -> objection(DeletionResult.stop("401")));
        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(world.storage.calls()).isEmpty();
    }

    @Test
    void thatGetsNoAnswerIsRepeatedUntilItDoes() {
        world.due("a").young("y");
        SweepReport report = sweep(account -> asked.size() < 3
                ? objection(DeletionResult.tryLater("503", null, true))
                : Identification.NOTHING_KNOWN);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(asked).hasSize(3);
    }

    @Test
    void thatThrowsIsNoIdentification() {
        world.due("a").young("y");
        SweepReport report = sweep(account -> {
            throw new IllegalStateException("broken");
        });
        assertThat(report.end()).isEqualTo(SweepEnd.PROVIDER_DOWN);
        assertThat(world.storage.calls()).isEmpty();
    }

    @Test
    void ofEachAccountIsItsOwn() {
        world.due("a1", "a2", "b1").young("y");
        world.repository.put(
                world.row("a1").withAccount("AC-wrong"),
                world.row("a2").withAccount("AC-wrong"),
                world.row("b1").withAccount("AC-right"));
        SweepReport report = sweep(account -> "AC-wrong".equals(account)
                ? objection(DeletionResult.refused("another account"))
                : Identification.NOTHING_KNOWN);
        assertThat(world.deletedKeys()).containsExactly("key-b1");
        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(asked).containsOnlyOnce(Optional.of("AC-wrong"), Optional.of("AC-right"));
    }

    @Test
    void tellsAClockThatIsTooFarAway() {
        world.due("a").young("y");
        Instant wrong = World.NOW.plus(Duration.ofMinutes(6));
        SweepReport report = sweep(account -> new Identification(null, wrong));
        assertThat(report.end()).isEqualTo(SweepEnd.CLOCKS_DISAGREE);
        assertThat(report.message()).contains("clock of fake says " + wrong).contains("Correct the clocks");
        assertThat(world.storage.deletes()).isEmpty();
    }

    @Test
    void tellsAClockThatIsNearEnough() {
        world.due("a").young("y");
        SweepReport report = sweep(account -> new Identification(null, World.NOW.minus(Duration.ofMinutes(4))));
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(1);
    }

    /** To an erasure every recording is due, but those that are not due by the policies identify the account. */
    @Test
    void ofAnErasureLooksRecentRecordingsUpFirst() {
        world.young("a", "y");
        world.storage.answerLookUp("key-y", DeletionResult.notFound());
        world.storage.answerLookUp("key-a", DeletionResult.notFound());
        RetentionOperations operations = RetentionOperations.of(world.sweeper());

        assertThat(operations.erase(List.of("a"), "dpo", "request")).containsEntry("a", EraseAnswer.NOT_STARTED);
        assertThat(world.storage.deletes()).as("at a wrong account").isEmpty();

        world.storage.answerNormally();
        assertThat(operations.erase(List.of("a"), "dpo", "request")).containsEntry("a", EraseAnswer.ERASED);
        assertThat(world.deletedKeys()).containsExactly("key-a");
    }

    @Test
    void isNeededForErasuresAndRecoveryToo() {
        world.young("a");
        RetentionSweeper sweeper = world.builder(
                        new Asked(account -> objection(DeletionResult.refused("another account"))))
                .build();
        assertThat(RetentionOperations.of(sweeper).erase(List.of("a"), "dpo", "request"))
                .containsEntry("a", EraseAnswer.NOT_STARTED);
        assertThat(world.storage.calls()).isEmpty();
    }
}
