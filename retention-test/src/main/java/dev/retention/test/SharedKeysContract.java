package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.ReviewAnswer;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Several rows that name one storage key: the key is deleted, so all of them must be due and free. One class, since all
 * cases are about the same few rows, and differ in what keeps one of them.
 */
abstract class SharedKeysContract extends PortContract {

    private static final String KEY = "REshared";

    SharedKeysContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private EngineRow due(int n) {
        return dueRow(n).withStorageKey(KEY);
    }

    private EngineRow young(int n) {
        return youngRow(n).withStorageKey(KEY);
    }

    /** After all rows were made. */
    private Instant at() {
        return dbNow.isAfter(NOW) ? dbNow : NOW;
    }

    private ClaimOutcome proof(Claim claim) {
        return deleted(claim, DeletionOutcome.DELETED, at());
    }

    private Set<String> kept(EngineRow... rows) {
        return repository.gate().keptForOthers(candidates(List.of(rows)), criteria());
    }

    private void assertKeptFor(EngineRow row, EngineRow other) {
        LedgerEntry entry = entry(row);
        assertThat(entry.state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(entry.outcome()).isEqualTo(DeletionOutcome.KEY_SHARED);
        assertThat(entry.cause()).isNotNull().satisfies(cause -> {
            assertThat(cause.code()).isEqualTo("KEY_SHARED");
            assertThat(cause.detail()).contains(other.id());
        });
    }

    @Test
    void isKeptWhileOneOfThemIsNotDue() {
        EngineRow old = insert(due(1));
        EngineRow young = insert(young(2));
        EngineRow alone = insert(dueRow(3));
        SweepRun run = openRun();
        assertThat(kept(old, alone)).containsExactly(old.id());
        assertThat(repository.ledger().find(List.of(old.id()))).isEmpty();

        assertThat(ids(claim(run, old, alone).claims())).containsExactly(alone.id());

        assertKeptFor(old, young);
        assertThat(repository.ledger().unfinished(null, 10))
                .extracting(LedgerEntry::recordingId)
                .contains(old.id());
        assertThat(repository.quarantine().waiting(null, 10)).isEmpty();
        EngineRow aged = young.withCreated(due(2).created());
        updateRow(aged);
        assertThat(kept(old, aged)).isEmpty();
        assertThat(claim(run, old, aged).claims()).hasSize(2);
        assertThat(entry(old).outcome()).isNull();
        assertThat(entry(old).cause()).isNull();
    }

    @Test
    void isKeptForAThirdOfThem() {
        EngineRow one = insert(due(1));
        EngineRow other = insert(due(2));
        EngineRow young = insert(young(3));
        SweepRun run = openRun();

        assertThat(claim(run, one, other).claims()).isEmpty();

        assertKeptFor(one, young);
        assertKeptFor(other, young);
        removeRow(young.id());
        assertThat(claim(run, one, other).claims()).hasSize(2);
    }

    @Test
    void isDeletedThoughAnotherRowIsSoftDeleted() {
        EngineRow old = insert(due(1));
        EngineRow other = insert(young(2).withDeleted(NOW, "asked for"));
        Claim claim = only(claim(openRun(), old).claims());
        assertThat(verified(claim)).containsExactly(old.id());
        record(proof(claim));
        assertThat(readRow(other.id())).contains(other);
        assertThat(repository.ledger().find(List.of(other.id())))
                .as("nobody claimed it")
                .isEmpty();
    }

    @Test
    void isKeptForARowThatWasHeldAndThenSoftDeletedByTheEngine() {
        EngineRow old = insert(due(1));
        EngineRow held = insert(young(2).withStorageKey("REother"));
        hold("h", held);
        updateRow(held.withStorageKey(KEY).withDeleted(NOW, "asked for"));
        assertThat(claim(openRun(), old).claims()).isEmpty();
        assertThat(entry(old).held()).isTrue();
    }

    @Test
    void isKeptForWhatKeepsOneOfThem() {
        SweepRun run = openRun();
        if (supports(Capability.HOLD_FLAG)) {
            assertKept(run, due(2).withFlaggedHeld(true), 1);
        }
        if (supports(Capability.RETAIN_UNTIL)) {
            assertKept(run, due(4).withRetainUntil(NOW.plus(TICK)), 3);
        }
        if (supports(Capability.ATTRIBUTES)) {
            EngineRow longer = due(6).withAttribute(QUEUE, "legal");
            insert(longer);
            EngineRow old = insert(due(5));
            DueCriteria criteria =
                    new DueCriteria(NOW, List.of(rule("legal", null, QUEUE, "legal")), rule("default", CUTOFF));
            assertThat(claim(repository, run, criteria, candidates(List.of(old)))
                            .claims())
                    .isEmpty();
            assertKeptFor(old, longer);
            removeRow(longer.id());
            removeRow(old.id());
        }
        if (supports(Capability.NULL_CREATED)) {
            assertKept(run, row(8, null).withStorageKey(KEY), 7);
        }
    }

    /**
     * Swept or not: whoever deletes the key deletes the recording of a row that is held, or must be kept for longer.
     */
    @Test
    void isKeptForWhatKeepsARowThatTheEngineHasSoftDeleted() {
        DueCriteria both = criteria().withSoftDeleted();
        EngineRow young = young(2).withDeleted(NOW, "asked for");
        assertKept(criteria(), false, young);
        assertKept(both, true, young);
        if (supports(Capability.HOLD_FLAG)) {
            EngineRow flagged = due(4).withFlaggedHeld(true).withDeleted(NOW, "asked for");
            assertKept(criteria(), true, flagged);
            assertKept(both, true, flagged);
            assertKept(DueCriteria.erasure(NOW), true, flagged);
        }
        if (supports(Capability.RETAIN_UNTIL)) {
            EngineRow retained = due(6).withRetainUntil(NOW.plus(TICK)).withDeleted(NOW, "asked for");
            assertKept(criteria(), false, retained);
            assertKept(both, true, retained);
        }
        if (supports(Capability.ATTRIBUTES)) {
            repository.holds().placeWhere("h", QUEUE, "legal", "dpo", "litigation", dbNow);
            assertKept(criteria(), true, due(8).withAttribute(QUEUE, "legal").withDeleted(NOW, "asked for"));
            assertKept(criteria(), false, due(8).withAttribute(QUEUE, "sales").withDeleted(NOW, "asked for"));
        }
        assertKept(both, false, due(10).withDeleted(NOW, "asked for"));
        assertKept(DueCriteria.erasure(NOW), false, young);
    }

    private void assertKept(DueCriteria by, boolean kept, EngineRow softDeleted) {
        EngineRow old = insert(due(1));
        insert(softDeleted);
        assertThat(repository.gate().keptForOthers(candidates(List.of(old)), by))
                .as("%s for %s", by, softDeleted)
                .hasSize(kept ? 1 : 0);
        removeRow(softDeleted.id());
        removeRow(old.id());
    }

    private void assertKept(SweepRun run, EngineRow keeping, int n) {
        EngineRow old = insert(due(n));
        insert(keeping);
        assertThat(claim(run, old).claims()).isEmpty();
        assertKeptFor(old, keeping);
        removeRow(keeping.id());
        assertThat(claim(run, old).claims()).as("without it").hasSize(1);
        removeRow(old.id());
    }

    @Test
    void isHeldByAHoldOnOneOfThem() {
        EngineRow one = insert(due(1));
        EngineRow other = insert(due(2));
        SweepRun run = openRun();

        assertThat(hold("h", other)).containsOnlyKeys(other.id()).containsValue(HoldAnswer.HELD);

        assertThat(entry(one).held()).isTrue();
        assertThat(claim(run, one).claims()).isEmpty();
        assertThat(claim(run, one, other).claims()).isEmpty();
        assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
        assertThat(claim(run, one, other).claims()).hasSize(2);
    }

    @Test
    void isHeldForARowThatComesLaterToo() {
        EngineRow held = insert(young(1));
        hold("h", held);
        EngineRow later = insert(due(2));

        assertThat(claim(openRun(), later).claims()).isEmpty();

        assertThat(entry(later).held()).isTrue();
        repository.holds().release("h", "dpo", dbNow);
        assertThat(entry(later).held()).isFalse();
    }

    @Test
    void isLateIfItIsInFlightForAnotherRow() {
        EngineRow inFlight = insert(due(1));
        EngineRow other = insert(due(2));
        Claim claim = only(claim(openRun(), inFlight).claims());

        assertThat(hold("h", other)).containsEntry(other.id(), HoldAnswer.LATE);

        assertThat(verified(claim)).isEmpty();
        assertThat(only(reclaim(dbNow.plus(LEASE))).late()).isTrue();
    }

    @Test
    void isLateIfItIsInFlightForARowThatIsGone() {
        EngineRow inFlight = insert(due(1));
        EngineRow other = insert(due(2));
        Claim claim = only(claim(openRun(), inFlight).claims());
        removeRow(inFlight.id());

        assertThat(hold("h", other)).containsEntry(other.id(), HoldAnswer.LATE);

        assertThat(entry(inFlight).held()).isTrue();
        releaseClaim(claim);
        assertThat(hold("another", other))
                .as("what was not sent is not in flight any more")
                .containsEntry(other.id(), HoldAnswer.HELD);
    }

    @Test
    void isLateIfItIsInFlightForARowThatHasGotAnotherKey() {
        EngineRow inFlight = insert(due(1));
        EngineRow other = insert(due(2));
        EngineRow later = insert(dueRow(3));
        Claim claim = only(claim(openRun(), inFlight).claims());
        updateRow(inFlight.withStorageKey("REcorrected"));

        assertThat(hold("h", other)).containsEntry(other.id(), HoldAnswer.LATE);
        assertThat(hold("h", later)).containsEntry(later.id(), HoldAnswer.HELD);

        updateRow(inFlight);
        assertThat(verified(claim)).isEmpty();
    }

    @Test
    void isLateByAttributeIfItIsInFlightForARowThatIsGone() {
        needs(Capability.ATTRIBUTES);
        EngineRow inFlight = insert(due(1));
        claim(openRun(), inFlight);
        removeRow(inFlight.id());
        insert(due(2).withAttribute(TENANT, "acme"));
        insert(dueRow(3).withAttribute(TENANT, "acme"));
        assertThat(repository.holds().placeWhere("case", TENANT, "acme", "dpo", "litigation", dbNow))
                .isEqualTo(new HoldSummary("case", 1, 1, 0));
    }

    @Test
    void isHeldThoughTheRowThatWasHeldIsGone() {
        EngineRow held = insert(young(1));
        hold("h", held);
        removeRow(held.id());
        EngineRow later = insert(due(2));
        EngineRow another = insert(dueRow(3));
        SweepRun run = openRun();
        assertThat(kept(later, another)).containsExactly(later.id());

        assertThat(ids(claim(run, later, another).claims())).containsExactly(another.id());

        assertThat(entry(later).held()).isTrue();
        assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
        assertThat(claim(run, later).claims()).hasSize(1);
    }

    @Test
    void isHeldThoughTheRowThatWasHeldHasGotAnotherKey() {
        EngineRow held = insert(young(1));
        hold("h", held);
        EngineRow corrected = held.withStorageKey("REcorrected");
        updateRow(corrected);
        EngineRow old = insert(due(2));
        EngineRow now = insert(due(3).withStorageKey("REcorrected"));
        SweepRun run = openRun();

        assertThat(claim(run, old, now).claims()).isEmpty();

        repository.holds().release("h", "dpo", dbNow);
        removeRow(corrected.id());
        assertThat(claim(run, old, now).claims()).hasSize(2);
    }

    @Test
    void isHeldByAttributeThoughTheRowThatWasHeldIsGone() {
        needs(Capability.ATTRIBUTES);
        EngineRow held = insert(young(1).withAttribute(TENANT, "acme"));
        repository.holds().placeWhere("case", TENANT, "acme", "dpo", "litigation", dbNow);
        removeRow(held.id());
        EngineRow later = insert(due(2).withAttribute(TENANT, "other"));
        SweepRun run = openRun();

        assertThat(claim(run, later).claims()).isEmpty();
        repository.holds().release("case", "dpo", dbNow);

        assertThat(claim(run, later).claims()).hasSize(1);
    }

    @Test
    void isHeldForARowThatIsGoneInItsAccountAlone() {
        needs(Capability.ACCOUNT);
        EngineRow held = insert(young(1).withAccount("AC1"));
        hold("h", held);
        removeRow(held.id());
        EngineRow same = insert(due(2).withAccount("AC1"));
        EngineRow other = insert(due(3).withAccount("AC2"));
        assertThat(ids(claim(openRun(), same, other).claims())).containsExactly(other.id());
    }

    @Test
    void isLateIfItWasDeletedForAnotherRow() {
        EngineRow deleted = insert(due(1));
        record(proof(only(claim(openRun(), deleted).claims())));
        EngineRow later = insert(young(2));
        assertThat(hold("h", later)).containsEntry(later.id(), HoldAnswer.LATE);
    }

    @Test
    void isHeldForAllOfThree() {
        EngineRow held = insert(due(1));
        EngineRow one = insert(due(2));
        EngineRow other = insert(due(3));
        hold("h", held);
        EngineRow later = insert(due(4));
        assertThat(claim(openRun(), one, other, later).claims()).isEmpty();
        for (EngineRow row : List.of(one, other, later)) {
            assertThat(entry(row).held()).isTrue();
        }
    }

    @Test
    void isHeldByAHoldByAttributeOnOneOfThem() {
        needs(Capability.ATTRIBUTES);
        EngineRow free = insert(due(1));
        EngineRow inScope = insert(due(2).withAttribute(TENANT, "acme"));
        EngineRow inFlight = insert(due(3).withStorageKey("REinFlight"));
        insert(due(4).withStorageKey("REinFlight").withAttribute(TENANT, "acme"));
        SweepRun run = openRun();
        Claim claim = only(claim(run, inFlight).claims());

        assertThat(repository.holds().placeWhere("case", TENANT, "acme", "dpo", "litigation", dbNow))
                .isEqualTo(new HoldSummary("case", 1, 1, 0));

        assertThat(claim(run, free, inScope).claims()).isEmpty();
        assertThat(entry(free).held()).isTrue();
        assertThat(verified(claim)).isEmpty();
    }

    @Test
    void isCheckedAgainForARowThatCameLaterUnderAHoldByAttribute() {
        needs(Capability.ATTRIBUTES);
        EngineRow inFlight = insert(due(1));
        Claim claim = only(claim(openRun(), inFlight).claims());
        repository.holds().placeWhere("case", TENANT, "acme", "dpo", "litigation", dbNow);
        assertThat(verified(claim)).containsExactly(inFlight.id());

        insert(due(2).withAttribute(TENANT, "acme"));

        assertThat(verified(claim)).isEmpty();
    }

    @Test
    void isCheckedAgainBeforeItIsSent() {
        EngineRow old = insert(due(1));
        Claim claim = only(claim(openRun(), old).claims());
        assertThat(verified(claim)).containsExactly(old.id());
        EngineRow young = insert(young(2));
        assertThat(verified(claim)).isEmpty();
        removeRow(young.id());
        assertThat(verified(claim)).containsExactly(old.id());
        hold("h", List.of(insert(young(3)).id()));
        assertThat(verified(claim)).isEmpty();
    }

    @Test
    void isCheckedAgainByWhoContinues() {
        EngineRow old = insert(due(1));
        claim(openRun(), old);
        Claim again = only(reclaim(dbNow.plus(LEASE)));
        EngineRow young = insert(young(2));
        assertThat(verified(again)).isEmpty();
        removeRow(young.id());
        assertThat(verified(again)).containsExactly(old.id());
    }

    @Test
    void isCheckedAgainAfterARetry() {
        EngineRow old = insert(due(1));
        record(quarantine(only(claim(openRun(), old).claims())));
        EngineRow young = insert(young(2));
        assertThat(repository.quarantine().retry(List.of(old.id()), "ops", dbNow))
                .containsEntry(old.id(), ReviewAnswer.DONE);
        Claim again = only(reclaim(dbNow.plus(LEASE)));
        assertThat(verified(again)).isEmpty();
        removeRow(young.id());
        assertThat(verified(again)).containsExactly(old.id());
    }

    @Test
    void isFreeOfARowThatHasGotAnotherKey() {
        EngineRow old = insert(due(1));
        EngineRow young = insert(young(2));
        SweepRun run = openRun();
        assertThat(claim(run, old).claims()).isEmpty();
        EngineRow corrected = young.withStorageKey("REcorrected");
        updateRow(corrected);
        Claim claim = only(claim(run, old).claims());
        updateRow(young);
        assertThat(verified(claim)).isEmpty();
        updateRow(corrected);
        record(proof(claim));
        assertThat(readRow(young.id())).contains(corrected);
    }

    @Test
    void isNotDeletedForARecordingThatWasMadeLater() {
        EngineRow old = insert(due(1));
        Claim claim = only(claim(openRun(), old).claims());
        EngineRow later = insert(row(2, at().plusSeconds(9)).withStorageKey(KEY));
        record(proof(claim));
        assertThat(readRow(later.id())).contains(later);
        assertThat(entry(old).state()).isEqualTo(DeletionState.DELETED);
    }

    @Test
    void isDeletedOnceForAllOfThem() {
        EngineRow one = insert(due(1));
        EngineRow other = insert(due(2));
        EngineRow unclaimed = insert(due(3));
        EngineRow another = insert(dueRow(4));
        SweepRun run = openRun();
        List<Claim> claims = claim(run, one, other).claims();
        assertThat(claims).hasSize(2);
        Claim second = claimOf(claims, other);

        record(proof(claimOf(claims, one)));

        for (EngineRow row : List.of(one, other, unclaimed)) {
            assertThat(entry(row))
                    .returns(DeletionState.DELETED, LedgerEntry::state)
                    .returns(DeletionOutcome.DELETED, LedgerEntry::outcome)
                    .returns(EVIDENCE, LedgerEntry::evidence)
                    .returns(KEY, LedgerEntry::storageKey)
                    .returns(at(), LedgerEntry::deletedAt)
                    .returns(run.id(), LedgerEntry::runId);
            assertThat(readRow(row.id()).orElseThrow())
                    .returns(at(), EngineRow::deleted)
                    .returns(REASON, EngineRow::deletionReason);
        }
        assertThat(readRow(another.id())).contains(another);
        assertThat(repository.ledger().events(unclaimed.id()))
                .extracting(LedgerEvent::kind)
                .containsExactly("DELETED_WITH");
        assertThat(repository.ledger().deletedBy(run.id()).byOutcome()).containsEntry(DeletionOutcome.DELETED, 3L);
        assertThat(verified(second)).isEmpty();
        record(quarantine(second));
        record(proof(claimOf(claims, one)));
        assertThat(entry(other).state()).isEqualTo(DeletionState.DELETED);
        assertThat(repository.ledger().events(unclaimed.id())).hasSize(1);
    }

    @Test
    void isDeletedThoughTheRowOfAnotherCanNotBeMarked() {
        needs(Capability.REFUSED_SOFT_DELETE);
        EngineRow one = insert(due(1));
        EngineRow other = insert(due(2));
        Claim claim = only(claim(openRun(), one).claims());
        refuseSoftDelete(other.id());

        assertThat(repository.gate().record(List.of(proof(claim)))).isEqualTo(Recorded.ALL);

        assertThat(entry(one).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(other.id())).contains(other);
        assertThat(repository.ledger().events(other.id())).isEmpty();
    }

    @Test
    void isOfOneAccountOrOfADefaultThatOnlyTheStorageKnows() {
        needs(Capability.ACCOUNT);
        EngineRow one = insert(due(1).withAccount("AC1"));
        insert(young(2).withAccount("AC2"));
        SweepRun run = openRun();
        Claim claim = only(claim(run, one).claims());
        assertThat(verified(claim)).containsExactly(one.id());
        EngineRow unnamed = insert(young(3).withAccount(null));
        assertThat(verified(claim)).isEmpty();
        releaseClaim(claim);
        assertThat(claim(run, one).claims()).isEmpty();
        assertKeptFor(one, unnamed);

        EngineRow dueNow = unnamed.withCreated(due(3).created());
        updateRow(dueNow);
        record(proof(only(claim(run, one).claims())));

        assertThat(readRow(dueNow.id())).as("may be of another account").contains(dueNow);
    }

    @Test
    void isErasedOnlyIfAllOfThemAreWanted() {
        EngineRow one = insert(young(1));
        EngineRow other = insert(young(2));

        assertThat(erase(one)).isEmpty();

        assertKeptFor(one, other);
        List<Claim> claims = erase(one, other);
        assertThat(ids(claims)).containsExactlyInAnyOrder(one.id(), other.id());
        assertThat(repository.gate().verify(claims, DueCriteria.erasure(NOW))).hasSize(2);
        EngineRow late = insert(young(3));
        assertThat(repository.gate().verify(claims, DueCriteria.erasure(NOW))).isEmpty();
        removeRow(late.id());
        record(proof(claimOf(claims, one)));
        assertThat(readRow(other.id()).map(EngineRow::deletionReason)).contains("request 17");
    }

    @Test
    void isNoKeyWhereThereIsNone() {
        EngineRow one = insert(dueRow(1).withStorageKey(null));
        EngineRow keyed = insert(due(2));
        insert(young(3).withStorageKey(null));
        assertThat(hold("h", one)).containsEntry(one.id(), HoldAnswer.HELD);
        assertThat(claim(openRun(), keyed).claims()).hasSize(1);
    }

    /** What a lenient collation finds is not the same key to a storage. */
    @Test
    void isComparedCharacterByCharacter() {
        EngineRow old = insert(due(1));
        insert(young(2).withStorageKey(KEY.toUpperCase(Locale.ROOT)));
        assertThat(claim(openRun(), old).claims()).hasSize(1);
    }
}
