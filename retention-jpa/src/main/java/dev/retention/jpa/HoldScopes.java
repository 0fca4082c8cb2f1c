package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineTable.EngineRow;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.HoldRegister.Scope;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The holds by attribute that last, within a transaction, and their epoch: one row that each claim locks before it reads anything, and that changes with
 * each hold by attribute and each release. So a claim either is committed before the hold, which finds its gate row then, or knows the hold.
 */
final class HoldScopes {

    /** The name of the epoch's row in {@code retention_control}. */
    static final String EPOCH = "holds-epoch";

    private static final @Nullable Object[] FIRST = {EPOCH, "0"};

    private final List<Scope> scopes;

    private HoldScopes(List<Scope> scopes) {
        this.scopes = scopes;
    }

    /** Keeps holds by attribute and releases away until the transaction ends. The first statement of a claim. */
    static void lockShared(Session session) {
        lock(session, session.tables().dialect().lockingShared());
    }

    /** Keeps claims away until the transaction ends. The changed row makes those that wait start over, where reads repeat. */
    static void advance(Session session) {
        long epoch = Long.parseLong(lock(session, " for update"));
        session.sql()
                .update(
                        "update " + session.tables().control() + " set setting = ? where name = ?",
                        Long.toString(epoch + 1),
                        EPOCH);
    }

    private static String lock(Session session, String locking) {
        List<String> found = read(session, locking);
        if (found.isEmpty()) {
            session.sql()
                    .batch(
                            session.tables()
                                    .dialect()
                                    .insertIfAbsent(session.tables().control(), "name, setting", "?, ?", "name"),
                            Collections.singletonList(FIRST));
            found = read(session, locking);
        }
        return found.get(0);
    }

    private static List<String> read(Session session, String locking) {
        return session.sql()
                .query(
                        "select setting from " + session.tables().control() + " where name = ?" + locking,
                        row -> row.text("setting"),
                        EPOCH);
    }

    static HoldScopes lasting(Session session) {
        return new HoldScopes(session.sql()
                .query(
                        "select hold_id, scope_attribute, scope_value from "
                                + session.tables().hold()
                                + " where released_at is null and scope_attribute is not null order by hold_id",
                        row -> new Scope(row.text("hold_id"), row.text("scope_attribute"), row.text("scope_value"))));
    }

    List<Scope> scopes() {
        return scopes;
    }

    boolean cover(EngineRow row) {
        return scopes.stream().anyMatch(scope -> scope.covers(row.attributes()));
    }

    /** Lays the holds on what a claim has met, so that it is counted as held from then on. */
    void lieOn(Session session, Collection<EngineRow> met) {
        Map<Scope, TreeSet<String>> covered = new LinkedHashMap<>();
        TreeSet<String> all = new TreeSet<>();
        for (Scope scope : scopes) {
            for (EngineRow row : met) {
                if (row.isLive() && scope.covers(row.attributes())) {
                    covered.computeIfAbsent(scope, s -> new TreeSet<>()).add(row.id());
                    all.add(row.id());
                }
            }
        }
        if (all.isEmpty()) {
            return;
        }
        covered.keySet().forEach(scope -> JpaHoldRegister.touch(session, scope.holdId()));
        GateTable.insertMissing(session, all);
        Map<String, GateRow> gates = GateTable.lock(session, all);
        Instant now = session.tables().dialect().now(session.sql());
        covered.forEach((scope, ids) -> {
            ids.removeIf(id -> Objects.requireNonNull(gates.get(id)).state() == DeletionState.DELETED);
            JpaHoldRegister.lay(session, scope.holdId(), ids, now);
        });
    }
}
