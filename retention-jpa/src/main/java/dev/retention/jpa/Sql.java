package dev.retention.jpa;

import dev.retention.jpa.Rows.ArrayOf;
import dev.retention.jpa.Rows.Type;
import jakarta.persistence.ConnectionFunction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plain SQL on the connection of one transaction. Instants travel as local times in UTC, since every other way depends
 * on the zone of the JVM or of the session.
 */
final class Sql {

    /** The most parameters of one IN list, and rows of one batch. */
    static final int CHUNK = 500;

    /** Fewer rows are changed one by one: that needs no plan of its own. */
    private static final int LEAST_TOGETHER = 5;

    private final Connections connections;
    private final Dialect dialect;
    private @Nullable String beforeBatch;

    Sql(Connections connections, Dialect dialect) {
        this.connections = connections;
        this.dialect = dialect;
    }

    /** Reads a row of a result. */
    interface RowReader<T> {
        T read(Row row) throws SQLException;
    }

    /** Lends the connection. */
    interface Connections {
        <T> T with(ConnectionFunction<Connection, T> work);
    }

    <T> T withConnection(ConnectionFunction<Connection, T> work) {
        return connections.with(work);
    }

    <T> List<T> query(String sql, RowReader<T> reader, @Nullable Object... parameters) {
        return withConnection(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                bind(statement, Arrays.asList(parameters));
                try (ResultSet result = statement.executeQuery()) {
                    Row row = new Row(result);
                    List<T> rows = new ArrayList<>();
                    while (result.next()) {
                        rows.add(reader.read(row));
                    }
                    return rows;
                }
            }
        });
    }

    int update(String sql, @Nullable Object... parameters) {
        return update(new Statement(sql, Arrays.asList(parameters)));
    }

    int update(Statement change) {
        return withConnection(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(change.sql())) {
                bind(statement, change.parameters());
                return statement.executeUpdate();
            }
        });
    }

    /** Inserts a row, and returns the number that the database gave it, which must be its first column. */
    long insertNumbered(Statement insert) {
        return withConnection(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement(insert.sql(), PreparedStatement.RETURN_GENERATED_KEYS)) {
                bind(statement, insert.parameters());
                statement.executeUpdate();
                try (ResultSet numbers = statement.getGeneratedKeys()) {
                    if (!numbers.next()) {
                        throw new SQLException("the driver returned no number of the inserted row");
                    }
                    return numbers.getLong(1);
                }
            }
        });
    }

    /**
     * Changes a setting of this transaction, unless it is changed already.
     *
     * @param change the statement that changes it
     * @param back the statement that undoes this, which is run before the next batch
     */
    void changeUntilBatch(String change, String back) {
        if (beforeBatch == null) {
            update(change);
            beforeBatch = back;
        }
    }

    /**
     * A setting of this transaction was changed already.
     *
     * @param back the statement that undoes this, which is run before the next batch
     */
    void changedUntilBatch(String back) {
        beforeBatch = back;
    }

    /**
     * Runs statements, those of the same text together. How many rows each changed is not returned: not every driver
     * reports it.
     */
    void batch(Collection<Statement> statements) {
        Map<String, List<Statement>> bySql = new LinkedHashMap<>();
        statements.forEach(statement ->
                bySql.computeIfAbsent(statement.sql(), sql -> new ArrayList<>()).add(statement));
        bySql.forEach(this::batch);
    }

    private void batch(String sql, List<Statement> alike) {
        for (List<Statement> chunk : chunks(alike)) {
            Rows rows = chunk.size() < LEAST_TOGETHER ? null : chunk.get(0).rows();
            String together = rows == null ? null : dialect.together(rows);
            if (rows != null && together != null) {
                dialect.plannedAnew(this, () -> update(new Statement(together, columns(rows.types(), chunk))));
            } else {
                oneByOne(sql, chunk);
            }
        }
    }

    private void oneByOne(String sql, List<Statement> alike) {
        if (beforeBatch != null) {
            update(beforeBatch);
            beforeBatch = null;
        }
        withConnection(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (Statement each : alike) {
                    bind(statement, each.parameters());
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            return alike.size();
        });
    }

    /** The values of each parameter in all of these statements. */
    private static List<@Nullable Object> columns(List<Type> types, List<Statement> alike) {
        List<@Nullable Object> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            List<@Nullable String> values = new ArrayList<>(alike.size());
            for (Statement each : alike) {
                values.add(text(each.parameters().get(i)));
            }
            columns.add(new ArrayOf(types.get(i), values));
        }
        return columns;
    }

    private static @Nullable String text(@Nullable Object value) {
        if (value == null || value instanceof NullOf) {
            return null;
        }
        return value instanceof Instant instant ? local(instant).toString() : value.toString();
    }

    private static LocalDateTime local(Instant instant) {
        return LocalDateTime.ofInstant(micros(instant), ZoneOffset.UTC);
    }

    /** Question marks for a list of so many values. */
    static String marks(int count) {
        return "?" + ", ?".repeat(count - 1);
    }

    static <T> List<List<T>> chunks(Collection<T> values) {
        List<T> all = List.copyOf(values);
        List<List<T>> chunks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += CHUNK) {
            chunks.add(all.subList(from, Math.min(all.size(), from + CHUNK)));
        }
        return chunks;
    }

    /** To the microsecond, the precision of every column that we write. */
    static Instant micros(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    static @Nullable Instant microsOrNull(@Nullable Instant instant) {
        return instant == null ? null : micros(instant);
    }

    private static void bind(PreparedStatement statement, List<@Nullable Object> parameters) throws SQLException {
        for (int i = 0; i < parameters.size(); i++) {
            bind(statement, i + 1, parameters.get(i));
        }
    }

    private static void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        if (value instanceof NullOf nothing) {
            statement.setNull(index, nothing.sqlType());
        } else if (value == null) {
            statement.setNull(index, Types.VARCHAR);
        } else if (value instanceof Instant instant) {
            statement.setObject(index, local(instant));
        } else if (value instanceof String text) {
            statement.setString(index, text);
        } else if (value instanceof Long number) {
            statement.setLong(index, number);
        } else if (value instanceof Integer number) {
            statement.setInt(index, number);
        } else if (value instanceof Boolean flag) {
            statement.setBoolean(index, flag);
        } else if (value instanceof byte[] bytes) {
            statement.setBytes(index, bytes);
        } else if (value instanceof ArrayOf array) {
            statement.setArray(
                    index,
                    statement
                            .getConnection()
                            .createArrayOf(array.type().sql(), array.values().toArray(new String[0])));
        } else {
            throw new IllegalArgumentException("no column takes a " + value.getClass());
        }
    }

    /** A NULL of a type that the database must be told. */
    record NullOf(int sqlType) {}

    /**
     * A statement that changes something, with its parameters.
     *
     * @param rows the same for many rows; null if there is no such form
     */
    record Statement(
            String sql,
            List<@Nullable Object> parameters,
            @Nullable Rows rows) {

        Statement(String sql, List<@Nullable Object> parameters) {
            this(sql, parameters, null);
        }

        static Statement of(String sql, Object... parameters) {
            return new Statement(sql, Arrays.asList(parameters));
        }
    }

    /** The current row of a result. */
    static final class Row {

        private final ResultSet result;

        private Row(ResultSet result) {
            this.result = result;
        }

        String text(String column) throws SQLException {
            return known(column, result.getString(column));
        }

        @Nullable
        String textOrNull(String column) throws SQLException {
            return result.getString(column);
        }

        Instant time(String column) throws SQLException {
            return known(column, timeOrNull(column));
        }

        @Nullable
        Instant timeOrNull(String column) throws SQLException {
            LocalDateTime utc = result.getObject(column, LocalDateTime.class);
            return utc == null ? null : utc.toInstant(ZoneOffset.UTC);
        }

        long number(String column) throws SQLException {
            return result.getLong(column);
        }

        @Nullable
        Long numberOrNull(String column) throws SQLException {
            long value = result.getLong(column);
            return result.wasNull() ? null : value;
        }

        byte[] bytes(String column) throws SQLException {
            return known(column, result.getBytes(column));
        }

        boolean flag(String column) throws SQLException {
            return result.getBoolean(column);
        }

        ResultSet result() {
            return result;
        }

        private static <T> T known(String column, @Nullable T value) throws SQLException {
            if (value == null) {
                throw new SQLException("column " + column + " must not be NULL");
            }
            return value;
        }
    }
}
