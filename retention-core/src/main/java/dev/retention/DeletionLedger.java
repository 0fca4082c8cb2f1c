package dev.retention;

import dev.retention.internal.recording.LedgerEntries;
import dev.retention.spi.RecordingRepository;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The evidence: which instance deleted a recording, when, under which policy and with which proof. It outlives the
 * engine's rows.
 *
 * <p>Read-only. All methods may be called from any thread, and throw {@link RetentionException} of the kind
 * {@link RetentionException.Kind#UNAVAILABLE} when the database does not answer. Each reads in a transaction of its
 * own: it does not see what a transaction of the caller's has not committed.
 */
public final class DeletionLedger {

    private final RecordingRepository repository;

    private DeletionLedger(RecordingRepository repository) {
        this.repository = repository;
    }

    /** The ledger in this repository. Reads nothing yet. */
    public static DeletionLedger of(RecordingRepository repository) {
        return new DeletionLedger(repository);
    }

    /** The entry of a recording, by the engine's id; empty if it was never claimed or held. */
    public Optional<LedgerEntry> find(String recordingId) {
        return repository.ledger().find(List.of(recordingId)).stream().findFirst();
    }

    /** The entries of many recordings, by id; recordings that were never claimed or held are absent. */
    public Map<String, LedgerEntry> find(Collection<String> recordingIds) {
        return LedgerEntries.find(repository, recordingIds);
    }

    /**
     * The events of a recording, oldest first: second and later attempts, holds, decisions of people, repairs. Empty if
     * there are none, as for a recording that was deleted at the first attempt.
     */
    public List<LedgerEvent> events(String recordingId) {
        return repository.ledger().events(recordingId);
    }
}
