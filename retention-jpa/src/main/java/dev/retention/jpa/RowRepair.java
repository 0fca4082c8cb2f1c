package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.SoftDeletion.Request;
import dev.retention.spi.Candidate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks rows again that are live though the ledger proves their recording to be deleted, within a transaction. Lock
 * order: gate rows by id, then the engine's rows.
 */
final class RowRepair {

    private static final Logger log = LoggerFactory.getLogger(RowRepair.class);

    private final EngineTable engine;
    private final SoftDeletion softDeletion;

    RowRepair(EngineTable engine) {
        this.engine = engine;
        this.softDeletion = new SoftDeletion(engine);
    }

    /** Returns the ids of the rows that were marked. */
    Set<String> repair(Session session, Collection<Candidate> candidates) {
        List<String> ids = candidates.stream().map(Candidate::id).toList();
        Map<String, GateRow> gates = GateTable.lock(session, ids);
        gates.values().removeIf(gate -> gate.state() != DeletionState.DELETED);
        if (gates.isEmpty()) {
            return Set.of();
        }
        Map<String, EngineRow> rows = engine.find(session, gates.keySet());
        List<Request> requests = new ArrayList<>();
        gates.forEach((id, gate) -> {
            LedgerEntry entry = gate.entry();
            EngineRow row = rows.get(id);
            Instant deletedAt = entry.deletedAt();
            String reason = entry.reason();
            if (deletedAt != null && reason != null && row != null && row.isLive() && row.names(entry)) {
                requests.add(new Request(row, deletedAt, reason));
            }
        });
        Set<String> repaired = new HashSet<>();
        // One by one: a row that can't be marked must not keep the others from it.
        for (Request request : requests) {
            try {
                repaired.addAll(softDeletion.mark(session, List.of(request)));
            } catch (SoftDeletion.Ignored e) {
                log.error(
                        "recording={} is deleted, and its row stays live: {}",
                        request.row().id(),
                        e.getMessage());
            }
        }
        Instant now = session.tables().dialect().now(session.sql());
        List<LedgerEvent> events = new ArrayList<>();
        gates.forEach((id, gate) -> {
            if (repaired.contains(id)) {
                events.add(new LedgerEvent(
                        now,
                        "ROW_REPAIRED",
                        id,
                        gate.entry().runId(),
                        gate.entry().owner(),
                        "the row was live again"));
            }
        });
        Events.add(session, events);
        return repaired;
    }
}
