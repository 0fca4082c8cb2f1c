package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Incomplete;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every {@link dev.retention.spi.RecordingSource} must do, as tests.
 *
 * <p>One class, since the tests of pages and of counts use the same rows.
 */
public abstract class RecordingSourceContract extends PortContract {

    /** Its tests use this fixture. */
    protected RecordingSourceContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void pagesWhatWasCreatedStrictlyBeforeTheCutoff() {
        EngineRow due = insert(row(1, CUTOFF.minus(TICK)));
        insert(row(2, CUTOFF));
        insert(row(3, CUTOFF.plus(TICK)));

        assertThat(pagedIds(criteria(), 10)).containsExactly(due.id());
    }

    @Test
    void pagesLiveRowsOnly() {
        insert(dueRow(1).withDeleted(NOW.minus(TICK), "asked for"));
        EngineRow live = insert(dueRow(2));

        assertThat(pagedIds(criteria(), 10)).containsExactly(live.id());
    }

    @Test
    void leavesOutRowsThatNameALaterTimeThemselves() {
        needs(Capability.RETAIN_UNTIL);
        EngineRow over = insert(dueRow(1).withRetainUntil(NOW.minus(TICK)));
        EngineRow overNow = insert(dueRow(2).withRetainUntil(NOW));
        insert(dueRow(3).withRetainUntil(NOW.plus(TICK)));

        assertThat(pagedIds(criteria(), 10)).containsExactlyInAnyOrder(over.id(), overNow.id());
    }

    @Test
    void leavesOutRowsWithoutAStorageKey() {
        insert(dueRow(1).withStorageKey(null));
        EngineRow keyed = insert(dueRow(2));

        assertThat(pagedIds(criteria(), 10)).containsExactly(keyed.id());
    }

    @Test
    void leavesOutRowsWithoutACreationTimeAndThoseOfTheFuture() {
        needs(Capability.NULL_CREATED);
        insert(row(1, null));
        insert(row(2, NOW.plus(Duration.ofDays(400))));
        EngineRow dated = insert(dueRow(3));

        assertThat(pagedIds(criteria(), 10)).containsExactly(dated.id());
    }

    @Test
    void pagesRowsThatAreFlaggedAsHeld() {
        needs(Capability.HOLD_FLAG);
        EngineRow flagged = insert(dueRow(1).withFlaggedHeld(true));

        assertThat(pagedIds(criteria(), 10)).containsExactly(flagged.id());
    }

    @Test
    void pagesWhateverTheGateSaysOfARow() {
        EngineRow free = insert(dueRow(1));
        EngineRow held = insert(dueRow(2));
        EngineRow claimed = insert(dueRow(3));
        hold("h", held);
        claim(openRun(), claimed);

        assertThat(pagedIds(criteria(), 10)).containsExactlyInAnyOrder(free.id(), held.id(), claimed.id());
    }

    @Test
    void findsNothingDueWhenEveryPolicyKeepsForEver() {
        insert(dueRow(1));

        assertThat(pagedIds(new DueCriteria(NOW, List.of(), rule("keep", null)), 10))
                .isEmpty();
    }

    @Test
    void letsThePolicyGovernThatKeepsLongestOfThoseThatMatch() {
        needs(Capability.ATTRIBUTES);
        Instant longer = CUTOFF.minus(Duration.ofDays(30));
        DueCriteria criteria = new DueCriteria(
                NOW,
                List.of(
                        rule("sales", longer, QUEUE, "sales"),
                        rule("acme", null, QUEUE, "sales", TENANT, "acme"),
                        rule("short", CUTOFF.plus(Duration.ofDays(80)), QUEUE, "test")),
                rule("default", CUTOFF));
        EngineRow sales = row(1, longer.minus(TICK)).withAttribute(QUEUE, "sales");
        EngineRow young = row(2, longer).withAttribute(QUEUE, "sales");
        EngineRow acme =
                row(3, longer.minus(TICK)).withAttribute(QUEUE, "sales").withAttribute(TENANT, "acme");
        EngineRow test = row(4, CUTOFF.plus(TICK)).withAttribute(QUEUE, "test");
        EngineRow other = row(5, CUTOFF.minus(TICK)).withAttribute(QUEUE, "other");
        EngineRow bare = row(6, CUTOFF.minus(TICK));
        insertRows(List.of(sales, young, acme, test, other, bare));

        assertThat(pagedIds(criteria, 10)).containsExactlyInAnyOrder(sales.id(), test.id(), other.id(), bare.id());
    }

    @Test
    void comparesAttributesCharacterByCharacter() {
        needs(Capability.ATTRIBUTES);
        DueCriteria criteria = new DueCriteria(NOW, List.of(rule("keep", null, QUEUE, "a")), rule("default", CUTOFF));
        insert(dueRow(1).withAttribute(QUEUE, "a"));
        EngineRow upper = insert(dueRow(2).withAttribute(QUEUE, "A"));
        EngineRow padded = insert(dueRow(3).withAttribute(QUEUE, "a "));
        EngineRow accent = insert(dueRow(4).withAttribute(QUEUE, "á"));

        assertThat(pagedIds(criteria, 10)).containsExactlyInAnyOrder(upper.id(), padded.id(), accent.id());
    }

