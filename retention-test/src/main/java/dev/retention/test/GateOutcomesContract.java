package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the gate row says afterwards of each outcome: {@link dev.retention.spi.DeletionGate#record}. */
abstract class GateOutcomesContract extends PortContract {

    GateOutcomesContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void softDeletesTheRowWithTheProof() {
        EngineRow row = insert(fit(dueRow(1).withAttribute(QUEUE, "sales").withDuration(Duration.ofSeconds(9))));
        EngineRow twin = insert(dueRow(2));
        Claim claim = only(claim(openRun(), row).claims());
        Instant at = dbNow.plusSeconds(3);

        assertThat(repository.gate().record(List.of(deleted(claim, DeletionOutcome.DELETED, at))))
                .isEqualTo(Recorded.ALL);

        LedgerEntry entry = entry(row);
        assertThat(entry.state()).isEqualTo(DeletionState.DELETED);
        assertThat(entry.outcome()).isEqualTo(DeletionOutcome.DELETED);
        assertThat(entry.evidence()).isEqualTo(EVIDENCE);
        assertThat(entry.deletedAt()).isEqualTo(at);
        assertThat(entry.cause()).isNull();
        assertThat(entry.leaseUntil()).isNull();
        assertThat(entry.attempts()).isEqualTo(1);
        assertThat(entry.reason()).isEqualTo(REASON);
        assertThat(entry.runId()).isEqualTo(claim.runId());
        assertThat(readRow(row.id())).contains(row.withDeleted(at, REASON));
        assertThat(readRow(twin.id())).contains(twin);
        assertThat(repository.ledger().events(row.id())).isEmpty();
    }

    @Test
    void softDeletesForEachKindOfProof() {
        List<EngineRow> rows = insertDue(3);
        List<Claim> claims = claim(openRun(), rows).claims();
        List<DeletionOutcome> kinds =
                List.of(DeletionOutcome.DELETED, DeletionOutcome.ALREADY_GONE, DeletionOutcome.NOTHING_STORED);

        repository
                .gate()
                .record(IntStream.range(0, 3)
                        .mapToObj(i -> deleted(claims.get(i), kinds.get(i), dbNow))
                        .toList());

        for (int i = 0; i < 3; i++) {
            assertThat(entry(claims.get(i).id()).outcome()).isEqualTo(kinds.get(i));
            assertThat(readRow(claims.get(i).id()).map(EngineRow::deleted)).contains(dbNow);
        }
    }

    @Test
    void changesNothingOfTheRowWithoutAProof() {
        List<EngineRow> rows = insertDue(4);
        List<Claim> claims = claim(openRun(), rows).claims();

        assertThat(repository
                        .gate()
                        .record(List.of(
                                progress(claims.get(0)),
                                retry(claims.get(1), dbNow),
                                quarantine(claims.get(2)),
                                refusedUnsent(claims.get(3)))))
                .isEqualTo(Recorded.ALL);

        assertThat(rows).allSatisfy(row -> assertThat(readRow(row.id())).contains(row));
    }

    @Test
    void keepsTheClaimWithAnAnswerOfOneOfSeveralStorages() {
        Claim claim = claimOne();

        record(progress(claim));

        assertThat(entry(claim.id()).state()).isEqualTo(DeletionState.DELETING);
        assertThat(entry(claim.id()).evidence()).isEqualTo(BUCKET.text());
        assertThat(entry(claim.id()).leaseUntil()).isEqualTo(claim.leaseUntil());
        assertThat(verified(claim)).containsExactly(claim.id());
        assertThat(only(reclaim(dbNow.plus(LEASE))).inDoubt()).isTrue();
    }

    @Test
    void leavesWhatIsToBeTriedAgainInTheDoorWithoutALease() {
        Claim claim = claimOne();
        Instant next = dbNow.plusSeconds(60);

        record(retry(claim, next));

        LedgerEntry entry = entry(claim.id());
        assertThat(entry.state()).isEqualTo(DeletionState.DELETING);
        assertThat(entry.leaseUntil()).isNull();
        assertThat(entry.nextAttempt()).isEqualTo(next);
        assertThat(entry.outcome()).isEqualTo(DeletionOutcome.TRY_LATER);
        assertThat(entry.cause()).isEqualTo(new Cause("TIMEOUT", "fake", "timed out"));
        assertThat(entry.failingSince()).isEqualTo(dbNow);
        assertThat(entry.attempts()).isEqualTo(1);
        assertThat(repository.runs().hasLiveClaims(runIdOf(claim), dbNow)).isFalse();
    }

    @Test
    void countsAttemptsThatCount() {
        record(retry(claimOne(), dbNow));
        Claim second = only(reclaim(dbNow));
        record(retry(second, dbNow).uncounted());
        assertThat(entry(second.id()).attempts()).isEqualTo(1);

        record(retry(only(reclaim(dbNow)), dbNow));
        assertThat(entry(second.id()).attempts()).isEqualTo(2);
    }

    @Test
    void quarantinesUntilAPersonActs() {
        Claim claim = claimOne();

        record(quarantine(claim));

        LedgerEntry entry = entry(claim.id());
        assertThat(entry.state()).isEqualTo(DeletionState.QUARANTINED);
        assertThat(entry.outcome()).isEqualTo(DeletionOutcome.REFUSED);
        assertThat(entry.cause()).isEqualTo(new Cause("REFUSED", "fake", "refused for good"));
        assertThat(entry.leaseUntil()).isNull();
        assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
    }

    @Test
    void returnsWhatWasRefusedUnsentToActiveWithWhatWasJudged() {
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());

        record(refusedUnsent(claim));

        LedgerEntry entry = entry(row);
        assertThat(entry.state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(entry.outcome()).isEqualTo(DeletionOutcome.REFUSED_UNSENT);
        assertThat(entry.cause()).isEqualTo(new Cause("REFUSED_UNSENT", "fake", "no key of this storage"));
        assertThat(entry.storageKey()).isEqualTo(row.storageKey());
        assertThat(entry.account()).isEqualTo(row.account());
        assertThat(reclaim(dbNow.plus(LEASE))).isEmpty();
        assertThat(hold("h", row)).containsEntry(row.id(), HoldAnswer.HELD);
    }

    @Test
    void keepsTheHoldThatCameMeanwhileOnWhatWasRefusedUnsent() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        Claim claim = only(claim(run, row).claims());
        hold("h", row);

        record(refusedUnsent(claim));

        assertThat(entry(row).state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(entry(row).held()).isTrue();
        assertThat(claim(run, row).claims()).isEmpty();
    }

    @Test
    void keepsTheHoldThatCameMeanwhileOnWhatIsTriedAgain() {
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());
        hold("h", row);

        record(retry(claim, dbNow));

        Claim late = only(reclaim(dbNow));
        assertThat(late.late()).isTrue();
        assertThat(verified(late)).isEmpty();
    }

    @Test
    void claimsWhatWasRefusedUnsentAnewWithItsNewKey() {
        EngineRow row = insert(dueRow(1).withStorageKey("nonsense"));
        SweepRun run = openRun();
        record(refusedUnsent(only(claim(run, row).claims())));
        EngineRow corrected = row.withStorageKey("RE1");
        updateRow(corrected);

        Claim claim = only(claim(run, corrected).claims());

        assertThat(claim.attempt()).isEqualTo(1);
        assertThat(claim.recording().storageKey()).isEqualTo("RE1");
        assertThat(entry(row).storageKey()).isEqualTo("RE1");
        record(deleted(claim));
        assertThat(entry(row).cause()).isNull();
        assertThat(readRow(row.id()).map(EngineRow::deleted)).isPresent();
    }

    @Test
    void ignoresAnOutdatedTokenUnlessItBringsAProof() {
        List<EngineRow> rows = insertDue(4);
        List<Claim> outdated = claim(openRun(), rows).claims();
        List<Claim> current = reclaim(dbNow.plus(LEASE));
        List<LedgerEntry> before = repository.ledger().find(ids(outdated));

        record(
                progress(outdated.get(0)),
                retry(outdated.get(1), dbNow),
                quarantine(outdated.get(2)),
                refusedUnsent(outdated.get(3)));

        assertThat(repository.ledger().find(ids(outdated))).containsExactlyInAnyOrderElementsOf(before);
        assertThat(repository.gate().verify(current, criteria())).hasSize(4);
    }

    @Test
    void recordsAProofWhoeverHoldsTheClaimByNow() {
        EngineRow row = insert(dueRow(1));
        Claim first = only(claim(openRun(), row).claims());
        Claim second = only(reclaim(dbNow.plus(LEASE)));

        record(deleted(first));

        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(row.id()).map(EngineRow::deleted)).contains(dbNow);
        assertThat(verified(second)).isEmpty();
        record(retry(second, dbNow));
        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
    }

    @Test
    void recordsAProofOfAQuarantinedAndOfALateOne() {
        List<EngineRow> rows = insertDue(2);
        List<Claim> claims = claim(openRun(), rows).claims();
        Claim quarantined = claims.get(0);
        record(quarantine(quarantined));
        hold(
                "h",
                rows.stream()
                        .filter(row -> !row.id().equals(quarantined.id()))
                        .findFirst()
                        .orElseThrow());

        record(deleted(claims.get(0)), deleted(claims.get(1)));

        assertThat(repository.ledger().find(ids(claims)))
                .hasSize(2)
                .allMatch(entry -> entry.state() == DeletionState.DELETED);
        assertThat(rows)
                .allSatisfy(row ->
                        assertThat(readRow(row.id()).map(EngineRow::deleted)).isPresent());
    }

    @Test
    void changesNothingTheSecondTime() {
        record(retry(claimOne(), dbNow));
        Claim claim = only(reclaim(dbNow));
        record(deleted(claim));
        LedgerEntry entry = entry(claim.id());
        Optional<EngineRow> row = readRow(claim.id());
        List<LedgerEvent> events = repository.ledger().events(claim.id());

        record(deleted(claim));
        record(deleted(claim, DeletionOutcome.ALREADY_GONE, dbNow.plusSeconds(9)));

        assertThat(entry(claim.id())).isEqualTo(entry);
        assertThat(readRow(claim.id())).isEqualTo(row);
        assertThat(repository.ledger().events(claim.id())).isEqualTo(events);
        assertThat(repository.ledger().deletedBy(runIdOf(claim)).byOutcome())
                .isEqualTo(Map.of(DeletionOutcome.DELETED, 1L));
    }

    @Test
    void changesNothingTheSecondTimeWithoutAProofEither() {
        Claim claim = claimOne();
        record(retry(claim, dbNow));
        LedgerEntry entry = entry(claim.id());

        record(retry(claim, dbNow));

        assertThat(entry(claim.id())).isEqualTo(entry);
    }

    @Test
    void leavesNoEventOfAnAnswerOfOneOfSeveralStorages() {
        claimOne();
        Claim second = only(reclaim(dbNow.plus(LEASE)));

        record(progress(second));

        assertThat(repository.ledger().events(second.id())).isEmpty();
    }

    @Test
    void leavesAnEventOfEachAttemptBeyondTheFirst() {
        Claim first = claimOne();
        record(retry(first, dbNow));
        assertThat(repository.ledger().events(first.id())).isEmpty();

        Claim second = only(reclaim(dbNow));
        record(retry(second, dbNow.plusSeconds(1)));
        record(deleted(only(reclaim(dbNow.plusSeconds(1)))));

        List<LedgerEvent> events = repository.ledger().events(first.id());
        assertThat(events).extracting(LedgerEvent::kind).containsExactly("ATTEMPT", "ATTEMPT");
        assertThat(events.get(0).runId()).isEqualTo(first.runId());
        assertThat(events.get(0).at()).isEqualTo(dbNow);
    }

    @Test
    void recordsNothingOfNothing() {
        assertThat(repository.gate().record(List.of())).isEqualTo(Recorded.ALL);
    }
}
