package dev.retention.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the engine's own table. No method locks or changes a row.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface RecordingSource {

    /**
     * The next due recordings that have a storage key, oldest first, ties by id: rows for which
     * {@link DueCriteria#isDue} is true, whether they are flagged as held or not, and whatever their gate rows say.
     *
     * <p>Rows with a value that this instance can't read, such as a constant of an enum in a newer version of the
     * engine, are left out and named in {@link Page#unreadable}. They prevent no other row from being read. The same
     * holds for rows that refer to an associated row which is not found, if its attributes decide about the deletion:
     * gone or hidden, it might keep the recording.
     *
     * @param criteria which recordings are due
     * @param cursor the {@link Page#next} of the page before; null for the start
     * @param limit the most rows, at least 1
     */
    Page page(DueCriteria criteria, @Nullable String cursor, int limit);

    /**
     * The next soft-deleted rows with a storage key that would be due if they were live, and of which no ledger entry
     * proves that this very recording, with its key, account and creation time, is deleted: the engine has marked them
     * itself, and their recordings may still exist. Oldest first, ties by id; flags, gate rows and values that can't be
     * read are treated as by {@link #page}.
     *
     * @param criteria which recordings are due
     * @param cursor the {@link Page#next} of the page before; null for the start
     * @param limit the most rows, at least 1. A page may have fewer, and even none, though another one follows
     */
    Page softDeleted(DueCriteria criteria, @Nullable String cursor, int limit);

    /**
     * The rows with these ids, in any order, due or not, deleted or not. Ids without a row, and rows without a creation
     * time or with a value that can't be read, are left out. Ids are compared character by character, even if the
     * database compares less strictly. An id that the table can't contain is treated like one without a row.
     */
    List<Candidate> find(Collection<String> ids);

    /**
     * Those of the ids whose row has a value that this instance can't read, so that {@link #find} leaves it out. None
     * by default, for adapters that can read everything.
     */
    default Set<String> unreadable(Collection<String> ids) {
        return Set.of();
    }

    /**
     * Those of the ids whose row has no creation time, so that {@link #find} leaves it out. None by default, for
     * adapters of tables in which every row has one.
     */
    default Set<String> withoutCreationTime(Collection<String> ids) {
        return Set.of();
    }

    /**
     * Live recordings with a storage key that are not due, newest first. The storage should have them, so looking them
     * up distinguishes a wrong account from missing recordings.
     *
     * @param criteria which recordings are due
     * @param account only recordings of this account; null for those that name none
     * @param limit the most to return, at least 1
     */
    List<Recording> recentNotDue(DueCriteria criteria, @Nullable String account, int limit);

    /**
     * The same, of whatever accounts. If several accounts are of no use, those of these recordings are identified: they
     * should be in use.
     *
     * @param criteria which recordings are due
     * @param limit the most to return, at least 1
     */
    List<Recording> newestNotDue(DueCriteria criteria, int limit);

    /** Counts live rows. Called several times in a run and by monitoring, so it should use an index. */
    Counts count(DueCriteria criteria);

    /**
     * The first of those live rows that no sweep can delete, because their row lacks what is needed for it; each list
     * in the order of the ids. A person has to correct them.
     *
     * @param criteria which recordings are due
     * @param limit the most ids in each list, at least 1
     */
    Incomplete incomplete(DueCriteria criteria, int limit);

    /**
     * Ids of live rows that no sweep can delete.
     *
     * @param withoutKey due, without a storage key: as {@link Counts#withoutKey} counts them
     * @param undated without a creation time that can be: as {@link Counts#undated} counts them
     */
    record Incomplete(List<String> withoutKey, List<String> undated) {

        /** Every row has what is needed. */
        public static final Incomplete NONE = new Incomplete(List.of(), List.of());

        public Incomplete {
            withoutKey = List.copyOf(withoutKey);
            undated = List.copyOf(undated);
        }
    }

    /**
     * Counts live rows with a storage key and a creation time for each policy, in the order of the rules, the fallback
     * last. Slow on large tables: it reads all live rows.
     */
    List<PolicyCounts> countByPolicy(DueCriteria criteria);

    /**
     * Counts of the live rows that one policy governs.
     *
     * @param policy the policy's name
     * @param live how many there are
     * @param due how many of them are due
     * @param dueFlaggedHeld how many of the due ones have the mapped hold flag set
     * @param oldestDue when the oldest due one was made; null if none is due
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
     * @param candidates the rows; may be empty
     * @param next the cursor of the next page; null if this page is the last
     * @param unreadable the ids of rows in this page that are due as far as the database can tell, but have a value
     *     that can't be read; they are not among the candidates
     */
    record Page(List<Candidate> candidates, @Nullable String next, Set<String> unreadable) {
        public Page {
            candidates = List.copyOf(candidates);
            unreadable = Set.copyOf(unreadable);
        }

        /** A page in which every row can be read. */
        public Page(List<Candidate> candidates, @Nullable String next) {
            this(candidates, next, Set.of());
        }
    }

    /**
     * Counts of live rows.
     *
     * @param due due, with a storage key
     * @param dueFlaggedHeld how many of these have the mapped hold flag set
     * @param withoutKey due, without a storage key
     * @param undated without a creation time, or with one after the criteria's now or before
     *     {@link DueCriteria#earliestCreated}
     */
    record Counts(long due, long dueFlaggedHeld, long withoutKey, long undated) {}
}
