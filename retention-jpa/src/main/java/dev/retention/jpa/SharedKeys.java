package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineTable.Named;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.NamedKeys.NamedKey;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the engine's table as they are in this transaction, together with the other rows that name their storage
 * keys. What is deleted is the key, so all of these must be free to be deleted. A row without an account is of a
 * default account, which only the storage knows, so it may be the same recording as a row of any account.
 */
final class SharedKeys {

    private final Map<String, EngineRow> rows = new HashMap<>();
    private final Map<String, List<EngineRow>> byKey = new HashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final Map<String, String> unreadable = new TreeMap<>();
    private final Set<String> unclear = new HashSet<>();

    private SharedKeys() {}

    /**
     * The rows of these recordings. They are read by their keys, so that the others cost no query of their own; only
     * those whose key has changed are read by their ids.
     */
    static SharedKeys of(Session session, EngineTable engine, Collection<Recording> recordings) {
        SharedKeys shared = new SharedKeys();
        if (engine.mapping().uniqueKeys()) {
            shared.add(
                    session,
                    engine,
                    engine.find(session, recordings.stream().map(Recording::id).toList()));
            return shared;
        }
        Set<String> keys = new TreeSet<>();
        for (Recording recording : recordings) {
            if (recording.storageKey() != null) {
                keys.add(recording.storageKey());
            }
        }
        shared.read(session, engine, keys);
        List<String> missing = recordings.stream()
                .map(Recording::id)
                .filter(id -> !shared.rows.containsKey(id))
                .toList();
        if (!missing.isEmpty()) {
            shared.add(session, engine, engine.find(session, missing));
        }
        return shared;
    }

    /** The rows with these ids. */
    static SharedKeys ofIds(Session session, EngineTable engine, Collection<String> ids) {
        SharedKeys shared = new SharedKeys();
        shared.add(session, engine, engine.find(session, ids));
        Map<String, String> keys = engine.keysOfUnreadable(session, ids);
        shared.unreadable.putAll(keys);
        Set<String> more = new TreeSet<>(keys.values());
        more.removeAll(shared.asked);
        shared.read(session, engine, more);
        return shared;
    }

    private void add(Session session, EngineTable engine, Map<String, EngineRow> found) {
        rows.putAll(found);
        if (engine.mapping().uniqueKeys()) {
            // Two that were read together show that the statement is wrong, and are each other's others.
            found.values().forEach(row -> {
                String key = row.identity().storageKey();
                if (key != null) {
                    byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(row);
                }
            });
            return;
        }
        Set<String> keys = new TreeSet<>();
        for (EngineRow row : found.values()) {
            String key = row.identity().storageKey();
            if (key != null && !asked.contains(key)) {
                keys.add(key);
            }
        }
        read(session, engine, keys);
    }

    /** Does nothing where keys are stated to be unique, since the database can't compare them. */
    private void read(Session session, EngineTable engine, Set<String> keys) {
        if (engine.mapping().uniqueKeys()) {
            return;
        }
        asked.addAll(keys);
        Named named = engine.findByKey(session, keys);
        unclear.addAll(named.unclear());
        unreadable.putAll(named.unreadable());
        named.rows().forEach((key, found) -> {
            byKey.put(key, found);
            Set<String> ids = new HashSet<>();
            for (EngineRow row : found) {
                EngineTable.requireFirst(ids.add(row.id()), row.id());
                rows.put(row.id(), row);
            }
        });
    }

    /** All rows that were read, by id: those asked for, and the others. */
    Map<String, EngineRow> rows() {
        return rows;
    }

    /** The rows with this key, also soft-deleted ones. */
    List<EngineRow> named(String key) {
        return byKey.getOrDefault(key, List.of());
    }

    /** The others with its key, also soft-deleted ones; empty for a row without a key. */
    List<EngineRow> others(EngineRow row) {
        String key = row.identity().storageKey();
        return key == null
                ? List.of()
                : named(key).stream()
                        .filter(other -> !other.id().equals(row.id()) && mayBeSameAccount(row, other))
                        .toList();
    }

    /** The others of all of these rows, by id. */
    Map<String, EngineRow> othersOf(Collection<EngineRow> some) {
        Map<String, EngineRow> all = new TreeMap<>();
        some.forEach(row -> others(row).forEach(other -> all.put(other.id(), other)));
        return all;
    }

