package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEntry;
import dev.retention.ReviewAnswer;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What a {@link dev.retention.spi.RecordingRepository} can't read, such as values of a newer version, is kept and
 * named, and keeps nothing else from being read.
 */
public abstract class UnreadableContract extends PortContract {

    /** Its tests use this fixture. */
    protected UnreadableContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private List<EngineRow> insertDueWithUnreadable(int count, int... unreadable) {
        needs(Capability.UNREADABLE_ROWS);
        List<EngineRow> rows = insertDue(count);
        for (int i : unreadable) {
            makeUnreadable(rows.get(i));
        }
        return rows;
    }

    private EngineRow shared(int n) {
        return dueRow(n).withStorageKey("REshared");
    }

    private static List<EngineRow> without(List<EngineRow> rows, int... indexes) {
        List<EngineRow> others = new ArrayList<>(rows);
        for (int i = indexes.length - 1; i >= 0; i--) {
            others.remove(indexes[i]);
        }
        return others;
    }

    private static List<String> idsOf(List<EngineRow> rows) {
        return rows.stream().map(EngineRow::id).toList();
    }

    @Test
    void pagesLeaveUnreadableRowsOutAndNameThem() {
        List<EngineRow> rows = insertDueWithUnreadable(10, 0, 4, 5, 9);
        for (int limit : new int[] {1, 2, 3, 5, 10, 20}) {
            List<String> read = new ArrayList<>();
            Set<String> unreadable = new TreeSet<>();
            String cursor = null;
            for (int pages = 0; pages < 20; pages++) {
                Page page = repository.recordings().page(criteria(), cursor, limit);
                page.candidates().forEach(row -> read.add(row.id()));
                assertThat(Collections.disjoint(unreadable, page.unreadable())).isTrue();
                unreadable.addAll(page.unreadable());
                cursor = page.next();
                if (cursor == null) {
                    break;
                }
            }
            assertThat(cursor).isNull();
            assertThat(read).as("limit " + limit).containsExactlyElementsOf(idsOf(without(rows, 0, 4, 5, 9)));
            assertThat(unreadable).as("limit " + limit).containsExactlyInAnyOrderElementsOf(ids(rows, 0, 4, 5, 9));
        }
    }

    @Test
    void aPageOfOnlyUnreadableRowsIsNoEnd() {
        List<EngineRow> rows = insertDueWithUnreadable(4, 0, 1, 2);
        Page page = repository.recordings().page(criteria(), null, 3);
        assertThat(page.candidates()).isEmpty();
        assertThat(page.unreadable()).hasSize(3);
        assertThat(repository.recordings().page(criteria(), page.next(), 3).candidates())
                .extracting(Candidate::id)
                .containsExactly(rows.get(3).id());
    }

    @Test
    void findsTheOthersAndSaysWhichCannotBeRead() {
        List<EngineRow> rows = insertDueWithUnreadable(5, 1, 4);
        List<String> asked = new ArrayList<>(idsOf(rows));
        asked.add(newId(99));
        assertThat(repository.recordings().find(asked))
                .extracting(Candidate::id)
                .containsExactlyInAnyOrderElementsOf(ids(rows, 0, 2, 3));
        assertThat(repository.recordings().unreadable(asked)).containsExactlyInAnyOrderElementsOf(ids(rows, 1, 4));
        assertThat(repository.recordings().unreadable(ids(rows, 0))).isEmpty();
    }

    @Test
    void countsThemAsDueAndFindsRecentOnes() {
        List<EngineRow> rows = insertDueWithUnreadable(3, 0);
        assertThat(repository.recordings().count(criteria()).due()).isEqualTo(3);
        assertThat(only(repository.recordings().countByPolicy(criteria())))
                .satisfies(counts -> assertThat(counts.due()).isEqualTo(3))
                .satisfies(counts ->
                        assertThat(counts.oldestDue()).isEqualTo(rows.get(0).created()));
        EngineRow young = insert(row(10, CUTOFF.plusSeconds(10)));
        for (int n = 11; n < 20; n++) {
            EngineRow unreadable = insert(row(n, CUTOFF.plusSeconds(n)));
            makeUnreadable(unreadable);
        }
        for (int limit : new int[] {1, 5}) {
            assertThat(repository.recordings().recentNotDue(criteria(), young.account(), limit))
                    .extracting(Recording::id)
                    .containsExactly(young.id());
            assertThat(repository.recordings().newestNotDue(criteria(), limit))
                    .extracting(Recording::id)
                    .containsExactly(young.id());
        }
    }

    @Test
    void claimsTheOthersAndRefusesToSendWhatBecameUnreadable() {
        needs(Capability.UNREADABLE_ROWS);
        List<EngineRow> rows = insertDue(6);
        makeUnreadable(rows.get(2));

        List<Claim> claims = claim(openRun(), rows).claims();

        assertThat(claims).extracting(Claim::id).containsExactlyInAnyOrderElementsOf(idsOf(without(rows, 2)));
        assertThat(repository.ledger().find(ids(rows, 2))).isEmpty();
        makeUnreadable(rows.get(3));
        assertThat(repository.gate().verify(claims, criteria()))
                .containsExactlyInAnyOrderElementsOf(idsOf(without(rows, 2, 3)));
        record(claims.stream().map(this::deleted).toArray(ClaimOutcome[]::new));
        assertThat(entry(rows.get(3)).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(rows.get(0).id()).map(EngineRow::deleted)).isPresent();
        assertThat(readRow(rows.get(2).id()).map(EngineRow::deleted)).isEmpty();
    }

