package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.FirstRun;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole sweeps over the types of attributes that no entity of the contract has. */
class FurtherTypesTest {

    private static Calls.NumberedCall call(int id, int days, Calls.Queue queue, Calls.Queue overflow) {
        Calls.NumberedCall call = new Calls.NumberedCall();
        call.callId = id;
        call.sid = "key-" + id;
        call.started = OffsetDateTime.now(ZoneOffset.ofHours(-5)).minusDays(days);
        call.queue = queue;
        call.overflow = overflow;
        call.lasted = Duration.ofSeconds(90);
        return call;
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void integerIdsOffsetTimesEnumsAndDurationsAreRead(TestDatabase database) {
        String name = "types" + UUID.randomUUID().toString().substring(0, 8);
        try (HikariDataSource dataSource = database.create(name, "TRANSACTION_READ_COMMITTED");
                EntityManagerFactory factory =
                        Engine.factory(database, dataSource, "create", Calls.NumberedCall.class)) {
            factory.runInTransaction(manager -> {
                manager.persist(call(-1, 91, Calls.Queue.SALES, null));
                manager.persist(call(2, 89, Calls.Queue.SALES, null));
                manager.persist(call(3, 91, Calls.Queue.SUPPORT, null));
                manager.persist(call(4, 91, null, Calls.Queue.SUPPORT));
                manager.persist(call(5, 91, null, null));
            });
            JpaRecordingRepository repository = JpaRecordingRepository.builder(factory, Calls.NumberedCall.class)
                    .storageKey("sid")
                    .created("started")
                    .deleted("gone")
                    .reason("why")
                    .duration("lasted")
                    .extra("queue", "queue")
                    .extra("overflow", "overflow")
                    .initializeSchema(SchemaInitialization.ALWAYS)
                    .build();
            FakeRecordingStorage storage = new FakeRecordingStorage();
            storage.put("key--1", "key-2", "key-3", "key-4", "key-5");

            SweepReport report = RetentionSweeper.builder(repository, storage)
                    .furtherPolicy(RetentionPolicy.keep().named("support").matching("queue", "SUPPORT"))
                    .furtherPolicy(RetentionPolicy.keep().named("overflow").matching("overflow", "SUPPORT"))
                    .furtherPolicy(RetentionPolicy.keep().named("nobody").matching("queue", "NO_CONSTANT"))
                    .firstRun(FirstRun.TRUST)
                    .maxShare(1)
                    .build()
                    .sweep();

            assertThat(storage.keys()).containsExactlyInAnyOrder("key-2", "key-3", "key-4");
            assertThat(report.checked() + report.withoutKey() + report.remaining())
                    .as("due recordings")
                    .isEqualTo(2);
            assertThat(report.audioFreed()).isEqualTo(Duration.ofSeconds(180));
            factory.runInTransaction(manager -> {
                Calls.NumberedCall deleted = manager.find(Calls.NumberedCall.class, -1);
                assertThat(deleted.why).isEqualTo("retention_policy");
                assertThat(Duration.between(deleted.gone, OffsetDateTime.now()).abs())
                        .isLessThan(Duration.ofMinutes(5));
                assertThat(manager.find(Calls.NumberedCall.class, 2).gone).isNull();
            });
        }
    }
}