    /**
     * The ids of the others with the key of this one, which may be a row that can't be read; also of others that can't
     * be, since a hold must concern them.
     */
    Set<String> otherIds(String id) {
        EngineRow row = rows.get(id);
        String key = row == null ? unreadable.get(id) : row.identity().storageKey();
        Set<String> others = new TreeSet<>();
        if (key != null) {
            named(key).stream()
                    .filter(other -> row == null || mayBeSameAccount(row, other))
                    .map(EngineRow::id)
                    .forEach(others::add);
            unreadable.forEach((other, its) -> {
                if (key.equals(its)) {
                    others.add(other);
                }
            });
            others.remove(id);
        }
        return others;
    }

    /** What those of these rows name that were found; the account of one that can't be read is not known. */
    List<NamedKey> namedBy(Collection<String> ids) {
        List<NamedKey> named = new ArrayList<>();
        for (String id : ids) {
            EngineRow row = rows.get(id);
            if (row != null) {
                named.add(NamedKey.of(row));
            } else if (unreadable.containsKey(id)) {
                named.add(new NamedKey(id, unreadable.get(id), null));
            }
        }
        return named;
    }

    /** Whether a row that was found is live; one that can't be read may be. */
    boolean mayBeLive(String id) {
        EngineRow row = rows.get(id);
        return row == null || row.isLive();
    }

    private static boolean mayBeSameAccount(EngineRow one, EngineRow other) {
        String account = one.identity().account();
        String another = other.identity().account();
        return account == null || another == null || account.equals(another);
    }

    /**
     * Whether all others are known. They are not if one can't be read or has an id that can't be used, or if the
     * database does not find the row itself by its key: it compares keys in a way that hides others.
     */
    boolean areOthersKnown(EngineRow row) {
        String key = row.identity().storageKey();
        return key == null
                || !unclear.contains(key)
                        && named(key).stream().anyMatch(found -> found.id().equals(row.id()));
    }

    /** Locks the gate rows of these, and creates those that are missing of rows that may be live. */
    Map<String, GateRow> lockGates(Session session, Collection<String> ids) {
        GateTable.insertMissing(session, ids.stream().filter(this::mayBeLive).toList());
        return GateTable.lock(session, ids);
    }

    /**
     * What decides whether another row allows the key to be deleted.
     *
     * @param gates the gate rows of the others
     * @param wanted ids that are claimed together; what is erased must be among them, or be in an erasure already
     */
    record Rules(Map<String, GateRow> gates, HoldScopes scopes, DueCriteria criteria, Set<String> wanted) {

        /** The first of these rows that must be kept; empty if none must. */
        Optional<EngineRow> forbidding(List<EngineRow> others) {
            return others.stream().filter(this::forbids).findFirst();
        }

        /**
         * A row that the engine has soft-deleted keeps nothing by its age, unless such rows are swept, too: but a hold
         * on it is one on its recording.
         */
        private boolean forbids(EngineRow other) {
            GateRow gate = gates.get(other.id());
            if (isHeld(gate, other)) {
                return true;
            }
            boolean live = other.isLive();
            if (!live && gate != null && other.isDeletedBy(gate)) {
                return false;
            }
            return other.flaggedHeld()
                    || scopes.cover(other)
                    || (live || criteria.softDeletedToo())
                            && (isUnreadable(gate)
                                    || other.candidate().filter(criteria::isDue).isEmpty())
                    || live && criteria.isErasure() && !wanted.contains(other.id()) && !isErased(gate);
        }

        /** A later version's entry may forbid what this version does not know of. */
        private static boolean isUnreadable(@Nullable GateRow gate) {
            return gate != null && gate.state() == DeletionState.UNREADABLE;
        }

        private static boolean isErased(@Nullable GateRow gate) {
            return gate != null
                    && gate.state() != DeletionState.ACTIVE
                    && DueCriteria.ERASURE.equals(gate.entry().policy());
        }

        /** Whether a hold applies to the recording of this row, unless it came too late for it. */
        static boolean isHeld(@Nullable GateRow gate, EngineRow row) {
            return gate != null && gate.entry().held() && !row.isDeletedBy(gate);
        }
    }
}
