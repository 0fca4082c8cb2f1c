package dev.retention.internal.evidence;

import dev.retention.spi.Census;
import dev.retention.spi.EvidenceEntry;
import java.time.Instant;
import java.time.LocalDate;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Days that were counted again.
 *
 * @param from the first day
 * @param to the day after the last one
 * @param now the counts of now
 * @param missing days that have fewer recordings than were counted before, with the number of those that are missing
 */
record Recount(LocalDate from, LocalDate to, SortedMap<LocalDate, Long> now, SortedMap<LocalDate, Long> missing) {

    static Recount of(Census census, LocalDate from, LocalDate to) {
        SortedMap<LocalDate, Long> before = census.counts(from, to);
        SortedMap<LocalDate, Long> now = census.count(from, to);
        SortedMap<LocalDate, Long> missing = new TreeMap<>();
        before.forEach((day, count) -> {
            long left = now.getOrDefault(day, 0L);
            if (left < count) {
                missing.put(day, count - left);
            }
        });
        return new Recount(from, to, now, missing);
    }

    EvidenceEntry entry(Instant at) {
        return EvidenceEntry.census(from, to, now, null, true, at);
    }
}
