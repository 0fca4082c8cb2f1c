package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.CreationCheck;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A recording that its storage made later than its row says")
class MadeLaterTest {

    private static final DeletionResult UNSURE = DeletionResult.tryLater("timed out", null, false);

    private final World world = new World();
    private final RetentionSweeper sweeper = world.sweeper();

    MadeLaterTest() {
        world.due("a", "b").young("y");
        world.storage.answerNext(UNSURE, UNSURE);
        assertThat(sweeper.sweep().failed()).isEqualTo(2);
        world.storage.answerNormally();
        world.storage.clearJournal();
    }

    private void recoverLater() {
        world.clock.advance(Duration.ofHours(2));
        sweeper.recover();
    }

    @Test
    void isNotDeletedAfterALookThatShowsIt() {
        Instant created = world.row("a").created();
        Instant made = created.plus(CreationCheck.TOLERANCE).plusSeconds(1);
        world.storage.answerLookUp("key-a", DeletionResult.stillThere(made));
        world.storage.answerLookUp(
                "key-b", DeletionResult.stillThere(world.row("b").created().plus(CreationCheck.TOLERANCE)));

        recoverLater();

        assertThat(world.deletedKeys()).containsExactly("key-b");
        assertThat(world.isSoftDeleted("a")).isFalse();
        assertThat(world.entry("a"))
                .returns(DeletionState.QUARANTINED, LedgerEntry::state)
                .satisfies(entry -> assertThat(world.causeCode(entry)).isEqualTo(CreationCheck.CODE))
                .satisfies(entry ->
                        assertThat(String.valueOf(entry.cause())).contains(made.toString(), created.toString()));
        assertThat(RetentionOperations.of(sweeper).quarantined(null, 9))
                .extracting(LedgerEntry::recordingId)
                .containsExactly("a");
    }

    /** Ten such recordings say nothing about the keys of others, which the storage has found. */
    @ParameterizedTest
    @ValueSource(ints = {9, 10, 12})
    void isNoReasonToSuspectTheKeys(int wrong) {
        World many = new World();
        for (int i = 0; i < wrong; i++) {
            many.due("w" + i);
            many.storage.answer(
                    "key-w" + i,
                    recording -> CreationCheck.objection(
                                    recording, recording.created().plus(Duration.ofDays(60)))
                            .orElseThrow());
        }
        many.due("right");

        SweepReport report = many.builder(many.storage)
                .batchSize(1)
                .maxConcurrency(1)
                .build()
                .sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.quarantined()).isEqualTo(wrong);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(many.entry("w0").state()).as("nothing was sent").isEqualTo(DeletionState.ACTIVE);
    }

    @Test
    void isJudgedAgainWhenItsRowIsCorrected() {
        World one = new World();
        one.due("w").young("y");
        one.storage.answer(
                "key-w",
                recording -> CreationCheck.objection(
                                recording, recording.created().plus(Duration.ofDays(2)))
                        .orElseThrow());
        assertThat(one.sweeper().sweep().quarantined()).isEqualTo(1);
        one.storage.answerNormally();
        assertThat(one.sweeper().sweep().quarantined())
                .as("the row is as it was")
                .isEqualTo(1);

        one.repository.put(one.row("w").withCreated(one.row("w").created().plus(Duration.ofDays(2))));
        assertThat(one.sweeper().sweep().deleted()).isEqualTo(1);
        assertThat(one.deletedKeys()).contains("key-w");
    }

    @ParameterizedTest
    @ValueSource(longs = {-10_000_000, 0, 86_400})
    void isOneByMoreThanADayOnly(long seconds) {
        Recording recording = new Recording("a", "key-a", null, World.NOW, Map.of());
        assertThat(CreationCheck.objection(recording, World.NOW.plusSeconds(seconds)))
                .isEmpty();
        assertThat(CreationCheck.objection(recording, null)).isEmpty();
        assertThat(CreationCheck.objection(recording, World.NOW.plusSeconds(86_401)))
                .isPresent();
    }
}
