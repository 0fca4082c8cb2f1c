package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EntityMapping.Path;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.RecordingSource.PolicyCounts;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's own table, in JPQL on its entity. Only columns are read, never entities, so that neither listeners nor the memory of the engine
 * are concerned. What a query finds is judged again in Java, since collations may be more lenient than we are.
 */
final class EngineTable {

    private static final Logger log = LoggerFactory.getLogger(EngineTable.class);
    private static final String NEVER = "1 = 0";

    private final EntityMapping mapping;
    private final String select;
    private final List<String> columns = new ArrayList<>();

    EngineTable(EntityMapping mapping) {
        this.mapping = mapping;
        columns.add(mapping.id().jpql());
        columns.add(mapping.storageKey().jpql());
        columns.add(mapping.created().jpql());
        columns.add(mapping.deleted().jpql());
        addColumn(mapping.account());
        addColumn(mapping.retainUntil());
        addColumn(mapping.hold());
        addColumn(mapping.duration());
        mapping.extra().values().forEach(this::addColumn);
        this.select = "select " + String.join(", ", columns) + from();
    }

    private void addColumn(@Nullable Path path) {
        if (path != null) {
            columns.add(path.jpql());
        }
    }

    private String from() {
        return " from " + mapping.entity() + " " + EntityMapping.ALIAS + mapping.joins();
    }

