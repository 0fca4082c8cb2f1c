package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.SweepEnd;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Evidence;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Claims of due recordings: {@link dev.retention.spi.DeletionGate#claim}. */
abstract class GateClaimContract extends PortContract {

    GateClaimContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void takesADueRowThroughTheOneWayDoor() {
        EngineRow row = insert(fit(dueRow(1).withAttribute(QUEUE, "sales").withDuration(Duration.ofSeconds(9))));
        SweepRun run = openRun();
        Instant lease = dbNow.plus(LEASE);

        Claims claims = claim(run, row);

        assertThat(claims.signal()).isEqualTo(Signal.GO_ON);
        Claim claim = only(claims.claims());
        assertThat(claim.recording()).isEqualTo(candidate(row).recording());
        assertThat(claim.runId()).isEqualTo(run.id());
        assertThat(claim.attempt()).isEqualTo(1);
        assertThat(claim.inDoubt()).isFalse();
        assertThat(claim.late()).isFalse();
        assertThat(claim.leaseUntil()).isEqualTo(lease);
        assertThat(claim.policy()).isEqualTo("default");
        assertThat(claim.cutoff()).isEqualTo(CUTOFF);
        assertThat(claim.evidence()).isEqualTo(Evidence.NONE);
        assertThat(claim.failingSince()).isNull();
        assertThat(claim.reason()).isEqualTo(REASON);
        assertThat(claim.duration()).isEqualTo(row.duration());

        LedgerEntry entry = entry(row);
        assertThat(entry.state()).isEqualTo(DeletionState.DELETING);
        assertThat(entry.held()).isFalse();
        assertThat(entry.storageKey()).isEqualTo(row.storageKey());
        assertThat(entry.account()).isEqualTo(row.account());
        assertThat(entry.recordingCreated()).isEqualTo(row.created());
        assertThat(entry.owner()).isEqualTo("one");
        assertThat(entry.leaseUntil()).isEqualTo(lease);
        assertThat(entry.claimedAt()).isCloseTo(dbNow, within(10, ChronoUnit.MINUTES));
        assertThat(entry.policy()).isEqualTo("default");
        assertThat(entry.cutoff()).isEqualTo(CUTOFF);
        assertThat(entry.runId()).isEqualTo(run.id());
        assertThat(entry.reason()).isEqualTo(REASON);
        assertThat(entry.deletedAt()).isNull();
        assertThat(readRow(row.id())).contains(row);
    }

    @Test
    void namesThePolicyThatGoverns() {
        needs(Capability.ATTRIBUTES);
        EngineRow row = insert(dueRow(1).withAttribute(QUEUE, "sales"));
        Instant longer = CUTOFF.minus(Duration.ofMinutes(30));
        DueCriteria criteria =
                new DueCriteria(NOW, List.of(rule("sales", longer, QUEUE, "sales")), rule("default", CUTOFF));

        Claim claim = only(
                claim(repository, openRun(), criteria, List.of(candidate(row))).claims());

        assertThat(claim.policy()).isEqualTo("sales");
        assertThat(claim.cutoff()).isEqualTo(longer);
    }

    @Test
    void drawsATokenForEachClaim() {
        List<EngineRow> rows = insertDue(5);

        assertThat(claim(openRun(), rows).claims())
                .extracting(Claim::token)
                .doesNotHaveDuplicates()
                .hasSize(5);
    }

    @Test
    void takesARowOnce() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();

        assertThat(claim(run, row).claims()).hasSize(1);
        assertThat(claim(run, row).claims()).isEmpty();
        assertThat(run(run).claimed()).isEqualTo(1);
    }

    @Test
    void leavesAHeldRowAlone() {
        EngineRow held = insert(dueRow(1));
        EngineRow twin = insert(dueRow(2));
        hold("h", held);

        assertThat(ids(claim(openRun(), held, twin).claims())).containsExactly(twin.id());
        assertThat(entry(held).state()).isEqualTo(DeletionState.ACTIVE);
    }

    @Test
    void leavesAQuarantinedAndADeletedRowAlone() {
        EngineRow quarantined = insert(dueRow(1));
        EngineRow deleted = insert(dueRow(2));
        EngineRow twin = insert(dueRow(3));
        SweepRun run = openRun();
        record(quarantine(only(claim(run, quarantined).claims())));
        record(deleted(only(claim(run, deleted).claims())));
        updateRow(deleted);

        assertThat(ids(claim(run, quarantined, deleted, twin).claims())).containsExactly(twin.id());
    }

    @Test
    void leavesARowAloneWhoseKeyChanged() {
        leavesAloneWhatChanged(row -> row.withStorageKey("REother"));
    }

    @Test
    void leavesARowAloneWhoseKeyWasTaken() {
        leavesAloneWhatChanged(row -> row.withStorageKey(null));
    }

    @Test
    void leavesARowAloneWhoseAccountChanged() {
        needs(Capability.ACCOUNT);
        leavesAloneWhatChanged(row -> row.withAccount("ACother"));
    }

    @Test
    void leavesARowAloneWhoseCreationTimeChanged() {
        leavesAloneWhatChanged(row -> row.withCreated(created(row).minus(TICK)));
    }

    @Test
    void leavesARowAloneThatWasDeletedMeanwhile() {
        leavesAloneWhatChanged(row -> row.withDeleted(NOW, "asked for"));
    }

    @Test
    void leavesARowAloneThatWasFlaggedAsHeldMeanwhile() {
        needs(Capability.HOLD_FLAG);
        leavesAloneWhatChanged(row -> row.withFlaggedHeld(true));
    }

    @Test
    void leavesARowAloneThatNamesALaterTimeMeanwhile() {
        needs(Capability.RETAIN_UNTIL);
        leavesAloneWhatChanged(row -> row.withRetainUntil(NOW.plus(TICK)));
    }

    @Test
    void leavesARowAloneThatIsGone() {
        EngineRow gone = insert(dueRow(1));
        EngineRow twin = insert(dueRow(2));
        List<Candidate> asRead = List.of(candidate(gone), candidate(twin));
        removeRow(gone.id());

        assertThat(ids(claim(repository, openRun(), criteria(), asRead).claims()))
                .containsExactly(twin.id());
        assertThat(repository.ledger().find(List.of(gone.id())))
                .allMatch(entry -> entry.state() == DeletionState.ACTIVE);
    }

    @Test
    void leavesARowAloneThatIsNotDueUnderThePolicyWhichGovernsItNow() {
        needs(Capability.ATTRIBUTES);
        EngineRow moved = insert(dueRow(1));
        EngineRow twin = insert(dueRow(2));
        List<Candidate> asRead = List.of(candidate(moved), candidate(twin));
        updateRow(moved.withAttribute(QUEUE, "kept"));
        DueCriteria criteria =
                new DueCriteria(NOW, List.of(rule("keep", null, QUEUE, "kept")), rule("default", CUTOFF));

        assertThat(ids(claim(repository, openRun(), criteria, asRead).claims())).containsExactly(twin.id());
    }

    @Test
    void leavesARowAloneThatWasNeverDue() {
        EngineRow young = insert(row(1, CUTOFF));
        EngineRow twin = insert(row(2, CUTOFF.minus(TICK)));

        assertThat(ids(claim(openRun(), young, twin).claims())).containsExactly(twin.id());
    }

    private void leavesAloneWhatChanged(UnaryOperator<EngineRow> change) {
        EngineRow changed = insert(dueRow(1));
        EngineRow twin = insert(dueRow(2));
        List<Candidate> asRead = List.of(candidate(changed), candidate(twin));
        updateRow(change.apply(changed));
        SweepRun run = openRun();

        assertThat(ids(claim(repository, run, criteria(), asRead).claims())).containsExactly(twin.id());
        assertThat(run(run).claimed()).isEqualTo(1);
    }

    @Test
    void fillsTheBudgetExactlyAndThenTakesNothing() {
        List<EngineRow> rows = insertDue(5);
        SweepRun run = openRun("capped", 3L);

        Claims filled = claim(run, rows);
        assertThat(filled.claims()).hasSize(3);
        assertThat(filled.signal()).isEqualTo(Signal.CAP_REACHED);
        assertThat(run(run).claimed()).isEqualTo(3);

        Claims over = claim(run, rows);
        assertThat(over.claims()).isEmpty();
        assertThat(over.signal()).isEqualTo(Signal.CAP_REACHED);
        assertThat(run(run).claimed()).isEqualTo(3);
    }

    @Test
    void countsOnlyWhatItTookAgainstTheBudget() {
        List<EngineRow> rows = insertDue(6);
        hold("h", rows.get(0));
        hold("i", rows.get(1));
        SweepRun run = openRun("capped", 4L);

        assertThat(claim(run, rows.subList(0, 3)).claims()).hasSize(1);
        assertThat(claim(run, rows.subList(3, 6)).claims()).hasSize(3);
    }

    @Test
    void takesNothingForARunThatHasEnded() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        repository.runs().end(run.id(), report(SweepEnd.STOPPED));

        assertThat(claim(run, row)).isEqualTo(new Claims(List.of(), Signal.RUN_ENDED));
        assertThat(claim(openRun("next", null), row).claims()).hasSize(1);
    }

    @Test
    void takesNothingWhileDeletingIsPaused() {
        needs(Capability.PAUSE);
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        pauseDeleting();

        assertThat(claim(run, row)).isEqualTo(new Claims(List.of(), Signal.PAUSED));
    }

    @Test
    void takesNothingOfNothing() {
        assertThat(claim(openRun()).claims()).isEmpty();
    }

    @Test
    void tellsIdsApartByCaseAndTrailingSpace() {
        needs(Capability.TEXT_IDS);
        List<EngineRow> rows = List.of(dueRow("a", 1), dueRow("A", 2), dueRow("a ", 3));
        insertRows(rows);
        SweepRun run = openRun();
        hold("h", rows.get(1));

        assertThat(ids(claim(run, rows.get(0)).claims())).containsExactly("a");
        assertThat(repository.ledger().find(List.of("a "))).isEmpty();
        assertThat(claim(run, rows.get(1)).claims()).isEmpty();
        record(deleted(only(claim(run, rows.get(2)).claims())));

        assertThat(entry(rows.get(0)).state()).isEqualTo(DeletionState.DELETING);
        assertThat(entry(rows.get(1)).state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(entry(rows.get(2)).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow("a")).contains(rows.get(0));
        assertThat(readRow("A")).contains(rows.get(1));
        assertThat(readRow("a "))
                .hasValueSatisfying(row -> assertThat(row.deleted()).isNotNull());
    }
}
