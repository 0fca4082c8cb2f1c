package dev.retention.torture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The engine's own tables: how they are made and filled, and whether they are still as the engine wrote them. */
final class EngineTables {

    private static final int CUSTOMERS = 100;

    private final DatabaseServer server;

    EngineTables(DatabaseServer server) {
        this.server = server;
    }

    void create(List<Row> rows) throws SQLException {
        String time = server.timeType();
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table engine_call (id bigint primary key, sid varchar(2000),"
                    + " account varchar(200), created " + time + " null, keep_until " + time
                    + " null, frozen boolean, tenant varchar(40), deleted " + time
                    + " null, reason varchar(200), note varchar(200), touched integer, caller varchar(60),"
                    + " channel varchar(20),"
                    + " constraint ck_engine_call check (deleted is null or note not like '" + Row.UNMARKABLE
                    + "%'))");
            statement.execute("create index ix_engine_call on engine_call (deleted, created, id)");
            // MariaDB and MySQL index no more than 768 characters.
            statement.execute("create index ix_engine_call_sid on engine_call (sid" + (isZoned() ? ")" : "(64))"));
            statement.execute("create table engine_customer (id bigint primary key, name varchar(200))");
            insert(connection, rows);
            for (int i = 0; i < CUSTOMERS; i++) {
                statement.execute("insert into engine_customer values (" + i + ", '" + customer(i) + "')");
            }
            statement.execute(isZoned() ? "analyze" : "analyze table engine_call");
        }
    }

    private static String customer(int i) {
        return "customer " + i;
    }

    private boolean isZoned() {
        return server.timeType().equals("timestamptz");
    }

    /** All of them, or none. */
    void insert(Connection connection, List<Row> rows) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("insert into engine_call values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (Row row : rows) {
                insert.setLong(1, row.id());
                insert.setString(2, row.sid());
                insert.setString(3, row.account());
                time(insert, 4, row.created());
                time(insert, 5, row.keepUntil());
                if (row.frozen()) {
                    insert.setBoolean(6, true);
                } else {
                    insert.setNull(6, Types.BOOLEAN);
                }
                insert.setString(7, row.tenant());
                time(insert, 8, row.deleted());
                insert.setString(9, row.deleted() == null ? null : Row.BY_HAND);
                insert.setString(10, row.note());
                insert.setInt(11, 0);
                insert.setString(12, row.caller());
                insert.setString(13, row.channel());
                insert.addBatch();
                if (row.id() % 1000 == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** From now on every row may be marked. */
    void heal(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("alter table engine_call drop constraint ck_engine_call");
        }
    }

    boolean has(Connection connection, Row row) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("select 1 from engine_call where id = ?")) {
            query.setLong(1, row.id());
            try (ResultSet result = query.executeQuery()) {
                return result.next();
            }
        }
    }

    /** What the engine changes of a row that is live: nothing if the row has another key or time by now. */
    boolean change(Connection connection, Row from, @Nullable Row to) throws SQLException {
        String where = " where id = ? and deleted is null";
        if (to == null) {
            try (PreparedStatement delete = connection.prepareStatement("delete from engine_call" + where)) {
                delete.setLong(1, from.id());
                return delete.executeUpdate() == 1;
            }
        }
        try (PreparedStatement update = connection.prepareStatement("update engine_call set sid = ?, account = ?,"
                + " created = ?, keep_until = ?, frozen = ?, tenant = ?, deleted = ?, reason = ?" + where)) {
            update.setString(1, to.sid());
            update.setString(2, to.account());
            time(update, 3, to.created());
            time(update, 4, to.keepUntil());
            if (to.frozen()) {
                update.setBoolean(5, true);
            } else {
                update.setNull(5, Types.BOOLEAN);
            }
            update.setString(6, to.tenant());
            time(update, 7, to.deleted());
            update.setString(8, to.deleted() == null ? null : Row.BY_HAND);
            update.setLong(9, from.id());
            return update.executeUpdate() == 1;
        }
    }

    /** Whether the row is this by now; null for gone. */
    boolean isNow(Connection connection, Row from, @Nullable Row to) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("select * from engine_call where id = ?")) {
            query.setLong(1, from.id());
            try (ResultSet result = query.executeQuery()) {
                return result.next() ? to != null && isUnchanged(to, result) : to == null;
            }
        }
    }

    private void time(PreparedStatement statement, int index, @Nullable Instant value) throws SQLException {
        if (value == null) {
            statement.setNull(index, isZoned() ? Types.TIMESTAMP_WITH_TIMEZONE : Types.TIMESTAMP);
        } else if (isZoned()) {
            statement.setObject(index, value.atOffset(ZoneOffset.UTC));
        } else {
            statement.setObject(index, LocalDateTime.ofInstant(value, ZoneOffset.UTC));
        }
    }

    private @Nullable Instant time(ResultSet result, String column) throws SQLException {
        if (isZoned()) {
            OffsetDateTime time = result.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }
        LocalDateTime time = result.getObject(column, LocalDateTime.class);
        return time == null ? null : time.toInstant(ZoneOffset.UTC);
    }

    /** What is not as the engine wrote it, of all that is not the library's to write. */
    List<String> changed(Connection connection, Fixture fixture) throws SQLException {
        List<String> changed = new ArrayList<>();
        Set<Long> missing = new HashSet<>();
        fixture.rows().stream().filter(row -> !fixture.life(row).isGone()).forEach(row -> missing.add(row.id()));
        try (Statement statement = connection.createStatement()) {
            try (ResultSet result = statement.executeQuery("select * from engine_call")) {
                while (result.next()) {
                    String id = result.getString("id");
                    Row row = fixture.byId(id);
                    missing.remove(result.getLong("id"));
                    if (row == null || fixture.life(row).isGone()) {
                        changed.add("row " + id + " was written by nobody");
                    } else if (!isUnchanged(row, result)) {
                        changed.add("row " + id + " has another value in a column that is not the library's");
                    }
                }
            }
            int customers = 0;
            try (ResultSet result = statement.executeQuery("select id, name from engine_customer")) {
                while (result.next()) {
                    customers += customer(result.getInt(1)).equals(result.getString(2)) ? 1 : 0;
                }
            }
            if (customers != CUSTOMERS) {
                changed.add("of " + CUSTOMERS + " customers, " + customers + " are as they were");
            }
        }
        missing.forEach(id -> changed.add("row " + id + " is gone"));
        return changed;
    }

    private boolean isUnchanged(Row row, ResultSet now) throws SQLException {
        Instant deleted = row.deleted();
        return Objects.equals(row.sid(), now.getString("sid"))
                && Objects.equals(row.account(), now.getString("account"))
                && Objects.equals(row.created(), time(now, "created"))
                && Objects.equals(row.keepUntil(), time(now, "keep_until"))
                && (row.frozen() ? now.getBoolean("frozen") : now.getObject("frozen") == null)
                && Objects.equals(row.tenant(), now.getString("tenant"))
                && Objects.equals(row.note(), now.getString("note"))
                && now.getInt("touched") == 0
                && row.caller().equals(now.getString("caller"))
                && row.channel().equals(now.getString("channel"))
                && (deleted == null
                        || deleted.equals(time(now, "deleted")) && Row.BY_HAND.equals(now.getString("reason")));
    }
}
