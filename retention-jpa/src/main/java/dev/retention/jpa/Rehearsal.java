package dev.retention.jpa;

import dev.retention.LedgerEvent;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.Candidate;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Writes all that a deletion writes, within a transaction that is rolled back, so that a refusal shows before. */
final class Rehearsal {

    private static final String REHEARSAL = "rehearsal";

    private final EngineTable engine;
    private final SoftDeletion softDeletion;

    Rehearsal(EngineTable engine) {
        this.engine = engine;
        this.softDeletion = new SoftDeletion(engine);
    }

    /** Returns the ids of the rows that were marked. */
    Set<String> run(Session session, Candidate candidate, String reason) {
        Instant now = session.tables().dialect().now(session.sql());
        String id = candidate.id();
        GateTable.insertMissing(session, Set.of(id));
        session.sql()
                .update(new Columns()
                        .text("token", REHEARSAL)
                        .text("owner", REHEARSAL)
                        .text("deletion_reason", StoredText.cut(reason, StoredText.REASON))
                        .text("cause", REHEARSAL)
                        .time("lease_until", now)
                        .update(session.tables().deletion(), "recording_id = ?", id));
        Events.add(session, List.of(new LedgerEvent(now, "ATTEMPT", id, null, null, REHEARSAL)));
        EngineRow row = engine.find(session, Set.of(id)).get(id);
        return row == null || !row.isLive()
                ? Set.of()
                : softDeletion.mark(session, List.of(new SoftDeletion.Request(row, now, reason)));
    }
}
