package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.EraseAnswer;
import dev.retention.FirstRun;
import dev.retention.LegalHolds;
import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.MappedSuperclass;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Ids of which one names several rows")
class SeveralRowsForAnIdTest {

    @MappedSuperclass
    static class Recorded {
        @Column(length = 50)
        String twilioRecordingSid;

        Instant createdAt;
        Instant deletedAt;
        String deletionReason;

        /** Unique in one table, and not in another. */
        @Column(length = 50)
        String reference;
    }

    record NumberOfTenant(String tenant, long number) implements Serializable {}

    @Entity(name = "ClassKeyCall")
    @IdClass(NumberOfTenant.class)
    static class ClassKeyCall extends Recorded {
        @Id
        @Column(length = 50)
        String tenant;

        @Id
        @Column(name = "no")
        long number;
    }

    @Embeddable
    static class Key implements Serializable {
        private static final long serialVersionUID = 1L;

        @Column(length = 50)
        String tenant;

        @Column(name = "no")
        long number;

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.tenant.equals(tenant) && key.number == number;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(number);
        }
    }

    @Entity(name = "EmbeddedKeyCall")
    static class EmbeddedKeyCall extends Recorded {
        @EmbeddedId
        Key key = new Key();
    }

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private interface Work {
        void on(EntityManagerFactory factory);
    }

    private static void with(TestDatabase database, Work work) {
        try (HikariDataSource dataSource = database.create(
                        "ids" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
                EntityManagerFactory factory =
                        Engine.factory(database, dataSource, "create", ClassKeyCall.class, EmbeddedKeyCall.class)) {
            work.on(factory);
        }
    }

    private static JpaRecordingRepository.Builder calls(EntityManagerFactory factory, Class<?> entity) {
        return JpaRecordingRepository.builder(factory, entity).initializeSchema(SchemaInitialization.ALWAYS);
    }

    private static void assertRefused(JpaRecordingRepository.Builder builder, String... parts) {
        assertThatThrownBy(builder::build)
                .isInstanceOfSatisfying(
                        RetentionException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIGURATION))
                .hasMessageContaining(
                        "the primary key consists of several attributes (" + String.join(", ", parts) + ")")
                .hasMessageContaining("Add a column that is unique by itself")
                .hasMessageNotContaining("would fit");
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void areRefusedWhereAnIdIsAPartOfTheKey(TestDatabase database) {
        with(database, factory -> {
            assertRefused(calls(factory, ClassKeyCall.class), "number", "tenant");
            assertRefused(calls(factory, ClassKeyCall.class).id("number"), "number", "tenant");
            assertRefused(calls(factory, EmbeddedKeyCall.class), "key.number", "key.tenant");
            assertRefused(calls(factory, EmbeddedKeyCall.class).id("key.number"), "key.number", "key.tenant");
            assertThatThrownBy(() ->
                            calls(factory, EmbeddedKeyCall.class).id("none").build())
                    .hasMessageContaining("attributes that would fit")
                    .hasMessageContaining("reference")
                    .hasMessageNotContaining("key.");
        });
    }

    /** An attribute beside the key may be unique. Where it is not, everything that it names is refused. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void areRefusedWhenTheyAreMet(TestDatabase database) {
        with(database, factory -> {
            FakeRecordingStorage storage = new FakeRecordingStorage();
            add(factory, storage, "acme", "one");
            add(factory, storage, "other", "two");
            JpaRecordingRepository repository =
                    calls(factory, EmbeddedKeyCall.class).id("reference").build();
            try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
                    .firstRun(FirstRun.TRUST)
                    .maxShare(1)
                    .build()) {
                RetentionOperations operations = RetentionOperations.of(sweeper);
                assertThat(sweeper.sweep(now).deleted()).isEqualTo(2);

                add(factory, storage, "third", "both");
                add(factory, storage, "fourth", "both");
                storage.clearJournal();
                assertSeveral(() -> sweeper.sweep(now.plusSeconds(60)));
                assertSeveral(() -> operations.erase(List.of("both"), "dpo", "request"));
                assertSeveral(() -> LegalHolds.of(repository).place("h", List.of("both"), "dpo", "dispute", null));
                assertThat(storage.deletes()).isEmpty();
                assertThat(marked(factory)).isEqualTo(2);

                factory.runInTransaction(manager -> manager.createQuery(
                                "update EmbeddedKeyCall e set e.reference = 'alone' where e.key.tenant = 'fourth'")
                        .executeUpdate());
                assertThat(operations.erase(List.of("both"), "dpo", "request"))
                        .containsEntry("both", EraseAnswer.ERASED);
                assertThat(storage.keys()).containsExactly("key-fourth");
            }
        });
    }

    private static void assertSeveral(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("several rows have the id 'both'");
    }

    private void add(EntityManagerFactory factory, FakeRecordingStorage storage, String tenant, String reference) {
        factory.runInTransaction(manager -> {
            EmbeddedKeyCall call = new EmbeddedKeyCall();
            call.key.tenant = tenant;
            call.key.number = 1;
            call.reference = reference;
            call.twilioRecordingSid = "key-" + tenant;
            call.createdAt = now.minus(Duration.ofDays(100));
            manager.persist(call);
        });
        storage.put("key-" + tenant);
    }

    private static long marked(EntityManagerFactory factory) {
        return factory.callInTransaction(manager -> manager.createQuery(
                        "select count(*) from EmbeddedKeyCall e where e.deletedAt is not null", Long.class)
                .getSingleResult());
    }
}
