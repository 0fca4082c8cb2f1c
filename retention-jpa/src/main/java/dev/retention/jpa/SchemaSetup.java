package dev.retention.jpa;

import dev.retention.RetentionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the library's tables, or creates them. Nothing here runs in a transaction of the engine. */
final class SchemaSetup {

    private static final Logger log = LoggerFactory.getLogger(SchemaSetup.class);
    private static final int MOST_TRIES = 5;

    private final SchemaInitialization initialization;
    private final @Nullable String schema;

    SchemaSetup(SchemaInitialization initialization, @Nullable String schema) {
        this.initialization = initialization;
        this.schema = schema;
    }

    Tables prepare(Database.Connections connections) {
        Found found = connections.with(this::find);
        Dialect dialect = found.dialect;
        List<String> missing = new ArrayList<>(Tables.NAMES);
        missing.removeAll(found.tables);
        if (!missing.isEmpty()) {
            if (!maySetUp(connections, dialect)) {
                throw new RetentionException("the tables " + String.join(", ", missing) + " are missing"
                        + (schema == null ? "" : " in the schema '" + schema + "'")
                        + "; create them with the script dev/retention/jpa/"
                        + dialect.script() + " in the retention-jpa jar, or set initialize-schema to always");
            }
            create(connections, dialect);
        }
        return new Tables(dialect, schema);
    }

    private boolean maySetUp(Database.Connections connections, Dialect dialect) {
        return switch (initialization) {
            case ALWAYS -> true;
            case NEVER -> false;
            case EMBEDDED ->
                dialect.isEmbedded(connections.with(sql -> sql.withConnection(
                        connection -> connection.getMetaData().getURL())));
        };
    }

    /** "If not exists" alone does not save two instances that start at once: one of them may still be told that it exists. */
    private void create(Database.Connections connections, Dialect dialect) {
        for (int attempt = 1; ; attempt++) {
            try {
                connections.with(sql -> sql.withConnection(connection -> {
                    try (Statement statement = connection.createStatement()) {
                        for (String ddl : statements(dialect)) {
                            statement.execute(ddl);
                        }
                    }
                    return dialect;
                }));
                log.info("Created the tables of the library with dev/retention/jpa/{}", dialect.script());
                return;
            } catch (RetentionException e) {
                if (attempt == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    private record Found(Dialect dialect, Set<String> tables) {}

    private Found find(Sql sql) {
        Dialect dialect = Database.dialect(sql);
        return new Found(dialect, dialect.existing(sql, Tables.NAMES, schema));
    }

    private List<String> statements(Dialect dialect) {
        String script = read(dialect.script()).replaceAll("(?m)^--.*$", "");
        if (schema != null) {
            script = dialect.qualifyIndexes(script, schema)
                    .replaceAll("(create table if not exists | on )(retention_)", "$1" + schema + ".$2");
        }
        return Arrays.stream(script.split(";\\s*"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    private static String read(String script) {
        try (InputStream in = SchemaSetup.class.getResourceAsStream(script)) {
            if (in == null) {
                throw new IllegalStateException(script + " is missing in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
