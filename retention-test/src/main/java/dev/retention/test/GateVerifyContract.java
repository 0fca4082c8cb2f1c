package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Claim;
import dev.retention.spi.DueCriteria;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
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
    }

    @Test
    void passesClaimsWhoseRowsAreAsTheyWere() {
        List<Claim> claims = claim(openRun(), insertDue(3)).claims();

        assertThat(repository.gate().verify(claims, criteria())).containsExactlyInAnyOrderElementsOf(ids(claims));
        assertThat(repository.gate().verify(List.of(), criteria())).isEmpty();
    }

    @Test
    void stopsAClaimThatAnotherAttemptTookOver() {
        Claim first = claimOne();
        Claim second = only(reclaim(dbNow.plus(LEASE)));

        assertThat(verified(first)).isEmpty();
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
        repository.holds().release("h", "dpo", dbNow);
        assertThat(repository.gate().verify(claims, criteria())).hasSize(2);
    }

    @Test
    void stopsAClaimThatIsNotDueUnderTheCriteria() {
        EngineRow row = insert(row(1, CUTOFF.minus(TICK)));
        Claim claim = only(claim(openRun(), row).claims());
        DueCriteria longer = new DueCriteria(NOW, List.of(), rule("default", created(row)));

        assertThat(repository.gate().verify(List.of(claim), longer)).isEmpty();
        assertThat(repository.gate().verify(List.of(claim), criteria())).hasSize(1);
    }

    @Test
    void stopsAClaimWhoseKeyChanged() {
        stopsWhatChanged(row -> row.withStorageKey("REother"));
    }

    @Test
    void stopsAClaimWhoseAccountChanged() {
        needs(Capability.ACCOUNT);
        stopsWhatChanged(row -> row.withAccount("ACother"));
    }

    @Test
    void stopsAClaimWhoseCreationTimeChanged() {
        stopsWhatChanged(row -> row.withCreated(created(row).minus(TICK)));
    }

    @Test
    void stopsAClaimWhoseRowIsDeleted() {
        stopsWhatChanged(row -> row.withDeleted(NOW, "asked for"));
    }

    @Test
    void stopsAClaimWhoseRowIsFlaggedAsHeld() {
        needs(Capability.HOLD_FLAG);
        stopsWhatChanged(row -> row.withFlaggedHeld(true));
    }

    @Test
    void stopsAClaimWhoseRowNamesALaterTime() {
        needs(Capability.RETAIN_UNTIL);
        stopsWhatChanged(row -> row.withRetainUntil(NOW.plus(TICK)));
    }

    @Test
    void stopsAClaimWhoseRowIsGone() {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        removeRow(rows.get(0).id());

        assertThat(repository.gate().verify(claims, criteria()))
                .containsExactly(rows.get(1).id());
    }

    private void stopsWhatChanged(UnaryOperator<EngineRow> change) {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        updateRow(change.apply(rows.get(0)));

        assertThat(repository.gate().verify(claims, criteria()))
                .containsExactly(rows.get(1).id());
    }
}
