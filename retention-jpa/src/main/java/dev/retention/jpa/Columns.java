package dev.retention.jpa;

import dev.retention.jpa.Sql.NullOf;
import dev.retention.jpa.Sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Columns with the values to write, so that no value can get into another column. This replaces two lists whose
 * positions must agree.
 */
final class Columns {

    /** What is assigned to each column, as SQL. */
    private final Map<String, String> assigned = new LinkedHashMap<>();

    private final List<@Nullable Object> values = new ArrayList<>();

    Columns text(String column, @Nullable String value) {
        return assign(column, "?", value);
    }

    Columns time(String column, @Nullable Instant value) {
        return assign(column, "?", orNull(value, Types.TIMESTAMP));
    }

    Columns number(String column, @Nullable Long value) {
        return assign(column, "?", orNull(value, Types.BIGINT));
    }

    Columns number(String column, int value) {
        return assign(column, "?", value);
    }

    Columns flag(String column, boolean value) {
        return assign(column, "?", value);
    }

    /** What needs no value, such as a literal or {@code attempts + 1}. */
    Columns sql(String column, String sql) {
        assigned.put(column, sql);
        return this;
    }

    Columns clear(String... columns) {
        Arrays.stream(columns).forEach(column -> sql(column, "null"));
        return this;
    }

    /** Only where the column is NULL. */
    Columns textIfMissing(String column, @Nullable String value) {
        return assign(column, "coalesce(" + column + ", ?)", value);
    }

    /** Only where the column is NULL. */
    Columns timeIfMissing(String column, @Nullable Instant value) {
        return assign(column, "coalesce(" + column + ", ?)", orNull(value, Types.TIMESTAMP));
    }

    /** The column keeps its value if the new value is null. */
    Columns textUnlessNull(String column, @Nullable String value) {
        return assign(column, "coalesce(?, " + column + ")", value);
    }

    private Columns assign(String column, String sql, @Nullable Object value) {
        assigned.put(column, sql);
        values.add(value);
        return this;
    }

    private static Object orNull(@Nullable Object value, int sqlType) {
        return value == null ? new NullOf(sqlType) : value;
    }

    Statement insertInto(String table) {
        return new Statement("insert into " + table + " (" + names() + ") values (" + inserted() + ")", values);
    }

    /** Inserts a row unless its key exists. */
    Statement insertInto(String table, String key, Dialect dialect) {
        return new Statement(dialect.insertIfAbsent(table, names(), inserted(), key), values);
    }

    /** Changes the rows under a condition, which has parameters of its own. */
    Statement update(String table, String where, Object... ofWhere) {
        String set = assigned.entrySet().stream()
                .map(column -> column.getKey() + " = " + column.getValue())
                .collect(Collectors.joining(", "));
        List<@Nullable Object> parameters = new ArrayList<>(values);
        parameters.addAll(Arrays.asList(ofWhere));
        return new Statement("update " + table + " set " + set + " where " + where, parameters);
    }

    private String names() {
        return String.join(", ", assigned.keySet());
    }

    private String inserted() {
        return String.join(", ", assigned.values());
    }
}
