package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rows that an open transaction of the engine has locked: what concerns them is left for later, nobody waits for that
 * transaction, and all else is done.
 */
abstract class GateLockedRowsContract extends PortContract {

    /** Only what hangs takes so long. */
    private static final long HUNG_SECONDS = 60;

    GateLockedRowsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @BeforeEach
    final void needsLocks() {
        needs(Capability.LOCKED_ROW);
    }

    private List<ClaimOutcome> deleted(List<Claim> claims) {
        return claims.stream().map(this::deleted).toList();
    }

    @Test
    void recordsAllOthersAtOnceAndTheLockedOneLater() {
        List<Claim> claims = claim(openRun(), insertDue(9)).claims();
        ClaimOutcome locked = deleted(claims.get(4));
        String lockedId = locked.claim().id();
        List<ClaimOutcome> outcomes = claims.stream()
                .map(each -> each == locked.claim() ? locked : deleted(each))
                .toList();
        whileRowIsLocked(lockedId, () -> {
            assertThat(repository.gate().record(outcomes))
                    .isEqualTo(new Recorded(Set.of(), List.of(), List.of(locked)));

            for (Claim claim : claims) {
                boolean isLocked = claim == locked.claim();
                assertThat(entry(claim.id()).state())
                        .isEqualTo(isLocked ? DeletionState.DELETING : DeletionState.DELETED);
                assertThat(readRow(claim.id()).orElseThrow().deleted() == null).isEqualTo(isLocked);
            }
            assertThat(repository.gate().record(List.of(locked)).locked()).containsExactly(locked);
        });

        assertThat(repository.gate().record(List.of(locked))).isEqualTo(Recorded.ALL);
        assertThat(entry(lockedId).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(lockedId).map(EngineRow::deleted)).contains(dbNow);
    }

    @Test
    void recordsNothingIfAllAreLocked() {
        List<Claim> claims = claim(openRun(), insertDue(2)).claims();
        List<ClaimOutcome> outcomes = deleted(claims);
        whileRowIsLocked(
                claims.get(0).id(),
                () -> whileRowIsLocked(
                        claims.get(1).id(),
                        () -> assertThat(repository.gate().record(outcomes).locked())
                                .containsExactlyInAnyOrderElementsOf(outcomes)));
        assertThat(repository.gate().record(outcomes)).isEqualTo(Recorded.ALL);
    }

    @Test
    void claimsAndChecksALockedRow() {
        EngineRow row = only(insertDue(1));
        whileRowIsLocked(row.id(), () -> {
            Claim claim = only(claim(openRun(), row).claims());
            assertThat(verified(claim)).containsExactly(row.id());
        });
    }

    @Test
    void saysThatALockedRowCannotBeRehearsed() {
        EngineRow row = only(insertDue(1));
        Candidate candidate = only(candidates(List.of(row)));
        whileRowIsLocked(
                row.id(),
                () -> assertThat(repository.gate().rehearse(candidate, REASON)).isPresent());
        assertThat(repository.gate().rehearse(candidate, REASON)).isEmpty();
    }

    /**
     * The engine has changed a row and not committed, and then places a hold in a transaction of its own. Its thread
     * waits for the hold, the hold for the gate row, and whoever records for the engine's row: no database sees that
     * circle.
     */
    @Test
    void placesAHoldForTheTransactionThatHasLockedTheRow() throws Exception {
        Claim claim = only(claim(openRun(), insertDue(1)).claims());
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            List<Future<Recorded>> recording = new ArrayList<>();
            whileRowIsLocked(claim.id(), () -> {
                recording.add(thread.submit(() -> repository.gate().record(List.of(deleted(claim)))));
                assertThat(hold("h", List.of(claim.id()))).containsEntry(claim.id(), HoldAnswer.LATE);
                assertThatCode(() -> only(recording).get(HUNG_SECONDS, TimeUnit.SECONDS))
                        .doesNotThrowAnyException();
            });
            assertThat(only(recording).get().locked()).hasSize(1);
        } finally {
            thread.shutdownNow();
        }
    }
}
