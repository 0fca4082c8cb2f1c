package dev.retention.jpa;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What the library's tables are like in a database, to compare. A table that is missing is absent. */
final class Structure {

    private Structure() {}

    /**
     * Columns in their order, then keys and indexes by what they are on: their names are partly the database's own
     * choice.
     *
     * @param schema where to look; null for the connection's own
     */
    static Map<String, List<String>> of(DataSource dataSource, @Nullable String schema) throws SQLException {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        try (Connection connection = dataSource.getConnection()) {
            DatabaseMetaData database = connection.getMetaData();
            boolean schemasAreCatalogs = connection.getSchema() == null;
            String catalog = schemasAreCatalogs && schema != null ? schema : connection.getCatalog();
            String within = schemasAreCatalogs ? null : cased(database, schema, connection.getSchema());
            for (String name : Tables.NAMES) {
                String table = cased(database, name, name);
                List<String> lines = new ArrayList<>(columns(database, catalog, within, table));
                if (!lines.isEmpty()) {
                    lines.addAll(indexes(database, catalog, within, table));
                    tables.put(name, lines);
                }
            }
        }
        return tables;
    }

    private static String cased(DatabaseMetaData database, @Nullable String name, String otherwise)
            throws SQLException {
        if (name == null) {
            return otherwise;
        }
        return database.storesUpperCaseIdentifiers() ? name.toUpperCase(Locale.ROOT) : name;
    }

    private static List<String> columns(
            DatabaseMetaData database, @Nullable String catalog, @Nullable String schema, String table)
            throws SQLException {
        Map<Integer, String> columns = new TreeMap<>();
        try (ResultSet row = database.getColumns(catalog, schema, table, null)) {
            while (row.next()) {
                columns.put(
                        row.getInt("ORDINAL_POSITION"),
                        String.join(
                                " ",
                                row.getString("COLUMN_NAME").toLowerCase(Locale.ROOT),
                                row.getString("TYPE_NAME"),
                                row.getString("COLUMN_SIZE"),
                                row.getString("DECIMAL_DIGITS"),
                                "nullable=" + row.getString("IS_NULLABLE"),
                                "default=" + row.getString("COLUMN_DEF"),
                                "generated=" + row.getString("IS_AUTOINCREMENT")));
            }
        }
        return List.copyOf(columns.values());
    }

    private static List<String> indexes(
            DatabaseMetaData database, @Nullable String catalog, @Nullable String schema, String table)
            throws SQLException {
        Map<String, StringBuilder> byName = new TreeMap<>();
        try (ResultSet row = database.getIndexInfo(catalog, schema, table, false, true)) {
            while (row.next()) {
                byName.computeIfAbsent(row.getString("INDEX_NAME"), name -> new StringBuilder("index"))
                        .append(indexPart(row));
            }
        }
        return byName.values().stream().map(StringBuilder::toString).sorted().toList();
    }

    private static String indexPart(ResultSet row) throws SQLException {
        String unique = row.getInt("ORDINAL_POSITION") == 1 && !row.getBoolean("NON_UNIQUE") ? " unique" : "";
        return unique + " " + row.getString("COLUMN_NAME").toLowerCase(Locale.ROOT);
    }
}
