package dev.retention.torture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at the library's tables while it works: what was once an event must stay one, and who was sent must not be
 * ACTIVE again.
 */
final class Auditor {

    private final Fixture fixture;
    private final Journal journal;
    private final Map<Long, Integer> events = new HashMap<>();
    private final List<String> found = new ArrayList<>();

    Auditor(Fixture fixture, Journal journal) {
        this.fixture = fixture;
        this.journal = journal;
    }

    /** Looks once. What the database does not answer is looked at the next time. */
    synchronized void look(Connection connection) throws SQLException {
        long before = journal.next();
        List<String> active = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select recording_id from retention_deletion where state = 'ACTIVE'")) {
            while (row.next()) {
                active.add(row.getString(1));
            }
        }
        Map<String, Request> sent = new HashMap<>();
        for (Request request : journal.requests()) {
            if (request.isDelete() && request.seq < before && request.sid != null) {
                sent.putIfAbsent(request.sid, request);
            }
        }
        for (String id : active) {
            Row row = fixture.byId(id);
            if (row != null
                    && row.sid() != null
                    && !row.nature().isTwin()
                    && sent.containsKey(row.sid())
                    && found.size() < 20) {
                found.add("recording " + id + " is ACTIVE again after " + sent.get(row.sid()));
            }
        }
        readEvents(connection).forEach(events::putIfAbsent);
    }

    /** Events that were seen and are gone or changed. */
    synchronized List<String> vanished(Connection connection) throws SQLException {
        Map<Long, Integer> now = readEvents(connection);
        List<String> vanished = new ArrayList<>();
        events.forEach((number, hash) -> {
            if (!hash.equals(now.get(number))) {
                vanished.add("event " + number + (now.containsKey(number) ? " was changed" : " is gone"));
            }
        });
        return vanished;
    }

    synchronized List<String> activeAgain() {
        return List.copyOf(found);
    }

    private static Map<Long, Integer> readEvents(Connection connection) throws SQLException {
        Map<Long, Integer> read = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select event_no, occurred_at, kind, recording_id, run_id, actor, detail"
                                + " from retention_event")) {
            while (row.next()) {
                StringBuilder text = new StringBuilder();
                for (int i = 2; i <= 7; i++) {
                    text.append(row.getString(i)).append('|');
                }
                read.put(row.getLong(1), text.toString().hashCode());
            }
        }
        return read;
    }
}