    @Test
    void pagesTheOldestFirstAndTiesById() {
        List<EngineRow> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            rows.add(row(i, CUTOFF.minus(Duration.ofHours(1 + i / 10))));
        }
        insertShuffled(rows);

        List<String> expected = rows.stream()
                .sorted(Comparator.comparing((EngineRow row) -> created(row)).thenComparing(EngineRow::id, this::order))
                .map(EngineRow::id)
                .toList();
        assertThat(pagedIds(criteria(), 7)).containsExactlyElementsOf(expected);
        assertThat(pagedIds(criteria(), 30)).containsExactlyElementsOf(expected);
    }

    private int order(String one, String other) {
        return Integer.compare(number(one), number(other));
    }

    private int number(String id) {
        return IntStream.range(0, 30)
                .filter(n -> newId(n).equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void givesNoMoreRowsThanTheLimitAndNoNextBehindTheLastPage() {
        insertRows(IntStream.range(0, 8).mapToObj(this::dueRow).toList());

        Page first = repository.recordings().page(criteria(), null, 5);
        assertThat(first.candidates()).hasSize(5);
        assertThat(first.next()).isNotNull();
        Page second = repository.recordings().page(criteria(), first.next(), 5);
        assertThat(second.candidates()).hasSize(3);
        assertThat(second.next()).isNull();
    }

    @Test
    void givesAnEmptyLastPageOfNothing() {
        assertThat(repository.recordings().page(criteria(), null, 5)).isEqualTo(new Page(List.of(), null));
    }

    @Test
    void goesOnBehindTheLastRowWhateverBecameOfThePageBefore() {
        List<EngineRow> rows = IntStream.range(0, 9)
                .mapToObj(n -> row(n, CUTOFF.minus(Duration.ofDays(1))))
                .toList();
        insertRows(rows);
        Page first = repository.recordings().page(criteria(), null, 3);

        updateRow(rows.get(0).withDeleted(NOW, "gone"));
        removeRow(rows.get(2).id());

        assertThat(repository.recordings().page(criteria(), first.next(), 3).candidates())
                .extracting(Candidate::id)
                .containsExactly(newId(3), newId(4), newId(5));
    }

    @Test
    void readsEveryValueOfARowAndChangesNone() {
        EngineRow row = insert(fit(dueRow(1)
                .withRetainUntil(NOW.minusSeconds(1))
                .withFlaggedHeld(true)
                .withAttribute(QUEUE, "Sales ")
                .withDuration(Duration.ofSeconds(61))));
        EngineRow bare = insert(EngineRow.of(newId(2), "RE2", CUTOFF.minusSeconds(1)));

        assertThat(repository.recordings().page(criteria(), null, 5).candidates())
                .containsExactlyInAnyOrder(candidate(row), candidate(bare));
        assertThat(repository.recordings().find(List.of(row.id(), bare.id())))
                .containsExactlyInAnyOrder(candidate(row), candidate(bare));
        assertThat(readRow(row.id())).contains(row);
    }

    @Test
    void findsRowsDueOrNotDeletedOrNot() {
        EngineRow due = insert(dueRow(1));
        EngineRow young = insert(row(2, NOW));
        EngineRow deleted = insert(dueRow(3).withDeleted(NOW, "gone"));

        assertThat(repository.recordings().find(List.of(due.id(), young.id(), deleted.id(), newId(4), due.id())))
                .containsExactlyInAnyOrder(candidate(due), candidate(young), candidate(deleted));
    }

    @Test
    void leavesOutRowsWithoutACreationTime() {
        needs(Capability.NULL_CREATED);
        EngineRow undated = insert(row(1, null));

        assertThat(repository.recordings().find(List.of(undated.id()))).isEmpty();
    }

    @Test
    void findsNoneOneAndManyIds() {
        List<EngineRow> rows = IntStream.range(0, 1100).mapToObj(this::dueRow).toList();
        insertRows(rows);
        for (int count : new int[] {0, 1, 500, 501, 1100}) {
            List<String> ids = rows.stream().limit(count).map(EngineRow::id).toList();
            assertThat(repository.recordings().find(ids))
                    .extracting(Candidate::id)
                    .containsExactlyInAnyOrderElementsOf(ids);
        }
    }

    @Test
    void takesAnIdThatOnlyLooksLikeOneForAnIdWithoutARow() {
        EngineRow row = insert(dueRow(1));
        List<String> lookalikes = lookalikes(row.id());

        assertThat(repository.recordings().find(lookalikes)).isEmpty();
        assertThat(repository.recordings().find(List.of(row.id()))).containsExactly(candidate(row));
    }

    @Test
    void tellsIdsApartByCaseAndTrailingSpace() {
        needs(Capability.TEXT_IDS);
        List<EngineRow> rows =
                Stream.of("a", "A", "a ").map(id -> dueRow(id, 1)).toList();
        insertRows(rows);

        for (EngineRow row : rows) {
            assertThat(repository.recordings().find(List.of(row.id()))).containsExactly(candidate(row));
        }
        assertThat(pagedIds(criteria(), 1)).containsExactlyInAnyOrder("a", "A", "a ");
    }

    @Test
    void listsTheNewestThatAreNotDue() {
        EngineRow older = insert(row(1, CUTOFF));
        EngineRow newer = insert(row(2, CUTOFF.plus(TICK)));
        insert(dueRow(3));
        insert(row(4, NOW).withStorageKey(null));
        insert(row(5, NOW).withDeleted(NOW, "gone"));

        String account = older.account();
        assertThat(repository.recordings().recentNotDue(criteria(), account, 5))
                .containsExactly(candidate(newer).recording(), candidate(older).recording());
        assertThat(repository.recordings().recentNotDue(criteria(), account, 1))
                .containsExactly(candidate(newer).recording());
    }

    @Test
    void listsRecentRowsOfOneAccountOnly() {
        needs(Capability.ACCOUNT);
        EngineRow one = insert(row(1, NOW).withAccount("AC1"));
        EngineRow other = insert(row(2, NOW).withAccount("AC2"));
        EngineRow none = insert(row(3, NOW).withAccount(null));

        assertThat(repository.recordings().recentNotDue(criteria(), "AC1", 5))
                .extracting(Recording::id)
                .containsExactly(one.id());
        assertThat(repository.recordings().recentNotDue(criteria(), "AC2", 5))
                .extracting(Recording::id)
                .containsExactly(other.id());
        assertThat(repository.recordings().recentNotDue(criteria(), null, 5))
                .extracting(Recording::id)
                .containsExactly(none.id());
    }

    @Test
    void listsTheNewestOfAllAccounts() {
        needs(Capability.ACCOUNT);
        EngineRow oldest = insert(row(1, CUTOFF).withAccount("AC1"));
        EngineRow newer = insert(row(2, NOW.minus(TICK)).withAccount("AC2"));
        EngineRow newest = insert(row(3, NOW).withAccount(null));
        insert(dueRow(4));
        insert(row(5, NOW).withStorageKey(null));
        insert(row(6, NOW).withDeleted(NOW, "gone"));

        assertThat(repository.recordings().newestNotDue(criteria(), 5))
                .containsExactly(
                        candidate(newest).recording(),
                        candidate(newer).recording(),
                        candidate(oldest).recording());
        assertThat(repository.recordings().newestNotDue(criteria(), 1))
                .containsExactly(candidate(newest).recording());
    }

    @Test
    void countsLiveRows() {
        insert(dueRow(1));
        insert(fit(dueRow(2).withFlaggedHeld(true)));
        insert(dueRow(3).withStorageKey(null));
        insert(dueRow(4).withDeleted(NOW, "gone"));
        insert(row(5, CUTOFF));
        insert(row(6, NOW));
        insert(row(7, NOW.plus(TICK)));

        long flagged = supports(Capability.HOLD_FLAG) ? 1 : 0;
        assertThat(repository.recordings().count(criteria())).isEqualTo(new Counts(2, flagged, 1, 1));
    }

    @Test
    void namesTheFirstRowsThatNoSweepCanDelete() {
        insert(dueRow(1));
        insert(row(2, NOW).withStorageKey(null));
        insert(dueRow(3).withStorageKey(null).withDeleted(NOW, "gone"));
        insert(row(4, NOW));
        List<String> keyless = List.of(
                insert(dueRow(5).withStorageKey(null)).id(),
                insert(dueRow(6).withStorageKey(null)).id());
        List<String> undated = List.of(
                insert(row(7, NOW.plus(TICK))).id(),
                insert(row(8, null)).id(),
                insert(row(9, Instant.EPOCH).withStorageKey(null)).id());

        Incomplete all = repository.recordings().incomplete(criteria(), 10);
        assertThat(all.withoutKey()).containsExactlyInAnyOrderElementsOf(keyless);
        assertThat(all.undated()).containsExactlyInAnyOrderElementsOf(undated);
        Incomplete first = repository.recordings().incomplete(criteria(), 1);
        assertThat(first.withoutKey()).isEqualTo(all.withoutKey().subList(0, 1));
        assertThat(first.undated()).isEqualTo(all.undated().subList(0, 1));
    }

    @Test
    void namesNoRowWhereEachCanBeDeleted() {
        insert(dueRow(1));
        insert(row(2, NOW));

        assertThat(repository.recordings().incomplete(criteria(), 10)).isEqualTo(Incomplete.NONE);
    }

    @Nested
    class OnRandomRows extends RandomRowsContract {
        OnRandomRows() {
            super(RecordingSourceContract.this.fixture);
        }
    }
}
