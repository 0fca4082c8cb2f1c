package dev.retention.jpa;

import dev.retention.jpa.EngineRow.Identity;
import dev.retention.jpa.EntityMapping.TimePath;
import dev.retention.spi.Candidate;
import dev.retention.spi.Recording;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows of the engine's own table, in JPQL on its entity: which columns, in which order, and the row that they
 * make. Only columns are read, never entities, so that no entity listener is called and no entity is kept in memory.
 */
final class EngineTable {

    private static final Logger log = LoggerFactory.getLogger(EngineTable.class);

    /** Where the attributes that every mapping has are in a row that was read. */
    static final int ID = 0;

    private static final int STORAGE_KEY = 1;
    static final int CREATED = 2;
    private static final int DELETED = 3;
    private static final int FIRST_FURTHER = 4;

    private final EntityMapping mapping;
    private final String select;

    EngineTable(EntityMapping mapping) {
        this.mapping = mapping;
        this.select = "select " + String.join(", ", columns(mapping)) + mapping.from();
    }

    private static List<String> columns(EntityMapping mapping) {
        List<String> columns = new ArrayList<>();
        columns.add(mapping.id().jpql());
        columns.add(mapping.storageKey().jpql());
        columns.add(mapping.created().jpql());
        columns.add(mapping.deleted().jpql());
        if (mapping.account() != null) {
            columns.add(mapping.account().jpql());
        }
        if (mapping.retainUntil() != null) {
            columns.add(mapping.retainUntil().jpql());
        }
        if (mapping.hold() != null) {
            columns.add(mapping.hold().jpql());
        }
        if (mapping.duration() != null) {
            columns.add(mapping.duration().jpql());
        }
        mapping.extra().values().forEach(path -> columns.add(path.jpql()));
        return columns;
    }

    EntityMapping mapping() {
        return mapping;
    }

    /** The beginning of a query whose results {@link #row} and {@link #candidates} understand. */
    String select() {
        return select;
    }

    /** Rows with exactly these ids, also those without a creation time. */
    Map<String, EngineRow> find(EntityManager entityManager, Collection<String> ids) {
        Map<String, Object> typed = new LinkedHashMap<>();
        for (String id : ids) {
            mapping.idType().parse(id).ifPresent(value -> typed.put(id, value));
        }
        Map<String, EngineRow> found = new HashMap<>();
        for (List<Object> chunk : Sql.chunks(typed.values())) {
            Jpql jpql = new Jpql();
            jpql.add(select + " where " + mapping.id().jpql() + " in " + jpql.mark(chunk));
            for (Object[] columnValues : jpql.rows(entityManager).getResultList()) {
                // A collation may treat different strings as equal.
                row(columnValues).filter(row -> typed.containsKey(row.id())).ifPresent(row -> found.put(row.id(), row));
            }
        }
        return found;
    }

    /**
     * Rows by their storage keys.
     *
     * @param rows live and soft-deleted ones, also those without a creation time
     * @param unclear keys that a row names whose id can't be used
     */
    record Named(Map<String, List<EngineRow>> rows, Set<String> unclear) {}

    /** Rows with exactly these storage keys, character by character. */
    Named findByKey(EntityManager entityManager, Collection<String> keys) {
        Named named = new Named(new HashMap<>(), new HashSet<>());
        Set<String> exact = Set.copyOf(keys);
        Set<String> asked = new LinkedHashSet<>(keys);
        // A padded column is read with its padding, and compared without it.
        keys.forEach(key -> asked.add(key.stripTrailing()));
        for (List<String> chunk : Sql.chunks(asked)) {
            Jpql jpql = new Jpql();
            jpql.add(select + " where " + mapping.storageKey().jpql() + " in " + jpql.mark(chunk));
            for (Object[] columnValues : jpql.rows(entityManager).getResultList()) {
                String key = (String) columnValues[STORAGE_KEY];
                // A collation may treat different strings as equal.
                if (exact.contains(key)) {
                    row(columnValues)
                            .ifPresentOrElse(
                                    row -> named.rows
                                            .computeIfAbsent(key, k -> new ArrayList<>())
                                            .add(row),
                                    () -> named.unclear.add(key));
                }
            }
        }
        return named;
    }

    /** The rows that have a usable id and a creation time. */
    Stream<Candidate> candidates(List<Object[]> rows) {
        return rows.stream()
                .map(this::row)
                .flatMap(Optional::stream)
                .map(EngineRow::candidate)
                .flatMap(Optional::stream);
    }

    /** Empty for a row whose id the ledger can't store. */
    private Optional<EngineRow> row(Object[] columnValues) {
        Object typedId = columnValues[ID];
        if (typedId == null || !IdType.isUsable(String.valueOf(typedId))) {
            log.warn(
                    "A row of {} is not deleted, because its id is NULL, empty or longer than {} characters. Correct"
                            + " the row, or the mapping of the id",
                    mapping.entity(),
                    Recording.MAX_ID_LENGTH);
            return Optional.empty();
        }
        int next = FIRST_FURTHER;
        Object account = mapping.account() == null ? null : columnValues[next++];
        TimePath retainUntil = mapping.retainUntil();
        Instant retainedUntil = retainUntil == null ? null : retainUntil.type().instant(columnValues[next++]);
        Object held = mapping.hold() == null ? null : columnValues[next++];
        Object duration = mapping.duration() == null ? null : columnValues[next++];
        Map<String, String> attributes = new HashMap<>();
        for (String name : mapping.extra().keySet()) {
            Object value = columnValues[next++];
            if (value != null) {
                attributes.put(name, text(value));
            }
        }
        Object created = columnValues[CREATED];
        Identity identity = new Identity(
                typedId,
                (String) columnValues[STORAGE_KEY],
                (String) account,
                created,
                mapping.created().type().instant(created));
        return Optional.of(new EngineRow(
                identity,
                mapping.deleted().type().instant(columnValues[DELETED]),
                retainedUntil,
                Boolean.TRUE.equals(held),
                seconds(duration),
                attributes));
    }

    /** An attribute's value as policies and holds name it. */
    static String text(Object value) {
        return value instanceof Enum<?> constant ? constant.name() : value.toString();
    }

    private static @Nullable Duration seconds(@Nullable Object value) {
        if (value instanceof Duration duration) {
            return duration;
        }
        return value == null ? null : Duration.ofSeconds(((Number) value).longValue());
    }
}
