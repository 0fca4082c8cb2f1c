package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Incomplete;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.spi.RecordingSource.PolicyCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Queries over the whole of the engine's table: pages of due rows, recent rows, and counts. */
final class EngineQueries {

    private final EngineTable engine;
    private final EntityMapping mapping;
    private final RowCursor cursors;

    EngineQueries(EngineTable engine) {
        this.engine = engine;
        this.mapping = engine.mapping();
        this.cursors = new RowCursor(mapping);
    }

    /** The user's names of the attributes that are mapped. */
    Set<String> attributes() {
        return mapping.extra().keySet();
    }

    private DueCondition condition(Session session, Jpql jpql) {
        return new DueCondition(mapping, session.tables().dialect(), jpql);
    }

    Page page(Session session, DueCriteria criteria, @Nullable String cursor, int limit) {
        return page(session, criteria, new Wanted(condition -> condition.due(criteria), cursor, limit), rows -> rows);
    }

    /** Soft-deleted rows, without those that the ledger proves to be deleted. */
    Page softDeleted(Session session, DueCriteria criteria, @Nullable String cursor, int limit) {
        Wanted wanted = new Wanted(condition -> condition.dueButSoftDeleted(criteria), cursor, limit);
        return page(session, criteria.withSoftDeleted(), wanted, rows -> {
            Map<String, GateRow> gates =
                    GateTable.find(session, rows.stream().map(EngineRow::id).toList());
            return rows.stream()
                    .filter(row -> {
                        GateRow gate = gates.get(row.id());
                        return gate == null || !row.isDeletedBy(gate);
                    })
                    .toList();
        });
    }

    /** Which rows a page has. */
    private record Wanted(
            Function<DueCondition, String> where, @Nullable String cursor, int limit) {}

    private Page page(Session session, DueCriteria criteria, Wanted wanted, UnaryOperator<List<EngineRow>> kept) {
        if (criteria.latestCutoff().isEmpty()) {
            return new Page(List.of(), null);
        }
        int limit = wanted.limit();
        List<Object[]> read = engine.ordered(session, jpql -> page(session, wanted, jpql), limit + 1);
        boolean more = read.size() > limit;
        List<Object[]> within = more ? read.subList(0, limit) : read;
        Set<String> ids = new HashSet<>();
        within.forEach(row -> EngineTable.requireFirst(
                ids.add(String.valueOf(row[EngineColumns.ID])), String.valueOf(row[EngineColumns.ID])));
        List<Candidate> due = kept.apply(engine.rows(session, within).toList()).stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(criteria::isDue)
                .toList();
        Set<String> unreadable = within.stream()
                .map(row -> String.valueOf(row[EngineColumns.ID]))
                .filter(session.unreadable()::contains)
                .collect(Collectors.toSet());
        return new Page(due, more ? cursors.at(session, within.get(limit - 1)) : null, unreadable);
    }

    private String page(Session session, Wanted wanted, Jpql jpql) {
        String cursor = wanted.cursor();
        return " where " + wanted.where().apply(condition(session, jpql)) + " and " + mapping.hasKey()
                + (cursor == null ? "" : " and " + cursors.behind(cursor, jpql))
                + " order by " + mapping.created().jpql() + ", " + mapping.id().jpql();
    }

    List<Recording> recentNotDue(Session session, DueCriteria criteria, @Nullable String account, int limit) {
        if (account != null && mapping.account() == null) {
            return List.of();
        }
        return notDue(
                session,
                criteria,
                condition -> " and " + condition.ofAccount(account),
                recording -> Objects.equals(recording.account(), account),
                limit);
    }

    List<Recording> newestNotDue(Session session, DueCriteria criteria, int limit) {
        return notDue(session, criteria, condition -> "", recording -> true, limit);
    }

