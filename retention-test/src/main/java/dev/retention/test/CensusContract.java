package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.Census;
import dev.retention.spi.Census.Span;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.test.RepositoryFixture.Capability;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** What every {@link Census} must do, as tests. */
public abstract class CensusContract extends PortContract {

    private static final LocalDate DAY = LocalDate.of(2026, 8, 17);

    /** Its tests use this fixture. */
    protected CensusContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private Census census() {
        return repository.census();
    }

    private static Instant startOf(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private EvidenceEntry entryOf(Map<LocalDate, Long> counts) {
        return EvidenceEntry.census(DAY, DAY.plusDays(3), counts, 0L, false, dbNow);
    }

    private void insertOnThreeDays() {
        insert(row(1, startOf(DAY)));
        insert(row(2, startOf(DAY.plusDays(1)).minus(TICK)));
        insert(row(3, startOf(DAY.plusDays(2))));
        insert(row(4, startOf(DAY.plusDays(3))));
    }

    @Test
    void countsRowsByTheDayOfTheirCreation() {
        insertOnThreeDays();

        assertThat(census().count(DAY, DAY.plusDays(3))).isEqualTo(Map.of(DAY, 2L, DAY.plusDays(2), 1L));
        assertThat(census().count(DAY, DAY.plusDays(1))).isEqualTo(Map.of(DAY, 2L));
        assertThat(census().count(DAY.plusDays(1), DAY.plusDays(2))).isEmpty();
        assertThat(census().count(DAY, DAY.plusDays(Census.MOST_DAYS)).values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(4);
    }

    @Test
    void countsRowsThatAreDeletedHeldOrWithoutAKey() {
        insert(row(1, startOf(DAY)).withDeleted(NOW, "gone"));
        insert(row(2, startOf(DAY)).withStorageKey(null));
        hold("h", insert(row(3, startOf(DAY))));

        assertThat(census().count(DAY, DAY.plusDays(1))).isEqualTo(Map.of(DAY, 3L));
    }

    @Test
    void countsRowsThatCantBeRead() {
        needs(Capability.UNREADABLE_ROWS);
        insert(row(1, startOf(DAY)));
        fixture.makeUnreadable(insert(row(2, startOf(DAY))).id());

        assertThat(census().count(DAY, DAY.plusDays(1))).isEqualTo(Map.of(DAY, 2L));
    }

    @Test
    void noticesARowThatWasRemovedOrMoved() {
        insertOnThreeDays();
        fixture.removeRow(row(1, startOf(DAY)).id());
        fixture.updateRow(fit(row(3, startOf(DAY.plusDays(9)))));

        assertThat(census().count(DAY, DAY.plusDays(3))).isEqualTo(Map.of(DAY, 1L));
    }

    @Test
    void countsNoMoreDaysThanThat() {
        assertThatThrownBy(() -> census().count(DAY, DAY.plusDays(Census.MOST_DAYS + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> census().count(DAY, DAY)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void findsTheNextDayWithRows() {
        assertThat(census().firstDay(DAY)).isEmpty();
        insertOnThreeDays();

        assertThat(census().firstDay(DAY.minusYears(9))).contains(DAY);
        assertThat(census().firstDay(DAY)).contains(DAY);
        assertThat(census().firstDay(DAY.plusDays(1))).contains(DAY.plusDays(2));
        assertThat(census().firstDay(DAY.plusDays(4))).isEmpty();
    }

    @Test
    void countsRowsWithoutATimeApart() {
        needs(Capability.NULL_CREATED);
        insert(row(1, startOf(DAY)));
        insert(row(2, null));
        insert(row(3, Instant.EPOCH.plusSeconds(1)));

        assertThat(census().undated()).isEqualTo(2);
        assertThat(census().firstDay(LocalDate.of(2008, 1, 1))).contains(DAY);
    }

    @Test
    void keepsTheFirstCountsWithTheirEntry() {
        assertThat(census().counted()).isEmpty();
        Map<LocalDate, Long> first = Map.of(DAY, 7L, DAY.plusDays(1), 1L);

        assertThat(census().store(null, first, entryOf(first))).isTrue();

        assertThat(census().counted()).contains(new Span(DAY, DAY.plusDays(1)));
        assertThat(census().counts(DAY, DAY.plusDays(1))).isEqualTo(Map.of(DAY, 7L));
        assertThat(census().counts(DAY, DAY.plusDays(9))).isEqualTo(first);
        Map<LocalDate, Long> next = Map.of(DAY.plusDays(2), 5L);
        assertThat(census().store(DAY.plusDays(1), next, entryOf(next))).isTrue();
        SortedMap<LocalDate, Long> all = census().counts(DAY.minusDays(9), DAY.plusDays(9));
        assertThat(all).hasSize(3).containsEntry(DAY, 7L).containsEntry(DAY.plusDays(2), 5L);
        sealAll();
        assertThat(repository.evidence().leaves(0, 10))
                .extracting(Leaf::entry)
                .containsExactly(
                        entryOf(first).line().getBytes(StandardCharsets.US_ASCII),
                        entryOf(next).line().getBytes(StandardCharsets.US_ASCII));
    }

    /** Another instance has counted meanwhile. */
    @Test
    void countsADayOnce() {
        Map<LocalDate, Long> counts = Map.of(DAY, 7L);
        assertThat(census().store(null, counts, entryOf(counts))).isTrue();

        Map<LocalDate, Long> others = Map.of(DAY, 6L, DAY.plusDays(1), 1L);
        assertThat(census().store(null, others, entryOf(others))).isFalse();
        assertThat(census().store(DAY.minusDays(1), others, entryOf(others))).isFalse();

        assertThat(census().counts(DAY, DAY.plusDays(9))).isEqualTo(counts);
        assertThat(Optional.of(repository.evidence().unsealed().entries())).contains(1L);
    }
}
