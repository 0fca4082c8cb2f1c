package dev.retention.jpa;

import dev.retention.jpa.Rows.Type;
import dev.retention.jpa.Sql.NullOf;
import dev.retention.jpa.Sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
    private final List<Type> types = new ArrayList<>();

    Columns text(String column, @Nullable String value) {
        return assign(column, "?", Type.TEXT, value);
    }

    Columns time(String column, @Nullable Instant value) {
        return assign(column, "?", Type.TIME, orNull(value, Types.TIMESTAMP));
    }

    Columns number(String column, @Nullable Long value) {
        return assign(column, "?", Type.LONG, orNull(value, Types.BIGINT));
    }

    Columns number(String column, int value) {
        return assign(column, "?", Type.INTEGER, value);
    }

    Columns flag(String column, boolean value) {
        return assign(column, "?", Type.FLAG, value);
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
        return assign(column, "coalesce(" + column + ", ?)", Type.TEXT, value);
    }

    /** Only where the column is NULL. */
    Columns timeIfMissing(String column, @Nullable Instant value) {
        return assign(column, "coalesce(" + column + ", ?)", Type.TIME, orNull(value, Types.TIMESTAMP));
    }

    /** The column keeps its value if the new value is null. */
    Columns textUnlessNull(String column, @Nullable String value) {
        return assign(column, "coalesce(?, " + column + ")", Type.TEXT, value);
    }

    private Columns assign(String column, String sql, Type type, @Nullable Object value) {
        assigned.put(column, sql);
        types.add(type);
        values.add(value);
        return this;
    }

    private static Object orNull(@Nullable Object value, int sqlType) {
        return value == null ? new NullOf(sqlType) : value;
    }

    Statement insertInto(String table) {
        return new Statement(
                "insert into " + table + " (" + names() + ") values (" + inserted() + ")", values, rowsOf(table, ""));
    }

    /** Inserts a row unless its key exists. */
    Statement insertInto(String table, String key, Dialect dialect) {
        return new Statement(
                dialect.insertIfAbsent(table, names(), inserted(), key), values, rowsOf(table, dialect.ifAbsent()));
    }

    /** Changes a row that exists at most once under a condition, whose own parameters are texts. */
    Statement update(String table, String where, @Nullable String... ofWhere) {
        String set = assigned.entrySet().stream()
                .map(column -> column.getKey() + " = " + column.getValue())
                .collect(Collectors.joining(", "));
        List<@Nullable Object> parameters = new ArrayList<>(values);
        parameters.addAll(Arrays.asList(ofWhere));
        List<Type> allTypes = new ArrayList<>(types);
        allTypes.addAll(Collections.nCopies(ofWhere.length, Type.TEXT));
        String head = "update " + table + " set " + set;
        String tail = " where " + where;
        return new Statement(head + tail, parameters, new Rows(head, tail, allTypes));
    }

    private Rows rowsOf(String table, String tail) {
        return new Rows("insert into " + table + " (" + names() + ") select " + inserted(), tail, types);
    }

    private String names() {
        return String.join(", ", assigned.keySet());
    }

    private String inserted() {
        return String.join(", ", assigned.values());
    }
}
