package dev.retention.test;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the engine's table. */
final class InMemoryRecordingSource implements RecordingSource {

    private static final Comparator<Candidate> OLDEST_FIRST = Comparator.<Candidate, Instant>comparing(
                    row -> row.recording().created())
            .thenComparing(Candidate::id);

    private final InMemoryDatabase database;
    private final InMemoryEngineTable engine;

    InMemoryRecordingSource(InMemoryEngineTable engine) {
        this.database = engine.database();
        this.engine = engine;
    }

    @Override
    public Page page(DueCriteria criteria, @Nullable String cursor, int limit) {
        return page(row -> row.deleted() == null && criteria.isDue(row), cursor, limit);
    }

    @Override
    public Page softDeleted(DueCriteria criteria, @Nullable String cursor, int limit) {
        DueCriteria too = criteria.withSoftDeleted();
        return page(row -> row.deleted() != null && too.isDue(row) && !isProvenDeleted(row), cursor, limit);
    }

    private boolean isProvenDeleted(Candidate row) {
        GateRow gate = database.gate.get(row.id());
        return gate != null
                && database.engineRow(row.id()).filter(gate::isDeletionOf).isPresent();
    }

    private Page page(Predicate<Candidate> wanted, @Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("page of " + limit + " rows");
        }
        Predicate<Candidate> behindCursor = cursor == null ? row -> true : row -> isBehind(row, cursor);
        return database.read(() -> {
            List<Candidate> found = allCandidates()
                    .filter(row -> wanted.test(row) && hasKey(row))
                    .filter(behindCursor)
                    .sorted(OLDEST_FIRST)
                    .limit(limit + 1L)
                    .toList();
            List<Candidate> kept = found.subList(0, Math.min(limit, found.size()));
            return new Page(
                    kept.stream()
                            .filter(row -> !database.isUnreadable(row.id()))
                            .toList(),
                    found.size() <= limit ? null : cursorAt(found.get(limit - 1)),
                    kept.stream()
                            .map(Candidate::id)
                            .filter(database::isUnreadable)
                            .collect(Collectors.toSet()));
        });
    }

    @Override
    public Set<String> unreadable(Collection<String> ids) {
        return database.read(() -> ids.stream()
                .filter(id ->
                        database.isUnreadable(id) && database.engineRow(id).isPresent())
                .collect(Collectors.toSet()));
    }

    @Override
    public Set<String> withoutCreationTime(Collection<String> ids) {
        return database.read(() -> ids.stream()
                .filter(id ->
                        engine.row(id).filter(row -> row.created() == null).isPresent())
                .collect(Collectors.toSet()));
    }

    @Override
    public List<Candidate> find(Collection<String> ids) {
        return database.read(() -> Set.copyOf(ids).stream()
                .map(engine::candidate)
                .flatMap(Optional::stream)
                .toList());
    }

    @Override
    public List<Recording> recentNotDue(DueCriteria criteria, @Nullable String account, int limit) {
        return database.read(() -> notDue(criteria)
                .filter(recording -> Objects.equals(recording.account(), account))
                .limit(limit)
                .toList());
    }

    @Override
    public List<Recording> newestNotDue(DueCriteria criteria, int limit) {
        return database.read(() -> notDue(criteria).limit(limit).toList());
    }

    private Stream<Recording> notDue(DueCriteria criteria) {
        return candidates()
                .filter(row -> row.deleted() == null && !criteria.isDue(row) && hasKey(row) && isDated(row, criteria))
                .sorted(OLDEST_FIRST.reversed())
                .map(Candidate::recording);
    }

    @Override
    public Counts count(DueCriteria criteria) {
        return database.read(() -> {
            List<Candidate> due = allCandidates()
                    .filter(row -> row.deleted() == null && criteria.isDue(row))
                    .toList();
            return new Counts(
                    due.stream().filter(InMemoryRecordingSource::hasKey).count(),
                    due.stream().filter(row -> hasKey(row) && row.flaggedHeld()).count(),
                    due.stream().filter(row -> !hasKey(row)).count(),
                    engine.allRows()
                            .filter(row -> row.deleted() == null && isUndated(row, criteria))
                            .count());
        });
    }

    @Override
    public Incomplete incomplete(DueCriteria criteria, int limit) {
        return database.read(() -> new Incomplete(
                allCandidates()
                        .filter(row -> row.deleted() == null && criteria.isDue(row) && !hasKey(row))
                        .map(Candidate::id)
                        .sorted()
                        .limit(limit)
                        .toList(),
                engine.allRows()
                        .filter(row -> row.deleted() == null && isUndated(row, criteria))
                        .map(EngineRow::id)
                        .sorted()
                        .limit(limit)
                        .toList()));
    }

    @Override
    public List<PolicyCounts> countByPolicy(DueCriteria criteria) {
        return database.read(() -> Stream.concat(criteria.rules().stream(), Stream.of(criteria.fallback()))
                .map(rule -> count(rule, criteria))
                .toList());
    }

    private PolicyCounts count(DueCriteria.Rule rule, DueCriteria criteria) {
        List<Candidate> live = allCandidates()
                .filter(row -> row.deleted() == null && hasKey(row) && isDated(row, criteria))
                .filter(row -> criteria.governing(row.recording().attributes()).equals(rule))
                .toList();
        List<Candidate> due = live.stream().filter(criteria::isDue).toList();
        return new PolicyCounts(
                rule.policy(),
                live.size(),
                due.size(),
                due.stream().filter(Candidate::flaggedHeld).count(),
                due.stream()
                        .map(row -> row.recording().created())
                        .min(Comparator.naturalOrder())
                        .orElse(null));
    }

    private Stream<Candidate> candidates() {
        return engine.rows().map(EngineRow::candidate).flatMap(Optional::stream);
    }

    private Stream<Candidate> allCandidates() {
        return engine.allRows().map(EngineRow::candidate).flatMap(Optional::stream);
    }

    private static boolean isDated(Candidate row, DueCriteria criteria) {
        return criteria.isPossible(row.recording().created());
    }

    private static boolean hasKey(Candidate row) {
        return row.recording().storageKey() != null;
    }

    private static boolean isUndated(EngineRow row, DueCriteria criteria) {
        Instant created = row.created();
        return created == null || created.isAfter(criteria.now()) || !criteria.isPossible(created);
    }

    /** The id is last, since it may contain any character. */
    private static String cursorAt(Candidate last) {
        return last.recording().created() + " " + last.id();
    }

    private static boolean isBehind(Candidate row, String cursor) {
        int space = cursor.indexOf(' ');
        Instant created = Instant.parse(cursor.substring(0, space));
        int order = row.recording().created().compareTo(created);
        return order > 0 || (order == 0 && row.id().compareTo(cursor.substring(space + 1)) > 0);
    }
}
