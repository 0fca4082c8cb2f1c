package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.FirstRun;
import dev.retention.RetentionException;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.RecordingMapping.Part;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.CheckConstraint;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Temporal;
import jakarta.persistence.TemporalType;
import jakarta.persistence.Version;
import java.io.Serializable;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ways in which engines of long standing write their entities. */
@DisplayName("An entity")
class EngineHabitsTest {

    /** As that of Spring Data is. */
    @MappedSuperclass
    abstract static class AbstractPersistable<K extends Serializable> {
        @Id
        @GeneratedValue
        K id;
    }

    /** What an engine has in front of all its entities. */
    @MappedSuperclass
    abstract static class Auditable<K extends Serializable, T> extends AbstractPersistable<K> {
        T started;
        T gone;
    }

    @MappedSuperclass
    abstract static class Versioned<V, T> extends Auditable<Long, T> {
        @Version
        V version;
    }

    @Embeddable
    static class Stored<S> {
        S sid;
    }

    @Entity(name = "GenericCall")
    static class GenericCall extends Versioned<Integer, Instant> {
        @Embedded
        Stored<String> stored = new Stored<>();

        String why;
    }

    /** What the engine says of its own deletions, too. */
    enum Removal {
        BY_USER,
        EXPIRED
    }

    @Entity(name = "DatedCall")
    static class DatedCall {
        @Id
        Long id;

        String sid;
        Date started;

        @SuppressWarnings("deprecation") // which engines still have
        @Temporal(TemporalType.TIMESTAMP)
        Date gone;

        @Enumerated(EnumType.STRING)
        Removal why;
    }

    @Entity(name = "StampedCall")
    static class StampedCall extends Auditable<Long, Timestamp> {
        String sid;

        @Enumerated(EnumType.ORDINAL)
        Removal why;
    }

    @Entity(name = "ZonedCall")
    static class ZonedCall {
        @Id
        String id = UUID.randomUUID().toString();

        String sid;
        ZonedDateTime started;
        ZonedDateTime gone;
        String why;
    }

    @Entity(name = "MillisCall")
    static class MillisCall {
        @Id
        int id;

        String sid;
        long started;
        Long gone;

        @Column(length = 10, check = @CheckConstraint(constraint = "why in ('expired', 'by user')"))
        String why;
    }

    /** What can't be used. */
    @Entity(name = "UnusableCall")
    static class UnusableCall {
        @Id
        Long id;

        String sid;

        @SuppressWarnings("deprecation") // which engines still have
        @Temporal(TemporalType.DATE)
        Date day;

        Date started;
        long gone;
        Long keepUntil;
        Removal why;
    }

    private static HibernatePersistenceConfiguration unit(
            TestDatabase database, HikariDataSource dataSource, Class<?> entity) {
        return new HibernatePersistenceConfiguration("habits")
                .managedClass(entity)
                .property("jakarta.persistence.nonJtaDataSource", dataSource)
                .property("hibernate.hbm2ddl.auto", "create")
                .property("hibernate.type.java_time_use_direct_jdbc", database == TestDatabase.H2);
    }

