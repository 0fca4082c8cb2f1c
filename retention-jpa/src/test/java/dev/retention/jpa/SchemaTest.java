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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchemaTest {

    private static HikariDataSource dataSource(TestDatabase database) {
        return database.create("schema" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
    }

    private static JpaRecordingRepository.Builder builder(
            EntityManagerFactory factory, SchemaInitialization initialization) {
        return JpaRecordingRepository.builder(factory, VoiceRecording.class).initializeSchema(initialization);
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

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void letsSeveralInstancesStartAtOnce(TestDatabase database) throws Exception {
        int instances = 4;
        ExecutorService pool = Executors.newFixedThreadPool(instances);
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            CyclicBarrier start = new CyclicBarrier(instances);
            List<Future<JpaRecordingRepository>> built = new ArrayList<>();
            for (int i = 0; i < instances; i++) {
                built.add(pool.submit(() -> {
                    start.await();
                    return builder(factory, SchemaInitialization.ALWAYS).build();
                }));
            }
            for (Future<JpaRecordingRepository> one : built) {
                assertThat(one.get().runs().open()).isEmpty();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void keepsItsTablesWhereItIsTold(TestDatabase database) throws Exception {
        String schema = "ours_" + UUID.randomUUID().toString().substring(0, 8);
        try (HikariDataSource dataSource = dataSource(database);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", VoiceRecording.class)) {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                statement.execute("create schema " + schema);
            }
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
            assertThat(count(dataSource, "retention_control")).isEqualTo(1);
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
