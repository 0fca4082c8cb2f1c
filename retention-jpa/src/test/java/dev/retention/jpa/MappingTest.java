package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.RetentionException;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.RecordingMapping.Part;
import dev.retention.test.EngineRow;
import jakarta.persistence.EntityManagerFactory;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MappingTest {

    private static HikariDataSource dataSource;
    private static EntityManagerFactory factory;

    @BeforeAll
    static void start() {
        dataSource = TestDatabase.H2.create("mapping" + UUID.randomUUID(), "TRANSACTION_READ_COMMITTED");
        factory = Engine.factory(
                TestDatabase.H2,
                dataSource,
                "create",
                Calls.UuidCall.class,
                Calls.TextCall.class,
                Calls.OddCall.class,
                Calls.Customer.class,
                Calls.Contract.class);
    }

    @AfterAll
    static void stop() {
        factory.close();
        dataSource.close();
    }

    private static JpaRecordingRepository.Builder odd() {
        return JpaRecordingRepository.builder(factory, Calls.OddCall.class)
                .storageKey("sid")
                .created("started")
                .deleted("gone")
                .reason("why");
    }

    @Test
    void takesWhatFits() {
        assertThatCode(() -> odd().extra("queue", "queue")
                        .extra("tenant", "customer.tenant")
                        .build())
                .doesNotThrowAnyException();
    }

    @Test
    void describesWhatIsReadForThePersonWhoConfirmsIt() {
        RecordingMapping mapping = odd().retainUntil("started")
                .extra("queue", "queue")
                .extra("tenant", "customer.tenant")
                .build()
                .mapping();

        assertThat(mapping.parts())
                .containsOnly(
                        Map.entry(Part.ENTITY, "OddCall"),
                        Map.entry(Part.ID, "number Integer"),
                        Map.entry(Part.STORAGE_KEY, "sid String"),
                        Map.entry(Part.CREATED, "started OffsetDateTime"),
                        Map.entry(Part.DELETED, "gone OffsetDateTime"),
                        Map.entry(Part.RETAIN_UNTIL, "started OffsetDateTime"));
        assertThat(mapping.attributes()).isEqualTo(Map.of("queue", "queue enum", "tenant", "customer.tenant String"));
    }

    private static JpaRecordingRepository.Builder withoutZone(Engine engine) {
        return JpaRecordingRepository.builder(engine.factory, Calls.UuidCall.class)
                .storageKey("media.sid")
                .created("started")
                .deleted("gone")
                .reason("why");
    }

    @Test
    void describesALocalTimeWithItsZone() {
        Engine engine = new Engine(TestDatabase.H2, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        JpaRecordingRepository.Builder builder = withoutZone(engine);

        assertThat(builder.zone(Engine.BERLIN).build().mapping().parts())
                .containsEntry(Part.CREATED, "started LocalDateTime in Europe/Berlin");
        assertThat(builder.zone(ZoneOffset.UTC).build().mapping().parts())
                .containsEntry(Part.CREATED, "started LocalDateTime in Z");
    }

    @Test
    void refusesToWriteOverWhatItReads() {
        assertThatThrownBy(() -> odd().reason("sid").deleted("started").build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("storage-key and reason are both 'sid'")
                .hasMessageContaining("created and deleted are both 'started'");
        assertThatCode(() -> odd().extra("copy", "sid").build()).doesNotThrowAnyException();
    }

    @Test
    void listsTheEntitiesWhenTheClassIsNone() {
        assertThatThrownBy(() ->
                        JpaRecordingRepository.builder(factory, String.class).build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("java.lang.String is no entity")
                .hasMessageContaining(Calls.OddCall.class.getName())
                .hasMessageContaining(Calls.UuidCall.class.getName());
    }

    @Test
    void listsTheAttributesThatWouldFitAWrongName() {
        assertThatThrownBy(() -> JpaRecordingRepository.builder(factory, Calls.TextCall.class)
                        .storageKey("media.side")
                        .created("started")
                        .deleted("gone")
                        .reason("why")
                        .build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("storage-key: 'media.side'")
                .hasMessageContaining("has no attribute 'side'")
                .hasMessageContaining("callId, kind, media.account, media.sid, routing.queue, why")
                .hasMessageNotContaining("customer.tenant");
    }

    @Test
    void saysAllFaultsInOneMessage() {
        assertThatThrownBy(() -> JpaRecordingRepository.builder(factory, Calls.OddCall.class)
                        .id("blob")
                        .storageKey("customer.tenant")
                        .created("kind")
                        .deleted("gone")
                        .hold("why")
                        .duration("sid")
                        .extra("colour", "sid.colour")
                        .build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("id: 'blob': it is of type [B, not Long, Integer, UUID or String")
                .hasMessageContaining("storage-key: 'customer.tenant': 'customer' is another entity")
                .hasMessageContaining("created: 'kind': it is of type java.lang.String")
                .hasMessageContaining("(Instant, OffsetDateTime, ZonedDateTime, LocalDateTime, Date or Timestamp, or"
                        + " Long with milliseconds since 1970): gone, oldDate, started")
                .hasMessageContaining("reason: 'deletionReason'")
                .hasMessageContaining("hold: 'why'")
                .hasMessageContaining("duration: 'sid'")
                .hasMessageContaining("extra.colour: 'sid.colour': 'sid' has no attributes of its own")
                .hasMessageContaining("queue")
                .hasMessageNotContaining("deleted: ");
    }

    @Test
    void showsTheNewestRowReadBothWaysWhenALocalTimeHasNoZone() {
        Engine engine = new Engine(TestDatabase.H2, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        JpaRecordingRepository.Builder builder = withoutZone(engine);
        assertThatThrownBy(builder::build)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("created, deleted: LocalDateTime does not say in which zone it is")
                .hasMessageContaining("the table is empty");

        engine.insert(List.of(
                EngineRow.of(UUID.randomUUID().toString(), "RE1", Instant.parse("2026-11-20T10:00:00Z")),
                EngineRow.of(UUID.randomUUID().toString(), "RE2", Instant.parse("2026-11-01T10:00:00Z"))));
        assertThatThrownBy(builder::build)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("2026-11-20T11:00")
                .hasMessageContaining("read as UTC that is 2026-11-20T11:00:00Z")
                .hasMessageContaining("read as America/New_York, the zone of this JVM, it is 2026-11-20T16:00:00Z");

        assertThat(builder.zone(Engine.BERLIN).build().recordings().find(List.of("1")))
                .isEmpty();
    }
}
