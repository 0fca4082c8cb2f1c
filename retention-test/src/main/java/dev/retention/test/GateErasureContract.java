package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Recorded;
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
    void areNotTheOnlyClaimsOnWhatTheEngineHasSoftDeleted() {
        EngineRow row = insert(dueRow(1).withDeleted(NOW.minusSeconds(5), "asked for"));
        assertThat(claim(openRun(), row).claims()).as("live rows only").isEmpty();

        DueCriteria too = criteria().withSoftDeleted();
        Claim claim =
                only(claim(repository, openRun(), too, candidates(List.of(row))).claims());

        assertThat(claim.reason()).isEqualTo(Claim.ENGINE_DELETED);
        assertThat(claim.policy()).isNotEqualTo(DueCriteria.ERASURE);
        assertThat(repository.gate().verify(List.of(claim), criteria())).isEmpty();
        assertThat(repository.gate().verify(List.of(claim), too)).containsExactly(row.id());
        assertThat(repository.gate().record(List.of(deleted(claim))).notMarked())
                .isEmpty();
        assertThat(readRow(row.id())).contains(row);
        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
        assertThat(entry(row).reason()).isEqualTo(Claim.ENGINE_DELETED);
        assertThat(repository.ledger().events(row.id())).isEmpty();
    }

    @Test
    void areNotTheOnlyClaimsOnWhatTheEngineHasSoftDeletedButHoldsWin() {
        EngineRow held = insert(dueRow(1).withDeleted(NOW.minusSeconds(5), "asked for"));
        EngineRow young = insert(row(2, CUTOFF).withDeleted(NOW.minusSeconds(5), "asked for"));
        hold("h", held);
        DueCriteria too = criteria().withSoftDeleted();
        assertThat(claim(repository, openRun(), too, candidates(List.of(held, young)))
                        .claims())
                .isEmpty();
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
    void claimWhatTheEngineHasSoftDeletedItself() {
        EngineRow row = insert(dueRow(1).withDeleted(NOW.minusSeconds(60), "by a user"));
        EngineRow held = insert(dueRow(2).withDeleted(NOW.minusSeconds(60), "by a user"));
        assertThat(hold("h", held)).containsEntry(held.id(), HoldAnswer.HELD);
        assertThat(claim(openRun(), row, held).claims()).as("of a sweep").isEmpty();
        assertThat(pagedIds(DueCriteria.erasure(NOW), 10)).isEmpty();

        Claim claim = only(erase(row, held));

        assertThat(claim.id()).isEqualTo(row.id());
        assertThat(repository.gate().verify(List.of(claim), DueCriteria.erasure(NOW)))
                .containsExactly(row.id());
        assertThat(repository.gate().verify(List.of(claim), criteria())).isEmpty();
        assertThat(repository.gate().record(List.of(deleted(claim)))).isEqualTo(Recorded.ALL);
        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(row.id())).contains(row);
        assertThat(repository.ledger().events(row.id())).isEmpty();
        assertThat(erase(row)).isEmpty();
        assertThat(hold("i", row)).containsEntry(row.id(), HoldAnswer.ALREADY_DELETED);
    }

    @Test
    void claimNothingUnderAHoldByAttributeThatTheEngineHasSoftDeletedItself() {
        needs(Capability.ATTRIBUTES);
        EngineRow row = insert(dueRow(1).withAttribute(TENANT, "acme").withDeleted(NOW.minusSeconds(60), "by a user"));
        EngineRow later = insert(dueRow(2).withDeleted(NOW.minusSeconds(60), "by a user"));
        assertThat(repository.holds().placeWhere("case", TENANT, "acme", "dpo", "litigation", dbNow))
                .isEqualTo(new HoldSummary("case", 1, 0, 0));
        EngineRow renamed = row.withAttribute(TENANT, "acme-inc");
        updateRow(renamed);
        EngineRow inScope = later.withAttribute(TENANT, "acme");
        updateRow(inScope);
        assertThat(erase(renamed, inScope)).isEmpty();
        assertThat(entry(later).held()).isTrue();
        repository.holds().release("case", "dpo", dbNow);
        assertThat(erase(renamed, inScope)).hasSize(2);
    }

    /** What the ledger proves is about the recording that had the id before. */
    @Test
    void claimNothingWhoseIdWasUsedBefore() {
        EngineRow before = insert(dueRow(1));
        record(deleted(only(claim(openRun(), before).claims())));
        EngineRow reused = before.withStorageKey("REreused");
        updateRow(reused);
        EngineRow twin = insert(dueRow(2).withStorageKey("REreused"));

        assertThat(erase(reused)).isEmpty();
        assertThat(hold("h", reused)).containsEntry(reused.id(), HoldAnswer.HELD);

        assertThat(entry(reused).storageKey()).isEqualTo(before.storageKey());
        assertThat(entry(reused).held()).isTrue();
        assertThat(claim(openRun(), twin).claims()).as("of the held key").isEmpty();
        assertThat(erase(twin, reused)).isEmpty();
        repository.holds().release("h", "dpo", dbNow);
        assertThat(claim(openRun(), twin).claims()).hasSize(1);
    }

    /** In flight, and nobody works on it. */
    private EngineRow leftOver(int n, boolean inDoubt) {
        EngineRow row = insert(dueRow(n));
        Claim claim = only(claim(openRun(), row).claims());
        record(progress(claim), retry(claim, dbNow.plus(Duration.ofDays(30)), inDoubt));
        return row;
    }

    @Test
    void claimWhatASweepHasLeftInFlight() {
        EngineRow row = leftOver(1, true);
        EngineRow surelyUnsent = leftOver(2, false);

        List<Claim> claims = erase(row, surelyUnsent);

        Claim claim = claimOf(claims, row);
        assertThat(claim.attempt()).isEqualTo(2);
        assertThat(claim.inDoubt()).isTrue();
        assertThat(claimOf(claims, surelyUnsent).inDoubt()).isFalse();
        assertThat(claim.runId()).isNull();
        assertThat(claim.policy()).isEqualTo(DueCriteria.ERASURE);
        assertThat(claim.cutoff()).isEqualTo(NOW);
        assertThat(claim.reason()).isEqualTo("request 17");
        assertThat(claim.late()).isFalse();
        assertThat(claim.evidence().contains("bucket")).isTrue();
        assertThat(claim.failingSince()).isNotNull();
        assertThat(repository.gate().verify(claims, DueCriteria.erasure(NOW)))
                .containsExactlyInAnyOrder(row.id(), surelyUnsent.id());
        assertThat(entry(row))
                .returns(DueCriteria.ERASURE, LedgerEntry::policy)
                .returns(NOW, LedgerEntry::cutoff)
                .returns("request 17", LedgerEntry::reason)
                .returns(null, LedgerEntry::runId)
                .returns(2, LedgerEntry::attempts)
                .returns(dbNow.plus(LEASE), LedgerEntry::leaseUntil)
                .returns(null, LedgerEntry::nextAttempt);
        record(deleted(claim));
        assertThat(readRow(row.id()).map(EngineRow::deletionReason)).contains("request 17");
    }

    @Test
    void leaveWhatWasInFlightToRecoveryAsErasures() {
        EngineRow row = leftOver(1, true);
        Claim claim = only(erase(row));
        releaseClaim(claim);
        assertThat(entry(row).state()).as("it was sent before").isEqualTo(DeletionState.DELETING);
        Claim again = only(reclaim(dbNow.plusSeconds(1)));
        assertThat(again.policy()).isEqualTo(DueCriteria.ERASURE);
        assertThat(again.reason()).isEqualTo("request 17");
        assertThat(again.runId()).isNull();
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void claimNothingInFlightThatIsOwnedHeldOrAnotherRecording() {
        EngineRow owned = insert(dueRow(1));
        claim(openRun(), owned);
        EngineRow held = leftOver(2, true);
        hold("h", held);
        EngineRow corrected = leftOver(3, true);
        EngineRow asItIsNow = corrected.withStorageKey("corrected");
        updateRow(asItIsNow);
        EngineRow quarantined = insert(dueRow(4));
        record(quarantine(only(claim(openRun(), quarantined).claims())));
        EngineRow done = insert(dueRow(6));
        record(deleted(only(claim(openRun(), done).claims())));

        assertThat(erase(owned, held, corrected, asItIsNow, quarantined, done)).isEmpty();

        assertThat(entry(corrected).nextAttempt()).isEqualTo(dbNow.plus(Duration.ofDays(30)));
        assertThat(entry(held).policy()).isNotEqualTo(DueCriteria.ERASURE);
    }

    @Test
    void claimNothingInFlightThatTheEngineHolds() {
        needs(Capability.HOLD_FLAG);
        EngineRow row = leftOver(1, true);
        updateRow(row.withFlaggedHeld(true));
        assertThat(erase(row)).isEmpty();
        updateRow(row);
        assertThat(erase(row)).hasSize(1);
    }

    @Test
    void claimNothingInFlightWhileDeletingIsPaused() {
        needs(Capability.PAUSE);
        EngineRow row = leftOver(1, true);
        pauseDeleting();
        assertThat(erase(row)).isEmpty();
    }

    @Test
    void claimNothingInFlightThatSharesItsKeyWithARowThatWasNotToBeErased() {
        EngineRow row = leftOver(1, true);
        EngineRow twin = insert(youngRow(2).withStorageKey(row.storageKey()));
        EngineRow other = insert(youngRow(3));

        assertThat(repository.gate().sentForOthers(candidates(List.of(row, twin, other))))
                .containsExactly(twin.id());
        assertThat(erase(row)).isEmpty();
        assertThat(entry(row).policy()).as("its sweep's").isNotEqualTo(DueCriteria.ERASURE);
        List<Claim> both = erase(row, twin);
        assertThat(both).hasSize(2);
        assertThat(repository.gate().verify(both, DueCriteria.erasure(NOW))).hasSize(2);
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
