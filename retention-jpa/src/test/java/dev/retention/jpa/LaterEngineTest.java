package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.FirstRun;
import dev.retention.HoldAnswer;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A rolling deployment: a later version of the engine beside this one writes constants that this one has not. */
class LaterEngineTest {

    private final FakeRecordingStorage storage = new FakeRecordingStorage();

    private static Calls.LaterNumberedCall call(
            int id, int days, Calls.@Nullable LaterQueue queue, Calls.@Nullable LaterQueue overflow) {
        Calls.LaterNumberedCall call = new Calls.LaterNumberedCall();
        call.callId = id;
        call.sid = "key-" + id;
        call.started = OffsetDateTime.now(ZoneOffset.UTC).minusDays(days);
        call.queue = queue;
        call.overflow = overflow;
        call.lasted = Duration.ofSeconds(90);
        return call;
    }

    private static JpaRecordingRepository repository(EntityManagerFactory factory, Class<?> entity) {
        return JpaRecordingRepository.builder(factory, entity)
                .storageKey("sid")
                .created("started")
                .deleted("gone")
                .reason("why")
                .duration("lasted")
                .extra("queue", "queue")
                .extra("overflow", "overflow")
                .initializeSchema(SchemaInitialization.ALWAYS)
                .build();
    }

    private SweepReport sweep(JpaRecordingRepository repository) {
        return RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .batchSize(2)
                .build()
                .sweep();
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void keepsWhatTheOtherVersionWroteAndDeletesTheRest(TestDatabase database) {
        String name = "later" + UUID.randomUUID().toString().substring(0, 8);
        try (HikariDataSource dataSource = database.create(name, "TRANSACTION_READ_COMMITTED");
                EntityManagerFactory later =
                        Engine.factory(database, dataSource, "create", Calls.LaterNumberedCall.class);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "none", Calls.NumberedCall.class)) {
            later.runInTransaction(manager -> {
                manager.persist(call(1, 99, Calls.LaterQueue.BILLING, null));
                manager.persist(call(2, 98, Calls.LaterQueue.SALES, null));
                manager.persist(call(3, 97, null, Calls.LaterQueue.BILLING));
                manager.persist(call(4, 96, null, Calls.LaterQueue.SUPPORT));
                manager.persist(call(5, 95, Calls.LaterQueue.BILLING, null));
                manager.persist(call(6, 94, null, null));
                manager.persist(call(7, 89, Calls.LaterQueue.BILLING, null));
            });
            storage.put("key-1", "key-2", "key-3", "key-4", "key-5", "key-6", "key-7");
            JpaRecordingRepository repository = repository(factory, Calls.NumberedCall.class);
            assertThat(repository.holds().place("h", List.of("5", "6"), "dpo", "dispute", null, Instant.now()))
                    .containsEntry("5", HoldAnswer.HELD)
                    .containsEntry("6", HoldAnswer.HELD);
            assertThat(repository
                            .holds()
                            .placeWhere("all-sales", "queue", "SALES", "dpo", "dispute", Instant.now())
                            .held())
                    .isEqualTo(1);

            SweepReport report = sweep(repository);

            assertThat(storage.keys()).containsExactlyInAnyOrder("key-1", "key-2", "key-3", "key-5", "key-6", "key-7");
            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(report.deleted()).isEqualTo(1);
            assertThat(report.message()).contains("3 due recordings are kept, because this instance can't read");

            assertThat(sweep(repository(later, Calls.LaterNumberedCall.class)).deleted())
                    .isEqualTo(2);
            assertThat(storage.keys()).containsExactlyInAnyOrder("key-2", "key-5", "key-6", "key-7");
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void sweepsAfterARunThatALaterVersionHasEnded(TestDatabase database) throws SQLException {
        String name = "later" + UUID.randomUUID().toString().substring(0, 8);
        try (HikariDataSource dataSource = database.create(name, "TRANSACTION_READ_COMMITTED");
                EntityManagerFactory factory =
                        Engine.factory(database, dataSource, "create", Calls.NumberedCall.class)) {
            JpaRecordingRepository repository = repository(factory, Calls.NumberedCall.class);
            sweep(repository);
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.executeUpdate("update retention_run set run_end = 'OF_A_LATER_VERSION'");
            }

            assertThat(repository.runs().latest().orElseThrow().report()).satisfies(report -> {
                assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
                assertThat(report.message()).contains("a later version ended the run with OF_A_LATER_VERSION");
            });
            assertThat(sweep(repository).end()).isEqualTo(SweepEnd.COMPLETED);
        }
    }
}
