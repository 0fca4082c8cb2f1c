package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionState;
import dev.retention.spi.Claim;
import dev.retention.spi.DueCriteria;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Claims of an erasure: {@link dev.retention.spi.DeletionGate#claim} without a run. */
abstract class GateErasureContract extends PortContract {

    GateErasureContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void claimWhatNoPolicyWantsAndBelongToNoRun() {
        EngineRow row = insert(fit(youngRow(1).withRetainUntil(NOW.plus(Duration.ofDays(9)))));

        Claim claim = only(erase(row));

        assertThat(claim.runId()).isNull();
        assertThat(claim.policy()).isEqualTo(DueCriteria.ERASURE);
        assertThat(claim.reason()).isEqualTo("request 17");
        assertThat(repository.gate().verify(List.of(claim), DueCriteria.erasure(NOW)))
                .containsExactly(row.id());
        assertThat(repository.gate().verify(List.of(claim), criteria())).isEmpty();
        record(deleted(claim));
        assertThat(readRow(row.id()).map(EngineRow::deletionReason)).contains("request 17");
        assertThat(entry(row).runId()).isNull();
    }

    @Test
    void claimNothingThatIsHeldOrInTheDoor() {
        EngineRow held = insert(youngRow(1));
        hold("h", held);
        EngineRow claimed = insert(dueRow(2));
        claim(openRun(), claimed);
        assertThat(erase(held, claimed)).isEmpty();
    }

    @Test
    void claimNothingWhileDeletingIsPaused() {
        needs(Capability.PAUSE);
        EngineRow row = insert(youngRow(1));
        pauseDeleting();
        assertThat(erase(row)).isEmpty();
    }

    @Test
    void areGivenBackToNoBudget() {
        EngineRow row = insert(youngRow(1));
        releaseClaim(only(erase(row)));
        assertThat(entry(row).state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(erase(row)).hasSize(1);
    }

    @Test
    void areTakenUpAgainAsErasures() {
        EngineRow row = insert(youngRow(1));
        erase(row);
        Claim again = only(reclaim(dbNow.plus(LEASE)));
        assertThat(again.policy()).isEqualTo(DueCriteria.ERASURE);
        assertThat(again.runId()).isNull();
        assertThat(repository.gate().verify(List.of(again), DueCriteria.erasure(NOW)))
                .containsExactly(row.id());
    }
}
