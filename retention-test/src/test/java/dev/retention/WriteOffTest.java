package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

    /** Found due by a recovery or an erasure while the account was refused; then the account answers again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isNotAcceptedByASweepThatFindsTheAccountAnswering(boolean byRecovery) {
        if (byRecovery) {
            world.storage.answerIdentifications(Identification.NOTHING_KNOWN);
            world.storage.answer("key-gone-1", DeletionResult.tryLater("503", null, true));
            sweep();
            world.storage.answerNormally();
            refuse(CLOSED);
        }
        operations().writeOff("AC-gone", "ann", "by mistake");
        String id = byRecovery ? "gone-1" : "gone-young";
        if (byRecovery) {
            world.clock.advance(Duration.ofHours(1));
            sweeper().recover();
        } else {
            operations().erase(List.of(id), "dpo", "request");
        }
        assertThat(world.entry(id).outcome()).isEqualTo(DeletionOutcome.UNPROVEN);
        world.storage.answerIdentifications(Identification.NOTHING_KNOWN);
        world.clock.advance(Duration.ofDays(1));

        sweep();

        assertThat(world.storage.holds("key-" + id)).isTrue();
        assertThat(world.isSoftDeleted(id)).isFalse();
        assertThat(world.state(id)).as("a person decides").isEqualTo(DeletionState.QUARANTINED);
    }

    /** Written off while there was one storage; now another one may hold copies. */
    @Test
    void isNotAcceptedOnceAnotherStorageMayHoldCopies() {
        operations().writeOff("AC-gone", "ann", "closed");
        FakeRecordingStorage bucket = new FakeRecordingStorage("bucket");
        world.repository.rows().forEach(row -> bucket.put(row.storageKey()));
        RetentionSweeper both =
                world.builder(bucket, world.storage).firstRun(FirstRun.TRUST).build();

        SweepReport report = both.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(world.isSoftDeleted("gone-1")).isFalse();
    }

    /** Sent, and then held too late: they wait for the end of the hold, whatever becomes of their account. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isNotAcceptedWhileAHoldThatCameLateApplies(boolean answersAgain) {
        List<String> ids =
                IntStream.range(0, 120).mapToObj("gone-late-%03d"::formatted).toList();
        world.due(ids.toArray(String[]::new));
        ids.forEach(id -> world.repository.put(world.row(id).withAccount("AC-gone")));
        world.storage.answerIdentifications(Identification.NOTHING_KNOWN);
        ids.forEach(id -> world.storage.answer("key-" + id, DeletionResult.tryLater("504", null, false)));
        sweep();
        List<String> late = world.holds.place("late", ids, "dpo", "dispute", null).entrySet().stream()
                .filter(placed -> placed.getValue() == HoldAnswer.LATE)
                .map(Map.Entry::getKey)
                .toList();
        assertThat(late).hasSizeGreaterThan(50);
        world.storage.answerNormally();
        refuse(CLOSED);
        operations().writeOff("AC-gone", "ann", "closed");
        for (int night = 0; night < 3; night++) {
            world.clock.advance(Duration.ofDays(1));
            sweep();
            sweeper().recover();
        }
        assertThat(late)
                .allSatisfy(id -> assertThat(world.state(id)).isEqualTo(DeletionState.DELETING))
                .noneMatch(world::isSoftDeleted);

        if (answersAgain) {
            world.storage.answerIdentifications(Identification.NOTHING_KNOWN);
        }
        world.holds.release("late", "dpo");
        for (int night = 0; night < 3; night++) {
            world.clock.advance(Duration.ofDays(1));
            sweep();
        }

        assertThat(late)
                .allMatch(world::isSoftDeleted)
                .allMatch(id -> world.storage.holds("key-" + id) != answersAgain);
    }

    /** The engine corrects the account of a row just before what the run has claimed is accepted. */
    @Test
    void isNotAcceptedOnceItsRowNamesAnotherAccount() {
        operations().writeOff("AC-gone", "ann", "closed");
        DeletionGate gate = InterceptedPort.of(DeletionGate.class, world.repository.gate(), (method, given, call) -> {
            Object answer = call.run();
            if (method.getName().equals("record") && world.state("gone-1") == DeletionState.QUARANTINED) {
                world.repository.put(world.row("gone-1").withAccount("AC-ok"));
            }
            return answer;
        });
        RetentionSweeper corrected = RetentionSweeper.builder(
                        InterceptedPort.withGate(world.repository, gate), world.storage)
                .clock(world.clock)
                .firstRun(FirstRun.TRUST)
                .build();

        corrected.sweep();

        assertThat(world.isSoftDeleted("gone-2")).isTrue();
        assertThat(world.isSoftDeleted("gone-1"))
                .as("no longer of that account")
                .isFalse();
        assertThat(world.entry("gone-1").outcome()).isEqualTo(DeletionOutcome.UNPROVEN);
    }

    /** One region refuses an account that another one may have recordings of. */
    @Test
    void isRefusedWhileOneStorageIsInSeveralPlaces() {
        world.storage.setInSeveralPlaces(true);
        assertThatThrownBy(() -> operations().writeOff("AC-gone", "ann", "closed"))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("regions");
        world.storage.setInSeveralPlaces(false);
        operations().writeOff("AC-gone", "ann", "closed");
        world.storage.setInSeveralPlaces(true);

        assertThat(sweep().end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);

        assertThat(world.isSoftDeleted("gone-1")).isFalse();
    }
}
