package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs that stop because nothing is found, or no key is valid, and a person who knows that this is right. */
class SuspicionsTest {

    private static final DeletionResult NO_KEY = DeletionResult.refusedUnsent("no recording SID");

    private final World world = new World();

    private RetentionSweeper sweeper() {
        return world.builder(world.storage).firstRun(FirstRun.TRUST).build();
    }

    private SweepReport nextNight() {
        world.clock.advance(Duration.ofDays(1));
        return sweeper().sweep();
    }

    private boolean confirm(String plan) {
        return RetentionOperations.of(sweeper()).confirm(plan, "ann");
    }

    private SweepPlan onlyPlan() {
        List<SweepPlan> plans = RetentionOperations.of(sweeper()).plans();
        assertThat(plans).hasSize(1);
        return plans.get(0);
    }

    private void rows(String prefix, int count, Instant from, DeletionResult answer) {
        List<EngineRow> rows = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            String id = "%s-%03d".formatted(prefix, n);
            rows.add(EngineRow.of(id, "key-" + id, from.plusSeconds(n)));
            world.storage.answer("key-" + id, answer).answerLookUp("key-" + id, answer);
        }
        world.repository.put(rows);
    }

    /** Such as videos in the same table: they are looked up by no recording that identifies the account. */
    @Test
    void newestRowsOfAnotherKindHideNoRecordingsBehindThem() {
        rows("video-old", 15, World.CUTOFF.minus(Duration.ofDays(30)), NO_KEY);
        rows("video-new", 60, World.NOW.minus(Duration.ofHours(2)), NO_KEY);
        world.due(3).young("young");

        SweepReport report = sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(3);
        assertThat(report.quarantined()).isEqualTo(15);
        assertThat(world.storage.lookUps())
                .extracting(recording -> recording.id())
                .contains("young");
    }

    @Test
    void aWrongAccountIsStillSuspectedBehindRowsOfAnotherKind() {
        rows("video-new", 60, World.NOW.minus(Duration.ofHours(2)), NO_KEY);
        world.due(3);
        rows("young", 6, World.CUTOFF.plus(Duration.ofDays(10)), DeletionResult.notFound());

        assertThat(sweeper().sweep().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(world.storage.deletes()).isEmpty();
    }

    @Test
    void recordingsThatWerePurgedLongAgoAreSettledInOneNightOnceThatIsConfirmed() {
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(30)), DeletionResult.notFound());
        world.due(3);

        SweepReport first = sweeper().sweep();
        assertThat(first.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(first.unproven()).as("blamed").isLessThanOrEqualTo(10);
        SweepPlan plan = onlyPlan();
        assertThat(first.message()).contains("confirm plan " + plan.id());
        assertThat(plan.why()).contains("found none of 10 recordings in a row");
        assertThat(nextNight().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(onlyPlan().id()).as("the same until it is confirmed").isEqualTo(plan.id());

        assertThat(confirm(plan.id())).isTrue();
        assertThat(confirm(plan.id())).as("once").isFalse();
        SweepReport report = nextNight();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.unproven()).isEqualTo(50);
        assertThat(report.deleted()).isEqualTo(3);
        assertThat(world.isSoftDeleted("purged-000")).as("a 404 proves nothing").isFalse();
        assertThat(RetentionOperations.of(sweeper()).plans()).isEmpty();
    }

    @Test
    void recentRecordingsThatWerePurgedTooCanBeConfirmed() {
        rows("recent", 5, World.NOW.minus(Duration.ofDays(2)), DeletionResult.notFound());
        world.due(3);
        assertThat(sweeper().sweep().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(world.storage.deletes()).isEmpty();

        assertThat(confirm(onlyPlan().id())).isTrue();

        assertThat(nextNight()).returns(SweepEnd.COMPLETED, SweepReport::end).returns(3L, SweepReport::deleted);
    }

    @Test
    void rowsOfAnotherKindAloneAreSettledInOneNightOnceThatIsConfirmed() {
        rows("video", 50, World.CUTOFF.minus(Duration.ofDays(30)), NO_KEY);
        SweepReport first = sweeper().sweep();
        assertThat(first.end()).isEqualTo(SweepEnd.STORAGE_KEY_SUSPECTED);
        assertThat(first.message()).contains("confirm plan " + onlyPlan().id());

        assertThat(confirm(onlyPlan().id())).isTrue();

        assertThat(nextNight()).returns(SweepEnd.COMPLETED, SweepReport::end).returns(50L, SweepReport::quarantined);
    }

    @Test
    void aConfirmationOfKeysConfirmsNoAccount() {
        rows("video", 50, World.CUTOFF.minus(Duration.ofDays(30)), NO_KEY);
        sweeper().sweep();
        assertThat(confirm(onlyPlan().id())).isTrue();
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(20)), DeletionResult.notFound());

        assertThat(nextNight().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
    }

    @Test
    void aConfirmationIsOverAfterTwoWeeks() {
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(30)), DeletionResult.notFound());
        sweeper().sweep();
        assertThat(confirm(onlyPlan().id())).isTrue();
        sweeper().sweep();
        rows("later", 50, World.CUTOFF.minus(Duration.ofDays(20)), DeletionResult.notFound());
        world.clock.advance(Duration.ofDays(13));
        assertThat(sweeper().sweep().end()).isEqualTo(SweepEnd.COMPLETED);

        rows("last", 50, World.CUTOFF.minus(Duration.ofDays(20)), DeletionResult.notFound());
        world.clock.advance(Duration.ofDays(2));
        assertThat(sweeper().sweep().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
    }

    @Test
    void aPlanLapsesWhenTheAccountTurnsOutToBeRight() {
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(30)), DeletionResult.notFound());
        sweeper().sweep();
        assertThat(onlyPlan()).isNotNull();
        world.young("young");

        nextNight();

        assertThat(RetentionOperations.of(sweeper()).plans()).isEmpty();
    }

    @Test
    void anAnswerAboutAnotherAccountCantBeConfirmed() {
        world.due(3).young("young");
        world.storage.answerLookUp("key-young", DeletionResult.mismatch("of AC2"));

        SweepReport report = sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(report.message()).doesNotContain("confirm plan");
        assertThat(RetentionOperations.of(sweeper()).plans()).isEmpty();
    }

    /** What was confirmed of one region, account or mapping says nothing of another one. */
    @Test
    void aConfirmationEndsWithTheTargetThatItWasFor() {
        world.storage.setTarget("fake region us1");
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(30)), DeletionResult.notFound());
        sweeper().sweep();
        assertThat(confirm(onlyPlan().id())).isTrue();
        assertThat(nextNight().end()).isEqualTo(SweepEnd.COMPLETED);
        world.storage.setTarget("fake region ie1");
        rows("there", 50, World.CUTOFF.minus(Duration.ofDays(20)), DeletionResult.notFound());
        assertThat(nextNight().end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(confirm(onlyPlan().id())).as("the other target").isTrue();

        SweepReport report = nextNight();

        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(world.repository.rows().stream()
                        .filter(row -> row.id().startsWith("there"))
                        .filter(row -> world.state(row.id()) == DeletionState.QUARANTINED))
                .hasSizeLessThanOrEqualTo(10);
    }

    /** Many closed accounts may look like a wrong mapping; a person has confirmed one that uses the same mapping. */
    @Test
    void aConfirmedAccountIsNotStoppedWithOthers() {
        rows("recent", 5, World.NOW.minus(Duration.ofDays(2)), DeletionResult.notFound());
        world.due(20);
        world.repository.rows().forEach(row -> world.repository.put(row.withAccount("AC-good")));
        for (int n = 0; n < 40; n++) {
            String id = "closed-%03d".formatted(n);
            world.repository.put(EngineRow.of(id, "key-" + id, World.CUTOFF.minus(Duration.ofDays(40)))
                    .withAccount("AC-closed-" + n));
        }
        world.storage.answerIdentifications(account -> "AC-good".equals(account)
                ? Identification.NOTHING_KNOWN
                : new Identification(DeletionResult.stop("401"), null));
        assertThat(sweeper().sweep().deleted()).isZero();
        assertThat(confirm(onlyPlan().id())).isTrue();

        SweepReport report = nextNight();

        assertThat(report.deleted()).isEqualTo(20);
        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
    }

    /** What was found a month ago says nothing of today. */
    @Test
    void aPlanThatIsOverIsNotConfirmed() {
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(30)), DeletionResult.notFound());
        sweeper().sweep();
        String plan = onlyPlan().id();
        world.clock.advance(Duration.ofDays(40));

        assertThat(confirm(plan)).isFalse();

        assertThat(nextNight().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(confirm(onlyPlan().id())).isTrue();
    }

    /** Rows that name no account are no rows of an account with that name. */
    @Test
    void aConfirmationOfRowsWithoutAnAccountIsForNoAccount() {
        rows("purged", 50, World.CUTOFF.minus(Duration.ofDays(30)), DeletionResult.notFound());
        sweeper().sweep();
        assertThat(confirm(onlyPlan().id())).isTrue();
        rows("others", 50, World.CUTOFF.minus(Duration.ofDays(20)), DeletionResult.notFound());
        world.repository.rows().stream()
                .filter(row -> row.id().startsWith("others"))
                .forEach(row -> world.repository.put(row.withAccount("null")));

        assertThat(nextNight().end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);

        assertThat(onlyPlan().why()).contains("null");
    }
}