    private static HikariDataSource create(TestDatabase database) {
        return database.create("habits" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
    }

    private static JpaRecordingRepository.Builder builder(EntityManagerFactory factory, Class<?> entity) {
        return JpaRecordingRepository.builder(factory, entity)
                .storageKey("sid")
                .created("started")
                .deleted("gone")
                .reason("why")
                .initializeSchema(SchemaInitialization.ALWAYS);
    }

    private static Instant ago(int days) {
        return Instant.now().minus(Duration.ofDays(days));
    }

    private interface Make<T> {
        T make(String sid, Instant started);
    }

    private interface Mapped {
        JpaRecordingRepository.Builder map(JpaRecordingRepository.Builder builder);
    }

    /** Sweeps five due rows and one that is not, in pages of two, and returns those that were deleted. */
    private static <T> List<T> sweep(TestDatabase database, Class<T> entity, Make<T> make, Mapped mapped) {
        try (HikariDataSource dataSource = create(database);
                EntityManagerFactory factory =
                        unit(database, dataSource, entity).createEntityManagerFactory()) {
            FakeRecordingStorage storage = new FakeRecordingStorage();
            for (int i = 0; i < 6; i++) {
                String sid = "key-" + i;
                T call = make.make(sid, ago(i == 5 ? 89 : 95 - i));
                factory.runInTransaction(entityManager -> entityManager.persist(call));
                storage.put(sid);
            }
            JpaRecordingRepository repository =
                    mapped.map(builder(factory, entity)).build();

            long deleted = RetentionSweeper.builder(repository, storage)
                    .policy(RetentionPolicy.ofDays(90))
                    .firstRun(FirstRun.TRUST)
                    .maxShare(1)
                    .batchSize(2)
                    .build()
                    .sweep()
                    .deleted();

            assertThat(deleted).isEqualTo(5);
            assertThat(storage.keys()).containsExactly("key-5");
            return factory.callInTransaction(entityManager -> entityManager
                    .createQuery("select c from " + entity.getSimpleName() + " c where c.gone is not null", entity)
                    .getResultList());
        }
    }

    private static void assertNow(@Nullable Instant gone) {
        assertThat(gone).isNotNull();
        assertThat(Duration.between(gone, Instant.now()).abs()).isLessThan(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void hasGenericSuperclassesAndEmbeddedObjects(TestDatabase database) {
        List<GenericCall> deleted = sweep(
                database,
                GenericCall.class,
                (sid, started) -> {
                    GenericCall call = new GenericCall();
                    call.stored.sid = sid;
                    call.started = started;
                    return call;
                },
                builder -> builder.storageKey("stored.sid"));
        assertThat(deleted).hasSize(5).allSatisfy(call -> {
            assertNow(call.gone);
            assertThat(call.why).isEqualTo("retention_policy");
            assertThat(call.version).as("counted").isEqualTo(1);
        });
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void hasDatesAndAnEnumForItsReason(TestDatabase database) {
        List<DatedCall> deleted = sweep(
                database,
                DatedCall.class,
                (sid, started) -> {
                    DatedCall call = new DatedCall();
                    call.id = (long) sid.hashCode();
                    call.sid = sid;
                    call.started = Date.from(started);
                    return call;
                },
                builder -> builder.reasonText("EXPIRED"));
        assertThat(deleted).hasSize(5).allSatisfy(call -> {
            assertNow(call.gone.toInstant());
            assertThat(call.why).isEqualTo(Removal.EXPIRED);
        });
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void hasTimestampsThatItsSuperclassCallsSomethingElse(TestDatabase database) {
        List<StampedCall> deleted = sweep(
                database,
                StampedCall.class,
                (sid, started) -> {
                    StampedCall call = new StampedCall();
                    call.sid = sid;
                    call.started = Timestamp.from(started);
                    return call;
                },
                builder -> builder.reasonText("EXPIRED"));
        assertThat(deleted).hasSize(5).allSatisfy(call -> {
            assertNow(call.gone.toInstant());
            assertThat(call.why).isEqualTo(Removal.EXPIRED);
        });
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void hasTimesInAZone(TestDatabase database) {
        List<ZonedCall> deleted = sweep(
                database,
                ZonedCall.class,
                (sid, started) -> {
                    ZonedCall call = new ZonedCall();
                    call.sid = sid;
                    call.started = started.atZone(ZoneId.of("Asia/Kolkata"));
                    return call;
                },
                builder -> builder);
        assertThat(deleted).hasSize(5).allSatisfy(call -> {
            assertNow(call.gone.toInstant());
            assertThat(call.why).isEqualTo("retention_policy");
        });
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void hasMillisecondsAndAllowsSomeReasonsOnly(TestDatabase database) {
        List<MillisCall> deleted = sweep(
                database,
                MillisCall.class,
                (sid, started) -> {
                    MillisCall call = new MillisCall();
                    call.id = sid.hashCode();
                    call.sid = sid;
                    call.started = started.toEpochMilli();
                    return call;
                },
                builder -> builder.reasonText("expired"));
        assertThat(deleted).hasSize(5).allSatisfy(call -> {
            assertNow(Instant.ofEpochMilli(call.gone));
            assertThat(call.why).isEqualTo("expired");
        });
    }

    /** Seconds look like January 1970, microseconds like a far future: neither is a time to reckon with. */
    @Test
    void hasNumbersThatAreNoMilliseconds() {
        try (HikariDataSource dataSource = create(TestDatabase.H2);
                EntityManagerFactory factory =
                        unit(TestDatabase.H2, dataSource, MillisCall.class).createEntityManagerFactory()) {
            long millis = ago(100).toEpochMilli();
            List<Long> values = List.of(millis / 1_000, millis, millis * 1_000, 0L);
            for (int i = 0; i < values.size(); i++) {
                MillisCall call = new MillisCall();
                call.id = i;
                call.sid = "key-" + i;
                call.started = values.get(i);
                factory.runInTransaction(entityManager -> entityManager.persist(call));
            }
            JpaRecordingRepository repository =
                    builder(factory, MillisCall.class).reasonText("expired").build();

            DueCriteria criteria = criteria(Instant.now(), ago(90));
            assertThat(repository.recordings().page(criteria, null, 10).candidates())
                    .extracting(candidate -> candidate.id())
                    .containsExactly("1");
            assertThat(repository.recordings().count(criteria).undated()).isEqualTo(3);
        }
    }

    private static DueCriteria criteria(Instant now, Instant cutoff) {
        return new DueCriteria(now, List.of(), new Rule("default", Map.of(), cutoff));
    }

    @Test
    void isDueOnceItsMillisecondsAreOlderThanTheCutoff() {
        try (HikariDataSource dataSource = create(TestDatabase.H2);
                EntityManagerFactory factory =
                        unit(TestDatabase.H2, dataSource, MillisCall.class).createEntityManagerFactory()) {
            Instant created = ago(100).truncatedTo(ChronoUnit.MILLIS);
            factory.runInTransaction(entityManager -> {
                MillisCall call = new MillisCall();
                call.id = 1;
                call.sid = "key-1";
                call.started = created.toEpochMilli();
                entityManager.persist(call);
            });
            JpaRecordingRepository repository =
                    builder(factory, MillisCall.class).reasonText("expired").build();

            assertThat(pages(repository, criteria(Instant.now(), created))).isEmpty();
            assertThat(pages(repository, criteria(Instant.now(), created.plus(1, ChronoUnit.MICROS))))
                    .containsExactly("1");
            assertThat(pages(repository, criteria(created, created.plusMillis(1))))
                    .containsExactly("1");
            assertThat(repository.recordings().count(criteria(created, ago(90))).undated())
                    .isZero();
            assertThat(repository
                            .recordings()
                            .count(criteria(created.minusNanos(1), ago(90)))
                            .undated())
                    .as("created in the future")
                    .isEqualTo(1);
        }
    }

    /**
     * A local time that occurs twice is the later instant, whichever of the two the driver chooses. The zone is the one
     * that Hibernate is told, and not that of the JVM.
     */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isKeptAnHourLongerIfItsDateOccursTwice(TestDatabase database) {
        ZoneId berlin = Engine.BERLIN;
        try (HikariDataSource dataSource = create(database);
                EntityManagerFactory factory = unit(database, dataSource, DatedCall.class)
                        .property("hibernate.jdbc.time_zone", "Europe/Berlin")
                        .createEntityManagerFactory()) {
            Map<String, LocalDateTime> started = new TreeMap<>();
            factory.runInTransaction(entityManager -> {
                for (int quarter = 0; quarter < 24; quarter++) {
                    LocalDateTime local =
                            LocalDateTime.parse("2026-10-25T00:00").plusMinutes(15L * quarter);
                    started.put(String.valueOf(quarter), local);
                    entityManager
                            .createNativeQuery("insert into DatedCall (id, sid, started) values (" + quarter + ", 'key-"
                                    + quarter + "', '" + local.toString().replace('T', ' ') + ":00')")
                            .executeUpdate();
                }
            });
            JpaRecordingRepository repository =
                    builder(factory, DatedCall.class).reasonText("EXPIRED").build();
            assertThat(repository.mapping().parts()).containsEntry(Part.CREATED, "started Date in Europe/Berlin");

            for (int step = 0; step < 40; step++) {
                Instant cutoff = Instant.parse("2026-10-24T21:00:00Z").plus(Duration.ofMinutes(15L * step));
                DueCriteria criteria = criteria(Instant.parse("2026-12-01T00:00:00Z"), cutoff);
                List<String> due = started.entrySet().stream()
                        .filter(row -> later(row.getValue(), berlin).isBefore(cutoff))
                        .map(Map.Entry::getKey)
                        .toList();
                assertThat(pages(repository, criteria))
                        .as("cutoff %s", cutoff)
                        .containsExactlyInAnyOrderElementsOf(due);
            }
        }
    }

    private static Instant later(LocalDateTime local, ZoneId zone) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        return local.toInstant(offsets.get(offsets.size() - 1));
    }

    private static List<String> pages(JpaRecordingRepository repository, DueCriteria criteria) {
        List<String> ids = new ArrayList<>();
        String cursor = null;
        do {
            Page page = repository.recordings().page(criteria, cursor, 5);
            page.candidates().forEach(candidate -> ids.add(candidate.id()));
            cursor = page.next();
        } while (cursor != null);
        return ids;
    }

    @Test
    void isRefusedWhereAValueCanNotBeTrusted() {
        try (HikariDataSource dataSource = create(TestDatabase.H2);
                EntityManagerFactory factory =
                        unit(TestDatabase.H2, dataSource, UnusableCall.class).createEntityManagerFactory()) {
            assertThatThrownBy(() -> builder(factory, UnusableCall.class)
                            .created("day")
                            .retainUntil("keepUntil")
                            .build())
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("created: 'day': its @Temporal keeps the day or the time of day alone")
                    .hasMessageContaining("Long with milliseconds since 1970): gone, id, keepUntil, started")
                    .hasMessageContaining("deleted: 'gone' is a long, which can't be NULL")
                    .hasMessageContaining("retain-until: 'keepUntil': it is of type java.lang.Long, not Instant")
                    .hasMessageContaining("reason: 'why' is an enum; set reason-text")
                    .hasMessageContaining("BY_USER, EXPIRED");
            assertThatThrownBy(() -> builder(factory, UnusableCall.class)
                            .deleted("started")
                            .created("keepUntil")
                            .reasonText("expired")
                            .build())
                    .hasMessageContaining("reason: 'why' is an enum without 'expired'")
                    .hasMessageNotContaining("created: ")
                    .hasMessageNotContaining("deleted: ");
        }
    }
}
