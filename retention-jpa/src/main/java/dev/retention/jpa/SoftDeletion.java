package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EntityMapping.Path;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The only write to the engine's table: marks rows as deleted, if they have not changed since they were read. */
final class SoftDeletion {

    private final EngineTable engine;
    private final EntityMapping mapping;

    SoftDeletion(EngineTable engine) {
        this.engine = engine;
        this.mapping = engine.mapping();
    }

    /** A row to mark as deleted. It was read in this transaction, is live and names the right recording. */
    record Request(EngineRow row, Instant at, String reason) {}

    /**
     * What rows have in common that can be marked by one statement.
     *
     * @param at when they were deleted
     * @param account of the rows
     * @param keyless whether the rows have no storage key
     */
    private record Mark(Instant at, String reason, @Nullable String account, boolean keyless) {

        Mark(Request request) {
            this(
                    request.at(),
                    request.reason(),
                    request.row().identity().account(),
                    request.row().identity().storageKey() == null);
        }
    }

    /** Returns the ids of those that were marked. */
    Set<String> mark(Session session, Collection<Request> requests) {
        Map<Mark, List<EngineRow>> alike = new LinkedHashMap<>();
        for (Request request : requests) {
            alike.computeIfAbsent(new Mark(request), mark -> new ArrayList<>()).add(request.row());
        }
        Set<String> marked = new HashSet<>();
        alike.forEach((mark, rows) -> {
            for (List<EngineRow> chunk : Sql.chunks(rows)) {
                marked.addAll(mark(session, mark, chunk));
            }
        });
        return marked;
    }

    private Set<String> mark(Session session, Mark mark, List<EngineRow> rows) {
        Set<String> ids = new HashSet<>();
        rows.forEach(row -> ids.add(row.id()));
        if (markTogether(session.entityManager(), mark, rows) == rows.size()) {
            return ids;
        }
        // Some changed meanwhile. Those that are live still get a condition of their own.
        Set<String> marked = new HashSet<>();
        Map<String, EngineRow> now = engine.find(session, ids);
        for (EngineRow row : rows) {
            EngineRow read = now.get(row.id());
            if (read != null && isMarked(read, mark) || markAlone(session.entityManager(), mark, row)) {
                marked.add(row.id());
            }
        }
        return marked;
    }

    private int markTogether(EntityManager entityManager, Mark mark, List<EngineRow> rows) {
        Jpql jpql = update(mark);
        jpql.add(mapping.id().jpql() + " in "
                + jpql.mark(rows.stream().map(row -> row.identity().typedId()).toList()));
        String key = mapping.storageKey().jpql();
        if (mark.keyless()) {
            jpql.add(" and " + key + " is null");
        } else {
            List<String> keys = rows.stream()
                    .map(row -> row.identity().storageKey())
                    .filter(Objects::nonNull)
                    .distinct()
                    .toList();
            jpql.add(" and " + key + " in " + jpql.mark(keys));
        }
        return jpql.update(entityManager);
    }

    /**
     * Whether this transaction marked it. The column may store whole seconds only, and a local time that occurs twice
     * is read as the later instant.
     */
    private boolean isMarked(EngineRow row, Mark mark) {
        TimeType type = mapping.deleted().type();
        Instant written = type.instant(type.value(mark.at()));
        return row.deleted() != null
                && written != null
                && Duration.between(row.deleted(), written).abs().compareTo(Duration.ofSeconds(1)) <= 0;
    }

    private boolean markAlone(EntityManager entityManager, Mark mark, EngineRow row) {
        Object created = row.identity().rawCreated();
        if (created == null) {
            return false;
        }
        Jpql jpql = update(mark);
        jpql.add(mapping.id().is(row.identity().typedId(), jpql));
        jpql.add(" and " + mapping.storageKey().is(row.identity().storageKey(), jpql));
        jpql.add(" and " + mapping.created().jpql() + " = " + jpql.mark(created));
        return jpql.update(entityManager) == 1;
    }

    private Jpql update(Mark mark) {
        Jpql jpql = new Jpql();
        jpql.add(mapping.update() + " set "
                + mapping.deleted().jpql() + " = "
                + jpql.mark(mapping.deleted().type().value(mark.at())));
        jpql.add(", " + mapping.reason().jpql() + " = "
                + jpql.mark(mapping.reason().valueOf(mark.reason())));
        jpql.add(" where " + mapping.isLive() + " and ");
        Path account = mapping.account();
        if (account != null) {
            jpql.add(account.is(mark.account(), jpql) + " and ");
        }
        return jpql;
    }
}
