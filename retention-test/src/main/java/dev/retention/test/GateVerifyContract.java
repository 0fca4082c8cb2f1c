package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DueCriteria;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The check before a send: {@link dev.retention.spi.DeletionGate#verify}. */
abstract class GateVerifyContract extends PortContract {

    GateVerifyContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void passesNothingWhileDeletingIsPaused() {
        needs(Capability.PAUSE);
        List<Claim> claims = claim(openRun(), insertDue(3)).claims();
        pauseDeleting();

        assertThat(repository.gate().verify(claims, criteria())).isEmpty();
        assertThat(repository.gate().objections(claims, criteria()))
                .hasSize(3)
                .containsValue(Objection.PAUSED)
                .doesNotContainValue(Objection.HELD);
    }

    @Test
    void passesClaimsWhoseRowsAreAsTheyWere() {
        List<Claim> claims = claim(openRun(), insertDue(3)).claims();

        assertThat(repository.gate().verify(claims, criteria())).containsExactlyInAnyOrderElementsOf(ids(claims));
        assertThat(repository.gate().verify(List.of(), criteria())).isEmpty();
        assertThat(repository.gate().objections(claims, criteria())).isEmpty();
    }

    @Test
    void stopsAClaimThatAnotherAttemptTookOver() {
        Claim first = claimOne();
        Claim second = only(reclaim(dbNow.plus(LEASE)));

        assertThat(verified(first)).isEmpty();
        assertThat(objection(first)).contains(Objection.TAKEN_OVER);
        assertThat(verified(second)).containsExactly(first.id());
    }

    @Test
    void stopsAClaimThatHasAnOutcome() {
        Claim claim = claimOne();
        record(retry(claim, dbNow));

        assertThat(verified(claim)).isEmpty();
    }

    @Test
    void stopsAHeldOneUntilItIsReleased() {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        hold("h", rows.get(0));

        assertThat(repository.gate().verify(claims, criteria()))
                .containsExactly(rows.get(1).id());
        assertThat(repository.gate().objections(claims, criteria()))
                .isEqualTo(Map.of(rows.get(0).id(), Objection.HELD));
        repository.holds().release("h", "dpo", dbNow);
        assertThat(repository.gate().verify(claims, criteria())).hasSize(2);
    }

    @Test
    void stopsAClaimThatIsNotDueUnderTheCriteria() {
        EngineRow row = insert(row(1, CUTOFF.minus(TICK)));
        Claim claim = only(claim(openRun(), row).claims());
        DueCriteria longer = new DueCriteria(NOW, List.of(), rule("default", created(row)));

        assertThat(repository.gate().verify(List.of(claim), longer)).isEmpty();
        assertThat(repository.gate().objections(List.of(claim), longer))
                .isEqualTo(Map.of(claim.id(), Objection.NOT_DUE));
        assertThat(repository.gate().verify(List.of(claim), criteria())).hasSize(1);
    }

    @Test
    void stopsAClaimWhoseKeyChanged() {
        stopsWhatChanged(row -> row.withStorageKey("REother"), Objection.ROW_CHANGED);
    }

    @Test
    void stopsAClaimWhoseAccountChanged() {
        needs(Capability.ACCOUNT);
        stopsWhatChanged(row -> row.withAccount("ACother"), Objection.ROW_CHANGED);
    }

    @Test
    void stopsAClaimWhoseCreationTimeChanged() {
        stopsWhatChanged(row -> row.withCreated(created(row).minus(TICK)), Objection.ROW_CHANGED);
    }

    @Test
    void stopsAClaimWhoseRowIsDeleted() {
        stopsWhatChanged(row -> row.withDeleted(NOW, "asked for"), Objection.ROW_DELETED);
    }

    @Test
    void stopsAClaimWhoseRowIsFlaggedAsHeld() {
        needs(Capability.HOLD_FLAG);
        stopsWhatChanged(row -> row.withFlaggedHeld(true), Objection.FLAGGED_AS_HELD);
    }

    @Test
    void stopsAClaimWhoseRowNamesALaterTime() {
        needs(Capability.RETAIN_UNTIL);
        stopsWhatChanged(row -> row.withRetainUntil(NOW.plus(TICK)), Objection.NOT_DUE);
    }

    @Test
    void stopsAClaimWhoseRowIsGone() {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        removeRow(claims.get(0).id());

        assertThat(repository.gate().verify(claims, criteria()))
                .containsExactly(claims.get(1).id());
        assertThat(objection(claims.get(0))).contains(Objection.ROW_MISSING);
    }

    private void stopsWhatChanged(UnaryOperator<EngineRow> change, Objection why) {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        updateRow(change.apply(rows.get(0)));

        assertThat(repository.gate().verify(claims, criteria()))
                .containsExactly(rows.get(1).id());
        assertThat(repository.gate().objections(claims, criteria()))
                .isEqualTo(Map.of(rows.get(0).id(), why));
    }

    private Optional<Objection> objection(Claim claim) {
        return Optional.ofNullable(
                repository.gate().objections(List.of(claim), criteria()).get(claim.id()));
    }
}
