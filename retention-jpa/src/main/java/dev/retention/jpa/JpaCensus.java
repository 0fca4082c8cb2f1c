package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EntityMapping.TimePath;
import dev.retention.spi.Census;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the engine's rows by the day of their creation, and keeps the first counts in {@code retention_census}. No
 * value of a row is read, so that a row which can't be read counts as well.
 */
final class JpaCensus implements Census {

    private final Database database;
    private final EntityMapping mapping;
    private final TimePath created;

    JpaCensus(Database database, EntityMapping mapping) {
        this.database = database;
        this.mapping = mapping;
        this.created = mapping.created();
    }

    @Override
    public Optional<LocalDate> firstDay(LocalDate from) {
        return database.read("find the next day with recordings", session -> {
            Jpql jpql = new Jpql();
            // A result of one column would not come as an array.
            jpql.add("select min(" + created.jpql() + "), 0 from " + entity() + " where not "
                    + before(start(from), jpql));
            Object[] row = jpql.rows(session.entityManager()).getSingleResult();
            return Optional.ofNullable(created.type().instant(row[0]))
                    .map(first -> LocalDate.ofInstant(first, ZoneOffset.UTC));
        });
    }

    @Override
    public SortedMap<LocalDate, Long> count(LocalDate from, LocalDate to) {
        List<LocalDate> days = from.datesUntil(to).toList();
        if (days.isEmpty() || days.size() > MOST_DAYS) {
            throw new IllegalArgumentException("a census of " + days.size() + " days, of at most " + MOST_DAYS);
        }
        return database.read("count the recordings of days", session -> {
            Jpql jpql = new Jpql();
            List<String> sums = new ArrayList<>();
            // Of each day and those before it. The days in between are the differences.
            days.forEach(
                    day -> sums.add("sum(case when " + before(start(day.plusDays(1)), jpql) + " then 1 else 0 end)"));
            sums.add("0");
            jpql.add("select " + String.join(", ", sums) + " from " + entity() + " where not "
                    + before(start(from), jpql) + " and " + before(start(to), jpql));
            Object[] row = jpql.rows(session.entityManager()).getSingleResult();
            SortedMap<LocalDate, Long> counts = new TreeMap<>();
            long counted = 0;
            for (int i = 0; i < days.size(); i++) {
                // The sum over no rows is NULL.
                long upToHere = row[i] == null ? 0 : ((Number) row[i]).longValue();
                if (upToHere > counted) {
                    counts.put(days.get(i), upToHere - counted);
                }
                counted = upToHere;
            }
            return counts;
        });
    }

    @Override
    public long undated() {
        return database.read("count recordings without a creation time", session -> {
            Jpql jpql = new Jpql();
            jpql.add("select count(*), 0 from " + entity() + " where " + created.jpql() + " is null or "
                    + before(DueCriteria.EARLIEST_CREATED, jpql));
            return ((Number) jpql.rows(session.entityManager()).getSingleResult()[0]).longValue();
        });
    }

    /** Without the associations of the mapping: rows are counted, and nothing of them is read. */
    private String entity() {
        return mapping.entity() + " " + EntityMapping.ALIAS;
    }

    private String before(Instant limit, Jpql jpql) {
        return created.type().before(created.jpql(), created.type().earliest(limit), jpql);
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    @Override
    public Optional<Span> counted() {
        return database.read("read the census", JpaCensus::counted);
    }

    private static Optional<Span> counted(Session session) {
        return session.sql()
                .query(
                        "select min(census_day) as first_day, max(census_day) as last_day from "
                                + session.tables().census(),
                        row -> {
                            String first = row.textOrNull("first_day");
                            String last = row.textOrNull("last_day");
                            return first == null || last == null
                                    ? Optional.<Span>empty()
                                    : Optional.of(new Span(LocalDate.parse(first), LocalDate.parse(last)));
                        })
                .get(0);
    }

    @Override
    public SortedMap<LocalDate, Long> counts(LocalDate from, LocalDate to) {
        return database.read("read the census", session -> {
            SortedMap<LocalDate, Long> counts = new TreeMap<>();
            session.sql()
                    .query(
                            "select census_day, recordings from "
                                    + session.tables().census() + " where census_day >= ? and census_day < ?",
                            row -> counts.put(LocalDate.parse(row.text("census_day")), row.number("recordings")),
                            from.toString(),
                            to.toString());
            return counts;
        });
    }

    @Override
    public boolean store(@Nullable LocalDate last, Map<LocalDate, Long> counts, EvidenceEntry entry) {
        SortedMap<LocalDate, Long> ordered = new TreeMap<>(counts);
        return database.once(
                "store the census",
                session -> {
                    LocalDate found = counted(session).map(Span::last).orElse(null);
                    if (!Objects.equals(found, last)) {
                        return false;
                    }
                    // Of two that have read the same last day, the second one finds the keys of the first.
                    session.sql()
                            .batch(ordered.entrySet().stream()
                                    .map(day -> new Columns()
                                            .text("census_day", day.getKey().toString())
                                            .number("recordings", day.getValue())
                                            .time("counted_at", entry.at())
                                            .insertInto(session.tables().census()))
                                    .toList());
                    session.evidence().add(() -> entry);
                    return true;
                },
                // After a commit whose answer was lost, the next try finds the days, if it took effect.
                stored -> Optional.empty());
    }
}
