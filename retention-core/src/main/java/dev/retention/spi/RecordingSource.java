package dev.retention.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the engine's own table. Nothing here locks or changes a row. */
public interface RecordingSource {

    /**
     * The next due recordings that have a storage key, oldest first, ties by id: rows for which {@link DueCriteria#isDue} holds,
     * whether flagged as held or not, and whatever the gate says of them.
     *
     * @param cursor where the page before ended, as that page gave it; null for the start
     * @param limit the most rows, at least 1
     */
    Page page(DueCriteria criteria, @Nullable String cursor, int limit);

    /**
     * The rows with these ids, in no order, due or not, deleted or not. Ids without a row, and rows without a creation time, are left
     * out. Ids are compared character by character, also where the database would be more lenient; an id that can't be one of the
     * table's is like one without a row.
     */
    List<Candidate> find(Collection<String> ids);

    /**
     * Live recordings with a storage key that are not due, newest first: they should be at the provider, and tell a wrong account
     * from missing recordings.
     *
     * @param account only recordings of this account; null for those that name none
     */
    List<Recording> recentNotDue(DueCriteria criteria, @Nullable String account, int limit);

    /** Counts live rows. */
    Counts count(DueCriteria criteria);

    /**
     * Counts live rows with a storage key and a creation time for each policy, in the order of the rules, the fallback last. Slow on large tables: it
     * reads all live rows.
     */
    List<PolicyCounts> countByPolicy(DueCriteria criteria);

    /**
     * Numbers of live rows that one policy governs.
     *
     * @param policy its name
     * @param live all of them
     * @param due those that are due
     * @param dueFlaggedHeld those of the due ones whose mapped hold flag is set
     * @param oldestDue when the oldest due one was made; null when none is due
     */
    record PolicyCounts(
            String policy,
            long live,
            long due,
            long dueFlaggedHeld,
            @Nullable Instant oldestDue) {}

    /**
     * A page of due recordings.
     *
     * @param candidates the rows
     * @param next where to go on; null when the page was the last
     */
    record Page(List<Candidate> candidates, @Nullable String next) {
        public Page {
            candidates = List.copyOf(candidates);
        }
    }

    /**
     * Numbers of live rows.
     *
     * @param due due, with a storage key
     * @param dueFlaggedHeld those of them whose mapped hold flag is set
     * @param withoutKey due, without a storage key
     * @param undated without a creation time, or with one after the criteria's now
     */
    record Counts(long due, long dueFlaggedHeld, long withoutKey, long undated) {}
}
