package dev.retention.jpa;

import dev.retention.RetentionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the library's tables, or creates them. Nothing here runs in a transaction of the engine. */
final class SchemaSetup {

    private static final Logger log = LoggerFactory.getLogger(SchemaSetup.class);
    /** Of one statement. */
    private static final int MOST_TRIES = 5;

    private final SchemaInitialization initialization;
    private final @Nullable String schema;

    SchemaSetup(SchemaInitialization initialization, @Nullable String schema) {
        this.initialization = initialization;
        this.schema = schema;
    }

    Tables prepare(JpaTransactions transactions, Dialect dialect) {
        Sql sql = new Sql(transactions::withConnection, dialect);
        List<String> missing = new ArrayList<>(Tables.NAMES);
        missing.removeAll(dialect.existing(sql, Tables.NAMES, schema));
        if (!missing.isEmpty()) {
            if (!maySetUp(sql, dialect)) {
                throw RetentionException.configuration("the tables " + String.join(", ", missing) + " are missing"
                        + (schema == null ? "" : " in the schema '" + schema + "'")
                        + "; create them with the script dev/retention/jpa/"
                        + dialect.script() + " in the retention-jpa jar, or set initialize-schema to always");
            }
            create(transactions, dialect);
        }
        return new Tables(dialect, schema);
    }

    private boolean maySetUp(Sql sql, Dialect dialect) {
        return switch (initialization) {
            case ALWAYS -> true;
            case NEVER -> false;
            case EMBEDDED ->
                dialect.isEmbedded(sql.withConnection(
                        connection -> connection.getMetaData().getURL()));
        };
    }

    /**
     * "If not exists" alone is not enough for instances that start at once: one of them may still get the error that it
     * exists, at each statement. So the tries are counted for each statement. An instance that got this error finds it
     * next time and proceeds; one that fails again at the same statement has another reason, which is thrown.
     */
    private void create(JpaTransactions transactions, Dialect dialect) {
        List<String> statements = statements(dialect);
        int furthest = -1;
        int triesThere = 0;
        while (true) {
            AtomicInteger executed = new AtomicInteger();
            try {
                transactions.inNewTransaction(entityManager -> entityManager.callWithConnection(
                        (Connection connection) -> execute(connection, statements, executed)));
                log.info("Created the tables of the library with dev/retention/jpa/{}", dialect.script());
                return;
            } catch (RuntimeException e) {
                if (executed.get() > furthest) {
                    furthest = executed.get();
                    triesThere = 0;
                }
                triesThere++;
                if (triesThere == MOST_TRIES) {
                    throw e;
                }
                Database.pause(triesThere);
            }
        }
    }

    private static int execute(Connection connection, List<String> statements, AtomicInteger executed)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String ddl : statements) {
                statement.execute(ddl);
                executed.incrementAndGet();
            }
        }
        return executed.get();
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