    private List<Recording> notDue(
            Session session,
            DueCriteria criteria,
            Function<DueCondition, String> and,
            Predicate<Recording> wanted,
            int limit) {
        Function<Jpql, String> query = jpql -> {
            DueCondition condition = condition(session, jpql);
            return " where " + mapping.isLive() + " and " + mapping.hasKey() + " and " + condition.dated(criteria)
                    + " and not " + condition.due(criteria) + and.apply(condition) + " order by "
                    + mapping.created().jpql() + " desc, " + mapping.id().jpql() + " desc";
        };
        return ReadOn.until(
                limit,
                most -> engine.ordered(session, query, most),
                rows -> engine.candidates(session, rows)
                        .filter(row -> row.deleted() == null && !criteria.isDue(row))
                        .map(Candidate::recording)
                        .filter(wanted));
    }

    Counts count(Session session, DueCriteria criteria) {
        String keyed = mapping.hasKey();
        long[] due = sums(
                session,
                List.of(
                        keyed,
                        keyed + " and " + mapping.isFlaggedHeld(),
                        mapping.storageKey().jpql() + " is null"),
                condition -> condition.due(criteria));
        long[] undated = sums(session, List.of("1 = 1"), condition -> condition.undated(criteria));
        return new Counts(due[0], due[1], due[2], undated[0]);
    }

    Incomplete incomplete(Session session, DueCriteria criteria, int limit) {
        String keyless = mapping.storageKey().jpql() + " is null";
        return new Incomplete(
                ids(session, condition -> condition.due(criteria) + " and " + keyless, limit),
                ids(session, condition -> condition.undated(criteria), limit));
    }

    /** Reads nothing but the ids: another value of such a row may not be readable. */
    private List<String> ids(Session session, Function<DueCondition, String> where, int limit) {
        String id = mapping.id().jpql();
        Jpql jpql = new Jpql();
        // A result of one column would not come as an array.
        jpql.add("select " + id + ", 0" + mapping.from() + " where " + where.apply(condition(session, jpql))
                + " order by " + id);
        return jpql.rows(session.entityManager()).setMaxResults(limit).getResultList().stream()
                .map(row -> String.valueOf(row[0]))
                .toList();
    }

    List<PolicyCounts> countByPolicy(Session session, DueCriteria criteria) {
        List<PolicyCounts> counts = new ArrayList<>();
        List<Rule> rules = criteria.rules();
        for (int i = 0; i < rules.size(); i++) {
            int rule = i;
            counts.add(count(session, criteria, rules.get(i), condition -> condition.governs(rules, rule)));
        }
        counts.add(count(session, criteria, criteria.fallback(), condition -> condition.noneMatches(rules)));
        return counts;
    }

    private PolicyCounts count(
            Session session, DueCriteria criteria, Rule rule, Function<DueCondition, String> governed) {
        long[] live = sums(
                session,
                List.of("1 = 1"),
                condition -> mapping.isLive() + " and " + mapping.hasKey() + " and " + condition.dated(criteria)
                        + " and " + governed.apply(condition));
        Function<DueCondition, String> ofDue =
                condition -> mapping.hasKey() + " and " + condition.due(criteria) + " and " + governed.apply(condition);
        long[] due = sums(session, List.of("1 = 1", mapping.isFlaggedHeld()), ofDue);
        return new PolicyCounts(rule.policy(), live[0], due[0], due[1], due[0] == 0 ? null : oldest(session, ofDue));
    }

    private @Nullable Instant oldest(Session session, Function<DueCondition, String> where) {
        Jpql jpql = new Jpql();
        String created = mapping.created().jpql();
        // Not the whole row, of which something may be unreadable. A result of one column would not come as an array.
        jpql.add("select " + created + ", 0" + mapping.from() + " where " + where.apply(condition(session, jpql))
                + " order by " + created);
        return jpql.rows(session.entityManager()).setMaxResults(1).getResultList().stream()
                .findFirst()
                .map(row -> mapping.created().type().instant(row[0]))
                .orElse(null);
    }

