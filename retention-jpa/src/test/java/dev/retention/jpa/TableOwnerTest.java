package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionException;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recordings are found by their id, so that one set of tables is for one entity. */
class TableOwnerTest {

    private static final int MOST_ROUNDS = 200;

    private HikariDataSource dataSource;
    private EntityManagerFactory factory;

    private void start(TestDatabase database) {
        dataSource =
                database.create("owner" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_REPEATABLE_READ");
        factory = Engine.factory(
                database, dataSource, "create", VoiceRecording.class, Calls.OddCall.class, Calls.Customer.class);
    }

    @AfterEach
    void stop() {
        // Neither is there if the database is left out.
        if (factory != null) {
            factory.close();
        }
        if (dataSource != null) {
            dataSource.close();
        }
    }

    private JpaRecordingRepository.Builder voiceRecordings() {
        return JpaRecordingRepository.builder(factory, VoiceRecording.class)
                .initializeSchema(SchemaInitialization.ALWAYS);
    }

    private JpaRecordingRepository.Builder oddCalls() {
        return JpaRecordingRepository.builder(factory, Calls.OddCall.class)
                .initializeSchema(SchemaInitialization.ALWAYS)
                .storageKey("sid")
                .created("started")
                .deleted("gone")
                .reason("why");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSecondEntityIsRefusedAndTheFirstIsNot(TestDatabase database) {
        start(database);
        voiceRecordings().build();

        assertThatThrownBy(() -> oddCalls().build())
                .isInstanceOf(RetentionException.class)
                .returns(RetentionException.Kind.CONFIGURATION, e -> ((RetentionException) e).kind())
                .hasMessageContaining("belong to the entity 'VoiceRecording'")
                .hasMessageContaining("reads 'OddCall'")
                .hasMessageContaining("the setting 'schema'");
        assertThat(voiceRecordings().build().controls().all()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anEntityThatWasRenamedIsTakenAfterTheStatementOfTheMessage(TestDatabase database) throws SQLException {
        start(database);
        voiceRecordings().build();
        String message = "";
        try {
            oddCalls().build();
        } catch (RetentionException e) {
            message = String.valueOf(e.getMessage());
        }

        execute(message.replaceAll("(?s).*execute (update .*), then start again", "$1"));

        oddCalls().build();
        assertThatThrownBy(() -> voiceRecordings().build()).hasMessageContaining("belong to the entity 'OddCall'");
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"MARIADB", "MYSQL"})
    void aSecondEntityHasTablesInASchemaOfItsOwn(TestDatabase database) throws SQLException {
        start(database);
        voiceRecordings().build();
        execute("create schema odd");

        JpaRecordingRepository odd = oddCalls().schema("odd").build();

        assertThat(odd.ledger().find(List.of("1"))).isEmpty();
        assertThatThrownBy(() -> voiceRecordings().schema("odd").build())
                .hasMessageContaining("in the schema 'odd' belong to the entity 'OddCall'");
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoEntitiesThatStartAtOnceOneIsRefused(TestDatabase database) throws Exception {
        start(database);
        voiceRecordings().build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Set<Boolean> winners = new HashSet<>();
            for (int round = 0; round < 10 || winners.size() < 2; round++) {
                assertThat(round).as("rounds that one entity wins").isLessThan(MOST_ROUNDS);
                execute("delete from retention_control");
                // Who is first has a head start.
                int first = round;
                List<Callable<Boolean>> starts = IntStream.range(first, first + 4)
                        .<Callable<Boolean>>mapToObj(i -> () -> starts(i % 2 == 0 ? voiceRecordings() : oddCalls()))
                        .toList();
                List<Boolean> started = new ArrayList<>();
                for (Future<Boolean> start : threads.invokeAll(starts)) {
                    started.add(start.get());
                }
                assertThat(started).isIn(List.of(true, false, true, false), List.of(false, true, false, true));
                winners.add(started.get(0) == (first % 2 == 0));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static boolean starts(JpaRecordingRepository.Builder builder) {
        try {
            builder.build();
            return true;
        } catch (RetentionException e) {
            assertThat(e).hasMessageContaining("belong to the entity");
            return false;
        }
    }
}
