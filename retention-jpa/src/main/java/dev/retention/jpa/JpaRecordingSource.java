package dev.retention.jpa;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The engine's recordings, each question in a transaction of its own. */
final class JpaRecordingSource implements RecordingSource {

    private final Database database;
    private final EngineTable engine;

    JpaRecordingSource(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
    }

    @Override
    public Page page(DueCriteria criteria, @Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("page of " + limit + " rows");
        }
        return database.read("read due recordings", session -> engine.page(session, criteria, cursor, limit));
    }

    @Override
    public List<Candidate> find(Collection<String> ids) {
        return database.read(
                "read recordings",
                session -> engine.find(session.entityManager(), ids).values().stream()
                        .map(EngineTable.EngineRow::candidate)
                        .flatMap(Optional::stream)
                        .toList());
    }

    @Override
    public List<Recording> recentNotDue(DueCriteria criteria, @Nullable String account, int limit) {
        return database.read(
                "read recent recordings", session -> engine.recentNotDue(session, criteria, account, limit));
    }

    @Override
    public Counts count(DueCriteria criteria) {
        return database.read("count recordings", session -> engine.count(session, criteria));
    }

    @Override
    public List<PolicyCounts> countByPolicy(DueCriteria criteria) {
        return database.read("count recordings by policy", session -> engine.countByPolicy(session, criteria));
    }
}