    /**
     * The values of one attribute in live rows, by the ids of these.
     *
     * @param last where the next page begins; null if this one is the last
     */
    record Values(
            String attribute,
            Map<String, String> byId,
            @Nullable Object last) {

        List<String> idsIn(Scope scope) {
            return byId.entrySet().stream()
                    .filter(row -> scope.covers(Map.of(attribute, row.getValue())))
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /**
     * A page of live rows with a value of the attribute, in the order of their ids. No value is compared by the
     * database, where columns and collations have rules of their own.
     *
     * @param after the {@link Values#last} of the page before; null for the start
     */
    Values values(Session session, String attribute, @Nullable Object after, int limit) {
        return values(session, attribute, jpql -> mapping.isLive(), after, limit);
    }

    /**
     * The same of soft-deleted rows.
     *
     * @param among only rows with one of these values, as the column has them; null for all rows
     */
    Values deletedValues(
            Session session, String attribute, @Nullable List<Object> among, @Nullable Object after, int limit) {
        Function<Jpql, String> which = jpql -> "not (" + mapping.isLive() + ")"
                + (among == null ? "" : " and " + pathOf(attribute) + " in " + jpql.mark(unpadded(among)));
        return values(session, attribute, which, after, limit);
    }

    /** Also without their padding: a padded column is read with it, and compared without it. */
    private static List<Object> unpadded(List<Object> values) {
        List<Object> all = new ArrayList<>(values);
        values.forEach(value -> all.add(value instanceof String text ? text.stripTrailing() : value));
        return all;
    }

    private Values values(
            Session session, String attribute, Function<Jpql, String> which, @Nullable Object after, int limit) {
        String id = mapping.id().jpql();
        String path = pathOf(attribute);
        List<Object[]> rows = engine.ordered(
                session,
                id + ", " + path,
                jpql -> " where " + which.apply(jpql) + " and " + path + " is not null"
                        + (after == null ? "" : " and " + id + " > " + jpql.mark(after)) + " order by " + id,
                limit);
        Map<String, String> byId = new LinkedHashMap<>();
        for (Object[] row : rows) {
            String text = String.valueOf(row[0]);
            if (IdType.isUsable(text) && row[1] != null) {
                byId.put(text, EngineColumns.text(row[1]));
            }
        }
        return new Values(attribute, byId, rows.size() < limit ? null : rows.get(rows.size() - 1)[0]);
    }

    /**
     * Which values of a scope's attribute are in the scope, of those that soft-deleted rows have, as the column has
     * them. Groups hold what a collation takes for one value.
     *
     * @throws UnreadableRows.Group if the attribute has a value that can't be read
     */
    List<Object> valuesOfDeleted(Session session, Scope scope) {
        String path = pathOf(scope.attribute());
        Jpql jpql = new Jpql();
        jpql.add("select " + path + ", count(*)" + mapping.from() + " where not (" + mapping.isLive() + ") and " + path
                + " is not null group by " + path);
        List<Object[]> groups;
        try {
            groups = jpql.rows(session.entityManager()).getResultList();
        } catch (RuntimeException e) {
            throw new DatabaseFailure(e, true).isOfAValue() ? new UnreadableRows.Group(e) : e;
        }
        return groups.stream()
                .map(group -> group[0])
                .filter(value -> scope.covers(Map.of(scope.attribute(), EngineColumns.text(value))))
                .toList();
    }

    private String pathOf(String attribute) {
        return Objects.requireNonNull(mapping.extra().get(attribute), "a mapped attribute")
                .jpql();
    }

    /** Of the rows under a condition, how many meet each of further ones. */
    private long[] sums(Session session, List<String> countedConditions, Function<DueCondition, String> where) {
        List<String> sums = new ArrayList<>();
        countedConditions.forEach(counted -> sums.add("sum(case when " + counted + " then 1 else 0 end)"));
        // A result of one column would not come as an array.
        sums.add("0");
        Jpql jpql = new Jpql();
        jpql.add("select " + String.join(", ", sums) + mapping.from() + " where "
                + where.apply(condition(session, jpql)));
        Object[] row = jpql.rows(session.entityManager()).getSingleResult();
        long[] numbers = new long[countedConditions.size()];
        for (int i = 0; i < numbers.length; i++) {
            // The sum over no rows is NULL.
            numbers[i] = row[i] == null ? 0 : ((Number) row[i]).longValue();
        }
        return numbers;
    }
}
