package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.FirstRun;
import dev.retention.RetentionException;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.Column;
import jakarta.persistence.ConstraintMode;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.FetchType;
import jakarta.persistence.ForeignKey;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.JoinColumns;
import jakarta.persistence.JoinTable;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToOne;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.hibernate.annotations.NotFound;
import org.hibernate.annotations.NotFoundAction;
import org.hibernate.annotations.SQLRestriction;
import org.hibernate.annotations.SoftDelete;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A recording whose row refers to a row that is not found")
class MissingTargetsTest {

    private static final Map<TestDatabase, World> WORLDS = new ConcurrentHashMap<>();

    /** What may keep recordings, as each of the entities below has it. */
    enum Reference {
        RESTRICTED("restricted", "restricted_id", "update Restricted set hidden = true where id = 3"),
        SOFT_DELETED("soft", "soft_id", "update Soft set deleted = true where id = 3"),
        GONE("plain", "plain_id", "delete from Plain where id = 3"),
        GONE_AND_IGNORED("ignored", "ignored_id", "delete from Plain where id = 3"),
        GONE_BY_CODE("byCode", "plain_code", "delete from Plain where id = 3"),
        WITHIN_AN_EMBEDDED("parties.caller", "caller_id", "delete from Plain where id = 3"),
        COMPOSITE("composite", "composite_id", "delete from Composite where id = 3"),
        BY_A_TABLE_OF_ITS_OWN("joined", null, "update Restricted set hidden = true where id = 3"),
        BEHIND_ANOTHER("plain.owner", "plain_id", "delete from Owner where id = 3");

        private final String path;
        private final @Nullable String column;
        private final String hide;

        Reference(String path, @Nullable String column, String hide) {
            this.path = path;
            this.column = column;
            this.hide = hide;
        }
    }

    @Entity(name = "Owner")
    static class Owner {
        @Id
        long id;

        @Column(name = "on_hold")
        boolean onHold;

        @Column(name = "keep_until")
        Instant keepUntil;

        String code;
    }

    @Entity(name = "Plain")
    static class Plain implements Serializable {
        private static final long serialVersionUID = 1L;

        @Id
        long id;

        @Column(name = "on_hold")
        boolean onHold;

        @Column(name = "keep_until")
        Instant keepUntil;

        @Column(unique = true, length = 50)
        String code;

        @ManyToOne
        @JoinColumn(name = "owner_id", foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
        Owner owner;

        @OneToOne(mappedBy = "plain", fetch = FetchType.LAZY)
        Consent consent;
    }

    /** Its foreign key is here, and not in what refers to it. */
    @Entity(name = "Consent")
    static class Consent {
        @Id
        long id;

        boolean onHold;

        @OneToOne
        Plain plain;
    }

    @Entity(name = "Restricted")
    @SQLRestriction("hidden = false")
    static class Restricted {
        @Id
        long id;

        @Column(name = "on_hold")
        boolean onHold;

        @Column(name = "keep_until")
        Instant keepUntil;

        String code;
        boolean hidden;
    }

    @Entity(name = "Soft")
    @SoftDelete
    static class Soft {
        @Id
        long id;

        @Column(name = "on_hold")
        boolean onHold;

        @Column(name = "keep_until")
        Instant keepUntil;

        String code;
    }

    record CompositeId(long id, int no) implements Serializable {}

    @Entity(name = "Composite")
    @IdClass(CompositeId.class)
    static class Composite {
        @Id
        long id;

        @Id
        int no;

        @Column(name = "on_hold")
        boolean onHold;

        @Column(name = "keep_until")
        Instant keepUntil;

        String code;
    }

    @Embeddable
    static class Parties {
        @ManyToOne
        @JoinColumn(name = "caller_id", foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
        Plain caller;
    }

    @Entity(name = "LinkedCall")
    static class LinkedCall {
        @Id
        long id;

        @Column(name = "sid", length = 50)
        String twilioRecordingSid;

        @Column(name = "created_at")
        Instant createdAt;

        @Column(name = "deleted_at")
        Instant deletedAt;

        @Column(name = "why")
        String deletionReason;

        @ManyToOne
        @JoinColumn(name = "restricted_id")
        Restricted restricted;

        @ManyToOne
        @JoinColumn(name = "soft_id")
        Soft soft;

