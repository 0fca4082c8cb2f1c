package dev.retention.jpa;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.LedgerReader;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the ledger, each question in a transaction of its own. */
final class JpaLedgerReader implements LedgerReader {

    private final Database database;

    JpaLedgerReader(Database database) {
        this.database = database;
    }

    @Override
    public List<LedgerEntry> find(Collection<String> ids) {
        return database.read(
                "read the ledger",
                session -> GateTable.find(session, ids).values().stream()
                        .map(GateRow::entry)
                        .toList());
    }

    @Override
    public List<LedgerEntry> unfinished(@Nullable String afterId, int limit) {
        return database.read(
                "read the ledger",
                session -> GateTable.page(
                        session,
                        afterId,
                        limit,
                        "state = 'DELETING'",
                        GateTable.QUARANTINED,
                        GateTable.ACTIVE_WITH_OUTCOME,
                        "held = true"));
    }

    @Override
    public Deleted deletedBy(String runId) {
        return database.read("read the ledger", session -> {
            Map<DeletionOutcome, Long> byOutcome = new EnumMap<>(DeletionOutcome.class);
            long[] seconds = {0};
            session.sql()
                    .query(
                            "select outcome, count(*) as many, sum(audio_seconds) as seconds from "
                                    + session.tables().deletion()
                                    + " where run_id = ? and state = 'DELETED' group by outcome",
                            row -> {
                                seconds[0] += row.number("seconds");
                                long many = row.number("many");
                                // Those of a later version are counted by it.
                                GateRowReader.known(row.textOrNull("outcome"))
                                        .ifPresent(outcome -> byOutcome.put(outcome, many));
                                return many;
                            },
                            runId);
            return new Deleted(byOutcome, Duration.ofSeconds(seconds[0]));
        });
    }

    @Override
    public List<LedgerEvent> events(String recordingId) {
        if (!IdType.isUsable(recordingId) || !StoredText.isStorable(recordingId)) {
            return List.of();
        }
        return database.read("read events", session -> Events.of(session, recordingId));
    }
}
