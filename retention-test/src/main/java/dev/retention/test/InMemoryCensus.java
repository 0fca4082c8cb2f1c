package dev.retention.test;

import dev.retention.spi.Census;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Counts the engine's rows by the day of their creation, and keeps the first counts. */
final class InMemoryCensus implements Census {

    private final InMemoryDatabase database;
    private final InMemoryEngineTable engine;

    InMemoryCensus(InMemoryEngineTable engine) {
        this.database = engine.database();
        this.engine = engine;
    }

    private static boolean isDated(EngineRow row) {
        Instant created = row.created();
        return created != null && !created.isBefore(DueCriteria.EARLIEST_CREATED);
    }

    private Stream<LocalDate> days() {
        return engine.allRows()
                .filter(InMemoryCensus::isDated)
                .map(row -> LocalDate.ofInstant(Objects.requireNonNull(row.created()), ZoneOffset.UTC));
    }

    @Override
    public Optional<LocalDate> firstDay(LocalDate from) {
        return database.read(() -> days().filter(day -> !day.isBefore(from)).min(Comparator.naturalOrder()));
    }

    @Override
    public SortedMap<LocalDate, Long> count(LocalDate from, LocalDate to) {
        long length = to.toEpochDay() - from.toEpochDay();
        if (length < 1 || length > MOST_DAYS) {
            throw new IllegalArgumentException("a census of " + length + " days, of at most " + MOST_DAYS);
        }
        return database.read(() -> {
            SortedMap<LocalDate, Long> counts = new TreeMap<>();
            days().filter(day -> !day.isBefore(from) && day.isBefore(to))
                    .forEach(day -> counts.merge(day, 1L, Long::sum));
            return counts;
        });
    }

    @Override
    public long undated() {
        return database.read(() -> engine.allRows().filter(row -> !isDated(row)).count());
    }

    @Override
    public Optional<Span> counted() {
        return database.read(this::span);
    }

    private Optional<Span> span() {
        SortedMap<LocalDate, Long> all = stored();
        return all.isEmpty() ? Optional.empty() : Optional.of(new Span(all.firstKey(), all.lastKey()));
    }

    private SortedMap<LocalDate, Long> stored() {
        SortedMap<LocalDate, Long> all = new TreeMap<>();
        database.census.byKey().forEach((day, count) -> all.put(LocalDate.parse(day), count));
        return all;
    }

    @Override
    public SortedMap<LocalDate, Long> counts(LocalDate from, LocalDate to) {
        return database.read(() -> new TreeMap<>(stored().subMap(from, to)));
    }

    @Override
    public boolean store(@Nullable LocalDate last, Map<LocalDate, Long> counts, EvidenceEntry entry) {
        return database.commit(() -> {
            if (!Objects.equals(span().map(Span::last).orElse(null), last)) {
                return false;
            }
            counts.forEach((day, count) -> database.census.put(day.toString(), count));
            database.evidence.add(entry);
            return true;
        });
    }
}
