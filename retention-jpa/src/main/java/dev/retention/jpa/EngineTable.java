package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.Candidate;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of the engine's own table, in JPQL on its entity. Only columns are read, never entities, so that no entity
 * listener is called and no entity is kept in memory.
 */
final class EngineTable {

    private final EntityMapping mapping;
    private final @Nullable Tenancy tenancy;
    private final EngineColumns columns;

    /** @param tenancy the tenant whose rows are read; null without tenants */
    EngineTable(EntityMapping mapping, @Nullable Tenancy tenancy) {
        this.mapping = mapping;
        this.tenancy = tenancy;
        this.columns = new EngineColumns(mapping);
    }

    EntityMapping mapping() {
        return mapping;
    }

    /**
     * Rows with exactly these ids, also those without a creation time. Those that can't be read are left out, and are
     * in {@link Session#unreadable()} then.
     */
    Map<String, EngineRow> find(Session session, Collection<String> ids) {
        Map<String, Object> typed = new LinkedHashMap<>();
        for (String id : ids) {
            mapping.idType().parse(id).ifPresent(value -> typed.put(id, value));
        }
        Map<String, EngineRow> found = new HashMap<>();
        for (Object[] columnValues :
                readable(session, typed.values(), (manager, some) -> read(manager, columns.selected(), some))) {
            // A collation may treat different strings as equal.
            columns.row(session, columnValues)
                    .filter(row -> typed.containsKey(row.id()))
                    .ifPresent(row -> requireFirst(found.put(row.id(), row) == null, row.id()));
        }
        return found;
    }

    /** @param first whether no other row with this id was read */
    static void requireFirst(boolean first, String id) {
        if (!first) {
            throw RetentionException.configuration("several rows have the id '" + id
                    + "', so that it does not say which recording is meant. Map an attribute as the id that is unique,"
                    + " or correct the rows; a path over an association may return a row twice, too, if it refers to"
                    + " something that is not unique");
        }
    }

    /**
     * Rows by their storage keys.
     *
     * @param rows live and soft-deleted ones, also those without a creation time
     * @param unreadable the keys of rows that can't be read, by their ids
     * @param unclear keys that a row names which can't be read, or whose id can't be used
     */
    record Named(Map<String, List<EngineRow>> rows, Map<String, String> unreadable, Set<String> unclear) {}

    /** Rows with exactly these storage keys, character by character. */
    Named findByKey(Session session, Collection<String> keys) {
        Named named = new Named(new HashMap<>(), new HashMap<>(), new HashSet<>());
        Set<String> exact = Set.copyOf(keys);
        Set<String> asked = new LinkedHashSet<>(keys);
        // A padded column is read with its padding, and compared without it.
        keys.forEach(key -> asked.add(key.stripTrailing()));
        for (List<String> chunk : Sql.chunks(asked)) {
            for (Object[] columnValues : withKeys(session, chunk)) {
                String key = (String) columnValues[EngineColumns.STORAGE_KEY];
                // A collation may treat different strings as equal.
                if (exact.contains(key)) {
                    readableRow(session, columnValues)
                            .ifPresentOrElse(
                                    row -> named.rows
                                            .computeIfAbsent(key, k -> new ArrayList<>())
                                            .add(row),
                                    () -> named.unclear.add(key));
                    String id = String.valueOf(columnValues[EngineColumns.ID]);
                    if (session.unreadable().contains(id)) {
                        named.unreadable.put(id, key);
                    }
                }
            }
            if (tenancy != null && tenancy.isByColumn()) {
                named.unclear.addAll(ofOtherTenants(session, tenancy, chunk, named));
            }
        }
        named.unclear.retainAll(exact);
        return named;
    }

    /**
     * Which of these keys rows of other tenants name. Whether these must be kept is known in the tables of those
     * tenants.
     */
    private Set<String> ofOtherTenants(Session session, Tenancy tenant, List<String> keys, Named own) {
        Map<String, Integer> all = new HashMap<>();
        tenant.acrossTenants(session.entityManager(), () -> withKeys(session.entityManager(), idAndKey(), keys))
                .forEach(row -> all.merge((String) row[EngineColumns.STORAGE_KEY], 1, Integer::sum));
        Map<String, Integer> ours = new HashMap<>();
        own.rows.forEach((key, rows) -> ours.merge(key, rows.size(), Integer::sum));
        own.unreadable.values().forEach(key -> ours.merge(key, 1, Integer::sum));
        all.entrySet().removeIf(key -> key.getValue() <= ours.getOrDefault(key.getKey(), 0));
        return all.keySet();
    }

    /** The storage keys of rows that can't be read, by id; those without a key are left out. */
    Map<String, String> keysOfUnreadable(Session session, Collection<String> ids) {
        List<Object> typed = ids.stream()
                .filter(session.unreadable()::contains)
                .map(mapping.idType()::parse)
                .flatMap(Optional::stream)
                .toList();
        Map<String, String> keys = new HashMap<>();
        for (List<Object> chunk : Sql.chunks(typed)) {
            for (Object[] row : read(session.entityManager(), idAndKey(), chunk)) {
                if (row[EngineColumns.STORAGE_KEY] != null) {
                    keys.put(String.valueOf(row[EngineColumns.ID]), (String) row[EngineColumns.STORAGE_KEY]);
                }
            }
        }
        return keys;
    }

    private String idAndKey() {
        return mapping.id().jpql() + ", " + mapping.storageKey().jpql();
    }

