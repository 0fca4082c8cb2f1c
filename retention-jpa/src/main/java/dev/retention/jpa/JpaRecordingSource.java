package dev.retention.jpa;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The engine's recordings, each question in a transaction of its own. */
final class JpaRecordingSource implements RecordingSource {

    private final Database database;
    private final EngineTable engine;
    private final EngineQueries queries;

    JpaRecordingSource(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
        this.queries = new EngineQueries(engine);
    }

    @Override
    public Page page(DueCriteria criteria, @Nullable String cursor, int limit) {
        requirePositive(limit);
        return database.read("read due recordings", session -> queries.page(session, criteria, cursor, limit));
    }

    @Override
    public Page softDeleted(DueCriteria criteria, @Nullable String cursor, int limit) {
        requirePositive(limit);
        return database.read(
                "read soft-deleted recordings", session -> queries.softDeleted(session, criteria, cursor, limit));
    }

    private static void requirePositive(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + "; use 1 or more");
        }
    }

    @Override
    public List<Candidate> find(Collection<String> ids) {
        return database.read(
                "read recordings",
                session -> engine.find(session, ids).values().stream()
                        .map(EngineRow::candidate)
                        .flatMap(Optional::stream)
                        .toList());
    }

    @Override
    public Set<String> unreadable(Collection<String> ids) {
        return database.read("read recordings", session -> {
            engine.find(session, ids);
            Set<String> unreadable = new HashSet<>(ids);
            unreadable.retainAll(session.unreadable());
            return unreadable;
        });
    }

    @Override
    public Set<String> withoutCreationTime(Collection<String> ids) {
        return database.read(
                "read recordings",
                session -> engine.find(session, ids).values().stream()
                        .filter(row -> row.candidate().isEmpty())
                        .map(EngineRow::id)
                        .collect(Collectors.toSet()));
    }

    @Override
    public List<Recording> recentNotDue(DueCriteria criteria, @Nullable String account, int limit) {
        return database.read(
                "read recent recordings", session -> queries.recentNotDue(session, criteria, account, limit));
    }

    @Override
    public List<Recording> newestNotDue(DueCriteria criteria, int limit) {
        return database.read("read recent recordings", session -> queries.newestNotDue(session, criteria, limit));
    }

    @Override
    public Counts count(DueCriteria criteria) {
        return database.read("count recordings", session -> queries.count(session, criteria));
    }

    @Override
    public Incomplete incomplete(DueCriteria criteria, int limit) {
        return database.read("read rows that lack something", session -> queries.incomplete(session, criteria, limit));
    }

    @Override
    public List<PolicyCounts> countByPolicy(DueCriteria criteria) {
        return database.read("count recordings by policy", session -> queries.countByPolicy(session, criteria));
    }
}
