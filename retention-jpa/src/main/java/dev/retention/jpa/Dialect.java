package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Rows.ArrayOf;
import dev.retention.jpa.Rows.Type;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the supported databases do differently. One class, so that a reader sees what each of them does. */
enum Dialect {
    POSTGRESQL("schema-postgresql.sql") {
        @Override
        String insertIfAbsent(String table, String columns, String marks, String key) {
            return "insert into " + table + " (" + columns + ") values (" + marks + ")" + ifAbsent();
        }

        @Override
        String ifAbsent() {
            return " on conflict do nothing";
        }

        // The user may have no right to call the function.
        @Override
        List<String> serverIdentifiers() {
            return List.of("select system_identifier as server from pg_control_system()");
        }

        @Override
        String lockingShared() {
            return " for share";
        }

        // Hundreds of parameters take the server as long to read and to plan as the rows take to find.
        @Override
        OneOf oneOf(String column, List<String> values) {
            return new OneOf(column + " = any (?)", List.of(new ArrayOf(Type.TEXT, List.copyOf(values))));
        }

        // Cast, since a driver that sends values within the text of a statement does not send their types.
        @Override
        String together(Rows rows) {
            return rows.from(rows.types().stream()
                    .map(type -> "cast(? as " + type.array() + ")")
                    .collect(Collectors.joining(", ", "unnest(", ")")));
        }

        // One round trip in place of two: the entries are as many parameters as the statement has columns.
        @Override
        String evidenceTogether(Tables tables) {
            return "with b as (insert into " + tables.unsealed() + " (entries, written_at) values (?, ?)"
                    + " returning batch_no), e as (insert into " + tables.evidence()
                    + " (batch_no, entry_no, recording_id, entry) select b.batch_no, v.n - 1, v.id, v.entry from b,"
                    + " unnest(cast(? as text[]), cast(? as text[])) with ordinality as v (id, entry, n))"
                    + " select batch_no from b";
        }

        // A connection keeps its plan of a prepared statement. The library's tables are empty when the plan is made,
        // and grow by thousands of rows in a night; the plan would still read them completely. Batches keep their
        // plans: planning each of their rows costs more than changing it. A query that fails ends the transaction, and
        // with it the setting.
        @Override
        <T> T plannedAnew(Sql sql, Supplier<T> queries) {
            sql.changeUntilBatch("set local plan_cache_mode = force_custom_plan", PLANS_KEPT);
            return queries.get();
        }

        // They end with the transaction. The plans are set by the same statement, which saves the other one.
        @Override
        @Nullable
        String limitWaits(Sql sql, Waits waits) {
            sql.query(
                    "select set_config('lock_timeout', ?, true),"
                            + " set_config('idle_in_transaction_session_timeout', ?, true),"
                            + " set_config('plan_cache_mode', 'force_custom_plan', true)",
                    row -> true,
                    Long.toString(waits.lock().toMillis()),
                    Long.toString(waits.idle().toMillis()));
            sql.changedUntilBatch(PLANS_KEPT);
            return null;
        }

        @Override
        boolean insertWaitsForLocked() {
            return false;
        }

        @Override
        void checkDeferred(Sql sql) {
            sql.update("set constraints all immediate");
        }

        // now() does not advance within a transaction.
        @Override
        Instant now(Sql sql) {
            return sql.query("select clock_timestamp() at time zone 'UTC' as t", row -> row.time("t"))
                    .get(0);
        }

        // As the statements will find them, along the search path.
        @Override
        Set<String> existing(Sql sql, List<String> tables, @Nullable String schema) {
            String prefix = schema == null ? "" : schema + ".";
            String names = "(?)" + ", (?)".repeat(tables.size() - 1);
            return Set.copyOf(sql.query(
                    "select name from (values " + names + ") as wanted (name) where to_regclass(? || name) is not null",
                    row -> row.text("name"),
                    Stream.concat(tables.stream(), Stream.of(prefix)).toArray()));
        }

        @Override
        boolean isRace(SQLException e) {
            String state = stateOf(e);
            return state.startsWith("40") || state.equals("55P03") || isDuplicate(e);
        }

        @Override
        boolean isDuplicate(SQLException e) {
            return stateOf(e).equals("23505");
        }
    },

