package dev.retention.jpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.ui.LoggerUIService;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * What engines migrate their databases with. Each migration is a file of SQL named as Flyway has it; Liquibase gets a
 * changelog that names the files.
 */
enum MigrationTool {
    FLYWAY {
        @Override
        int migrate(DataSource dataSource, Path migrations, @Nullable String schema) {
            var configuration = Flyway.configure().dataSource(dataSource).locations("filesystem:" + migrations);
            if (schema != null) {
                configuration.schemas(schema);
            }
            Flyway flyway = configuration.load();
            int executed = flyway.migrate().migrationsExecuted;
            flyway.validate();
            return executed;
        }
    },

    LIQUIBASE {
        // It logs every step. Kept here, since a logger that nobody holds forgets its level.
        private final Logger log = Logger.getLogger("liquibase");

        @Override
        int migrate(DataSource dataSource, Path migrations, @Nullable String schema) throws Exception {
            log.setLevel(Level.WARNING);
            Files.writeString(migrations.resolve("changelog.xml"), changelog(migrations));
            DirectoryResourceAccessor files = new DirectoryResourceAccessor(migrations);
            try (Connection connection = dataSource.getConnection()) {
                String before = schema(connection);
                if (schema != null) {
                    enter(connection, schema);
                }
                Database database =
                        DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection));
                int[] executed = new int[1];
                Scope.child(
                        Map.of(
                                Scope.Attr.ui.name(),
                                new LoggerUIService(),
                                "liquibase.analytics.enabled",
                                false,
                                Scope.Attr.resourceAccessor.name(),
                                files),
                        () -> {
                            Liquibase liquibase = new Liquibase("changelog.xml", files, database);
                            executed[0] =
                                    liquibase.listUnrunChangeSets(null, null).size();
                            liquibase.update("");
                            liquibase.validate();
                        });
                // The pool would hand it out as it is.
                enter(connection, before);
                return executed[0];
            }
        }

        private static String schema(Connection connection) throws SQLException {
            String schema = connection.getSchema();
            return schema == null ? connection.getCatalog() : schema;
        }

        private static void enter(Connection connection, String schema) throws SQLException {
            // Else PostgreSQL would forget it at a rollback.
            connection.setAutoCommit(true);
            if (connection.getSchema() == null) {
                connection.setCatalog(schema);
            } else {
                connection.setSchema(schema);
            }
        }

        private static String changelog(Path migrations) throws IOException {
            return files(migrations).stream()
                    .map(file -> "<changeSet id=\"" + file + "\" author=\"engine\"><sqlFile path=\"" + file
                            + "\" relativeToChangelogFile=\"true\"/></changeSet>\n")
                    .collect(Collectors.joining(
                            "",
                            "<databaseChangeLog xmlns=\"http://www.liquibase.org/xml/ns/dbchangelog\""
                                    + " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
                                    + " xsi:schemaLocation=\"http://www.liquibase.org/xml/ns/dbchangelog"
                                    + " http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd\">\n",
                            "</databaseChangeLog>\n"));
        }
    };

    /**
     * Does what has not been done, and checks what has been.
     *
     * @param schema where everything goes, the tool's own history too; null for the connection's own
     * @return how many migrations there were to do
     */
    abstract int migrate(DataSource dataSource, Path migrations, @Nullable String schema) throws Exception;

    static List<String> files(Path migrations) {
        try (Stream<Path> files = Files.list(migrations)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".sql"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
