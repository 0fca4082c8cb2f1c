package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.spi.Claim;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The gate opens only for those who work with what was confirmed: {@link DueCriteria#fingerprint} beside
 * {@link Controls#FINGERPRINT}.
 */
abstract class GateConfirmationContract extends PortContract {

    private static final Claims REFUSED = new Claims(List.of(), Signal.NOT_CONFIRMED);

    GateConfirmationContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private void confirmed(@Nullable String from, @Nullable String to) {
        assertThat(repository
                        .controls()
                        .change(List.of(new Change(Controls.FINGERPRINT, from, to)), event("PLAN_CONFIRMED")))
                .isTrue();
    }

    private Claims claim(SweepRun run, EngineRow row, DueCriteria criteria) {
        return claim(repository, run, criteria, candidates(List.of(row)));
    }

    private Claims erase(EngineRow row, DueCriteria criteria) {
        return repository
                .gate()
                .claim(new ClaimRequest(
                        null, "one", dbNow.plus(LEASE), criteria, "request 17", candidates(List.of(row))));
    }

    private void assertUntouched(SweepRun run, EngineRow row) {
        assertThat(repository.ledger().find(List.of(row.id())))
                .extracting(LedgerEntry::state)
                .doesNotContain(DeletionState.DELETING);
        assertThat(run(run).claimed()).isZero();
    }

    @Test
    void claimsNothingForOthers() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        confirmed(null, "a");

        assertThat(claim(run, row, criteria().under("b"))).isEqualTo(REFUSED);
        assertThat(claim(run, row, criteria().under("A"))).isEqualTo(REFUSED);
        assertThat(claim(run, row, criteria())).isEqualTo(REFUSED);
        assertUntouched(run, row);

        assertThat(claim(run, row, criteria().under("a")).claims()).hasSize(1);
    }

    @Test
    void claimsNothingWhereNothingWasConfirmed() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();

        assertThat(claim(run, row, criteria().under("a"))).isEqualTo(REFUSED);
        assertUntouched(run, row);

        confirmed(null, "a");
        assertThat(claim(run, row, criteria().under("a")).claims()).hasSize(1);
    }

    @Test
    void erasesNothingForOthers() {
        EngineRow row = insert(row(1, NOW.minusSeconds(60)));
        confirmed(null, "a");

        assertThat(erase(row, DueCriteria.erasure(NOW).under("b"))).isEqualTo(REFUSED);
        assertThat(erase(row, DueCriteria.erasure(NOW))).isEqualTo(REFUSED);
        Claim claim = only(erase(row, DueCriteria.erasure(NOW).under("a")).claims());

        List<Claim> claims = List.of(claim);
        assertThat(repository.gate().verify(claims, DueCriteria.erasure(NOW).under("b")))
                .isEmpty();
        assertThat(repository.gate().verify(claims, DueCriteria.erasure(NOW).under("a")))
                .containsExactly(row.id());
    }

    @Test
    void letsNoClaimPassThatWasMadeBeforeSomethingElseWasConfirmed() {
        EngineRow row = insert(dueRow(1));
        confirmed(null, "a");
        List<Claim> claims = claim(openRun(), row, criteria().under("a")).claims();
        assertThat(repository.gate().verify(claims, criteria().under("a"))).containsExactly(row.id());

        confirmed("a", "b");

        assertThat(repository.gate().verify(claims, criteria().under("a"))).isEmpty();
        assertThat(repository.gate().verify(claims, criteria())).isEmpty();
        assertThat(repository.gate().objections(claims, criteria()))
                .isEqualTo(Map.of(row.id(), Objection.NOT_CONFIRMED));
        assertThat(repository.gate().verify(claims, criteria().under("b"))).containsExactly(row.id());
        confirmed("b", null);
        assertThat(repository.gate().verify(claims, criteria().under("b"))).isEmpty();
    }

    @Test
    void saysThatDeletingIsPausedFirst() {
        needs(Capability.PAUSE);
        EngineRow row = insert(dueRow(1));
        confirmed(null, "a");
        pauseDeleting();

        assertThat(claim(openRun(), row, criteria().under("b")).signal()).isEqualTo(Signal.PAUSED);
    }
}