    MARIADB("schema-mariadb.sql") {
        @Override
        String insertIfAbsent(String table, String columns, String marks, String key) {
            return insertOrLeave(table, columns, marks, key);
        }

        // The first is known to newer servers only.
        @Override
        List<String> serverIdentifiers() {
            return List.of("select @@server_uid as server", "select @@hostname as server");
        }

        // The UID is made of the network card's address and the port.
        @Override
        boolean serverIdentifierMoves() {
            return true;
        }

        @Override
        String lockingShared() {
            return " lock in share mode";
        }

        @Override
        String limitWaits(Sql sql, Waits waits) {
            return limitSession(sql, waits, waits.lockSeconds(), "idle_transaction_timeout");
        }

        // Such as MyISAM and Aria.
        @Override
        boolean hasTablesWithoutTransactions(Sql sql) {
            return anyTableWithoutTransactions(sql);
        }

        @Override
        Instant now(Sql sql) {
            return utcTimestamp(sql);
        }

        @Override
        Set<String> existing(Sql sql, List<String> tables, @Nullable String schema) {
            return inInformationSchema(sql, tables, schema, IN_DATABASE);
        }

        @Override
        String andSameBytes(String path, String mark) {
            return sameBytes(path, mark);
        }

        // 1020: read since changed, 1205: lock wait, 1213: deadlock.
        @Override
        boolean isRace(SQLException e) {
            return stateOf(e).startsWith("40") || Set.of(1020, 1205, 1213).contains(e.getErrorCode()) || isDuplicate(e);
        }

        @Override
        boolean isDuplicate(SQLException e) {
            return e.getErrorCode() == 1062;
        }
    },

    MYSQL("schema-mysql.sql") {
        // Such as MyISAM.
        @Override
        boolean hasTablesWithoutTransactions(Sql sql) {
            return anyTableWithoutTransactions(sql);
        }

        @Override
        String insertIfAbsent(String table, String columns, String marks, String key) {
            return insertOrLeave(table, columns, marks, key);
        }

        // It is kept in the data directory.
        @Override
        List<String> serverIdentifiers() {
            return List.of("select @@server_uuid as server");
        }

        // A replica that takes over has another one.
        @Override
        boolean serverIdentifierMoves() {
            return true;
        }

        @Override
        String lockingShared() {
            return " for share";
        }

        // It waits for a second at least. There is no limit for idle transactions, but one for idle sessions, which the
        // server reads whenever it begins to wait for a statement.
        @Override
        String limitWaits(Sql sql, Waits waits) {
            return limitSession(sql, waits, Math.max(1, waits.lockSeconds()), "wait_timeout");
        }

        // Each part that has a locked row takes a second. Of hundreds of rows, the locked one is found in two.
        @Override
        int partsAmongLocked() {
            return 32;
        }

        @Override
        Instant now(Sql sql) {
            return utcTimestamp(sql);
        }

        @Override
        Set<String> existing(Sql sql, List<String> tables, @Nullable String schema) {
            return inInformationSchema(sql, tables, schema, IN_DATABASE);
        }

        @Override
        String andSameBytes(String path, String mark) {
            return sameBytes(path, mark);
        }

        // 1205: lock wait, 1213: deadlock.
        @Override
        boolean isRace(SQLException e) {
            return stateOf(e).startsWith("40") || Set.of(1205, 1213).contains(e.getErrorCode()) || isDuplicate(e);
        }

        @Override
        boolean isDuplicate(SQLException e) {
            return e.getErrorCode() == 1062;
        }
    },