    /**
     * A row as it was read.
     *
     * @param typedId the id in the engine's type
     * @param rawCreated the creation time in the engine's type
     */
    record EngineRow(
            Object typedId,
            String id,
            @Nullable String storageKey,
            @Nullable String account,
            @Nullable Object rawCreated,
            @Nullable Instant created,
            @Nullable Instant deleted,
            @Nullable Instant retainUntil,
            boolean flaggedHeld,
            @Nullable Duration duration,
            Map<String, String> attributes) {

        /** Empty for a row without a creation time. */
        Optional<Candidate> candidate() {
            return created == null
                    ? Optional.empty()
                    : Optional.of(new Candidate(
                            new Recording(id, storageKey, account, created, attributes),
                            retainUntil,
                            flaggedHeld,
                            deleted,
                            duration));
        }

        boolean isLive() {
            return deleted == null;
        }

        /** Whether it still names this recording. The ledger's form of key and account is as good as theirs. */
        boolean names(@Nullable String key, @Nullable String ofAccount, @Nullable Instant createdAt) {
            return created != null
                    && createdAt != null
                    && Sql.micros(created).equals(Sql.micros(createdAt))
                    && Objects.equals(StoredText.key(storageKey), StoredText.key(key))
                    && Objects.equals(StoredText.account(account), StoredText.account(ofAccount));
        }

        boolean names(Recording recording) {
            return names(recording.storageKey(), recording.account(), recording.created());
        }
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
            jpql.add(select).add(" where ").add(mapping.id().jpql()).add(" in " + jpql.mark(chunk));
            for (Object[] columnValues : jpql.rows(entityManager).getResultList()) {
                row(columnValues).filter(row -> typed.containsKey(row.id())).ifPresent(row -> found.put(row.id(), row));
            }
        }
        return found;
    }

    Page page(Session session, DueCriteria criteria, @Nullable String cursor, int limit) {
        if (criteria.latestCutoff().isEmpty()) {
            return new Page(List.of(), null);
        }
        Jpql jpql = new Jpql();
        jpql.add(select)
                .add(" where ")
                .add(due(session, criteria, jpql))
                .add(" and ")
                .add(hasKey());
        if (cursor != null) {
            jpql.add(" and ").add(behind(cursor, jpql));
        }
        jpql.add(" order by ")
                .add(mapping.created().jpql())
                .add(", ")
                .add(mapping.id().jpql());
        List<Object[]> read =
                jpql.rows(session.entityManager()).setMaxResults(limit + 1).getResultList();
        boolean more = read.size() > limit;
        List<Object[]> kept = more ? read.subList(0, limit) : read;
        List<Candidate> due = kept.stream()
                .map(this::row)
                .flatMap(Optional::stream)
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(criteria::isDue)
                .toList();
        return new Page(due, more ? cursorAt(kept.get(limit - 1)) : null);
    }

    /** The creation time comes first, since nothing is known of what the id contains. */
    private static String cursorAt(Object[] columnValues) {
        return columnValues[2] + " " + columnValues[0];
    }

    private String behind(String cursor, Jpql jpql) {
        int space = cursor.indexOf(' ');
        if (space < 0) {
            throw new IllegalArgumentException("no cursor of this repository");
        }
        Object created = mapping.createdType().parse(cursor.substring(0, space));
        Object id = mapping.idType().parsed(cursor.substring(space + 1));
        String createdPath = mapping.created().jpql();
        // The first part is implied by the rest; it lets PostgreSQL begin at the cursor instead of at the oldest row.
        return "(" + createdPath + " >= " + jpql.mark(created) + " and (" + createdPath + " > " + jpql.mark(created)
                + " or (" + createdPath + " = " + jpql.mark(created)
                + " and " + mapping.id().jpql() + " > " + jpql.mark(id) + ")))";
    }

    List<Recording> recentNotDue(Session session, DueCriteria criteria, @Nullable String account, int limit) {
        if (account != null && mapping.account() == null) {
            return List.of();
        }
        Jpql jpql = new Jpql();
        jpql.add(select).add(" where ").add(live()).add(" and ").add(hasKey());
        jpql.add(" and ")
                .add(mapping.created().jpql())
                .add(" is not null and not ")
                .add(due(session, criteria, jpql));
        if (mapping.account() != null) {
            jpql.add(" and ")
                    .add(
                            account == null
                                    ? mapping.account().jpql() + " is null"
                                    : same(session, mapping.account(), account, jpql));
        }
        jpql.add(" order by ")
                .add(mapping.created().jpql())
                .add(" desc, ")
                .add(mapping.id().jpql())
                .add(" desc");
        return jpql.rows(session.entityManager()).setMaxResults(limit).getResultList().stream()
                .map(this::row)
                .flatMap(Optional::stream)
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(row -> row.deleted() == null && !criteria.isDue(row))
                .map(Candidate::recording)
                .filter(recording -> Objects.equals(recording.account(), account))
                .toList();
    }

    Counts count(Session session, DueCriteria criteria) {
        Jpql due = new Jpql();
        due.add("select " + sumWhere(hasKey()) + ", " + sumWhere(hasKey() + " and " + flaggedHeld()) + ", "
                        + sumWhere(mapping.storageKey().jpql() + " is null"))
                .add(from())
                .add(" where ")
                .add(due(session, criteria, due));
        Object[] counted = due.rows(session.entityManager()).getSingleResult();
        Jpql undated = new Jpql();
        String created = mapping.created().jpql();
        undated.add("select " + sumWhere("1 = 1") + ", 0" + from() + " where " + live() + " and (" + created
                + " is null or not (" + mapping.createdType().notAfter(created, criteria.now(), undated) + "))");
        Object[] none = undated.rows(session.entityManager()).getSingleResult();
        return new Counts(number(counted[0]), number(counted[1]), number(counted[2]), number(none[0]));
    }

    List<PolicyCounts> countByPolicy(Session session, DueCriteria criteria) {
        List<PolicyCounts> counts = new ArrayList<>();
        for (int i = 0; i < criteria.rules().size(); i++) {
            int rule = i;
            counts.add(
                    count(session, criteria, criteria.rules().get(i), jpql -> governs(session, criteria, rule, jpql)));
        }
        counts.add(
                count(session, criteria, criteria.fallback(), jpql -> governsWhatNoneMatches(session, criteria, jpql)));
        return counts;
    }

    private interface Condition {
        String in(Jpql jpql);
    }

    private PolicyCounts count(Session session, DueCriteria criteria, Rule rule, Condition governed) {
        Jpql live = new Jpql();
        live.add("select " + sumWhere("1 = 1") + ", 0" + from() + " where " + live() + " and " + hasKey() + " and "
                + mapping.created().jpql() + " is not null and " + governed.in(live));
        Jpql due = new Jpql();
        due.add("select " + sumWhere("1 = 1") + ", " + sumWhere(flaggedHeld()) + from() + " where " + hasKey() + " and "
                + due(session, criteria, due) + " and " + governed.in(due));
        Object[] ofLive = live.rows(session.entityManager()).getSingleResult();
        Object[] ofDue = due.rows(session.entityManager()).getSingleResult();
        long many = number(ofDue[0]);
        return new PolicyCounts(
                rule.policy(),
                number(ofLive[0]),
                many,
                number(ofDue[1]),
                many == 0 ? null : oldest(session, criteria, governed));
    }

    private @Nullable Instant oldest(Session session, DueCriteria criteria, Condition governed) {
        Jpql jpql = new Jpql();
        jpql.add(select + " where " + hasKey() + " and " + due(session, criteria, jpql) + " and " + governed.in(jpql)
                + " order by " + mapping.created().jpql());
        return jpql.rows(session.entityManager()).setMaxResults(1).getResultList().stream()
                .findFirst()
                .map(columnValues -> mapping.createdType().instant(columnValues[2]))
                .orElse(null);
    }

    /** Whether this rule keeps longest of those that match; of those that keep equally long it is the first. */
    private String governs(Session session, DueCriteria criteria, int rule, Jpql jpql) {
        List<Rule> rules = criteria.rules();
        Instant cutoff = orNever(rules.get(rule));
        List<String> all = new ArrayList<>();
        all.add(matches(session, rules.get(rule), jpql));
        for (int other = 0; other < rules.size(); other++) {
            int order = orNever(rules.get(other)).compareTo(cutoff);
            if (order < 0 || order == 0 && other < rule) {
                all.add("not " + matches(session, rules.get(other), jpql));
            }
        }
        return "(" + String.join(" and ", all) + ")";
    }

    private static Instant orNever(Rule rule) {
        Instant cutoff = rule.cutoff();
        return cutoff == null ? Instant.MIN : cutoff;
    }

    private String governsWhatNoneMatches(Session session, DueCriteria criteria, Jpql jpql) {
        List<String> all = new ArrayList<>();
        all.add("1 = 1");
        criteria.rules().forEach(rule -> all.add("not " + matches(session, rule, jpql)));
        return "(" + String.join(" and ", all) + ")";
    }

    /** How many rows have an attribute's value. */
    record InScope(long live, long deleted) {}

    InScope countInScope(Session session, Scope scope) {
        Jpql jpql = new Jpql();
        jpql.add("select " + sumWhere(live()) + ", " + sumWhere("not " + live()) + from() + " where "
                + matches(session, new Rule("scope", Map.of(scope.attribute(), scope.value()), null), jpql));
        Object[] counted = jpql.rows(session.entityManager()).getSingleResult();
        return new InScope(number(counted[0]), number(counted[1]));
    }

    /** The user's names of the attributes that are mapped. */
    Set<String> attributes() {
        return mapping.extra().keySet();
    }

    private static String sumWhere(String condition) {
        return "sum(case when " + condition + " then 1 else 0 end)";
    }

    /** The sum over no rows is NULL. */
    private static long number(@Nullable Object sum) {
        return sum == null ? 0 : ((Number) sum).longValue();
    }

    /**
     * What {@link DueCriteria#isDue} says, of rows with a creation time. A recording must be older than the cutoff of every rule that matches it, which
     * is the same as older than the earliest of them; and where none matches, older than the fallback's.
     */
    private String due(Session session, DueCriteria criteria, Jpql jpql) {
        List<String> all = new ArrayList<>();
        List<String> anyMatch = new ArrayList<>();
        all.add(live());
        // Implied by the rest; it lets the database use an index.
        all.add(before(criteria.latestCutoff().orElse(null), jpql));
        for (Rule rule : criteria.rules()) {
            all.add("(not " + matches(session, rule, jpql) + " or " + before(rule.cutoff(), jpql) + ")");
            anyMatch.add(matches(session, rule, jpql));
        }
        anyMatch.add(before(criteria.fallback().cutoff(), jpql));
        all.add("(" + String.join(" or ", anyMatch) + ")");
        if (mapping.retainUntil() != null && mapping.retainUntilType() != null) {
            String retainUntil = mapping.retainUntil().jpql();
            all.add("(" + retainUntil + " is null or "
                    + mapping.retainUntilType().notAfter(retainUntil, criteria.now(), jpql) + ")");
        }
        return "(" + String.join(" and ", all) + ")";
    }

    private String before(@Nullable Instant cutoff, Jpql jpql) {
        return cutoff == null
                ? NEVER
                : mapping.createdType().before(mapping.created().jpql(), cutoff, jpql);
    }

    /** Never unknown: a NULL attribute matches nothing, and the negation of that must be true. */
    private String matches(Session session, Rule rule, Jpql jpql) {
        List<String> all = new ArrayList<>();
        all.add("1 = 1");
        rule.match().forEach((name, value) -> {
            Path path = mapping.extra().get(name);
            List<Object> values = path == null ? List.of() : path.valuesNamed(value);
            all.add(
                    path == null || values.isEmpty()
                            ? NEVER
                            : path.jpql() + " is not null and " + same(session, path, values.get(0), jpql));
        });
        return "(" + String.join(" and ", all) + ")";
    }

    private static String same(Session session, Path path, Object value, Jpql jpql) {
        String mark = jpql.mark(value);
        String equal = path.jpql() + " = " + mark;
        return value instanceof String ? equal + session.tables().dialect().andSameBytes(path.jpql(), mark) : equal;
    }

    private String live() {
        return mapping.deleted().jpql() + " is null";
    }

    private String hasKey() {
        return mapping.storageKey().jpql() + " is not null";
    }

    private String flaggedHeld() {
        return mapping.hold() == null ? NEVER : mapping.hold().jpql() + " = true";
    }

    private static String equal(Path path, @Nullable Object value, Jpql jpql) {
        return value == null ? path.jpql() + " is null" : path.jpql() + " = " + jpql.mark(value);
    }

    /**
     * What is written into a row.
     *
     * @param at when it was deleted
     * @param account of the rows
     * @param keyless whether the rows have no storage key
     */
    private record Mark(Instant at, String reason, @Nullable String account, boolean keyless) {}

    /** A row to mark as deleted. It was read in this transaction, is live and names the right recording. */
    record SoftDelete(EngineRow row, Instant at, String reason) {}

    /**
     * Marks rows as deleted, provided that they are still as they were read.
     *
     * @return the ids of those that were marked
     */
    Set<String> softDelete(EntityManager entityManager, Collection<SoftDelete> deletions) {
        Map<Mark, List<EngineRow>> alike = new LinkedHashMap<>();
        for (SoftDelete deletion : deletions) {
            alike.computeIfAbsent(
                            new Mark(
                                    deletion.at(),
                                    deletion.reason(),
                                    deletion.row().account(),
                                    deletion.row().storageKey() == null),
                            mark -> new ArrayList<>())
                    .add(deletion.row());
        }
        Set<String> marked = new HashSet<>();
        alike.forEach((mark, rows) -> {
            for (List<EngineRow> chunk : Sql.chunks(rows)) {
                marked.addAll(softDelete(entityManager, mark, chunk));
            }
        });
        return marked;
    }

    private Set<String> softDelete(EntityManager entityManager, Mark mark, List<EngineRow> rows) {
        Jpql jpql = update(mark);
        jpql.add(mapping.id().jpql() + " in "
                + jpql.mark(rows.stream().map(EngineRow::typedId).toList()));
        String key = mapping.storageKey().jpql();
        if (mark.keyless()) {
            jpql.add(" and " + key + " is null");
        } else {
            List<String> keys = rows.stream()
                    .map(EngineRow::storageKey)
                    .filter(Objects::nonNull)
                    .distinct()
                    .toList();
            jpql.add(" and " + key + " in " + jpql.mark(keys));
        }
        Set<String> ids = new HashSet<>();
        rows.forEach(row -> ids.add(row.id()));
        if (jpql.update(entityManager) == rows.size()) {
            return ids;
        }
        // Some changed meanwhile. Those that are live still get a condition of their own.
        Set<String> marked = new HashSet<>();
        Map<String, EngineRow> now = find(entityManager, ids);
        for (EngineRow row : rows) {
            EngineRow read = now.get(row.id());
            if (read != null && isMarked(read, mark)) {
                marked.add(row.id());
            } else if (softDeleteAlone(entityManager, mark, row)) {
                marked.add(row.id());
            }
        }
        return marked;
    }

    /** Whether it was us who marked it. The column may be as coarse as a second, and a local time that comes twice is read as the later. */
    private boolean isMarked(EngineRow row, Mark mark) {
        Instant written = mapping.deletedType().instant(mapping.deletedType().value(mark.at()));
        return row.deleted() != null
                && written != null
                && Duration.between(row.deleted(), written).abs().compareTo(Duration.ofSeconds(1)) <= 0;
    }

    private boolean softDeleteAlone(EntityManager entityManager, Mark mark, EngineRow row) {
        if (row.rawCreated() == null) {
            return false;
        }
        Jpql jpql = update(mark);
        jpql.add(mapping.id().jpql() + " = " + jpql.mark(row.typedId()));
        jpql.add(" and " + equal(mapping.storageKey(), row.storageKey(), jpql));
        jpql.add(" and " + mapping.created().jpql() + " = " + jpql.mark(row.rawCreated()));
        return jpql.update(entityManager) == 1;
    }

    private Jpql update(Mark mark) {
        Jpql jpql = new Jpql();
        jpql.add("update " + mapping.entity() + " " + EntityMapping.ALIAS + " set "
                + mapping.deleted().jpql() + " = "
                + jpql.mark(mapping.deletedType().value(mark.at())));
        jpql.add(", " + mapping.reason().jpql() + " = " + jpql.mark(mark.reason()));
        jpql.add(" where " + live() + " and ");
        if (mapping.account() != null) {
            jpql.add(equal(mapping.account(), mark.account(), jpql) + " and ");
        }
        return jpql;
    }

    /** Empty for a row whose id no ledger could keep. */
    private Optional<EngineRow> row(Object[] columnValues) {
        Object typedId = columnValues[0];
        String id = String.valueOf(typedId);
        if (typedId == null || !IdType.isUsable(id)) {
            log.warn(
                    "A row of {} is left alone: its id is NULL, empty or longer than {} characters",
                    mapping.entity(),
                    Recording.MAX_ID_LENGTH);
            return Optional.empty();
        }
        int next = 4;
        Object account = mapping.account() == null ? null : columnValues[next++];
        Object retainUntil = mapping.retainUntil() == null ? null : columnValues[next++];
        Object held = mapping.hold() == null ? null : columnValues[next++];
        Object duration = mapping.duration() == null ? null : columnValues[next++];
        Map<String, String> attributes = new HashMap<>();
        for (String name : mapping.extra().keySet()) {
            Object value = columnValues[next++];
            if (value != null) {
                attributes.put(name, value instanceof Enum<?> constant ? constant.name() : value.toString());
            }
        }
        TimeType retainUntilType = mapping.retainUntilType();
        return Optional.of(new EngineRow(
                typedId,
                id,
                (String) columnValues[1],
                (String) account,
                columnValues[2],
                mapping.createdType().instant(columnValues[2]),
                mapping.deletedType().instant(columnValues[3]),
                retainUntilType == null ? null : retainUntilType.instant(retainUntil),
                Boolean.TRUE.equals(held),
                seconds(duration),
                attributes));
    }

    private static @Nullable Duration seconds(@Nullable Object value) {
        if (value instanceof Duration duration) {
            return duration;
        }
        return value == null ? null : Duration.ofSeconds(((Number) value).longValue());
    }
}
