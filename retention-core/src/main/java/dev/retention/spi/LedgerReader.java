package dev.retention.spi;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ledger.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface LedgerReader {

    /**
     * The entries of these recordings, in any order. Recordings that were never claimed or held are left out. An entry
     * with a value that can't be read, such as one of a later version, is in
     * {@link dev.retention.DeletionState#UNREADABLE}.
     */
    List<LedgerEntry> find(Collection<String> ids);

    /**
     * Entries of recordings that the next claim can't take, ordered by id: those in {@code DELETING} or
     * {@code QUARANTINED}, held ones, and those in {@code ACTIVE} that have an outcome.
     *
     * @param afterId only ids after this one; null for the start
     * @param limit the most to return, at least 1
     * @return the entries; fewer than {@code limit} only if there are no more
     */
    List<LedgerEntry> unfinished(@Nullable String afterId, int limit);

    /** What the run has deleted so far; without any counts for an unknown run. */
    Deleted deletedBy(String runId);

    /** The events of a recording, oldest first; empty if there are none. */
    List<LedgerEvent> events(String recordingId);

    /**
     * A run's deletions.
     *
     * @param byOutcome how many recordings, for each outcome that occurred
     * @param audio the sum of their durations, as far as they are known
     */
    record Deleted(Map<DeletionOutcome, Long> byOutcome, Duration audio) {
        public Deleted {
            byOutcome = Map.copyOf(byOutcome);
        }
    }
}