    @Test
    void holdsThemAndTheirNeighbours() {
        List<EngineRow> rows = insertDueWithUnreadable(4, 1);

        assertThat(hold("h", rows))
                .hasSize(4)
                .allSatisfy((id, answer) -> assertThat(answer).isEqualTo(HoldAnswer.HELD));

        assertThat(repository.ledger().find(idsOf(rows))).hasSize(4).allMatch(LedgerEntry::held);
        assertThat(hold("another", List.of(newId(99)))).containsEntry(newId(99), HoldAnswer.UNKNOWN);
    }

    @Test
    void placesHoldsByAttributeOnThemToo() {
        needs(Capability.ATTRIBUTES);
        needs(Capability.UNREADABLE_ROWS);
        EngineRow covered = insert(dueRow(1).withAttribute(TENANT, "acme"));
        EngineRow unreadable = insert(dueRow(2).withAttribute(TENANT, "acme"));
        EngineRow other = insert(dueRow(3).withAttribute(TENANT, "other"));
        makeUnreadable(unreadable);

        HoldSummary summary = repository.holds().placeWhere("h", TENANT, "acme", "dpo", "dispute", dbNow);

        assertThat(summary.held()).as("another value can't be read").isEqualTo(2);
        assertThat(entry(unreadable).held()).isTrue();
        assertThat(claim(openRun(), covered, unreadable, other).claims())
                .extracting(Claim::id)
                .containsExactly(other.id());
    }

