package dev.retention.internal.evidence;

import dev.retention.spi.Census;
import dev.retention.spi.Census.Span;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.RecordingRepository;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts, once a day, the recordings that were created on the days that are over and not counted yet, and writes the
 * counts into the evidence log. Whoever removes rows later, which the library never does, leaves a day with fewer rows
 * than were sealed. Some of the counted days are counted again, to notice it before a statement does.
 *
 * <p>Each instance does this. Of two that count the same days, one stores them.
 */
public final class DailyCensus {

    private static final Logger log = LoggerFactory.getLogger(DailyCensus.class);

    /** The history of a table is counted in parts, so that no seal waits long for it. */
    static final int MOST_COUNTS = 12;

    private static final LocalDate EARLIEST = dayOf(DueCriteria.EARLIEST_CREATED);

    private final RecordingRepository repository;
    private final SortedMap<LocalDate, Long> missing = new TreeMap<>();
    private @Nullable LocalDate doneOn;
    private boolean failing;

    public DailyCensus(RecordingRepository repository) {
        this.repository = repository;
    }

    /** The day, in UTC, of an instant. */
    static LocalDate dayOf(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }

    /** Days that have fewer rows than were counted, with the number of those that are missing. */
    public synchronized SortedMap<LocalDate, Long> shrunk() {
        return Collections.unmodifiableSortedMap(new TreeMap<>(missing));
    }

    /** Counts what is to be counted today. A failure is logged, and it is tried again at the next call. */
    public synchronized void count() {
        if (!repository.evidence().enabled()) {
            return;
        }
        try {
            Instant now = repository.now();
            LocalDate today = dayOf(now);
            if (!today.equals(doneOn) && countNewDays(today, now)) {
                countAgain(today, now);
                doneOn = today;
            }
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                failing = true;
                log.warn(
                        "the recordings of the last days could not be counted for the evidence log. Deletions go on,"
                                + " and it is tried again; until then nobody would notice if rows of these days were"
                                + " removed",
                        e);
            }
        }
    }

    /** Returns whether all days that are over are counted. */
    private boolean countNewDays(LocalDate today, Instant now) {
        Census census = repository.census();
        LocalDate last = census.counted().map(Span::last).orElse(null);
        for (int counts = 0; counts < MOST_COUNTS; counts++) {
            Optional<LocalDate> first =
                    census.firstDay(last == null ? EARLIEST : last.plusDays(1)).filter(day -> day.isBefore(today));
            if (first.isEmpty()) {
                return true;
            }
            LocalDate from = first.get();
            LocalDate to = earlier(from.plusDays(Census.MOST_DAYS), today);
            SortedMap<LocalDate, Long> days = census.count(from, to);
            if (days.isEmpty()) {
                // The row is gone again.
                return true;
            }
            EvidenceEntry entry = EvidenceEntry.census(from, to, days, census.undated(), false, now);
            if (!census.store(last, days, entry)) {
                // Another instance counts.
                return false;
            }
            last = days.lastKey();
        }
        return false;
    }

    private void countAgain(LocalDate today, Instant now) {
        Optional<Span> counted = repository.census().counted();
        if (counted.isEmpty()) {
            return;
        }
        LocalDate first = counted.get().first();
        LocalDate end = counted.get().last().plusDays(1);
        LocalDate recent = later(first, end.minusDays(Census.MOST_DAYS));
        countAgain(recent, end, now);
        long earlierDays = recent.toEpochDay() - first.toEpochDay();
        if (earlierDays > 0) {
            long parts = (earlierDays + Census.MOST_DAYS - 1) / Census.MOST_DAYS;
            LocalDate from = first.plusDays(Math.floorMod(today.toEpochDay(), parts) * Census.MOST_DAYS);
            countAgain(from, earlier(from.plusDays(Census.MOST_DAYS), recent), now);
        }
    }

    private void countAgain(LocalDate from, LocalDate to, Instant now) {
        Recount recount = Recount.of(repository.census(), from, to);
        SortedMap<LocalDate, Long> known = missing.subMap(from, to);
        if (recount.missing().equals(known)) {
            return;
        }
        known.clear();
        missing.putAll(recount.missing());
        if (!recount.missing().isEmpty()) {
            repository.evidence().append(List.of(recount.entry(now)));
            log.warn(
                    "Rows of recordings were removed, or their creation times changed: these days have fewer recordings"
                            + " than were counted before, by the number that follows each: {}. The library never"
                            + " removes a row. Find out who did; a statement of the evidence names these days, too",
                    recount.missing());
        }
    }

    static LocalDate earlier(LocalDate one, LocalDate other) {
        return one.isBefore(other) ? one : other;
    }

    static LocalDate later(LocalDate one, LocalDate other) {
        return one.isAfter(other) ? one : other;
    }
}
