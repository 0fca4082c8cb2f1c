package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EntityMapping.Path;
import jakarta.persistence.EntityManager;
import jakarta.persistence.OptimisticLockException;
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
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The only write to the engine's table: marks rows as deleted, if they have not changed since they were read. */
final class SoftDeletion {

    private final EngineTable engine;
    private final EntityMapping mapping;

    SoftDeletion(EngineTable engine) {
        this.engine = engine;
        this.mapping = engine.mapping();
    }

    /**
     * The database ignores the update of live rows: a policy of row-level security hides them from it, or a trigger
     * undoes it. It leaves the transaction as it is.
     */
    static final class Ignored extends RetentionException {
        private static final long serialVersionUID = 1L;

        Ignored(Set<String> ids) {
            super(
                    Kind.REFUSED,
                    "the database accepts the update that marks rows as deleted, and ignores it: recordings " + ids
                            + ". Look for a trigger, a rule, or a policy of row-level security that shows rows to the"
                            + " library's user and does not let it update them");
        }
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

    /**
     * Returns the ids of those that were marked; the others have changed or are gone.
     *
     * @throws Ignored if the database ignores the update of some
     */
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
        // Some changed meanwhile, or the database can't compare their keys, as when these are encrypted.
        Set<String> marked = new HashSet<>();
        List<EngineRow> left = new ArrayList<>();
        Map<String, EngineRow> now = engine.find(session, ids);
        for (EngineRow row : rows) {
            EngineRow read = now.get(row.id());
            if (read != null && isMarked(read, mark.at())) {
                marked.add(row.id());
            } else if (read != null && read.isLive() && read.identity().equals(row.identity())) {
                left.add(row);
            }
        }
        if (!left.isEmpty()) {
            marked.addAll(markByIds(session, mark, left));
        }
        return marked;
    }

    /**
     * Marks live rows by their ids alone. Nobody else can change them from then on, so that it is compared afterwards
     * whether they still are of the same recordings.
     *
     * @throws OptimisticLockException if they are not, so that the transaction is tried again
     * @throws Ignored if the database ignores the update of a live row
     */
    private Set<String> markByIds(Session session, Mark mark, List<EngineRow> rows) {
        Jpql jpql = update(mark);
        jpql.add(mapping.id().jpql() + " in " + jpql.mark(typedIds(rows)));
        boolean all = jpql.update(session.entityManager()) == rows.size();
        Set<String> marked = new HashSet<>();
        Set<String> ignored = new TreeSet<>();
        Map<String, EngineRow> now =
                engine.find(session, rows.stream().map(EngineRow::id).toList());
        for (EngineRow row : rows) {
            EngineRow read = now.get(row.id());
            if (read == null) {
                // Its entity may hide rows that are soft-deleted.
                if (all) {
                    marked.add(row.id());
                }
            } else if (!read.isLive()) {
                if (!read.identity().equals(row.identity())) {
                    throw new OptimisticLockException("a row has changed while it was marked");
                }
                marked.add(row.id());
            } else if (read.identity().equals(row.identity())) {
                ignored.add(row.id());
            }
        }
        if (!ignored.isEmpty()) {
            throw new Ignored(ignored);
        }
        return marked;
    }

    private static List<Object> typedIds(List<EngineRow> rows) {
        return rows.stream().map(row -> row.identity().typedId()).toList();
    }

    private int markTogether(EntityManager entityManager, Mark mark, List<EngineRow> rows) {
        Jpql jpql = update(mark);
        jpql.add(mapping.id().jpql() + " in " + jpql.mark(typedIds(rows)));
        Path account = mapping.account();
        if (account != null) {
            jpql.add(" and " + account.is(mark.account(), jpql));
        }
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
     * Whether it was marked with this time. The column may store whole seconds only, and a local time that occurs twice
     * is read as the later instant.
     */
    boolean isMarked(EngineRow row, Instant at) {
        TimeType type = mapping.deleted().type();
        Instant written = type.instant(type.value(at));
        return row.deleted() != null
                && written != null
                && Duration.between(row.deleted(), written).abs().compareTo(Duration.ofSeconds(1)) <= 0;
    }

    /** Makes a row live again that was marked though its transaction was rolled back. */
    void restore(Session session, EngineRow row, @Nullable Object reason) {
        Jpql jpql = new Jpql();
        jpql.add(mapping.update() + " set "
                + mapping.deleted().jpql() + " = null, " + mapping.reason().jpql() + " = "
                + (reason == null ? "null" : jpql.mark(reason)) + " where "
                + mapping.id().is(row.identity().typedId(), jpql) + " and not (" + mapping.isLive() + ")");
        jpql.update(session.entityManager());
    }

    private Jpql update(Mark mark) {
        Jpql jpql = new Jpql();
        jpql.add(mapping.update() + " set "
                + mapping.deleted().jpql() + " = "
                + jpql.mark(mapping.deleted().type().value(mark.at())));
        jpql.add(", " + mapping.reason().jpql() + " = "
                + jpql.mark(mapping.reason().valueOf(mark.reason())));
        jpql.add(" where " + mapping.isLive() + " and ");
        return jpql;
    }
}