        @ManyToOne
        @JoinColumn(name = "plain_id", foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
        Plain plain;

        @ManyToOne
        @NotFound(action = NotFoundAction.IGNORE)
        @JoinColumn(name = "ignored_id", foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
        Plain ignored;

        @ManyToOne
        @JoinColumn(
                name = "plain_code",
                referencedColumnName = "code",
                foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
        Plain byCode;

        @Embedded
        Parties parties;

        @ManyToOne
        @JoinColumns(
                value = {
                    @JoinColumn(name = "composite_id", referencedColumnName = "id"),
                    @JoinColumn(name = "composite_no", referencedColumnName = "no")
                },
                foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
        Composite composite;

        @ManyToOne
        @JoinTable(
                name = "linked_restricted",
                joinColumns = @JoinColumn(name = "call_id"),
                inverseJoinColumns = @JoinColumn(name = "target_id"))
        Restricted joined;
    }

    private static final class World {
        private final HikariDataSource dataSource;
        private final EntityManagerFactory factory;

        World(TestDatabase database) {
            dataSource = database.create(
                    "missing" + UUID.randomUUID().toString().substring(0, 8), "TRANSACTION_READ_COMMITTED");
            factory = Engine.factory(
                    database,
                    dataSource,
                    "create",
                    LinkedCall.class,
                    Owner.class,
                    Plain.class,
                    Consent.class,
                    Restricted.class,
                    Soft.class,
                    Composite.class);
        }

        void execute(String... statements) {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(true);
                for (String sql : statements) {
                    statement.execute(sql);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        JpaRecordingRepository.Builder builder() {
            return JpaRecordingRepository.builder(factory, LinkedCall.class)
                    .initializeSchema(SchemaInitialization.ALWAYS);
        }

        /** Four targets, of which the last one is held, and five calls, of which the last one refers to none. */
        void fill(Reference reference, Instant created) {
            execute("delete from linked_restricted", "delete from LinkedCall");
            for (String table : List.of("Plain", "Owner", "Restricted", "Soft", "Composite")) {
                execute("delete from " + table);
            }
            for (int id = 1; id <= 4; id++) {
                String values = id + ", " + (id == 4) + ", '" + id + "'";
                execute(
                        "insert into Owner (id, on_hold, code) values (" + values + ")",
                        "insert into Plain (id, on_hold, code, owner_id) values (" + values + ", " + id + ")",
                        "insert into Restricted (id, on_hold, code, hidden) values (" + values + ", false)",
                        "insert into Soft (id, on_hold, code, deleted) values (" + values + ", false)",
                        "insert into Composite (id, on_hold, code, no) values (" + values + ", 7)");
            }
            for (int id = 1; id <= 5; id++) {
                String at =
                        created.minusSeconds(id).toString().replace('T', ' ').replace("Z", "");
                execute("insert into LinkedCall (id, sid, created_at) values (" + id + ", 'key-" + id + "', '" + at
                        + "')");
                if (id < 5) {
                    execute(
                            reference.column == null
                                    ? "insert into linked_restricted (call_id, target_id) values (" + id + ", " + id
                                            + ")"
                                    : "update LinkedCall set " + reference.column + " = '" + id + "'"
                                            + (reference == Reference.COMPOSITE ? ", composite_no = 7" : "")
                                            + " where id = " + id);
                }
            }
        }
    }

    private static World world(TestDatabase database) {
        return WORLDS.computeIfAbsent(database, World::new);
    }

    static Stream<Arguments> references() {
        return Stream.of(TestDatabase.values())
                .flatMap(database -> Stream.of(Reference.values()).map(reference -> Arguments.of(database, reference)));
    }

    private static SweepReport sweep(JpaRecordingRepository repository, FakeRecordingStorage storage, Instant now) {
        try (RetentionSweeper sweeper = sweeper(repository, storage)) {
            return sweeper.sweep(now);
        }
    }

    private static RetentionSweeper sweeper(JpaRecordingRepository repository, FakeRecordingStorage storage) {
        return RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build();
    }

    @ParameterizedTest
    @MethodSource("references")
    void isKeptAndNamed(TestDatabase database, Reference reference) {
        World world = world(database);
        JpaRecordingRepository repository =
                world.builder().hold(reference.path + ".onHold").build();
        Tables.NAMES.forEach(ours -> world.execute("delete from " + ours));
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        world.fill(reference, now.minus(Duration.ofDays(100)));
        world.execute(reference.hide);
        FakeRecordingStorage storage = new FakeRecordingStorage();
        for (int id = 1; id <= 5; id++) {
            storage.put("key-" + id);
        }

        SweepReport report = sweep(repository, storage, now);

        assertThat(storage.keys()).containsExactlyInAnyOrder("key-3", "key-4");
        assertThat(report)
                .returns(3L, SweepReport::deleted)
                .returns(1L, SweepReport::held)
                .returns(1L, SweepReport::remaining);
        assertThat(report.message())
                .contains("1 due recordings are kept, because")
                .contains(": 3.");
    }

    /** As what keeps recordings permanently, or longer: without it, the fallback would let them go. */
    @ParameterizedTest
    @MethodSource("databases")
    void isNotWhatTheFallbackSays(TestDatabase database) {
        World world = world(database);
        JpaRecordingRepository repository = world.builder()
                .retainUntil("restricted.keepUntil")
                .extra("customer", "restricted.code")
                .build();
        Tables.NAMES.forEach(ours -> world.execute("delete from " + ours));
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        world.fill(Reference.RESTRICTED, now.minus(Duration.ofDays(100)));
        FakeRecordingStorage storage = new FakeRecordingStorage();
        for (int id = 1; id <= 5; id++) {
            storage.put("key-" + id);
        }
        world.execute(
                "update Restricted set hidden = true where id in (2, 3)",
                "update Restricted set keep_until = '2099-01-01 00:00:00' where id in (1, 2)");
        try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .furtherPolicy(RetentionPolicy.keep().named("kept").matching("customer", "3"))
                .build()) {
            SweepReport report = sweeper.sweep(now);

            assertThat(storage.keys()).containsExactlyInAnyOrder("key-1", "key-2", "key-3");
            assertThat(report.message()).contains("2 due recordings are kept").contains("2, 3");
            world.execute("update Restricted set hidden = false");
            sweeper.sweep(now.plusSeconds(60));
            assertThat(storage.keys())
                    .as("1 and 2 are retained, 3 is governed")
                    .containsExactlyInAnyOrder("key-1", "key-2", "key-3");
        }
    }

    static Stream<TestDatabase> databases() {
        return Stream.of(TestDatabase.values());
    }

    @Test
    void canNotBeToldWhereTheOtherTableRefersToTheRow() {
        assertThatThrownBy(() -> world(TestDatabase.H2)
                        .builder()
                        .hold("plain.consent.onHold")
                        .build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining(
                        "hold: 'plain.consent.onHold': the foreign key of 'consent' is in the other table")
                .hasMessageNotContaining("plain.consent.onHold,");
    }
}
