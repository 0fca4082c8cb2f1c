package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How claims go round gate rows that another transaction has locked: it may belong to an instance that is frozen. What
 * is locked is left out, and tried by a later pass or recovery.
 */
final class GateLocks {

    private GateLocks() {}

    /** Locks those of the rows that nobody else has locked, and reads them as they are then. */
    static Map<String, GateRow> lockFree(Session session, Collection<String> ids) {
        return GateTable.find(session, ids, " for update skip locked");
    }

    /** Those of the ids that have a row, locked or not. */
    static Set<String> existing(Session session, Collection<String> ids) {
        Set<String> found = new HashSet<>();
        for (List<String> chunk : Sql.chunks(ids)) {
            OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
            found.addAll(session.tables()
                    .dialect()
                    .plannedAnew(
                            session.sql(),
                            () -> session.sql()
                                    .query(
                                            "select recording_id from "
                                                    + session.tables().deletion() + " where " + one.condition(),
                                            row -> row.text("recording_id"),
                                            one.after())));
        }
        return found;
    }
}
