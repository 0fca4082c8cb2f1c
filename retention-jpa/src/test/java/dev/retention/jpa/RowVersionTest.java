package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.FirstRun;
import dev.retention.RetentionSweeper;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Generated;
import org.hibernate.generator.EventType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A copy of a row that the engine read before its recording was deleted")
class RowVersionTest {

    private static final Instant OLD =
            Instant.now().minus(Duration.ofDays(91)).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);

    /** What an engine changes with a copy of its own. */
    @MappedSuperclass
    abstract static class Call {
        @Id
        String id = UUID.randomUUID().toString();

        String sid = "key-" + id;
        Instant started = OLD;
        Instant gone;
        String why;
        String note;
    }

    @Entity(name = "NumberedVersion")
    static class NumberedVersion extends Call {
        @Version
        Long version;
    }

    @Entity(name = "TimedVersion")
    static class TimedVersion extends Call {
        @Version
        Instant changed;
    }

    @Entity(name = "WithoutVersion")
    static class WithoutVersion extends Call {}

    @Entity(name = "AnyCall")
    @Inheritance(strategy = InheritanceType.JOINED)
    static class AnyCall extends Call {
        @Version
        int version;
    }

    @Entity(name = "JoinedCall")
    static class JoinedCall extends AnyCall {
        String colour;
    }

    /** Counted by PostgreSQL, and not to be written. */
    @Entity(name = "CountedByDatabase")
    static class CountedByDatabase extends Call {
        @Version
        @Generated(event = {EventType.INSERT, EventType.UPDATE})
        @Column(name = "xmin")
        int version;
    }

    private static final class Swept implements AutoCloseable {
        final HikariDataSource dataSource;
        final EntityManagerFactory factory;
        final Call copy;

        /** Reads a copy, then deletes the recording. */
        Swept(TestDatabase database, String ddl, Call call, Class<?>... entities) {
            dataSource = database.create(
                    "version" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
            if (ddl.equals("none")) {
                new Statement(dataSource)
                        .execute("create table CountedByDatabase (id varchar(36) primary key, sid varchar(200),"
                                + " started timestamp(6) with time zone, gone timestamp(6) with time zone,"
                                + " why varchar(200), note varchar(200))");
            }
            factory = Engine.factory(database, dataSource, ddl, entities);
            factory.runInTransaction(entityManager -> entityManager.persist(call));
            copy = factory.callInTransaction(entityManager -> entityManager.find(call.getClass(), call.id));
            FakeRecordingStorage storage = new FakeRecordingStorage();
            storage.put(call.sid);
            RetentionSweeper sweeper = RetentionSweeper.builder(
                            JpaRecordingRepository.builder(factory, call.getClass())
                                    .storageKey("sid")
                                    .created("started")
                                    .deleted("gone")
                                    .reason("why")
                                    .initializeSchema(SchemaInitialization.ALWAYS)
                                    .build(),
                            storage)
                    .firstRun(FirstRun.TRUST)
                    .maxShare(1)
                    .build();
            assertThat(sweeper.sweep().deleted()).isEqualTo(1);
            assertThat(storage.keys()).isEmpty();
            assertThat(stored().gone).isNotNull();
        }

        void save() {
            copy.note = "changed by the engine";
            factory.runInTransaction(entityManager -> entityManager.merge(copy));
        }

        Call stored() {
            return factory.callInTransaction(entityManager -> entityManager.find(copy.getClass(), copy.id));
        }

        @Override
        public void close() {
            factory.close();
            dataSource.close();
        }
    }

    private record Statement(HikariDataSource dataSource) {
        void execute(String sql) {
            try (var connection = dataSource.getConnection();
                    var statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                statement.execute(sql);
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void assertConflict(Swept swept) {
        assertThatThrownBy(swept::save).hasRootCauseInstanceOf(org.hibernate.StaleStateException.class);
        Call stored = swept.stored();
        assertThat(stored.gone).isNotNull();
        assertThat(stored.why).isEqualTo("retention_policy");
        assertThat(stored.note).isNull();
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void conflictsIfTheRowHasAVersion(TestDatabase database) {
        try (Swept numbered = new Swept(database, "create", new NumberedVersion(), NumberedVersion.class);
                Swept timed = new Swept(database, "create", new TimedVersion(), TimedVersion.class);
                Swept joined = new Swept(database, "create", new JoinedCall(), AnyCall.class, JoinedCall.class)) {
            assertConflict(numbered);
            assertConflict(timed);
            assertConflict(joined);
        }
    }

    /** PostgreSQL's {@code xmin}, which is a column of every table, and which no statement can write. */
    @Test
    void conflictsIfTheDatabaseCountsTheVersion() {
        try (Swept counted =
                new Swept(TestDatabase.POSTGRESQL, "none", new CountedByDatabase(), CountedByDatabase.class)) {
            assertConflict(counted);
        }
    }

    /** Otherwise the tests above would show nothing. The next sweep repairs such a row from the ledger. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void bringsTheRowBackIfItHasNone(TestDatabase database) {
        try (Swept without = new Swept(database, "create", new WithoutVersion(), WithoutVersion.class)) {
            without.save();
            assertThat(without.stored().gone).isNull();
        }
    }
}
