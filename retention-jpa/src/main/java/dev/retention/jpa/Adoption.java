package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.AdoptedLedger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the part of the ledger that no entry of the evidence log describes, within a transaction. */
final class Adoption {

    private static final int PAGE = Sql.CHUNK;

    private Adoption() {}

    /** Writes an entry about it, if there is such a part, and returns the number of its batch. */
    static Optional<Long> write(Session session) {
        AdoptedLedger ledger = new AdoptedLedger();
        List<String> ids = page(session, "");
        while (!ids.isEmpty()) {
            Map<String, GateRow> rows = GateTable.find(session, ids);
            for (String id : ids) {
                GateRow row = rows.get(id);
                if (row != null) {
                    ledger.add(row.entry());
                }
            }
            ids = ids.size() < PAGE ? List.of() : page(session, ids.get(ids.size() - 1));
        }
        Instant now = Sql.micros(session.tables().dialect().now(session.sql()));
        return ledger.entry(now).map(entry -> {
            session.evidence().add(() -> entry);
            return session.evidence().write(session).get(0);
        });
    }

    /**
     * A claim or a hold changes the row and adds its entry in one transaction, so that both are seen, or neither. A row
     * that was neither claimed nor held says nothing.
     */
    private static List<String> page(Session session, String after) {
        return session.sql()
                .query(
                        "select recording_id from " + session.tables().deletion()
                                + " d where recording_id > ? and (state <> 'ACTIVE' or held = true)"
                                + " and not exists (select 1 from "
                                + session.tables().evidence()
                                + " e where e.recording_id = d.recording_id) order by recording_id limit ?",
                        row -> row.text("recording_id"),
                        after,
                        PAGE);
    }
}