    H2("schema-h2.sql") {
        @Override
        String insertIfAbsent(String table, String columns, String marks, String key) {
            return "merge into " + table + " as t using (values (" + marks + ")) as s (" + columns + ") on t." + key
                    + " = s." + key + " when not matched then insert (" + columns + ") values (s."
                    + columns.replace(", ", ", s.") + ")";
        }

        // The session's. There is no limit for idle transactions: the database is in the frozen process itself.
        @Override
        @Nullable
        String limitWaits(Sql sql, Waits waits) {
            long before = sql.query("select lock_timeout() as t", row -> row.number("t"))
                    .get(0);
            if (before <= waits.lock().toMillis()) {
                return null;
            }
            sql.update("set lock_timeout " + waits.lock().toMillis());
            return "set lock_timeout " + before;
        }

        @Override
        Instant now(Sql sql) {
            return sql.query(
                            "select current_timestamp(9) as t",
                            row -> row.result()
                                    .getObject("t", OffsetDateTime.class)
                                    .toInstant())
                    .get(0);
        }

        // The level is the session's. Its "repeatable read" may see rows that were added later.
        @Override
        <T> T inSnapshot(Sql sql, Supplier<T> work) {
            String before = sql.query(
                            "select isolation_level from information_schema.sessions where session_id = session_id()",
                            row -> row.text("isolation_level"))
                    .get(0);
            sql.update(H2_LEVEL + "snapshot");
            try {
                return work.get();
            } finally {
                sql.update(H2_LEVEL + before);
            }
        }

        // The URL decides whether names are kept in capitals, and whether those of the information schema depend on it.
        @Override
        Set<String> existing(Sql sql, List<String> tables, @Nullable String schema) {
            return sql.withConnection(connection -> {
                String searched = schema == null ? connection.getSchema() : schema;
                Set<String> found = new HashSet<>();
                try (ResultSet all =
                        connection.getMetaData().getTables(null, null, null, new String[] {"BASE TABLE"})) {
                    while (all.next()) {
                        String name = all.getString("TABLE_NAME").toLowerCase(Locale.ROOT);
                        if (all.getString("TABLE_SCHEM").equalsIgnoreCase(searched) && tables.contains(name)) {
                            found.add(name);
                        }
                    }
                }
                return found;
            });
        }

        @Override
        String qualifyIndexes(String script, String schema) {
            return script.replaceAll("index if not exists (\\w+)", "index if not exists " + schema + ".$1");
        }

        @Override
        boolean isEmbedded(String url) {
            String target = url.toLowerCase(Locale.ROOT).replaceFirst("^jdbc:h2:", "");
            return !target.startsWith("tcp:") && !target.startsWith("ssl:");
        }

        // 50200: lock timeout, 90131: changed by another transaction.
        @Override
        boolean isRace(SQLException e) {
            return stateOf(e).startsWith("40")
                    || e.getErrorCode() == 50200
                    || e.getErrorCode() == 90131
                    || isDuplicate(e);
        }

        @Override
        boolean isDuplicate(SQLException e) {
            return stateOf(e).equals("23505");
        }
    };

    private static final String PLANS_KEPT = "set local plan_cache_mode = auto";

    private static final String H2_LEVEL = "set session characteristics as transaction isolation level ";

    /** MySQL's and MariaDB's schemas are databases. */
    private static final String IN_DATABASE = "table_schema = coalesce(?, database())";

    private final String script;

