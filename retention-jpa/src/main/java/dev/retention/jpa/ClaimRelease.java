package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.Sql.Statement;
import dev.retention.spi.Claim;
import dev.retention.spi.EvidenceEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Releases claims for which nothing was sent, within a transaction. Lock order: gate rows by id, then the runs by id.
 */
final class ClaimRelease {

    private static final String OWNED = "recording_id = ? and token = ? and state = 'DELETING'";

    private ClaimRelease() {}

    /** Returns how many were released. */
    static int release(Session session, Collection<Claim> unsent, Instant nextAttempt) {
        Map<String, GateRow> rows =
                GateTable.lock(session, unsent.stream().map(Claim::id).toList());
        Map<String, Claim> owned = GateTable.owned(rows, unsent);
        String table = session.tables().deletion();
        Map<String, Long> budgets = new TreeMap<>();
        List<Statement> changes = new ArrayList<>();
        for (Claim claim : owned.values()) {
            Columns changed;
            if (claim.attempt() == 1) {
                changed = GateTable.asIfNeverClaimed().sql("state", "'ACTIVE'");
                if (claim.runId() != null) {
                    budgets.merge(claim.runId(), 1L, Long::sum);
                }
            } else {
                changed = new Columns()
                        .clear("token", "lease_until")
                        .sql("attempts", "attempts - 1")
                        .flag("in_doubt", claim.inDoubt())
                        .time("next_attempt_at", nextAttempt);
            }
            changes.add(changed.update(table, OWNED, claim.id(), claim.token()));
        }
        session.sql().batch(changes);
        session.evidence().addAll(() -> evidence(session, owned.values()));
        budgets.forEach((runId, many) -> session.sql()
                .update(
                        "update " + session.tables().run() + " set claimed = claimed - ? where run_id = ?",
                        many,
                        runId));
        return owned.size();
    }

    private static List<EvidenceEntry> evidence(Session session, Collection<Claim> released) {
        if (released.isEmpty()) {
            return List.of();
        }
        Instant now = session.tables().dialect().now(session.sql());
        return released.stream()
                .map(claim -> EvidenceEntry.claimRelease(claim, now))
                .toList();
    }
}
