package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionGate.Refusal;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Outcomes that the database refuses among others: {@link dev.retention.spi.DeletionGate#record} names them, changes
 * nothing for them, and records all others.
 */
abstract class GateRefusalsContract extends PortContract {

    GateRefusalsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @BeforeEach
    final void needsRefusals() {
        needs(Capability.REFUSED_SOFT_DELETE);
    }

    @Test
    void recordsAllOthersWhenOneIsRefusedAndSaysWhich() {
        List<EngineRow> rows = insertDue(5);
        List<Claim> claims = claim(openRun(), rows).claims();
        String refused = claims.get(2).id();
        refuseSoftDelete(refused);

        Recorded recorded =
                repository.gate().record(claims.stream().map(this::deleted).toList());

        assertThat(recorded.notMarked()).isEmpty();
        assertThat(only(recorded.refused()).outcome().claim().id()).isEqualTo(refused);
        assertThat(only(recorded.refused()).why()).isNotBlank();

        assertThat(entry(refused).state()).isEqualTo(DeletionState.DELETING);
        assertThat(entry(refused).outcome()).isNull();
        assertThat(readRow(refused).map(EngineRow::deleted)).isEmpty();
        assertThat(claims).filteredOn(claim -> !claim.id().equals(refused)).allSatisfy(claim -> {
            assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETED);
            assertThat(readRow(claim.id()).map(EngineRow::deleted)).contains(dbNow);
        });
    }

    @Test
    void recordsAllOthersWhenTwoAreRefused() {
        SweepRun run = openRun();
        List<Claim> claims = claim(run, insertDue(9)).claims();
        List<Claim> refused = List.of(claims.get(1), claims.get(6));
        refuse(refused);
        List<LedgerEntry> before = entries(refused);
        List<ClaimOutcome> outcomes = deleted(claims);

        Recorded recorded = repository.gate().record(outcomes);

        assertThat(recorded.notMarked()).isEmpty();
        assertRefused(recorded, outcomes.get(1), outcomes.get(6));
        assertUnchanged(refused, before);
        assertDeleted(without(claims, refused));
        assertThat(repository.ledger().deletedBy(run.id()).byOutcome()).isEqualTo(Map.of(DeletionOutcome.DELETED, 7L));
    }

    @Test
    void tellsWhatIsRefusedFromWhatCouldNotBeMarked() {
        SweepRun run = openRun();
        List<EngineRow> rows = insertDue(6);
        List<Claim> claims = claim(run, rows).claims();
        Claim refused = claims.get(0);
        Claim changed = claims.get(2);
        Claim gone = claims.get(3);
        refuse(List.of(refused));
        EngineRow other = rowOf(rows, changed).withStorageKey("REother");
        updateRow(other);
        removeRow(gone.id());
        List<LedgerEntry> before = entries(List.of(refused));
        List<ClaimOutcome> outcomes = deleted(claims);

        Recorded recorded = repository.gate().record(outcomes);

        assertThat(recorded.notMarked()).containsExactlyInAnyOrder(changed.id(), gone.id());
        assertRefused(recorded, outcomes.get(0));
        assertUnchanged(List.of(refused), before);
        for (Claim claim : List.of(changed, gone)) {
            assertThat(entry(claim.id()).state())
                    .as("the proof is true all the same")
                    .isEqualTo(DeletionState.DELETED);
            assertThat(eventKinds(claim)).containsExactly("ROW_NOT_UPDATED");
        }
        assertThat(readRow(changed.id())).contains(other);
        assertThat(readRow(gone.id())).isEmpty();
        assertDeleted(without(claims, List.of(refused, changed, gone)));
        assertThat(repository.ledger().deletedBy(run.id()).byOutcome()).isEqualTo(Map.of(DeletionOutcome.DELETED, 5L));
    }

    @Test
    void refusesNothingOfARowThatIsNotToBeMarked() {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        Claim changed = claims.get(0);
        refuse(List.of(changed));
        updateRow(rowOf(rows, changed).withStorageKey("REother"));

        assertThat(repository.gate().record(deleted(claims))).isEqualTo(new Recorded(Set.of(changed.id()), List.of()));

        assertThat(entry(changed.id()).state()).isEqualTo(DeletionState.DELETED);
        assertThat(eventKinds(changed)).containsExactly("ROW_NOT_UPDATED");
    }

    @Test
    void changesNothingWhenAllAreRefused() {
        SweepRun run = openRun();
        List<Claim> claims = claim(run, insertDue(5)).claims();
        refuse(claims);
        List<LedgerEntry> before = entries(claims);
        List<ClaimOutcome> outcomes = deleted(claims);

        Recorded recorded = repository.gate().record(outcomes);

        assertThat(recorded.notMarked()).isEmpty();
        assertRefused(recorded, outcomes.toArray(ClaimOutcome[]::new));
        assertUnchanged(claims, before);
        assertThat(repository.ledger().deletedBy(run.id()).byOutcome()).isEmpty();
        assertThat(repository.runs().hasLiveClaims(run.id(), dbNow)).isTrue();
    }

    @Test
    void recordsWhatWasRefusedOnceTheDatabaseTakesIt() {
        SweepRun run = openRun();
        List<Claim> claims = claim(run, insertDue(4)).claims();
        Claim first = claims.get(1);
        Claim second = claims.get(2);
        refuse(List.of(first, second));
        List<ClaimOutcome> refused = repository.gate().record(deleted(claims)).refused().stream()
                .map(Refusal::outcome)
                .toList();
        List<LedgerEntry> others = entries(without(claims, List.of(first, second)));

        fixture.allowSoftDelete(first.id());
        List<LedgerEntry> secondBefore = entries(List.of(second));
        Recorded again = repository.gate().record(refused);

        assertThat(again.notMarked()).isEmpty();
        assertRefused(again, deleted(second));
        assertDeleted(List.of(first));
        assertUnchanged(List.of(second), secondBefore);

        fixture.allowSoftDelete(second.id());
        assertThat(repository.gate().record(refused)).isEqualTo(Recorded.ALL);

        assertDeleted(claims);
        assertThat(entries(without(claims, List.of(first, second)))).containsExactlyInAnyOrderElementsOf(others);
        assertThat(repository.ledger().deletedBy(run.id()).byOutcome()).isEqualTo(Map.of(DeletionOutcome.DELETED, 4L));
    }

    @Test
    void recordsOutcomesOfEveryKindBesideARefusedOne() {
        List<EngineRow> rows = insertDue(6);
        List<Claim> claims = claim(openRun(), rows).claims();
        Claim refused = claims.get(3);
        refuse(List.of(refused));
        List<LedgerEntry> before = entries(List.of(refused));

        Recorded recorded = repository
                .gate()
                .record(List.of(
                        progress(claims.get(0)),
                        retry(claims.get(1), dbNow.plusSeconds(9)),
                        quarantine(claims.get(2)),
                        deleted(refused),
                        refusedUnsent(claims.get(4)),
                        deleted(claims.get(5))));

        assertThat(recorded.notMarked()).isEmpty();
        assertRefused(recorded, deleted(refused));
        assertUnchanged(List.of(refused), before);
        assertThat(entry(claims.get(0).id()).evidence()).isEqualTo(BUCKET.text());
        assertThat(entry(claims.get(1).id()).nextAttempt()).isEqualTo(dbNow.plusSeconds(9));
        assertThat(entry(claims.get(2).id()).state()).isEqualTo(DeletionState.QUARANTINED);
        assertThat(entry(claims.get(4).id()).outcome()).isEqualTo(DeletionOutcome.REFUSED_UNSENT);
        assertDeleted(List.of(claims.get(5)));
        assertThat(rows)
                .filteredOn(row -> !row.id().equals(claims.get(5).id()))
                .allSatisfy(row -> assertThat(readRow(row.id())).contains(row));
    }

    @Test
    void leavesOneEventOfEachFurtherAttemptThoughAnotherIsRefused() {
        claim(openRun(), insertDue(4));
        List<Claim> claims = reclaim(dbNow.plus(LEASE));
        Claim refused = claims.get(1);
        refuse(List.of(refused));

        assertRefused(repository.gate().record(deleted(claims)), deleted(refused));

        assertThat(without(claims, List.of(refused)))
                .allSatisfy(claim -> assertThat(eventKinds(claim)).containsExactly("ATTEMPT"));
        assertThat(eventKinds(refused)).isEmpty();
        fixture.allowSoftDelete(refused.id());
        assertThat(repository.gate().record(List.of(deleted(refused)))).isEqualTo(Recorded.ALL);
        assertThat(eventKinds(refused)).containsExactly("ATTEMPT");
    }

    @Test
    void leavesARefusedOneInDoubtUnderItsClaim() {
        Claim claim = claimOne();
        refuse(List.of(claim));
        repository.gate().record(List.of(deleted(claim)));

        assertThat(verified(claim)).containsExactly(claim.id());
        assertThat(hold("h", List.of(claim.id()))).containsEntry(claim.id(), HoldAnswer.LATE);
        Claim next = only(reclaim(claim.leaseUntil()));
        assertThat(next.attempt()).isEqualTo(2);
        assertThat(next.inDoubt()).isTrue();
        assertThat(next.late()).isTrue();
    }

    private void refuse(Collection<Claim> claims) {
        claims.forEach(claim -> refuseSoftDelete(claim.id()));
    }

    private List<ClaimOutcome> deleted(List<Claim> claims) {
        return claims.stream().map(this::deleted).toList();
    }

    private List<LedgerEntry> entries(Collection<Claim> claims) {
        return repository.ledger().find(ids(claims));
    }

    private List<String> eventKinds(Claim claim) {
        return repository.ledger().events(claim.id()).stream()
                .map(LedgerEvent::kind)
                .toList();
    }

    private static List<Claim> without(List<Claim> claims, List<Claim> some) {
        return claims.stream().filter(claim -> !some.contains(claim)).toList();
    }

    private static void assertRefused(Recorded recorded, ClaimOutcome... outcomes) {
        assertThat(recorded.refused()).extracting(Refusal::outcome).containsExactlyInAnyOrder(outcomes);
        assertThat(recorded.refused())
                .allSatisfy(refusal -> assertThat(refusal.why()).isNotBlank());
    }

    /** Nothing of them was recorded: neither in the gate's row nor in the engine's, and there is no event. */
    private void assertUnchanged(List<Claim> claims, List<LedgerEntry> before) {
        assertThat(entries(claims)).hasSize(claims.size()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(repository.gate().verify(claims, criteria())).containsExactlyInAnyOrderElementsOf(ids(claims));
        assertThat(claims).allSatisfy(claim -> {
            assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETING);
            assertThat(readRow(claim.id()).orElseThrow().deleted()).isNull();
            assertThat(readRow(claim.id()).orElseThrow().deletionReason()).isNull();
            assertThat(eventKinds(claim)).isEmpty();
        });
    }

    private void assertDeleted(List<Claim> claims) {
        assertThat(claims).allSatisfy(claim -> {
            LedgerEntry entry = entry(claim.id());
            assertThat(entry.state()).isEqualTo(DeletionState.DELETED);
            assertThat(entry.outcome()).isEqualTo(DeletionOutcome.DELETED);
            assertThat(entry.evidence()).isEqualTo(EVIDENCE);
            assertThat(entry.deletedAt()).isEqualTo(dbNow);
            EngineRow row = readRow(claim.id()).orElseThrow();
            assertThat(row.deleted()).isEqualTo(dbNow);
            assertThat(row.deletionReason()).isEqualTo(REASON);
            assertThat(eventKinds(claim)).isEmpty();
        });
    }
}