    Dialect(String script) {
        this.script = script;
    }

    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> POSTGRESQL;
            case "MariaDB" -> MARIADB;
            case "MySQL" -> {
                MySqlServer.of(connection).requireSupported();
                yield MYSQL;
            }
            case "H2" -> H2;
            default ->
                throw RetentionException.configuration("the database '" + product
                        + "' is not supported; use PostgreSQL, MySQL or MariaDB, each with its own driver, or H2");
        };
    }

    /** The script's name, beside this class in the jar. */
    String script() {
        return script;
    }

    /**
     * Inserts a row unless its key exists. If another transaction inserts the same key, it waits, or fails with an
     * error that {@link #isRace} recognises.
     */
    abstract String insertIfAbsent(String table, String columns, String marks, String key);

    /** The clause that makes a select lock its rows against changes, in shared mode if the database can. */
    String lockingShared() {
        return " for update";
    }

    /**
     * Limits how long the current transaction waits for locks and is idle.
     *
     * @return the statement that restores the limits of the session, before the transaction ends; null if nothing has
     *     to be restored
     */
    @Nullable
    abstract String limitWaits(Sql sql, Waits waits);

    /**
     * Into how many parts a batch is divided, and each part again, to find the rows that others have locked. More parts
     * are more transactions, of which fewer wait for a lock.
     */
    int partsAmongLocked() {
        return 2;
    }

    /** Whether {@link #insertIfAbsent} waits for whoever has locked a row with its key. */
    boolean insertWaitsForLocked() {
        return true;
    }

    /** Runs queries with long lists of values, whose plans must be for these values and the table as it is now. */
    <T> T plannedAnew(Sql sql, Supplier<T> queries) {
        return queries.get();
    }

    /** Queries, with one column {@code server}, that distinguish this server from a copy of it; the best first. */
    List<String> serverIdentifiers() {
        return List.of();
    }

    /** Whether the same database has another identifier on another machine. */
    boolean serverIdentifierMoves() {
        return false;
    }

    /** Checks at once what would be checked by the commit only. */
    void checkDeferred(Sql sql) {}

    /** Whether the schema has tables that no rollback changes. */
    boolean hasTablesWithoutTransactions(Sql sql) {
        return false;
    }

    abstract Instant now(Sql sql);

    /**
     * Runs work that only reads, and sees what was committed when it began. Must be called before the transaction has
     * read anything. The level ends with the transaction.
     */
    <T> T inSnapshot(Sql sql, Supplier<T> work) {
        sql.update("set transaction isolation level repeatable read, read only");
        return work.get();
    }

    abstract Set<String> existing(Sql sql, List<String> tables, @Nullable String schema);

    /** Whether the transaction lost against another one, and may be tried again. */
    abstract boolean isRace(SQLException e);

    /** Whether a key existed already: a race, unless it is repeated. */
    abstract boolean isDuplicate(SQLException e);

    /** What ends an insert of many rows by {@link #together}, so that it leaves out those whose keys exist. */
    String ifAbsent() {
        return "";
    }

    /**
     * One statement that does for many rows what another does for one, with an array for each parameter; null if the
     * database has none. Rows that it changes must be locked by this transaction, since their order is not defined.
     */
    @Nullable
    String together(Rows rows) {
        return null;
    }

    /**
     * A query that adds a batch to the evidence log and returns its number. Its parameters are how many entries there
     * are, when the first was written, and arrays of recording ids and entries. Null if the database has none.
     */
    @Nullable
    String evidenceTogether(Tables tables) {
        return null;
    }

    /** The condition that a column of text has one of these values. */
    OneOf oneOf(String column, List<String> values) {
        return OneOf.listed(column, values);
    }

    /** What must be added in JPQL to an equality of texts where collations are usually lenient. */
    String andSameBytes(String path, String mark) {
        return "";
    }

    boolean isEmbedded(String url) {
        return false;
    }

    String qualifyIndexes(String script, String schema) {
        return script;
    }

    // INSERT IGNORE would turn every error into a warning.
    private static String insertOrLeave(String table, String columns, String marks, String key) {
        return "insert into " + table + " (" + columns + ") values (" + marks + ") on duplicate key update " + key
                + " = " + key;
    }

    /**
     * Sets limits of the session, which the engine's transactions use, too. That of locks of tables is for changes of
     * their structure.
     *
     * @param lockSeconds for locks of rows
     * @param idle the variable that limits how long nothing may be sent
     */
    private static String limitSession(Sql sql, Waits waits, long lockSeconds, String idle) {
        sql.update("set @retention_lock_wait = @@innodb_lock_wait_timeout, @retention_table_wait ="
                + " @@lock_wait_timeout, @retention_idle = @@" + idle + ", innodb_lock_wait_timeout = " + lockSeconds
                + ", lock_wait_timeout = " + Math.max(1, lockSeconds) + ", " + idle + " = " + waits.idleSeconds());
        return "set innodb_lock_wait_timeout = @retention_lock_wait, lock_wait_timeout = @retention_table_wait, " + idle
                + " = @retention_idle";
    }

    private static Instant utcTimestamp(Sql sql) {
        return sql.query("select utc_timestamp(6) as t", row -> row.time("t")).get(0);
    }

    /** The cast turns both into the character set of the connection: a column may store texts in another one. */
    private static String sameBytes(String path, String mark) {
        return " and function('hex', cast(" + path + " as string)) = function('hex', cast(" + mark + " as string))";
    }

    private static boolean anyTableWithoutTransactions(Sql sql) {
        return !sql.query(
                        "select t.table_name as name from information_schema.tables t join"
                                + " information_schema.engines e on e.engine = t.engine where t.table_schema ="
                                + " database() and coalesce(e.transactions, 'NO') <> 'YES' limit 1",
                        row -> row.text("name"))
                .isEmpty();
    }

    private static Set<String> inInformationSchema(
            Sql sql, List<String> tables, @Nullable String schema, String inSchema) {
        return Set.copyOf(sql.query(
                "select lower(table_name) as name from information_schema.tables where " + inSchema
                        + " and lower(table_name) in (" + Sql.marks(tables.size()) + ")",
                row -> row.text("name"),
                Stream.concat(Stream.of(nullable(schema)), tables.stream()).toArray()));
    }

    private static Object nullable(@Nullable String text) {
        return text == null ? new Sql.NullOf(Types.VARCHAR) : text;
    }

    private static String stateOf(SQLException e) {
        String state = e.getSQLState();
        return state == null ? "" : state;
    }
}
