package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionState;
import dev.retention.LedgerEvent;
import dev.retention.spi.Claim;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Rows that {@link dev.retention.spi.DeletionGate#record} can't mark as deleted, since they changed. */
abstract class GateMarkingContract extends PortContract {

    GateMarkingContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void leavesARowAloneWhoseKeyChanged() {
        leavesAlone(row -> row.withStorageKey("REother"));
    }

    @Test
    void leavesARowAloneWhoseAccountChanged() {
        needs(Capability.ACCOUNT);
        leavesAlone(row -> row.withAccount("ACother"));
    }

    @Test
    void leavesARowAloneWhoseCreationTimeChanged() {
        leavesAlone(row -> row.withCreated(created(row).plus(TICK)));
    }

    @Test
    void leavesARowAloneThatWasDeletedBySomebodyElse() {
        leavesAlone(row -> row.withDeleted(NOW.minusSeconds(5), "asked for"));
    }

    private void leavesAlone(UnaryOperator<EngineRow> change) {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        EngineRow changed = change.apply(rows.get(0));
        updateRow(changed);

        Set<String> notSoftDeleted = repository
                .gate()
                .record(claims.stream().map(this::deleted).toList())
                .notMarked();

        assertThat(notSoftDeleted).containsExactly(changed.id());
        assertThat(readRow(changed.id())).contains(changed);
        assertThat(readRow(rows.get(1).id()).map(EngineRow::deleted)).contains(dbNow);
        assertThat(entry(changed).state()).as("the proof is true all the same").isEqualTo(DeletionState.DELETED);
        assertThat(entry(changed).storageKey()).isEqualTo(rows.get(0).storageKey());
        assertThat(repository.ledger().events(changed.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("ROW_NOT_UPDATED");
        assertThat(repository.ledger().events(rows.get(1).id())).isEmpty();
    }

    @Test
    void recordsAProofThoughTheRowIsGone() {
        Claim claim = claimOne();
        removeRow(claim.id());

        assertThat(repository.gate().record(List.of(deleted(claim))).notMarked())
                .containsExactly(claim.id());

        assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETED);
        assertThat(repository.ledger().events(claim.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("ROW_NOT_UPDATED");
    }
}
