package dev.retention.jpa;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.NamedKeys.NamedKey;
import dev.retention.jpa.SharedKeys.Rules;
import dev.retention.jpa.Sql.Statement;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out of a claim what shares its key with a row that must be kept, within the claim's transaction. Lock order:
 * gate rows by id, those of the candidates and of the others together.
 */
final class KeyClaims {

    private static final Logger log = LoggerFactory.getLogger(KeyClaims.class);

    private final Session session;
    private final SharedKeys keys;
    private final HoldScopes scopes;
    private final DueCriteria criteria;
    /** Why a recording is kept, by id. */
    private final TreeMap<String, String> reasons = new TreeMap<>();

    KeyClaims(Session session, SharedKeys keys, HoldScopes scopes, DueCriteria criteria) {
        this.session = session;
        this.keys = keys;
        this.scopes = scopes;
        this.criteria = criteria;
    }

    /**
     * Removes those that may not be claimed.
     *
     * @param due candidates that are due by their own rows, by id
     */
    void removeKept(Map<String, Candidate> due) {
        Map<String, EngineRow> rows = new TreeMap<>();
        due.keySet()
                .forEach(id -> rows.put(id, Objects.requireNonNull(keys.rows().get(id), "due by its row")));
        Map<String, EngineRow> others = keys.othersOf(rows.values());
        Map<String, GateRow> gates = others.isEmpty() ? Map.of() : lock(rows, others);
        due.keySet().retainAll(rows.keySet());
        Rules rules = new Rules(gates, scopes, criteria, Set.copyOf(due.keySet()));
        List<NamedKey> held = NamedKeys.held(session, keys.namedBy(rows.keySet()));
        Set<String> kept = new TreeSet<>();
        Map<String, String> heldWith = new TreeMap<>();
        rows.forEach((id, row) -> {
            Optional<EngineRow> forbidding = rules.forbidding(keys.others(row));
            if (forbidding.isPresent()) {
                kept.add(id);
                keepFor(forbidding.get(), id, gates);
                return;
            }
            Optional<NamedKey> remembered =
                    NamedKeys.others(NamedKey.of(row), held).findFirst();
            if (remembered.isPresent()) {
                kept.add(id);
                heldWith.put(id, remembered.get().recordingId());
            } else if (!keys.areOthersKnown(row)) {
                kept.add(id);
                reasons.put(
                        id,
                        "other rows that name its storage key can't be found or can't be read, or are those of"
                                + " another tenant, so it can't be told whether they must be kept. Correct their ids"
                                + " and values, or the column of the key. If the database can't compare keys, as with"
                                + " encrypted ones, and no two rows name one key, state storage-key-unique");
            }
        });
        due.keySet().removeAll(kept);
        holdWith(heldWith);
        writeReasons();
    }

    /**
     * Applies holds to what names a key that they remember: the row of the recording under them is gone, or names
     * another key by now.
     */
    private void holdWith(Map<String, String> heldWith) {
        lockFree(heldWith.keySet()).forEach((id, gate) -> {
            if (gate.state() != DeletionState.DELETED) {
                apply(Objects.requireNonNull(heldWith.get(id)), id);
            }
        });
    }

    /** Locks the gate rows of these, creates missing ones, and goes round those that others have locked. */
    private Map<String, GateRow> lockFree(Set<String> ids) {
        Set<String> missing = new TreeSet<>(ids);
        missing.removeAll(GateLocks.existing(session, ids));
        GateTable.insertMissing(session, missing);
        return GateLocks.lockFree(session, ids);
    }

    /** Applies the holds on one recording to another one. */
    private void apply(String held, String id) {
        NamedKey named = NamedKey.of(Objects.requireNonNull(keys.rows().get(id), "a row that was read"));
        Instant now = Sql.micros(session.tables().dialect().now(session.sql()));
        HoldTable.activeOn(session, held).forEach(hold -> HoldTable.apply(session, hold, List.of(named), now));
    }

    /**
     * Locks the gate rows of the others, and of those that have others. Whoever has locked one of them may place a hold
     * on it, and is not waited for: the claim leaves out all that shares a key with it.
     *
     * @param rows those that are due; the ones that are left out are removed
     */
    private Map<String, GateRow> lock(Map<String, EngineRow> rows, Map<String, EngineRow> others) {
        Map<String, EngineRow> all = new TreeMap<>(others);
        rows.forEach((id, row) -> {
            if (!keys.others(row).isEmpty()) {
                all.put(id, row);
            }
        });
        Set<String> busy = GateLocks.existing(session, all.keySet());
        List<String> missing = all.values().stream()
                .filter(EngineRow::isLive)
                .map(EngineRow::id)
                .filter(id -> !busy.contains(id))
                .toList();
        GateTable.insertMissing(session, missing);
        busy.addAll(missing);
        Map<String, GateRow> gates = GateLocks.lockFree(session, all.keySet());
        busy.removeAll(gates.keySet());
        rows.values()
                .removeIf(row -> busy.contains(row.id())
                        || keys.others(row).stream().map(EngineRow::id).anyMatch(busy::contains));
        // So that a hold on them that runs at the same time notices this transaction.
        Set<String> met = new TreeSet<>(keys.othersOf(rows.values()).keySet());
        met.retainAll(gates.keySet());
        GateTable.touch(session, met);
        return gates;
    }

    private void keepFor(EngineRow other, String id, Map<String, GateRow> gates) {
        if (Rules.isHeld(gates.get(other.id()), other)) {
            GateRow gate = gates.get(id);
            if (gate == null || gate.state() == DeletionState.DELETED) {
                return;
            }
            apply(other.id(), id);
        } else {
            reasons.put(
                    id,
                    "row " + other.id() + " names the same storage key, and must be kept or was not to be erased."
                            + " Correct the row that is wrong");
        }
    }

    private void writeReasons() {
        reasons.keySet().retainAll(lockFree(reasons.keySet()).keySet());
        if (reasons.isEmpty()) {
            return;
        }
        String code = DeletionOutcome.KEY_SHARED.name();
        List<Statement> changes = new ArrayList<>();
        reasons.forEach((id, reason) -> {
            Cause cause = Cause.of(code, reason);
            changes.add(new Columns()
                    .text("outcome", code)
                    .text("cause", StoredText.cut(cause.detail(), StoredText.CAUSE))
                    .text("cause_code", cause.code())
                    .clear("cause_storage")
                    .update(
                            session.tables().deletion(),
                            "recording_id = ? and state = 'ACTIVE' and held = false and " + GateRowReader.OUTCOME_KNOWN,
                            id));
        });
        session.sql().batch(changes);
        Map.Entry<String, String> first = reasons.firstEntry();
        log.warn(
                "{} recordings that are due are kept for other rows. The ledger has the cause of each, {}. The first is"
                        + " recording={}: {}",
                reasons.size(),
                code,
                first.getKey(),
                first.getValue());
    }
}