    @Test
    void acceptsNothingWhoseRowMaySayThatItMustBeKept() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());
        record(ClaimOutcome.quarantine(claim, DeletionOutcome.UNPROVEN, new Cause("NOT_FOUND", "fake", "404"), dbNow));
        makeUnreadable(row);

        assertThat(repository.quarantine().acceptUnproven(List.of(row.id()), "ops", dbNow))
                .containsEntry(row.id(), ReviewAnswer.HELD);
        assertThat(entry(row).state()).isEqualTo(DeletionState.QUARANTINED);
    }

    @Test
    void leavesUnreadableEntriesAlone() {
        needs(Capability.UNREADABLE_ENTRIES);
        List<EngineRow> rows = insertDue(4);
        List<Claim> claims = claim(openRun(), rows.subList(0, 2)).claims();
        record(claims.stream().map(claim -> retry(claim, dbNow.minusSeconds(1))).toArray(ClaimOutcome[]::new));
        hold("h", List.of(rows.get(2).id()));
        repository.holds().release("h", "dpo", dbNow);
        makeEntryUnreadable(rows.get(0));
        makeEntryUnreadable(rows.get(2));

        assertThat(repository.ledger().find(idsOf(rows)))
                .filteredOn(entry -> entry.state() == DeletionState.UNREADABLE)
                .extracting(LedgerEntry::recordingId)
                .containsExactlyInAnyOrderElementsOf(ids(rows, 0, 2));
        assertThat(repository.ledger().unfinished(null, 10))
                .extracting(LedgerEntry::recordingId)
                .contains(rows.get(1).id());
        assertThat(repository.gate().reclaim("two", null, dbNow, dbNow.plus(LEASE), 1))
                .extracting(Claim::id)
                .containsExactly(rows.get(1).id());
        assertThat(claim(repository, run(repository.runs().open().orElseThrow()), criteria(), candidates(rows))
                        .claims())
                .extracting(Claim::id)
                .containsExactly(rows.get(3).id());
        assertThat(repository.quarantine().retry(ids(rows, 0), "ops", dbNow))
                .containsEntry(rows.get(0).id(), ReviewAnswer.NOT_WAITING);
        assertThat(hold("later", List.of(rows.get(0).id(), rows.get(2).id())))
                .as("whether something was sent is not known")
                .allSatisfy((id, answer) -> assertThat(answer).isEqualTo(HoldAnswer.LATE));
        assertThat(repository.ledger().find(ids(rows, 0, 2))).hasSize(2).allMatch(LedgerEntry::held);
    }

    @Test
    void keepsTheKeyOfARow() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow old = insert(shared(1));
        EngineRow unreadable = insert(shared(2));
        EngineRow alone = insert(dueRow(3));
        makeUnreadable(unreadable);
        SweepRun run = openRun();
        assertThat(repository.gate().keptForOthers(candidates(List.of(old, alone)), criteria()))
                .containsExactly(old.id());

        assertThat(ids(claim(run, old, unreadable, alone).claims())).containsExactly(alone.id());

        assertThat(entry(old)).returns(DeletionState.ACTIVE, LedgerEntry::state);
        assertThat(entry(old)).returns(DeletionOutcome.KEY_SHARED, LedgerEntry::outcome);
        removeRow(unreadable.id());
        assertThat(ids(claim(run, old).claims())).containsExactly(old.id());
    }

    @Test
    void sendsNoKeyOfARowThatBecameUnreadable() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow one = insert(shared(1));
        EngineRow other = insert(shared(2));
        EngineRow alone = insert(dueRow(3));
        List<Claim> claims = claim(openRun(), one, other, alone).claims();
        assertThat(claims).hasSize(3);
        makeUnreadable(other);

        assertThat(repository.gate().verify(claims, criteria())).containsExactly(alone.id());

        record(deleted(claimOf(claims, one)));
        assertThat(entry(one).state()).isEqualTo(DeletionState.DELETED);
        assertThat(readRow(other.id()).map(EngineRow::deleted)).isEmpty();
    }

    @Test
    void holdsAllRowsOfAKey() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow old = insert(shared(1));
        EngineRow unreadable = insert(shared(2));
        makeUnreadable(unreadable);

        assertThat(hold("of-the-one", unreadable)).containsEntry(unreadable.id(), HoldAnswer.HELD);

        assertThat(entry(old).held()).isTrue();
        repository.holds().release("of-the-one", "dpo", dbNow);
        assertThat(hold("of-the-other", old)).containsEntry(old.id(), HoldAnswer.HELD);
        assertThat(entry(unreadable).held()).isTrue();
    }

    @Test
    void saysThatAHoldIsLateForAKeyInFlight() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow inFlight = insert(shared(1));
        EngineRow other = insert(shared(2));
        assertThat(claim(openRun(), inFlight).claims()).hasSize(1);
        makeUnreadable(inFlight);
        assertThat(hold("of-the-other", other)).containsEntry(other.id(), HoldAnswer.LATE);
        makeUnreadable(other);
        assertThat(hold("of-what-can-not-be-read", other)).containsEntry(other.id(), HoldAnswer.LATE);
    }

    @Test
    void doesNotSayThatAHoldIsInTimeForADeletedRow() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow deleted = insert(dueRow(1));
        EngineRow other = insert(dueRow(2));
        record(deleted(only(claim(openRun(), deleted).claims())));
        makeUnreadable(deleted);
        makeUnreadable(other);

        assertThat(hold("h", List.of(deleted.id(), other.id())))
                .as("whether the row is of the recording that was deleted is not known")
                .containsEntry(deleted.id(), HoldAnswer.LATE)
                .containsEntry(other.id(), HoldAnswer.HELD);
    }

    @Test
    void keepsTheKeyOfAnEntry() {
        needs(Capability.UNREADABLE_ENTRIES);
        EngineRow old = insert(shared(1));
        EngineRow other = insert(shared(2));
        SweepRun run = openRun();
        Claim claim = only(claim(run, other).claims());
        record(retry(claim, dbNow.minusSeconds(1)));
        makeEntryUnreadable(other);
        assertThat(claim(run, old).claims()).isEmpty();
        assertThat(repository.gate().keptForOthers(candidates(List.of(old)), criteria()))
                .containsExactly(old.id());
        updateRow(other.withStorageKey("REcorrected"));
        assertThat(ids(claim(run, old).claims())).containsExactly(old.id());
    }

    @Test
    void aCreationTimeBeforeAllRecordingsIsNone() {
        EngineRow zero = insert(row(1, Instant.EPOCH));
        EngineRow before = insert(row(2, DueCriteria.EARLIEST_CREATED.minusSeconds(1)));
        EngineRow earliest = insert(row(3, DueCriteria.EARLIEST_CREATED));
        Instant second = DueCriteria.EARLIEST_CREATED.plusSeconds(1);
        EngineRow later = insert(row(4, second));

        assertUndated(criteria(), List.of(zero, before), List.of(earliest, later));
        DueCriteria sinceASecondBefore = criteria().createdSince(DueCriteria.EARLIEST_CREATED.minusSeconds(1));
        assertUndated(sinceASecondBefore, List.of(zero), List.of(before, earliest, later));
        DueCriteria since = criteria().createdSince(second);
        assertUndated(since, List.of(zero, before, earliest), List.of(later));
        assertThat(claim(repository, openRun(), since, candidates(List.of(zero, before, earliest, later)))
                        .claims())
                .extracting(Claim::id)
                .containsExactly(later.id());
    }

    private void assertUndated(DueCriteria criteria, List<EngineRow> undated, List<EngineRow> due) {
        assertThat(pagedIds(criteria, 10)).containsExactlyElementsOf(idsOf(due));
        assertThat(repository.recordings().count(criteria))
                .satisfies(counts -> assertThat(counts.due()).isEqualTo(due.size()))
                .satisfies(counts -> assertThat(counts.undated()).isEqualTo(undated.size()));
        assertThat(only(repository.recordings().countByPolicy(criteria)).live()).isEqualTo(due.size());
        assertThat(repository.recordings().incomplete(criteria, 10).undated())
                .containsExactlyElementsOf(idsOf(undated));
    }
}
