package dev.retention.internal.recording;

import dev.retention.LedgerEntry;
import dev.retention.spi.RecordingRepository;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Ledger entries of many recordings. */
public final class LedgerEntries {

    private LedgerEntries() {}

    /** The entries by id; recordings that were never claimed or held are absent. */
    public static Map<String, LedgerEntry> find(RecordingRepository repository, Collection<String> ids) {
        return repository.ledger().find(ids).stream()
                .collect(Collectors.toMap(LedgerEntry::recordingId, Function.identity()));
    }
}
