package dev.retention.spi;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the ledger. */
public interface LedgerReader {

    /** The entries of these recordings, in no order; ids without one are left out. */
    List<LedgerEntry> find(Collection<String> ids);

    /**
     * Entries that keep a recording from being deleted by the next claim, by id: those in {@code DELETING} or {@code QUARANTINED}, held ones, and those in
     * {@code ACTIVE} that have an outcome.
     *
     * @param afterId only ids after this one; null for the start
     */
    List<LedgerEntry> standing(@Nullable String afterId, int limit);

    /** What the run has deleted so far. */
    Deleted deletedBy(String runId);

    /** The events of a recording, oldest first. */
    List<LedgerEvent> events(String recordingId);

    /**
     * A run's deletions.
     *
     * @param byOutcome how many, for each outcome that occurred
     * @param audio the sum of their durations, where known
     */
    record Deleted(Map<DeletionOutcome, Long> byOutcome, Duration audio) {
        public Deleted {
            byOutcome = Map.copyOf(byOutcome);
        }
    }
}
