package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of {@code retention_control} that are nobody's setting: the adapter keeps them for itself. */
enum InternalControl {
    /**
     * Claims lock it before they read anything, and holds by attribute and their releases advance it. So a claim either
     * is committed before the hold, which finds its gate row then, or sees the hold.
     */
    HOLDS_EPOCH("holds-epoch"),

    /** Whoever opens a run advances it, so that one is opened after the other. */
    RUNS("runs-lock"),

    /**
     * Names the entity, and the tenant, to which the tables belong: see {@link TableOwner}. It is neither locked nor
     * counted.
     */
    ENTITY("entity");

    private final String row;

    InternalControl(String row) {
        this.row = row;
    }

    /** The name of the row. */
    String row() {
        return row;
    }

    /** The condition that a row of {@code retention_control} is a setting. */
    static String isSetting() {
        return Arrays.stream(values())
                .map(each -> "'" + each.row + "'")
                .collect(Collectors.joining(", ", "name not in (", ")"));
    }

    /** Keeps away whoever advances it, until the transaction ends. */
    void lockShared(Session session) {
        lock(session, session.tables().dialect().lockingShared());
    }

    /**
     * Keeps all others away until the transaction ends. The changed row makes those that wait start again on databases
     * with repeatable reads.
     */
    void advance(Session session) {
        long count = Long.parseLong(lock(session, " for update"));
        session.sql()
                .update(
                        "update " + session.tables().control() + " set setting = ? where name = ?",
                        Long.toString(count + 1),
                        row);
    }

    private String lock(Session session, String locking) {
        List<String> found = read(session, locking);
        if (found.isEmpty()) {
            session.sql()
                    .update(new Columns()
                            .text("name", row)
                            .text("setting", "0")
                            .insertInto(
                                    session.tables().control(),
                                    "name",
                                    session.tables().dialect()));
            found = read(session, locking);
        }
        return found.get(0);
    }

    private List<String> read(Session session, String locking) {
        return session.sql()
                .query(
                        "select setting from " + session.tables().control() + " where name = ?" + locking,
                        found -> found.text("setting"),
                        row);
    }
}
