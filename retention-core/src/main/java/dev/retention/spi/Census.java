package dev.retention.spi;

import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How many recordings were created on each day: what the engine's table says now, and what was counted before. A day is
 * a day in UTC. All rows that the mapping reads are counted, live and soft-deleted ones alike: deleting a recording
 * leaves its row, so that a day never gets fewer rows unless somebody removes or changes them.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface Census {

    /** The most days that one count may have. */
    int MOST_DAYS = 31;

    /**
     * The first day, from this one on, on which the engine's table has a row; empty if there is none. Asked once a day,
     * so it should use an index on the creation time.
     */
    Optional<LocalDate> firstDay(LocalDate from);

    /**
     * Counts the engine's rows by the day of their creation, in one statement that reads only the rows of these days.
     *
     * @param from the first day
     * @param to the day after the last one, at most {@value #MOST_DAYS} days later
     * @return the days that have rows
     */
    SortedMap<LocalDate, Long> count(LocalDate from, LocalDate to);

    /** How many rows have no creation time, or one before {@link DueCriteria#EARLIEST_CREATED}. */
    long undated();

    /** The first and the last day of which a count is stored; empty if there is none. */
    Optional<Span> counted();

    /** The stored counts of these days, {@code to} excluded; days without one are missing. */
    SortedMap<LocalDate, Long> counts(LocalDate from, LocalDate to);

    /**
     * Stores the first counts of some days, and appends the entry that has them, in one transaction. A stored count is
     * never changed.
     *
     * @param last the last day of which a count is stored; null if there is none. If it is another one by now, another
     *     instance has counted, and nothing is changed
     * @param counts the counts, of days after it
     * @param entry the entry of the evidence log
     * @return whether they are stored
     */
    boolean store(@Nullable LocalDate last, Map<LocalDate, Long> counts, EvidenceEntry entry);

    /**
     * From a first to a last day.
     *
     * @param first the first day
     * @param last the last day
     */
    record Span(LocalDate first, LocalDate last) {}
}
