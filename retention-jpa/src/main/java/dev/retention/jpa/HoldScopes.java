package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.NamedKeys.NamedKey;
import dev.retention.spi.HoldRegister.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The active holds by attribute, within a transaction. */
final class HoldScopes {

    private final List<Scope> scopes;
    private final Set<String> mapped;

    private HoldScopes(List<Scope> scopes, Set<String> mapped) {
        this.scopes = scopes;
        this.mapped = mapped;
    }

    static HoldScopes active(Session session, EngineTable engine) {
        List<Scope> scopes = session.sql()
                .query(
                        "select hold_id, scope_attribute, scope_value from "
                                + session.tables().hold()
                                + " where released_at is null and scope_attribute is not null order by hold_id",
                        row -> new Scope(row.text("hold_id"), row.text("scope_attribute"), row.text("scope_value")));
        return new HoldScopes(scopes, engine.mapping().extra().keySet());
    }

    List<Scope> scopes() {
        return scopes;
    }

    /** Those that can be judged here. */
    List<Scope> mapped() {
        return scopes.stream()
                .filter(scope -> mapped.contains(scope.attribute()))
                .toList();
    }

    /** Those of which nobody here can tell what they cover, so that everything may be held. */
    List<Scope> unmapped() {
        return scopes.stream()
                .filter(scope -> !mapped.contains(scope.attribute()))
                .toList();
    }

    boolean cover(EngineRow row) {
        return scopes.stream().anyMatch(scope -> scope.covers(row.attributes()));
    }

    /** Places the holds on recordings that a claim has found, so that they are counted as held from then on. */
    void applyTo(Session session, Collection<EngineRow> met) {
        Map<Scope, List<EngineRow>> covered = new LinkedHashMap<>();
        TreeSet<String> all = new TreeSet<>();
        for (Scope scope : scopes) {
            for (EngineRow row : met) {
                if (scope.covers(row.attributes())) {
                    covered.computeIfAbsent(scope, s -> new ArrayList<>()).add(row);
                    all.add(row.id());
                }
            }
        }
        if (all.isEmpty()) {
            return;
        }
        covered.keySet().forEach(scope -> HoldTable.touch(session, scope.holdId()));
        GateTable.insertMissing(session, all);
        Map<String, GateRow> gates = GateTable.lock(session, all);
        Instant now = session.tables().dialect().now(session.sql());
        covered.forEach((scope, rows) -> {
            rows.removeIf(row -> row.isDeletedBy(Objects.requireNonNull(gates.get(row.id()))));
            if (!rows.isEmpty()) {
                List<NamedKey> recordings = rows.stream().map(NamedKey::of).toList();
                HoldTable.find(session, scope.holdId())
                        .ifPresent(hold -> HoldTable.apply(session, hold, recordings, now));
            }
        });
    }
}
