package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.LedgerEvent;
import dev.retention.spi.Claim;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Rows that are live again: {@link dev.retention.spi.DeletionGate#repair}. */
abstract class GateRepairContract extends PortContract {

    GateRepairContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void softDeletesARowAgainThatIsLiveAgain() {
        EngineRow row = insert(dueRow(1));
        record(deleted(only(claim(openRun(), row).claims())));
        updateRow(row);

        assertThat(repository.gate().repair(List.of(candidate(row)))).containsExactly(row.id());

        assertThat(readRow(row.id())).contains(row.withDeleted(dbNow, REASON));
        assertThat(repository.ledger().events(row.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("ROW_REPAIRED");
    }

    @Test
    void leavesARowAloneThatNamesAnotherKey() {
        leavesAlone(row -> row.withStorageKey("REother"));
    }

    @Test
    void leavesARowAloneThatNamesAnotherAccount() {
        needs(Capability.ACCOUNT);
        leavesAlone(row -> row.withAccount("ACother"));
    }

    @Test
    void leavesARowAloneOfAnotherCreationTime() {
        leavesAlone(row -> row.withCreated(created(row).minus(TICK)));
    }

    private void leavesAlone(UnaryOperator<EngineRow> change) {
        EngineRow row = insert(dueRow(1));
        record(deleted(only(claim(openRun(), row).claims())));
        EngineRow other = change.apply(row);
        updateRow(other);

        assertThat(repository.gate().repair(List.of(candidate(other)))).isEmpty();
        assertThat(repository.gate().repair(List.of(candidate(row)))).isEmpty();

        assertThat(readRow(row.id())).contains(other);
        assertThat(repository.ledger().events(row.id())).isEmpty();
    }

    @Test
    void leavesARowAloneThatTheLedgerDoesNotProveToBeDeleted() {
        List<EngineRow> rows = insertDue(4);
        SweepRun run = openRun();
        List<Claim> claims = claim(run, rows.subList(0, 3)).claims();
        record(retry(claims.get(0), dbNow), quarantine(claims.get(1)));

        assertThat(repository
                        .gate()
                        .repair(rows.stream().map(FixtureRows::candidate).toList()))
                .isEmpty();

        assertThat(rows).allSatisfy(row -> assertThat(readRow(row.id())).contains(row));
    }

    @Test
    void leavesARowAloneThatIsDeletedAsItShouldBe() {
        EngineRow row = insert(dueRow(1));
        record(deleted(only(claim(openRun(), row).claims())));

        assertThat(repository.gate().repair(List.of(candidate(row)))).isEmpty();
        assertThat(repository.ledger().events(row.id())).isEmpty();
    }
}
