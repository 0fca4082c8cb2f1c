package dev.retention;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The status of all recordings that were created in a period, as of one moment.
 *
 * @param from the begin of the period
 * @param to its end, which is not part of it
 * @param at the moment, by the database's time
 * @param counts how many recordings there are, by their status
 * @param shrunkDays the days of the period that have fewer recordings than were counted before, with the number of
 *     those that are missing: somebody has removed their rows, or changed their creation times
 * @param note the statement as a signed note (c2sp.org/signed-note), without a signature if there is no key. Its text
 *     says as well what the statement does not know
 */
public record EvidenceStatement(
        Instant from, Instant to, Instant at, Counts counts, SortedMap<LocalDate, Long> shrunkDays, String note) {

    /** A statement. */
    public EvidenceStatement {
        shrunkDays = Collections.unmodifiableSortedMap(new TreeMap<>(shrunkDays));
    }

    /** The status of a recording: each is in one group. */
    public enum Group {
        /** Deleted: the ledger, the log and the row say so. By outcome. */
        DELETED("deleted"),
        /** Deleted according to the ledger and the row, without an entry of the log: before it began, or without it. */
        UNRECORDED("unrecorded"),
        /** Soft-deleted by others than the library, without a proof that the audio is deleted. */
        ENGINE_DELETED("engine-deleted"),
        /** Live, and kept by a hold, due or not. */
        HELD("held"),
        /** Live, and not due yet. By policy. */
        NOT_DUE("not-due"),
        /** Claimed, so that a deletion may have been sent, and not ended. */
        IN_FLIGHT("in-flight"),
        /** Needs a decision of a person. By the code of the cause. */
        QUARANTINED("quarantined"),
        /** Due, and kept for another row with the same storage key. */
        KEY_SHARED("key-shared"),
        /** Due, without a storage key. */
        WITHOUT_KEY("without-key"),
        /** Live, without a creation time that can be. It may be of any period, so each statement counts it. */
        UNDATED("undated"),
        /** Due, and not claimed yet, such as between two runs. */
        OVERDUE("overdue"),
        /**
         * The ledger and the row contradict one another. By what the row is: {@code ROW_LIVE}, {@code ROW_DIFFERS} or
         * {@code ROW_GONE}.
         */
        CHANGED("changed"),
        /** Its row, or its ledger entry, can't be read by this instance. */
        UNREADABLE("unreadable");

        private final String text;

        Group(String text) {
            this.text = text;
        }

        /** As the statement's text and entry name it. */
        public String text() {
            return text;
        }

        /** Whether the statement says more of its recordings than their number. */
        public boolean isDivided() {
            return this == DELETED || this == NOT_DUE || this == QUARANTINED || this == CHANGED;
        }

        /** Whether an export lists the ids of its recordings. */
        public boolean isListed() {
            return this != DELETED && this != NOT_DUE;
        }
    }

    /**
     * How many recordings there are.
     *
     * @param recordings all of them
     * @param groups their numbers by group; within a group by outcome, policy, cause or what the row is. Groups that
     *     are not divided have the empty text alone, and those without recordings are absent
     * @param audioFreed the sum of the durations of the deleted ones, as far as they are known
     * @param durationUnknown how many deleted ones have no known duration
     */
    public record Counts(
            long recordings, Map<Group, SortedMap<String, Long>> groups, Duration audioFreed, long durationUnknown) {

        /**
         * Counts.
         *
         * @throws IllegalArgumentException if the groups do not add up to the recordings
         */
        public Counts {
            Map<Group, SortedMap<String, Long>> copy = new EnumMap<>(Group.class);
            groups.forEach((group, parts) -> copy.put(group, Collections.unmodifiableSortedMap(new TreeMap<>(parts))));
            groups = Collections.unmodifiableMap(copy);
            long sum = groups.values().stream()
                    .flatMap(parts -> parts.values().stream())
                    .mapToLong(Long::longValue)
                    .sum();
            if (sum != recordings) {
                throw new IllegalArgumentException(
                        "the groups of " + recordings + " recordings add up to " + sum + ": " + groups);
            }
        }

        /** How many recordings a group has. */
        public long of(Group group) {
            return parts(group).values().stream().mapToLong(Long::longValue).sum();
        }

        /** How many recordings each part of a group has; nothing for a group without recordings. */
        public SortedMap<String, Long> parts(Group group) {
            return groups.getOrDefault(group, Collections.emptySortedMap());
        }
    }
}
