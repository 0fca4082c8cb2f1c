package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.NamedKeys.NamedKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The gate rows of recordings that a hold is placed on, and of the other rows that name their keys, locked within the
 * hold's transaction. A claim of the same key locks the same rows if it knows of both. If it does not, because one of
 * the rows is new, the hold's mark on all of them decides.
 */
final class HeldKeys {

    private final SharedKeys keys;
    private final Map<String, GateRow> gates;
    private final Set<String> unreadable;
    private final List<NamedKey> inFlight;

    private HeldKeys(SharedKeys keys, Map<String, GateRow> gates, Set<String> unreadable, List<NamedKey> inFlight) {
        this.keys = keys;
        this.gates = gates;
        this.unreadable = unreadable;
        this.inFlight = inFlight;
    }

    /** The other rows with the keys of these that may be live, as they are before the hold's transaction. */
    static Set<String> othersOf(SharedKeys keys, Collection<String> ids) {
        Set<String> others = new TreeSet<>();
        ids.forEach(id -> others.addAll(keys.otherIds(id)));
        others.removeIf(other -> !keys.mayBeLive(other));
        return others;
    }

    /**
     * Locks them, and creates those that are missing. Nothing but locking reads may precede it in the transaction: a
     * database with repeatable reads would then show no row that a claim has met which was committed meanwhile.
     *
     * @param ids what the hold is placed on
     * @param known others that are known to have their keys: all are locked in one order, as a claim locks them, so
     *     that two transactions wait for each other only if one meets a new row
     */
    static HeldKeys lock(Session session, EngineTable engine, Collection<String> ids, Collection<String> known) {
        Set<String> together = new TreeSet<>(ids);
        together.addAll(known);
        GateTable.insertMissing(session, together);
        Map<String, GateRow> gates = new HashMap<>(GateTable.lock(session, together));
        SharedKeys keys = SharedKeys.ofIds(session, engine, ids);
        Set<String> others = new TreeSet<>();
        ids.forEach(id -> others.addAll(keys.otherIds(id)));
        others.removeAll(gates.keySet());
        if (!others.isEmpty()) {
            gates.putAll(keys.lockGates(session, others));
        }
        Set<String> unreadable = new TreeSet<>(ids);
        unreadable.retainAll(session.unreadable());
        return new HeldKeys(keys, gates, unreadable, lockInFlight(session, keys.namedBy(ids), gates));
    }

    /** Claims of these keys for rows that are gone by now, or name other keys. */
    private static List<NamedKey> lockInFlight(
            Session session, Collection<NamedKey> named, Map<String, GateRow> gates) {
        List<NamedKey> inFlight = NamedKeys.inFlight(session, named);
        Set<String> ids = inFlight.stream().map(NamedKey::recordingId).collect(Collectors.toSet());
        ids.removeAll(gates.keySet());
        if (!ids.isEmpty()) {
            gates.putAll(GateTable.lock(session, ids));
        }
        return inFlight;
    }

    /** Whether the engine's row is there, live or soft-deleted, or one that can't be read. */
    boolean isThere(String id) {
        return keys.rows().containsKey(id) || unreadable.contains(id);
    }

    /** Whether the ledger says that its recording is deleted. That its row is soft-deleted proves nothing. */
    boolean isDeleted(String id) {
        GateRow gate = gates.get(id);
        EngineRow row = keys.rows().get(id);
        return gate != null && row != null && row.isDeletedBy(gate);
    }

    /** Whether a deletion of its key may have been sent, for it or for another row. */
    boolean mayBeSent(String id) {
        DeletionState own = state(id);
        // A deletion that is not of this recording is of one that had its id before. Of a row that can't be read, it is
        // not known.
        boolean ofAnother = own == DeletionState.DELETED && !unreadable.contains(id);
        return mayBeSent(own) && !ofAnother || others(id).anyMatch(other -> mayBeSent(state(other)));
    }

    /** Others that name its key now, or that are claimed with it. */
    private Stream<String> others(String id) {
        return Stream.concat(
                keys.otherIds(id).stream(),
                keys.namedBy(List.of(id)).stream()
                        .flatMap(named -> NamedKeys.others(named, inFlight))
                        .map(NamedKey::recordingId));
    }

    private static boolean mayBeSent(@Nullable DeletionState state) {
        return state != null && state != DeletionState.ACTIVE;
    }

    /** What a hold on these applies to: also to the others with their keys that may be live and are not deleted. */
    List<NamedKey> toHold(Collection<String> ids) {
        Set<String> all = new TreeSet<>(ids);
        for (String id : ids) {
            others(id)
                    .filter(other -> keys.mayBeLive(other) && !isDeleted(other))
                    .forEach(all::add);
        }
        return all.stream().map(this::named).toList();
    }

    private NamedKey named(String id) {
        return keys.namedBy(List.of(id)).stream()
                .findFirst()
                .orElseGet(() -> NamedKey.of(
                        Objects.requireNonNull(gates.get(id), "locked").entry()));
    }

    private @Nullable DeletionState state(String id) {
        GateRow gate = gates.get(id);
        return gate == null ? null : gate.state();
    }
}
