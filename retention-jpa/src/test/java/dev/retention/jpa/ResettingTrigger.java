package dev.retention.jpa;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.api.Trigger;

/** A trigger of H2 by which rows stay live. */
public final class ResettingTrigger implements Trigger {

    static final Set<String> IDS = ConcurrentHashMap.newKeySet();

    private int id;
    private int deleted;

    /** For H2. */
    public ResettingTrigger() {}

    @Override
    public void init(Connection connection, String schema, String trigger, String table, boolean before, int type)
            throws SQLException {
        id = column(connection, schema, table, "CALL_ID", "ID");
        deleted = column(connection, schema, table, "GONE", "DELETED_AT");
    }

    private static int column(Connection connection, String schema, String table, String... names) throws SQLException {
        for (String name : names) {
            try (ResultSet column = connection.getMetaData().getColumns(null, schema, table, name)) {
                if (column.next()) {
                    return column.getInt("ORDINAL_POSITION") - 1;
                }
            }
        }
        throw new SQLException("no such column in " + table);
    }

    @Override
    public void fire(Connection connection, Object[] before, Object[] after) {
        if (IDS.contains(String.valueOf(after[id]))) {
            after[deleted] = null;
        }
    }
}
