package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.SweepEnd;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.Recording;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Claims of a further attempt: {@link dev.retention.spi.DeletionGate#reclaim}. */
abstract class GateReclaimContract extends PortContract {

    GateReclaimContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void takesARowWhoseLeaseHasRunOut() {
        claim(openRun(), insert(dueRow(1)));
        Instant end = dbNow.plus(LEASE);

        assertThat(reclaim(end.minus(TICK))).isEmpty();
        assertThat(reclaim(end)).hasSize(1);
    }

    @Test
    void takesARowWhoseNextAttemptIsDue() {
        Claim claim = claimOne();
        Instant next = dbNow.plusSeconds(30);
        record(retry(claim, next));

        assertThat(reclaim(next.minus(TICK))).isEmpty();
        assertThat(reclaim(next)).hasSize(1);
    }

    @Test
    void takesARowOnceForEachLease() {
        claimOne();
        Instant now = dbNow.plus(LEASE);

        assertThat(reclaim(now)).hasSize(1);
        assertThat(reclaim(now)).isEmpty();
        assertThat(reclaim(now.plus(LEASE))).hasSize(1);
    }

    @Test
    void takesOnlyWhatIsInTheDoor() {
        List<EngineRow> rows = insertDue(5);
        SweepRun run = openRun();
        List<Claim> claims = claim(run, rows.subList(1, 5)).claims();
        record(deleted(claims.get(0)), quarantine(claims.get(1)), refusedUnsent(claims.get(2)));
        hold("h", rows.get(0));

        assertThat(ids(reclaim(dbNow.plus(LEASE))))
                .containsExactly(claims.get(3).id());
    }

    @Test
    void takesTheLongestWaitingFirst() {
        List<Claim> claims = claim(openRun(), insertDue(4)).claims();
        record(
                retry(claims.get(0), dbNow.plusSeconds(40)),
                retry(claims.get(1), dbNow.plusSeconds(10)),
                retry(claims.get(2), dbNow.plusSeconds(30)),
                retry(claims.get(3), dbNow.plusSeconds(20)));
        Instant now = dbNow.plusSeconds(60);

        List<Claim> first = repository.gate().reclaim("two", null, now, now.plus(LEASE), 2);
        List<Claim> second = repository.gate().reclaim("two", null, now, now.plus(LEASE), 9);

        assertThat(ids(first)).containsExactly(claims.get(1).id(), claims.get(3).id());
        assertThat(ids(second))
                .containsExactly(claims.get(2).id(), claims.get(0).id());
    }

    @Test
    void drawsANewTokenForAFurtherAttempt() {
        Claim first = claimOne();
        Instant now = dbNow.plus(LEASE);

        Claim second = only(reclaim(now));

        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.token()).isNotEqualTo(first.token());
        assertThat(second.leaseUntil()).isEqualTo(now.plus(LEASE));
        assertThat(second.policy()).isEqualTo(first.policy());
        assertThat(second.cutoff()).isEqualTo(first.cutoff());
        assertThat(second.reason()).isEqualTo(first.reason());
        assertThat(second.duration()).isEqualTo(first.duration());
        assertThat(entry(first.id()).owner()).isEqualTo("two");
        assertThat(entry(first.id()).state()).isEqualTo(DeletionState.DELETING);
    }

    @Test
    void isInDoubtAboutAnAttemptThatEndedWithoutAnOutcome() {
        claimOne();

        assertThat(only(reclaim(dbNow.plus(LEASE))).inDoubt()).isTrue();
    }

    @Test
    void isInNoDoubtAboutAnAttemptThatCertainlyWasNotApplied() {
        Claim claim = claimOne();
        record(retry(claim, dbNow, false));
        Claim second = only(reclaim(dbNow));
        assertThat(second.inDoubt()).isFalse();

        assertThat(only(reclaim(second.leaseUntil())).inDoubt())
                .as("the second attempt ended without an outcome")
                .isTrue();
    }

    @Test
    void marksAHeldOneAsLate() {
        List<EngineRow> rows = insertDue(2);
        claim(openRun(), rows);
        hold("h", rows.get(0));

        assertThat(reclaim(dbNow.plus(LEASE)))
                .allMatch(claim -> claim.late() == claim.id().equals(rows.get(0).id()))
                .hasSize(2);
    }

    @Test
    void resumesALateOneWhenItsHoldIsReleased() {
        EngineRow row = insert(dueRow(1));
        claim(openRun(), row);
        hold("h", row);
        Claim late = only(reclaim(dbNow.plus(LEASE)));
        assertThat(late.late()).isTrue();
        repository.holds().release("h", "dpo", dbNow);

        Claim resumed = only(reclaim(late.leaseUntil()));
        assertThat(resumed.late()).isFalse();
        assertThat(verified(resumed)).containsExactly(row.id());
    }

    @Test
    void takesAtOnceWhatAPauseKeptWhenThePauseEnds() {
        List<Claim> claims = claim(openRun(), insertDue(3)).claims();
        Instant later = dbNow.plusSeconds(3600);
        Cause paused = Cause.of(Objection.PAUSED.name(), "deleting is paused");
        record(
                kept(claims.get(0), paused, later),
                kept(claims.get(1), Cause.of(Objection.NOT_DUE.name(), "a policy keeps it"), later),
                ClaimOutcome.retry(
                        claims.get(2),
                        DeletionOutcome.TRY_LATER,
                        new Cause(paused.code(), "fake", "a code of a storage's own"),
                        dbNow,
                        later));
        pause(null, "audit");
        assertThat(reclaim(dbNow)).isEmpty();

        pause("audit", null);

        Claim resumed = only(reclaim(dbNow));
        assertThat(resumed.id()).isEqualTo(claims.get(0).id());
        repository.gate().release(List.of(resumed), later);
        assertThat(reclaim(dbNow)).as("it was due at once, once").isEmpty();
        assertThat(reclaim(later)).hasSize(3);
    }

    private static ClaimOutcome kept(Claim claim, Cause cause, Instant next) {
        return ClaimOutcome.retry(claim, DeletionOutcome.KEPT, cause, next.minusSeconds(3600), next)
                .inDoubt(true);
    }

    private void pause(@Nullable String from, @Nullable String to) {
        assertThat(repository.controls().change(List.of(new Change(Controls.PAUSED, from, to)), event("PAUSED")))
                .isTrue();
    }

    @Test
    void sendsWhatTheFirstClaimNamedWithTheAttributesOfNow() {
        EngineRow row = insert(dueRow(1));
        Recording first = candidate(row).recording();
        claim(openRun(), row);
        updateRow(fit(row.withStorageKey("REother")
                .withAccount("ACother")
                .withCreated(created(row).minusSeconds(5))
                .withAttribute(QUEUE, "moved")));

        assertThat(only(reclaim(dbNow.plus(LEASE))).recording())
                .isEqualTo(new Recording(
                        first.id(),
                        first.storageKey(),
                        first.account(),
                        first.created(),
                        supports(Capability.ATTRIBUTES) ? Map.of(QUEUE, "moved") : Map.of()));
    }

    @Test
    void takesARowThatTheEngineRemovedToo() {
        Claim claim = claimOne();
        removeRow(claim.id());

        assertThat(ids(reclaim(dbNow.plus(LEASE)))).containsExactly(claim.id());
    }

    @Test
    void keepsWhatWasProvenAndSinceWhenItFails() {
        Claim claim = claimOne();
        record(progress(claim));
        record(retry(claim, dbNow));
        Claim second = only(reclaim(dbNow));
        record(retry(second, dbNow.plusSeconds(5)));

        Claim third = only(reclaim(dbNow.plusSeconds(5)));

        assertThat(third.evidence()).isEqualTo(BUCKET);
        assertThat(third.failingSince()).isEqualTo(dbNow);
        assertThat(third.attempt()).isEqualTo(3);
    }

    @Test
    void countsForTheRunThatItIsToldOrElseForTheFirst() {
        Claim claim = claimOne();
        Claim kept = only(reclaim(dbNow.plus(LEASE)));
        assertThat(kept.runId()).isEqualTo(claim.runId());

        repository.runs().end(runIdOf(claim), report(SweepEnd.STOPPED));
        SweepRun next = openRun("next", null);
        Instant now = kept.leaseUntil();
        Claim adopted = only(repository.gate().reclaim("two", next.id(), now, now.plus(LEASE), 5));

        assertThat(adopted.runId()).isEqualTo(next.id());
        record(deleted(adopted));
        assertThat(repository.ledger().deletedBy(next.id()).byOutcome()).isEqualTo(Map.of(DeletionOutcome.DELETED, 1L));
        assertThat(repository.ledger().deletedBy(runIdOf(claim)).byOutcome()).isEmpty();
    }

    /** As a dry run does, which looks claims up and owns none. */
    @Test
    void takesOnlyAProofFromSomeoneWhoNeverClaimed() {
        EngineRow row = insert(dueRow(1));
        record(retry(only(claim(openRun(), row).claims()), dbNow));
        Claim owned = only(reclaim(dbNow));
        record(retry(owned, dbNow.plusSeconds(60)));
        LedgerEntry before = entry(row);
        List<LedgerEvent> events = repository.ledger().events(row.id());
        Claim stranger = Claim.builder(
                        owned.recording(), "of-nobody", dbNow.plus(LEASE), owned.policy(), owned.cutoff(), REASON)
                .runId(owned.runId())
                .attempt(2)
                .inDoubt(true)
                .build();

        record(progress(stranger));
        record(retry(stranger, dbNow.plusSeconds(3600)));
        record(quarantine(stranger));
        releaseClaim(stranger);

        assertThat(entry(row)).isEqualTo(before);
        assertThat(repository.ledger().events(row.id())).isEqualTo(events);
        record(deleted(stranger, DeletionOutcome.ALREADY_GONE, dbNow));
        assertThat(entry(row).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(row.id()).map(EngineRow::deleted)).contains(dbNow);
    }
}
