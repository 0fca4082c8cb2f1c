package dev.retention;

import dev.retention.spi.RecordingRepository;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The evidence: who deleted a recording when, under which policy, with which proof. Read-only, from any thread; it outlives the
 * engine's rows.
 */
public final class DeletionLedger {

    private final RecordingRepository repository;

    private DeletionLedger(RecordingRepository repository) {
        this.repository = repository;
    }

    /** The ledger that is kept in this repository. */
    public static DeletionLedger of(RecordingRepository repository) {
        return new DeletionLedger(repository);
    }

    /** What is written down about a recording; empty when it was never claimed nor held. */
    public Optional<LedgerEntry> find(String recordingId) {
        return repository.ledger().find(List.of(recordingId)).stream().findFirst();
    }

    /** The same for many recordings, by id; recordings that were never claimed nor held are absent. */
    public Map<String, LedgerEntry> find(Collection<String> recordingIds) {
        return repository.ledger().find(recordingIds).stream()
                .collect(Collectors.toMap(LedgerEntry::recordingId, Function.identity()));
    }

    /** What was out of the ordinary with a recording, oldest first: further attempts, holds, repairs. */
    public List<LedgerEvent> events(String recordingId) {
        return repository.ledger().events(recordingId);
    }
}
