package dev.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The due recordings that are not deleted.
 *
 * @param at when it was counted, by the database's time
 * @param due due recordings that have a storage key and no hold flag; those under a legal hold are among them
 * @param withoutKey due recordings without a storage key
 * @param undated live rows without a creation time, or with one in the future or too early
 * @param tableIsEmpty whether the engine's table has no live row at all
 * @param unreadable due recordings that are kept because this instance can't read a value of their row or of their
 *     ledger entry; counted among the oldest ones only, so that there may be more
 * @param oldest of each policy by its name, the oldest recording that is due, not held and can be read; a policy
 *     without one is absent
 */
public record Backlog(
        Instant at,
        long due,
        Some withoutKey,
        Some undated,
        boolean tableIsEmpty,
        Some unreadable,
        Map<String, Overdue> oldest) {

    public Backlog {
        oldest = Map.copyOf(oldest);
    }

    /**
     * Recordings that a person has to look at.
     *
     * @param count how many there are
     * @param first the engine's ids of the first ones, {@value #MOST_NAMED} at most
     */
    public record Some(long count, List<String> first) {

        /** The most ids that are named. */
        public static final int MOST_NAMED = 10;

        /** There are none. */
        public static final Some NONE = new Some(0, List.of());

        public Some {
            first = List.copyOf(first);
        }
    }

    /**
     * A due recording that is not deleted.
     *
     * @param recordingId the engine's id
     * @param policy the policy that governs it
     * @param created when it was made
     * @param overdue for how long it has been due
     */
    public record Overdue(String recordingId, String policy, Instant created, Duration overdue) {}

    /** The recording that has been due for the longest time; empty when none is due and not held. */
    public Optional<Overdue> longestOverdue() {
        return oldest.values().stream().max(Comparator.comparing(Overdue::overdue));
    }
}
