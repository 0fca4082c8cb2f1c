package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.spi.Claim;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Claims that are released unsent: {@link dev.retention.spi.DeletionGate#release}. */
abstract class GateReleaseContract extends PortContract {

    GateReleaseContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void undoesAFirstAttemptAndItsCount() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun("capped", 1L);
        Claim claim = only(claim(run, row).claims());

        releaseClaim(claim);

        assertThat(repository.ledger().find(List.of(row.id()))).allSatisfy(entry -> {
            assertThat(entry.state()).isEqualTo(DeletionState.ACTIVE);
            assertThat(entry.attempts()).isZero();
            assertThat(entry.outcome()).isNull();
            assertThat(entry.leaseUntil()).isNull();
        });
        assertThat(repository.ledger().unfinished(null, 9)).isEmpty();
        assertThat(run(run).claimed()).isZero();
        assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
        Claim again = only(claim(run, row).claims());
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(again.inDoubt()).isFalse();
    }

    @Test
    void letsAHoldThatCameMeanwhileBecomeAbsolute() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        Claim claim = only(claim(run, row).claims());
        assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.LATE);

        releaseClaim(claim);

        assertThat(entry(row).state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(entry(row).held()).isTrue();
        assertThat(claim(run, row).claims()).isEmpty();
        assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
        assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.HELD);
    }

    @Test
    void leavesALaterAttemptInTheDoorUncounted() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        record(retry(only(claim(run, row).claims()), dbNow, false));
        int counted = entry(row).attempts();
        Claim second = only(reclaim(dbNow));
        Instant next = dbNow.plusSeconds(7);

        repository.gate().release(List.of(second), next);

        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETING);
        assertThat(entry(row).attempts()).isEqualTo(counted);
        assertThat(run(run).claimed()).isEqualTo(1);
        assertThat(claim(run, row).claims()).isEmpty();
        assertThat(reclaim(next.minus(TICK))).isEmpty();
        Claim third = only(reclaim(next));
        assertThat(third.attempt()).isGreaterThan(1);
        assertThat(third.inDoubt()).as("as much as before").isFalse();
    }

    @Test
    void leavesALaterAttemptInDoubtThatWasSo() {
        claimOne();
        Claim second = only(reclaim(dbNow.plus(LEASE)));

        releaseClaim(second);

        assertThat(only(reclaim(dbNow)).inDoubt()).isTrue();
    }

    @Test
    void leavesALateOneInTheDoorWhenItIsALaterAttempt() {
        EngineRow row = insert(dueRow(1));
        claim(openRun(), row);
        hold("h", row);

        releaseClaim(only(reclaim(dbNow.plus(LEASE))));

        assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.LATE);
    }

    @Test
    void ignoresAnOutdatedToken() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        Claim first = only(claim(run, row).claims());
        Claim second = only(reclaim(dbNow.plus(LEASE)));

        releaseClaim(first);

        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETING);
        assertThat(run(run).claimed()).isEqualTo(1);
        assertThat(verified(second)).containsExactly(row.id());
    }

    @Test
    void returnsToTheBudgetOnceHoweverOftenItIsTold() {
        List<EngineRow> rows = insertDue(2);
        SweepRun run = openRun();
        List<Claim> claims = claim(run, rows).claims();

        releaseClaim(claims.get(0));
        releaseClaim(claims.get(0));

        assertThat(run(run).claimed()).isEqualTo(1);
    }

    @Test
    void ignoresAClaimThatIsRecordedAsDeleted() {
        Claim claim = claimOne();
        record(deleted(claim));

        releaseClaim(claim);

        assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETED);
    }
}
