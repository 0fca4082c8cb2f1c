package dev.retention.test;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.spi.LedgerReader;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the gate's rows and the events. */
final class InMemoryLedgerReader implements LedgerReader {

    private final InMemoryDatabase database;

    InMemoryLedgerReader(InMemoryDatabase database) {
        this.database = database;
    }

    @Override
    public List<LedgerEntry> find(Collection<String> ids) {
        return database.read(() -> Set.copyOf(ids).stream()
                .map(id -> Optional.ofNullable(database.gate.get(id)))
                .flatMap(Optional::stream)
                .map(GateRow::entry)
                .toList());
    }

    @Override
    public List<LedgerEntry> unfinished(@Nullable String afterId, int limit) {
        return database.read(() -> database.gate.all().stream()
                .filter(InMemoryLedgerReader::stands)
                .filter(row -> afterId == null || row.id().compareTo(afterId) > 0)
                .sorted(Comparator.comparing(GateRow::id))
                .limit(limit)
                .map(GateRow::entry)
                .toList());
    }

    @Override
    public Deleted deletedBy(String runId) {
        return database.read(() -> {
            Map<DeletionOutcome, Long> byOutcome = new EnumMap<>(DeletionOutcome.class);
            Duration audio = Duration.ZERO;
            for (GateRow row : database.gate.all()) {
                if (runId.equals(row.runId) && row.state == DeletionState.DELETED && row.outcome != null) {
                    byOutcome.merge(row.outcome, 1L, Long::sum);
                    audio = row.duration == null ? audio : audio.plus(row.duration);
                }
            }
            return new Deleted(byOutcome, audio);
        });
    }

    @Override
    public List<LedgerEvent> events(String recordingId) {
        return database.read(() -> database.events.all().stream()
                .filter(event -> recordingId.equals(event.recordingId()))
                .toList());
    }

    private static boolean stands(GateRow row) {
        return switch (row.state) {
            case DELETING, QUARANTINED -> true;
            case ACTIVE -> row.held || row.outcome != null;
            case DELETED, UNREADABLE -> row.held;
        };
    }
}
