package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionException;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SchemaTest {

    /** As many as the pool has connections. */
    private static final int AT_ONCE = 8;

    private static HikariDataSource dataSource(TestDatabase database) {
        return database.create("schema" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
    }

    private static JpaRecordingRepository.Builder builder(
            EntityManagerFactory factory, SchemaInitialization initialization) {
        return JpaRecordingRepository.builder(factory, VoiceRecording.class).initializeSchema(initialization);
    }

    private static String newSchema(HikariDataSource dataSource) throws SQLException {
        String schema = "ours_" + UUID.randomUUID().toString().substring(0, 8);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute("create schema " + schema);
        }
        return schema;
    }

    private static long count(HikariDataSource dataSource, String table) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from " + table)) {
            result.next();
            return result.getLong(1);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void namesTheScriptAndTheTablesThatAreMissing(TestDatabase database) throws Exception {
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            assertThatThrownBy(
                            () -> builder(factory, SchemaInitialization.NEVER).build())
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("retention_deletion")
                    .hasMessageContaining("retention_control")
                    .hasMessageContaining(
                            "dev/retention/jpa/schema-" + database.name().toLowerCase() + ".sql");

            builder(factory, SchemaInitialization.ALWAYS).build();
            builder(factory, SchemaInitialization.ALWAYS).build();

            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                statement.execute("drop table retention_event");
            }
            assertThatThrownBy(
                            () -> builder(factory, SchemaInitialization.NEVER).build())
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("the tables retention_event are missing");
            builder(factory, SchemaInitialization.ALWAYS).build();
            assertThatCode(() -> builder(factory, SchemaInitialization.NEVER).build())
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void createsTablesByDefaultInAnEmbeddedDatabaseOnly(TestDatabase database) {
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            JpaRecordingRepository.Builder builder = JpaRecordingRepository.builder(factory, VoiceRecording.class);
            if (database == TestDatabase.H2) {
                assertThat(builder.build().runs().open()).isEmpty();
            } else {
                assertThatThrownBy(builder::build).hasMessageContaining("are missing");
            }
        }
    }

    @Test
    void takesAnH2ServerForNoEmbeddedDatabase() {
        assertThat(Dialect.H2.isEmbedded("jdbc:h2:mem:x")).isTrue();
        assertThat(Dialect.H2.isEmbedded("jdbc:h2:file:/data/x")).isTrue();
        assertThat(Dialect.H2.isEmbedded("jdbc:h2:~/x")).isTrue();
        assertThat(Dialect.H2.isEmbedded("jdbc:h2:tcp://localhost/x")).isFalse();
        assertThat(Dialect.H2.isEmbedded("jdbc:h2:ssl://localhost/x")).isFalse();
        assertThat(Dialect.POSTGRESQL.isEmbedded("jdbc:postgresql:x")).isFalse();
    }

    /** Each round is in a new schema. H2, whose "if not exists" is the least atomic, has the most. */
    @ParameterizedTest
    @CsvSource({"H2, 40", "POSTGRESQL, 5", "MARIADB, 5", "MYSQL, 5"})
    void letsSeveralInstancesStartAtOnce(TestDatabase database, int rounds) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            builder(factory, SchemaInitialization.ALWAYS).build();
            Map<String, List<String>> expected = Structure.of(dataSource, null);
            for (int round = 0; round < rounds; round++) {
                String schema = newSchema(dataSource);
                CyclicBarrier start = new CyclicBarrier(AT_ONCE);
                List<Future<JpaRecordingRepository>> built = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    built.add(pool.submit(() -> {
                        start.await();
                        return builder(factory, SchemaInitialization.ALWAYS)
                                .schema(schema)
                                .build();
                    }));
                }
                for (Future<JpaRecordingRepository> one : built) {
                    assertThat(one.get().runs().open()).isEmpty();
                }
                assertThat(Structure.of(dataSource, schema)).isEqualTo(expected);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void getsThroughWhenAnotherInstanceIsQuickerAtEachStatement() throws Exception {
        try (HikariDataSource dataSource = dataSource(TestDatabase.H2)) {
            Set<String> told = new HashSet<>();
            DataSource quicker = scripted(dataSource, (sql, call) -> {
                call.run();
                if (told.add(sql)) {
                    throw alreadyExists();
                }
            });
            try (EntityManagerFactory factory =
                    Engine.factory(TestDatabase.H2, quicker, "create", VoiceRecording.class)) {
                builder(factory, SchemaInitialization.ALWAYS).build();
            }
            assertThat(told).hasSizeGreaterThan(10);
            assertThat(Structure.of(dataSource, null).keySet()).containsExactlyElementsOf(Tables.NAMES);
        }
    }

    @Test
    void saysWhatFailedWhenAStatementNeverSucceeds() {
        try (HikariDataSource dataSource = dataSource(TestDatabase.H2)) {
            List<String> tried = new ArrayList<>();
            DataSource refusing = scripted(dataSource, (sql, call) -> {
                if (sql.contains("ix_retention_event_run")) {
                    tried.add(sql);
                    throw alreadyExists();
                }
                call.run();
            });
            try (EntityManagerFactory factory =
                    Engine.factory(TestDatabase.H2, refusing, "create", VoiceRecording.class)) {
                assertThatThrownBy(() ->
                                builder(factory, SchemaInitialization.ALWAYS).build())
                        .isInstanceOf(RetentionException.class)
                        .hasMessageContaining("could not prepare the tables of the library")
                        .hasMessageContaining("SQLState HY000, code 50000");
            }
            assertThat(tried).hasSize(5);
        }
    }

    /** What H2 says of an index that another session creates at the same moment. */
    private static SQLException alreadyExists() {
        return new SQLException("General error: \"object already exists: IX\"", "HY000", 50000);
    }

    private interface Script {
        void execute(String sql, Intercepted.Call call) throws Throwable;
    }

    /** Intercepts the statements of the library's script. */
    private static DataSource scripted(DataSource target, Script script) {
        return Intercepted.proxy(DataSource.class, target, (method, call) -> {
            Object result = call.run();
            return result instanceof Connection connection ? scripted(connection, script) : result;
        });
    }

    private static Connection scripted(Connection target, Script script) {
        return Intercepted.proxy(Connection.class, target, (method, call) -> {
            Object result = call.run();
            return method.equals("createStatement") ? scripted((Statement) result, script) : result;
        });
    }

    private static Statement scripted(Statement target, Script script) {
        return Intercepted.proxyWithArguments(Statement.class, target, (method, arguments, call) -> {
            if (arguments != null && arguments[0] instanceof String sql && sql.contains("if not exists")) {
                script.execute(sql, call);
                return false;
            }
            return call.run();
        });
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void keepsItsTablesWhereItIsTold(TestDatabase database) throws Exception {
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            String schema = newSchema(dataSource);
            JpaRecordingRepository.Builder builder =
                    builder(factory, SchemaInitialization.ALWAYS).schema(schema);
            assertThat(builder.build().holds().list(0, 10)).isEmpty();
            assertThat(count(dataSource, schema + ".retention_deletion")).isZero();
            assertThat(builder.build().holds().release("none", "me", java.time.Instant.now()))
                    .isFalse();
            assertThatThrownBy(
                            () -> builder(factory, SchemaInitialization.NEVER).build())
                    .hasMessageContaining("are missing");
            assertThat(Structure.of(dataSource, schema).keySet()).containsExactlyElementsOf(Tables.NAMES);
            assertThat(Structure.of(dataSource, null)).isEmpty();
            assertThat(builder(factory, SchemaInitialization.NEVER)
                            .schema(schema)
                            .build()
                            .runs()
                            .open())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void outlivesTheEnginesCreateDrop(TestDatabase database) throws Exception {
        try (HikariDataSource dataSource = dataSource(database)) {
            try (EntityManagerFactory factory =
                    Engine.factory(database, dataSource, "create-drop", VoiceRecording.class)) {
                builder(factory, SchemaInitialization.ALWAYS).build();
                try (Connection connection = dataSource.getConnection();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(true);
                    statement.execute("insert into retention_control (name) values ('kept')");
                }
            }
            assertThat(count(dataSource, "retention_control"))
                    .as("this row and that of the tables' owner")
                    .isEqualTo(2);
            assertThatThrownBy(() -> count(dataSource, "voice_recording")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void leavesVoiceRecordingOutUnlessItIsNamed() {
        try (HikariDataSource dataSource = dataSource(TestDatabase.H2);
                EntityManagerFactory factory = Engine.factory(
                        TestDatabase.H2, dataSource, "create", Calls.OddCall.class, Calls.Customer.class)) {
            assertThatThrownBy(
                            () -> builder(factory, SchemaInitialization.ALWAYS).build())
                    .hasMessageContaining("VoiceRecording is no entity");
        }
    }
}
