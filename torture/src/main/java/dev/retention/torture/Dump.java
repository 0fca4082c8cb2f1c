package dev.retention.torture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the database says when all is over. */
record Dump(Map<String, GateRow> gates, Map<Long, EngineRow> rows, Map<String, Run> runs) {

    /** Nothing was looked at. */
    static final Dump EMPTY = new Dump(Map.of(), Map.of(), Map.of());

    record GateRow(
            String state,
            boolean held,
            int attempts,
            @Nullable String deletedAt,
            @Nullable String outcome,
            @Nullable String evidence,
            @Nullable String cause,
            @Nullable String nextAttempt,
            @Nullable String key,
            @Nullable String account) {}

    record EngineRow(@Nullable String deleted, @Nullable String reason) {}

    record Run(long claimed, @Nullable String end) {}

    static Dump read(Connection connection, boolean zoned) throws SQLException {
        Map<String, GateRow> gates = new HashMap<>();
        Map<Long, EngineRow> rows = new HashMap<>();
        Map<String, Run> runs = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet r = statement.executeQuery(
                    "select recording_id, state, held, attempts, deleted_at, outcome, evidence, cause, next_attempt_at,"
                            + " storage_key, account"
                            + " from retention_deletion")) {
                while (r.next()) {
                    gates.put(
                            r.getString(1),
                            new GateRow(
                                    r.getString(2),
                                    r.getBoolean(3),
                                    r.getInt(4),
                                    r.getString(5),
                                    r.getString(6),
                                    r.getString(7),
                                    r.getString(8),
                                    r.getString(9),
                                    r.getString(10),
                                    r.getString(11)));
                }
            }
            String deleted = zoned ? "deleted at time zone 'UTC'" : "deleted";
            try (ResultSet r = statement.executeQuery("select id, " + deleted + ", reason from engine_call")) {
                while (r.next()) {
                    rows.put(r.getLong(1), new EngineRow(r.getString(2), r.getString(3)));
                }
            }
            try (ResultSet r = statement.executeQuery("select run_id, claimed, run_end from retention_run")) {
                while (r.next()) {
                    runs.put(r.getString(1), new Run(r.getLong(2), r.getString(3)));
                }
            }
        }
        return new Dump(gates, rows, runs);
    }
}
