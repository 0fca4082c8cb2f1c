package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineQueries.Values;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.HoldTable.Hold;
import dev.retention.spi.HoldRegister.Scope;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies holds by attribute to the recordings in their scope, by marking their gate rows, in transactions of their
 * own. What is marked stays held until the hold has ended, whatever the engine's row says later. The scope protects
 * what is not marked yet. Lock order: the hold, then gate rows by id.
 */
final class HoldStamping {

    /** Rows of three or four columns, of which few are kept. */
    private static final int PAGE = 2_000;

    private final Database database;
    private final EngineTable engine;
    private final EngineQueries queries;

    HoldStamping(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
        this.queries = new EngineQueries(engine);
    }

    /**
     * Recordings in a scope.
     *
     * @param held those to which the hold applies, and that were not in flight
     * @param late those to which it applies too late
     * @param deleted those that are deleted
     */
    record Stamped(long held, long late, long deleted) {

        private static final Stamped NONE = new Stamped(0, 0, 0);

        private Stamped plus(Stamped other) {
            return new Stamped(held + other.held, late + other.late, deleted + other.deleted);
        }
    }

    /** Applies a hold to all recordings in its scope that are not proven to be deleted, and counts all of them. */
    Stamped stampAll(Scope scope, Instant now) {
        return stampLive(scope, now).plus(stampDeleted(scope, now));
    }

    private Stamped stampLive(Scope scope, Instant now) {
        return overPages(scope.attribute(), Stamped.NONE, (all, page) -> {
            Stamped more = all;
            for (List<String> slice : Sql.chunks(page.idsIn(scope))) {
                more = more.plus(stamp(scope, slice, now));
            }
            return more;
        });
    }

    /** Rows that the engine has soft-deleted itself: nothing proves that their recordings are gone. */
    private Stamped stampDeleted(Scope scope, Instant now) {
        List<Object> values = valuesOfDeleted(scope);
        return values != null && values.isEmpty()
                ? Stamped.NONE
                : overPages(
                        (session, after) -> queries.deletedValues(session, scope.attribute(), values, after, PAGE),
                        scope.attribute(),
                        Stamped.NONE,
                        (all, page) -> all.plus(stampUnproven(scope, page.idsIn(scope), now)));
    }

    /** Null if one of them can't be read, so that all rows have to be. */
    private @Nullable List<Object> valuesOfDeleted(Scope scope) {
        try {
            return database.read(
                    "read what is deleted under hold '" + scope.holdId() + "'",
                    session -> queries.valuesOfDeleted(session, scope));
        } catch (UnreadableRows.Group e) {
            return null;
        }
    }

    /** Those that the ledger proves to be deleted, which may be many, are neither locked nor marked. */
    private Stamped stampUnproven(Scope scope, List<String> ids, Instant now) {
        Set<String> proven = database.read(
                "read what is deleted under hold '" + scope.holdId() + "'", session -> proven(session, ids));
        Stamped all = new Stamped(0, 0, proven.size());
        List<String> others = ids.stream().filter(id -> !proven.contains(id)).toList();
        for (List<String> slice : Sql.chunks(others)) {
            all = all.plus(stamp(scope, slice, now));
        }
        return all;
    }

    private Set<String> proven(Session session, List<String> ids) {
        Map<String, GateRow> gates = GateTable.find(session, ids);
        Set<String> proven = new TreeSet<>();
        engine.find(session, gates.keySet()).forEach((id, row) -> {
            if (row.isDeletedBy(Objects.requireNonNull(gates.get(id)))) {
                proven.add(id);
            }
        });
        return proven;
    }

    /**
     * Applies holds to the live recordings in their scopes that they do not apply to yet, and returns how many. The
     * table is read once for each attribute, however many holds name it.
     */
    long stampNew(List<Scope> scopes, Instant now) {
        Map<String, List<Scope>> byAttribute = scopes.stream().collect(Collectors.groupingBy(Scope::attribute));
        long marked = 0;
        for (Map.Entry<String, List<Scope>> each : byAttribute.entrySet()) {
            marked += overPages(
                    each.getKey(),
                    0L,
                    (sum, page) -> sum
                            + each.getValue().stream()
                                    .mapToLong(scope -> stampNew(scope, page.idsIn(scope), now))
                                    .sum());
        }
        return marked;
    }

    /** Reads the attribute's values in live rows, page by page, and returns what was made of them. */
    private <T> T overPages(String attribute, T start, BiFunction<T, Values, T> add) {
        return overPages((session, after) -> queries.values(session, attribute, after, PAGE), attribute, start, add);
    }

    private interface PageReader {
        Values read(Session session, @Nullable Object after);
    }

    private <T> T overPages(PageReader reader, String attribute, T start, BiFunction<T, Values, T> add) {
        T result = start;
        Object after = null;
        do {
            Object from = after;
            Values page = database.read(
                    "read the recordings under holds on attribute '" + attribute + "'",
                    session -> reader.read(session, from));
            result = add.apply(result, page);
            after = page.last();
        } while (after != null);
        return result;
    }

    private long stampNew(Scope scope, Collection<String> ids, Instant now) {
        long marked = 0;
        for (List<String> slice : Sql.chunks(ids)) {
            Set<String> missing = new TreeSet<>(slice);
            missing.removeAll(database.read(
                    "read hold '" + scope.holdId() + "'",
                    session -> HoldTable.recordings(session, scope.holdId(), slice)));
            if (!missing.isEmpty()) {
                Stamped stamped = stamp(scope, missing, now);
                marked += stamped.held + stamped.late;
            }
        }
        return marked;
    }

    /** Applies the active holds to those of these rows that are in their scope. */
    void stampNew(Collection<EngineRow> rows, Instant now) {
        for (Scope scope : database.read("read holds by attribute", session -> HoldScopes.active(session, engine))
                .mapped()) {
            List<String> ids = rows.stream()
                    .filter(row -> scope.covers(row.attributes()))
                    .map(EngineRow::id)
                    .toList();
            stampNew(scope, ids, now);
        }
    }

    private Stamped stamp(Scope scope, Collection<String> ids, Instant now) {
        Set<String> others = database.read(
                "read the keys of recordings under hold '" + scope.holdId() + "'",
                session -> HeldKeys.othersOf(SharedKeys.ofIds(session, engine, ids), ids));
        return database.repeatable(
                "mark recordings under hold '" + scope.holdId() + "'",
                session -> stamp(session, scope, ids, others, now));
    }

    /**
     * Whether the rows are still in scope does not matter: what was in scope once is covered. A row that is gone by now
     * is left out, since nobody knows which key it named.
     */
    private Stamped stamp(Session session, Scope scope, Collection<String> ids, Set<String> others, Instant now) {
        Optional<Hold> hold = HoldTable.lock(session, scope.holdId()).filter(Hold::isActive);
        if (hold.isEmpty()) {
            return Stamped.NONE;
        }
        HeldKeys keys = HeldKeys.lock(session, engine, ids, others);
        Set<String> all = ids.stream().filter(keys::isThere).collect(Collectors.toSet());
        Set<String> covered = new TreeSet<>(all);
        covered.removeIf(keys::isDeleted);
        if (!covered.isEmpty()) {
            HoldTable.touch(session, scope.holdId());
            HoldTable.apply(session, hold.get(), keys.toHold(covered), Sql.micros(now));
        }
        long late = covered.stream().filter(keys::mayBeSent).count();
        return new Stamped(covered.size() - late, late, all.size() - covered.size());
    }
}
