package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An account that is gone for good, and a person who says so. */
class WriteOffTest {

    private static final DeletionResult CLOSED = DeletionResult.stop("401, account closed");

    private final World world = new World();

    @BeforeEach
    void closeAnAccount() {
        world.due("gone-1", "gone-2", "held", "ok-1").young("gone-young", "ok-young");
        for (EngineRow row : world.repository.rows()) {
            world.repository.put(row.withAccount(row.id().startsWith("ok") ? "AC-ok" : "AC-gone"));
        }
        world.holds.place("case", List.of("held"), "dpo", "dispute", null);
        refuse(CLOSED);
    }

    private void refuse(DeletionResult objection) {
        world.storage.answerIdentifications(
                account -> new Identification("AC-gone".equals(account) ? objection : null, null));
    }

    private RetentionSweeper sweeper() {
        return world.builder(world.storage).firstRun(FirstRun.TRUST).build();
    }

    private SweepReport sweep() {
        return sweeper().sweep();
    }

    private RetentionOperations operations() {
        return RetentionOperations.of(sweeper());
    }

    @Test
    void endsEachRunUntilItIsWrittenOff() {
        assertThat(sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(world.isSoftDeleted("ok-1")).isTrue();
        world.clock.advance(Duration.ofDays(1));
        assertThat(sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);

        assertThat(operations().writeOff("AC-gone", "ann", "closed on 3 May")).isTrue();
        world.clock.advance(Duration.ofDays(1));
        SweepReport report = sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.message()).contains("2 recordings of accounts that were written off");
        assertThat(report.held()).isEqualTo(1);
        assertThat(report.deleted()).as("accepted is not deleted").isZero();
        for (String id : List.of("gone-1", "gone-2")) {
            assertThat(world.isSoftDeleted(id)).isTrue();
            assertThat(world.entry(id).outcome()).isEqualTo(DeletionOutcome.ACCEPTED_UNPROVEN);
            assertThat(world.entry(id).evidence()).contains("ann");
        }
        assertThat(world.isSoftDeleted("held")).isFalse();
        assertThat(world.isSoftDeleted("gone-young")).as("not due").isFalse();
        assertThat(world.deletedKeys()).containsExactly("key-ok-1");
    }

    @Test
    void isNeverWrittenOffWhileItAnswers() {
        operations().writeOff("AC-gone", "ann", "by mistake");
        refuse(DeletionResult.stop("401"));
        world.storage.answerIdentifications(Identification.NOTHING_KNOWN);

        sweep();

        assertThat(world.deletedKeys()).containsExactlyInAnyOrder("key-gone-1", "key-gone-2", "key-ok-1");
        assertThat(world.entry("gone-1").outcome()).isEqualTo(DeletionOutcome.DELETED);
    }

    /** None of them says that the account is gone. */
    @ParameterizedTest
    @ValueSource(strings = {"mismatch", "unanswered", "recordings"})
    void isNotWrittenOffForAnotherReason(String reason) {
        operations().writeOff("AC-gone", "ann", "by mistake");
        switch (reason) {
            case "mismatch" -> refuse(DeletionResult.mismatch("of AC2"));
            case "unanswered" -> refuse(DeletionResult.tryLater("503", null, true));
            default -> {
                world.storage.answerIdentifications(Identification.NOTHING_KNOWN);
                world.storage.answerLookUp("key-gone-young", DeletionResult.notFound());
            }
        }

        sweep();

        assertThat(world.isSoftDeleted("gone-1")).isFalse();
        assertThat(world.ledger.find("gone-1").filter(entry -> entry.outcome() == DeletionOutcome.ACCEPTED_UNPROVEN))
                .isEmpty();
    }

    @Test
    void isWrittenOffByTheNextOneThatIsDue() {
        operations().writeOff("AC-gone", "ann", "closed on 3 May");
        sweep();
        world.clock.advance(Duration.ofDays(11));

        sweep();

        assertThat(world.entry("gone-young").outcome()).isEqualTo(DeletionOutcome.ACCEPTED_UNPROVEN);
    }

    @Test
    void canBeReinstated() {
        assertThat(operations().writeOff("AC-gone", "ann", "closed")).isTrue();
        assertThat(operations().writeOff("AC-gone", "bob", "closed"))
                .as("again")
                .isFalse();
        assertThat(operations().writtenOff())
                .containsExactly(new WrittenOffAccount("AC-gone", "ann", World.NOW, "closed"));
        assertThat(operations().reinstate("AC-other", "ann")).isFalse();
        assertThat(operations().reinstate("AC-gone", "bob")).isTrue();
        assertThat(operations().writtenOff()).isEmpty();

        assertThat(sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(world.isSoftDeleted("gone-1")).isFalse();
    }

    @Test
    void isRefusedWhileAnotherStorageMayHoldCopies() {
        RetentionSweeper both =
                world.builder(world.storage, new FakeRecordingStorage("bucket")).build();
        assertThatThrownBy(() -> RetentionOperations.of(both).writeOff("AC-gone", "ann", "closed"))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("copies");
    }
}
