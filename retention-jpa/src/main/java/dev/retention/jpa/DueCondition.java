package dev.retention.jpa;

import static dev.retention.jpa.EntityMapping.NEVER;

import dev.retention.jpa.EntityMapping.Path;
import dev.retention.jpa.EntityMapping.TimePath;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which recordings are due, and which policy governs each, as conditions of one query in JPQL. They find every row that
 * {@link DueCriteria} accepts, and perhaps more: Java checks each row again, since a collation may treat different
 * strings as equal.
 */
final class DueCondition {

    private final EntityMapping mapping;
    private final Dialect dialect;
    private final Jpql jpql;

    /** Conditions whose parameters are added to this query. */
    DueCondition(EntityMapping mapping, Dialect dialect, Jpql jpql) {
        this.mapping = mapping;
        this.dialect = dialect;
        this.jpql = jpql;
    }

    /**
     * What {@link DueCriteria#isDue} says, of rows with a creation time. A recording must be older than the cutoff of
     * every rule that matches it, which is the same as older than the earliest of them; and where none matches, older
     * than the fallback's.
     */
    String due(DueCriteria criteria) {
        return and(List.of(mapping.isLive(), hasReachedAge(criteria)));
    }

    /** The same of soft-deleted rows: as if they were live. */
    String dueButSoftDeleted(DueCriteria criteria) {
        return and(List.of("not (" + mapping.isLive() + ")", hasReachedAge(criteria)));
    }

    private String hasReachedAge(DueCriteria criteria) {
        List<String> all = new ArrayList<>();
        List<String> anyMatch = new ArrayList<>();
        all.add(dated(criteria));
        // Implied by the rest; it lets the database use an index.
        all.add(before(criteria.latestCutoff().orElse(null)));
        for (Rule rule : criteria.rules()) {
            all.add("(not " + matches(rule) + " or " + before(rule.cutoff()) + ")");
            anyMatch.add(matches(rule));
        }
        anyMatch.add(before(criteria.fallback().cutoff()));
        all.add("(" + String.join(" or ", anyMatch) + ")");
        TimePath retainUntil = mapping.retainUntil();
        if (retainUntil != null) {
            all.add("(" + retainUntil.jpql() + " is null or "
                    + retainUntil.type().notAfter(retainUntil.jpql(), criteria.now(), jpql) + ")");
        }
        return and(all);
    }

    private String before(@Nullable Instant cutoff) {
        return cutoff == null
                ? NEVER
                : mapping.created().type().before(mapping.created().jpql(), cutoff, jpql);
    }

    /** With a creation time that a recording can have. */
    String dated(DueCriteria criteria) {
        TimePath created = mapping.created();
        return "(" + created.jpql() + " is not null and not "
                + created.type().before(created.jpql(), created.type().earliest(criteria.earliestCreated()), jpql)
                + ")";
    }

    /** Without a creation time, or with one in the future or before there were such recordings. */
    String undated(DueCriteria criteria) {
        TimePath created = mapping.created();
        return mapping.isLive() + " and (not " + dated(criteria) + " or not ("
                + created.type().notAfter(created.jpql(), criteria.now(), jpql) + "))";
    }

    /** Whether this rule keeps longest of those that match; of those that keep equally long it is the first. */
    String governs(List<Rule> rules, int rule) {
        Instant cutoff = orNever(rules.get(rule));
        List<String> all = new ArrayList<>();
        all.add(matches(rules.get(rule)));
        for (int other = 0; other < rules.size(); other++) {
            int order = orNever(rules.get(other)).compareTo(cutoff);
            if (order < 0 || order == 0 && other < rule) {
                all.add("not " + matches(rules.get(other)));
            }
        }
        return and(all);
    }

    private static Instant orNever(Rule rule) {
        Instant cutoff = rule.cutoff();
        return cutoff == null ? Instant.MIN : cutoff;
    }

    String noneMatches(List<Rule> rules) {
        List<String> all = new ArrayList<>();
        all.add("1 = 1");
        rules.forEach(rule -> all.add("not " + matches(rule)));
        return and(all);
    }

    /** Never unknown: a NULL attribute matches nothing, and the negation of that must be true. */
    String matches(Rule rule) {
        List<String> all = new ArrayList<>();
        all.add("1 = 1");
        rule.match().forEach((name, value) -> {
            Path path = mapping.extra().get(name);
            List<Object> values = path == null ? List.of() : path.valuesNamed(value);
            all.add(
                    path == null || values.isEmpty()
                            ? NEVER
                            : path.jpql() + " is not null and " + same(path, values.get(0)));
        });
        return and(all);
    }

    /** The account, compared byte by byte; null for rows that name none. */
    String ofAccount(@Nullable String account) {
        Path path = mapping.account();
        if (path == null) {
            return account == null ? "1 = 1" : NEVER;
        }
        return account == null ? path.is(null, jpql) : same(path, account);
    }

    private String same(Path path, Object value) {
        String mark = jpql.mark(value);
        String equal = path.jpql() + " = " + mark;
        return value instanceof String ? equal + dialect.andSameBytes(path.jpql(), mark) : equal;
    }

    private static String and(List<String> all) {
        return "(" + String.join(" and ", all) + ")";
    }
}