    /** The rows with these keys; of the ones that can't be read, all values but the id and the key are null. */
    private List<Object[]> withKeys(Session session, List<String> keys) {
        UnreadableRows.Reader reader = (manager, ids) -> read(manager, columns.selected(), ids);
        if (session.unreadable().isEmpty()) {
            return UnreadableRows.reading(
                    session.entityManager(),
                    manager -> withKeys(manager, columns.selected(), keys),
                    manager -> withKeys(manager, idAndKey(), keys).stream()
                            .map(row -> row[EngineColumns.ID])
                            .filter(Objects::nonNull)
                            .toList(),
                    reader);
        }
        List<Object> ids = new ArrayList<>();
        List<Object[]> rows = new ArrayList<>();
        for (Object[] row : withKeys(session.entityManager(), idAndKey(), keys)) {
            if (row[EngineColumns.ID] == null || session.unreadable().contains(String.valueOf(row[EngineColumns.ID]))) {
                Object[] alone = new Object[EngineColumns.FIRST_FURTHER];
                alone[EngineColumns.ID] = row[EngineColumns.ID];
                alone[EngineColumns.STORAGE_KEY] = row[EngineColumns.STORAGE_KEY];
                rows.add(alone);
            } else {
                ids.add(row[EngineColumns.ID]);
            }
        }
        rows.addAll(readable(session, ids, reader));
        return rows;
    }

    private List<Object[]> withKeys(EntityManager entityManager, String selected, List<String> keys) {
        Jpql jpql = new Jpql();
        jpql.add("select " + selected + mapping.from() + " where "
                + mapping.storageKey().jpql() + " in " + jpql.mark(keys));
        return jpql.rows(entityManager).getResultList();
    }

    private List<Object[]> read(EntityManager entityManager, String selected, List<Object> ids) {
        Jpql jpql = new Jpql();
        jpql.add(
                "select " + selected + mapping.from() + " where " + mapping.id().jpql() + " in " + jpql.mark(ids));
        return jpql.rows(entityManager).getResultList();
    }

    /** What the reader returns for these ids, without the rows that can't be read. */
    private static List<Object[]> readable(Session session, Collection<Object> ids, UnreadableRows.Reader reader) {
        List<Object> toRead = ids.stream()
                .filter(id -> !session.unreadable().contains(String.valueOf(id)))
                .toList();
        List<Object[]> rows = new ArrayList<>();
        for (List<Object> chunk : Sql.chunks(toRead)) {
            rows.addAll(UnreadableRows.reading(
                    session.entityManager(), manager -> reader.read(manager, chunk), manager -> chunk, reader));
        }
        return rows;
    }

    /** The rows of a query in its order, at most so many, with the columns that {@link #candidates} understands. */
    List<Object[]> ordered(Session session, Function<Jpql, String> query, int limit) {
        return ordered(session, columns.selected(), query, limit);
    }

    /**
     * The rows of a query in its order, at most so many. If one of them can't be read, their ids are read alone, and
     * the rows by these; of the ones that can't be read, all values but the id are null then.
     *
     * @param selected the columns, of which the first is the id
     * @param query adds what follows them, the order included, and the parameters
     */
    List<Object[]> ordered(Session session, String selected, Function<Jpql, String> query, int limit) {
        UnreadableRows.Reader reader = (manager, ids) -> read(manager, selected, ids);
        if (session.unreadable().isEmpty()) {
            return UnreadableRows.reading(
                    session.entityManager(),
                    manager -> rows(manager, selected, query, limit),
                    manager -> ids(manager, query, limit),
                    reader);
        }
        List<Object> ids = ids(session.entityManager(), query, limit);
        Map<Object, Object[]> byId = new HashMap<>();
        readable(session, ids, reader).forEach(row -> byId.put(row[EngineColumns.ID], row));
        List<Object[]> rows = new ArrayList<>();
        for (Object id : ids) {
            Object[] row = byId.get(id);
            if (row != null) {
                rows.add(row);
            } else if (session.unreadable().contains(String.valueOf(id))) {
                Object[] idAlone = new Object[EngineColumns.FIRST_FURTHER];
                idAlone[EngineColumns.ID] = id;
                rows.add(idAlone);
            }
        }
        return rows;
    }

    private List<Object> ids(EntityManager entityManager, Function<Jpql, String> query, int limit) {
        // A result of one column would not come as an array.
        return rows(entityManager, mapping.id().jpql() + ", 0", query, limit).stream()
                .map(row -> row[EngineColumns.ID])
                .filter(Objects::nonNull)
                .toList();
    }

    private List<Object[]> rows(EntityManager entityManager, String selected, Function<Jpql, String> query, int limit) {
        Jpql jpql = new Jpql();
        jpql.add("select " + selected + mapping.from() + query.apply(jpql));
        return jpql.rows(entityManager).setMaxResults(limit).getResultList();
    }

    /** The rows that have a usable id and a creation time, and that can be read. */
    Stream<Candidate> candidates(Session session, List<Object[]> rows) {
        return rows(session, rows).map(EngineRow::candidate).flatMap(Optional::stream);
    }

    /** The rows that have a usable id, and that can be read. */
    Stream<EngineRow> rows(Session session, List<Object[]> rows) {
        return rows.stream().map(row -> readableRow(session, row)).flatMap(Optional::stream);
    }

    /** Empty for a row that is known as one that can't be read, too. */
    private Optional<EngineRow> readableRow(Session session, Object[] columnValues) {
        return session.unreadable().contains(String.valueOf(columnValues[EngineColumns.ID]))
                ? Optional.empty()
                : columns.row(session, columnValues);
    }
}
