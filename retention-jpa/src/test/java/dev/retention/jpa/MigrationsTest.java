package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.FirstRun;
import dev.retention.LedgerEntry;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The script in the jar, copied among the engine's own migrations")
class MigrationsTest {

    /** Each holds all of one engine's work, ours among it. */
    @TempDir
    private Path migrations;

    @TempDir
    private Path ours;

    static Stream<Arguments> toolsAndDatabases() {
        return Arrays.stream(MigrationTool.values())
                .flatMap(tool -> Arrays.stream(TestDatabase.values()).map(database -> Arguments.of(tool, database)));
    }

    private static HikariDataSource dataSource(TestDatabase database) {
        return database.create("migrated" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
    }

    private static EntityManagerFactory factory(TestDatabase database, HikariDataSource dataSource) {
        return Engine.factory(database, dataSource, "validate", VoiceRecording.class);
    }

    private static String script(TestDatabase database) throws IOException {
        String name = "schema-" + database.name().toLowerCase(Locale.ROOT) + ".sql";
        try (InputStream in = Objects.requireNonNull(MigrationsTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private void engineBegins(TestDatabase database) throws IOException {
        String time = database.isOfMySqlFamily() ? "datetime(6)" : "timestamp(6) with time zone";
        Files.writeString(migrations.resolve("V1__voice_recording.sql"), """
                create table voice_recording (
                    id                   bigint not null primary key,
                    twilio_recording_sid varchar(64),
                    created_at           %1$s,
                    deleted_at           %1$s,
                    deletion_reason      varchar(255)
                );
                """.formatted(time));
    }

    private void oursIsCopied(TestDatabase database) throws IOException {
        Files.writeString(migrations.resolve("V2__retention.sql"), script(database));
    }

    private void engineGoesOn() throws IOException {
        Files.writeString(
                migrations.resolve("V3__voice_recording_agent.sql"),
                "alter table voice_recording add column agent varchar(100);\n");
    }

    private static JpaRecordingRepository repository(
            EntityManagerFactory factory, SchemaInitialization initialization, @Nullable String schema) {
        JpaRecordingRepository.Builder builder =
                JpaRecordingRepository.builder(factory, VoiceRecording.class).initializeSchema(initialization);
        return (schema == null ? builder : builder.schema(schema)).build();
    }

    /** Claims, deletes and records one recording, and leaves its twin that is not due. */
    private static void sweepsOnce(HikariDataSource dataSource, JpaRecordingRepository repository, int id)
            throws SQLException {
        Instant now = Instant.now();
        insert(dataSource, id, now.minus(Duration.ofDays(91)));
        insert(dataSource, id + 1, now.minus(Duration.ofDays(89)));
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-" + id, "key-" + (id + 1));
        try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .build()) {
            assertThat(sweeper.sweep()).satisfies(report -> {
                assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
                assertThat(report.deleted()).isEqualTo(1);
            });
        }
        assertThat(storage.keys()).containsExactly("key-" + (id + 1));
        assertThat(repository.ledger().find(List.of("" + id, "" + (id + 1))))
                .extracting(LedgerEntry::recordingId)
                .containsExactly("" + id);
    }

    private static void insert(HikariDataSource dataSource, int id, Instant created) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            String zone = connection.getMetaData().getURL().matches("jdbc:m(ariadb|ysql):.*") ? "" : "+00:00";
            statement.execute("insert into voice_recording (id, twilio_recording_sid, created_at) values (" + id
                    + ", 'key-" + id + "', '"
                    + created.toString().replace("Z", "").replace('T', ' ') + zone + "')");
        }
    }

    private static List<Long> rows(HikariDataSource dataSource, @Nullable String schema) throws SQLException {
        List<Long> rows = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : Tables.NAMES) {
                try (ResultSet count = statement.executeQuery(
                        "select count(*) from " + (schema == null ? "" : schema + ".") + table)) {
                    count.next();
                    rows.add(count.getLong(1));
                }
            }
        }
        return rows;
    }

    private static Map<String, List<String>> structureByTheLibrary(TestDatabase database) throws SQLException {
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            repository(factory, SchemaInitialization.ALWAYS, null);
            return Structure.of(dataSource, null);
        }
    }

    private static void execute(HikariDataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute(sql);
        }
    }

    @ParameterizedTest
    @MethodSource("toolsAndDatabases")
    void createsTheTablesThatTheLibraryWouldAndThenLeavesThemAlone(MigrationTool tool, TestDatabase database)
            throws Exception {
        engineBegins(database);
        oursIsCopied(database);
        engineGoesOn();
        Map<String, List<String>> byTheLibrary = structureByTheLibrary(database);
        assertThat(byTheLibrary.keySet()).containsExactlyElementsOf(Tables.NAMES);
        try (HikariDataSource dataSource = dataSource(database)) {
            assertThat(tool.migrate(dataSource, migrations, null)).isEqualTo(3);
            assertThat(Structure.of(dataSource, null)).isEqualTo(byTheLibrary);

            try (EntityManagerFactory factory = factory(database, dataSource)) {
                sweepsOnce(dataSource, repository(factory, SchemaInitialization.NEVER, null), 1);
                List<Long> rows = rows(dataSource, null);

                assertThat(tool.migrate(dataSource, migrations, null)).isZero();
                repository(factory, SchemaInitialization.ALWAYS, null);
                assertThat(tool.migrate(dataSource, migrations, null)).isZero();

                assertThat(Structure.of(dataSource, null)).isEqualTo(byTheLibrary);
                assertThat(rows(dataSource, null)).isEqualTo(rows);
            }
        }
    }

    /** As when somebody began with initialize-schema=always, and takes the tables into the migrations later. */
    @ParameterizedTest
    @MethodSource("toolsAndDatabases")
    void findsTheTablesThatTheLibraryCreatedBefore(MigrationTool tool, TestDatabase database) throws Exception {
        engineBegins(database);
        try (HikariDataSource dataSource = dataSource(database)) {
            assertThat(tool.migrate(dataSource, migrations, null)).isEqualTo(1);
            try (EntityManagerFactory factory = factory(database, dataSource)) {
                sweepsOnce(dataSource, repository(factory, SchemaInitialization.ALWAYS, null), 1);
                Map<String, List<String>> before = Structure.of(dataSource, null);
                List<Long> rows = rows(dataSource, null);

                oursIsCopied(database);
                engineGoesOn();
                assertThat(tool.migrate(dataSource, migrations, null)).isEqualTo(2);

                assertThat(Structure.of(dataSource, null)).isEqualTo(before);
                assertThat(rows(dataSource, null)).isEqualTo(rows);
                sweepsOnce(dataSource, repository(factory, SchemaInitialization.NEVER, null), 11);
            }
        }
    }

    /**
     * The script names no schema, so a tool that is told one puts the tables there, with a history of its own beside
     * them.
     */
    @ParameterizedTest
    @MethodSource("toolsAndDatabases")
    void createsTheTablesInASchemaOfTheirOwn(MigrationTool tool, TestDatabase database) throws Exception {
        engineBegins(database);
        engineGoesOn();
        Files.writeString(ours.resolve("V1__retention.sql"), script(database));
        String schema = "ours" + UUID.randomUUID().toString().substring(0, 8);
        String stored = database == TestDatabase.H2 ? schema.toUpperCase(Locale.ROOT) : schema;
        try (HikariDataSource dataSource = dataSource(database)) {
            execute(dataSource, "create schema " + schema);
            assertThat(tool.migrate(dataSource, migrations, null)).isEqualTo(2);
            assertThat(tool.migrate(dataSource, ours, stored)).isEqualTo(1);

            assertThat(Structure.of(dataSource, null)).isEmpty();
            assertThat(Structure.of(dataSource, schema)).isEqualTo(structureByTheLibrary(database));
            try (EntityManagerFactory factory = factory(database, dataSource)) {
                sweepsOnce(dataSource, repository(factory, SchemaInitialization.NEVER, schema), 1);
            }
            assertThat(tool.migrate(dataSource, migrations, null)).isZero();
            assertThat(tool.migrate(dataSource, ours, stored)).isZero();
        }
    }
}
