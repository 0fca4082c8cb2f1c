package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.retention.DeletionLedger;
import dev.retention.FirstRun;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionGate.Refusal;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Converter;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Lob;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An update of the row that the database accepts and does not do as it is told")
class IgnoredUpdatesTest {

    private static final String READ_COMMITTED = "TRANSACTION_READ_COMMITTED";

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final FakeRecordingStorage storage = new FakeRecordingStorage();
    private int sweeps;

    private static Engine engine(TestDatabase database) {
        Engine engine = new Engine(database, Calls.TextCall.class, READ_COMMITTED);
        engine.builder().build();
        return engine;
    }

    private void due(Engine engine, String... ids) {
        for (String id : ids) {
            engine.insert(List.of(EngineRow.of(id, "key-" + id, now.minus(Duration.ofDays(100)))));
            storage.put("key-" + id);
        }
    }

    private SweepReport sweep(JpaRecordingRepository repository) {
        try (RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build()) {
            return sweeper.sweep(now.plusSeconds(sweeps++));
        }
    }

    private void assertNothingIsDeleted(SweepReport report, String... why) {
        assertThat(storage.deletes()).isEmpty();
        assertThat(report).returns(SweepEnd.REFUSED, SweepReport::end).returns(0L, SweepReport::deleted);
        assertThat(report.message()).contains(why);
    }

    private static void trigger(Engine engine, String body) {
        engine.execute("create function ignored() returns trigger language plpgsql as 'begin " + body + " end'");
        engine.execute("create trigger ignored before update on TextCall for each row execute function ignored()");
    }

    @ParameterizedTest
    @ValueSource(strings = {"return null;", "new.gone := null; return new;", "return old;"})
    void isNoticedWhenATriggerUndoesIt(String body) {
        Engine engine = engine(TestDatabase.POSTGRESQL);
        due(engine, "1", "2");
        trigger(engine, body);

        assertNothingIsDeleted(sweep(engine.builder().build()), "accepts the update");

        engine.execute("drop trigger ignored on TextCall");
        assertThat(sweep(engine.builder().build()).deleted()).isEqualTo(2);
    }

    @Test
    void isNoticedWhenOneRowsTriggerUndoesItAfterTheRehearsal() {
        Engine engine = engine(TestDatabase.POSTGRESQL);
        due(engine, "1", "2", "3");
        trigger(engine, "if new.call_id = ''2'' then return null; end if; return new;");

        SweepReport report = sweep(engine.builder().build());

        assertThat(report.deleted()).isEqualTo(2);
        assertThat(engine.read("2").orElseThrow().deleted()).isNull();
        assertThat(DeletionLedger.of(engine.builder().build())
                        .find(List.of("2"))
                        .get("2"))
                .as("the proof waits until the row can be marked")
                .satisfies(entry -> assertThat(entry.state()).isEqualTo(dev.retention.DeletionState.DELETING))
                .satisfies(entry -> assertThat(String.valueOf(entry.cause())).contains("ignores it"));
    }

    /** The role may see all rows, and update none. */
    @Test
    void isNoticedWhenRowLevelSecurityHidesTheRowFromIt() {
        Engine engine = engine(TestDatabase.POSTGRESQL);
        due(engine, "1", "2");
        String role = "rls_" + UUID.randomUUID().toString().substring(0, 8);
        engine.execute("create role " + role + " login");
        engine.execute("grant all on all tables in schema public to " + role);
        engine.execute("alter table TextCall enable row level security");
        engine.execute("create policy seen on TextCall for select using (true)");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(engine.dataSource.getJdbcUrl().replaceFirst("user=[^&]+", "user=" + role));
        config.setMaximumPoolSize(4);
        config.setTransactionIsolation(READ_COMMITTED);
        try (HikariDataSource asRole = new HikariDataSource(config);
                EntityManagerFactory factory = Engine.factory(
                        TestDatabase.POSTGRESQL, asRole, "none", Calls.TextCall.class, Calls.Customer.class)) {
            JpaRecordingRepository repository = engine.builder(factory)
                    .initializeSchema(SchemaInitialization.NEVER)
                    .build();

            assertNothingIsDeleted(sweep(repository), "accepts the update", "row-level security");

            engine.execute("create policy updated on TextCall for update using (true)");
            assertThat(sweep(repository).deleted()).isEqualTo(2);
        }
    }

    /** What is checked by the commit only. */
    @Test
    void isRehearsedWithItsDeferredConstraints() {
        Engine engine = engine(TestDatabase.POSTGRESQL);
        due(engine, "1", "2");
        deferred(engine, "raise exception ''no''");

        assertNothingIsDeleted(sweep(engine.builder().build()), "P0001");
    }

    /** A server that answers a commit with a definite refusal will do so again. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "raise exception ''no''",
                "raise exception using errcode = ''23514''",
                "raise exception using errcode = ''23505''"
            })
    void isNotRepeatedWhenTheCommitRefusesIt(String body) {
        Engine engine = engine(TestDatabase.POSTGRESQL);
        due(engine, "1");
        DueCriteria criteria =
                new DueCriteria(now, List.of(), new Rule("default", Map.of(), now.minus(Duration.ofDays(90))));
        DeletionGate gate = engine.builder().build().gate();
        List<Claim> claims = gate.claim(new ClaimRequest(
                        null,
                        "one",
                        now.plusSeconds(600),
                        criteria,
                        "retention_policy",
                        engine.builder().build().recordings().find(List.of("1"))))
                .claims();
        deferred(engine, body);

        Recorded recorded = gate.record(claims.stream()
                .map(claim ->
                        ClaimOutcome.deleted(claim, Evidence.NONE.with("fake", DeletionResult.deleted("204")), now))
                .toList());

        assertThat(recorded.refused()).hasSize(1);
        assertThat(number(engine, "select last_value from tries")).isEqualTo(1);
        engine.execute("drop trigger late on TextCall");
        assertThat(gate.record(recorded.refused().stream().map(Refusal::outcome).toList()))
                .isEqualTo(new Recorded(Set.of(), List.of()));
        assertThat(engine.read("1").orElseThrow().deleted()).isNotNull();
    }

    private static long number(Engine engine, String query) {
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void deferred(Engine engine, String body) {
        engine.execute("create sequence tries");
        engine.execute("create function late() returns trigger language plpgsql as 'begin perform nextval(''tries''); "
                + body + "; end'");
        engine.execute("create constraint trigger late after update on TextCall deferrable initially deferred for each"
                + " row execute function late()");
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isNoticedWhenItMovesTheCreationTime(TestDatabase database) {
        Engine engine = engine(database);
        due(engine, "1");
        switch (database) {
            case H2 -> {
                engine.execute("alter table TextCall alter column started set on update current_timestamp");
            }
            case POSTGRESQL -> trigger(engine, "new.started := now(); return new;");
            default ->
                engine.execute("alter table TextCall modify started timestamp(6) not null default current_timestamp(6)"
                        + " on update current_timestamp(6)");
        }

        assertNothingIsDeleted(sweep(engine.builder().build()), "changes its creation time from", "ON UPDATE");
        assertThat(engine.read("1").orElseThrow().deleted()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MyISAM", "Aria transactional=0"})
    void isUndoneWhereTheTableCanNotRollBack(String storageEngine) {
        Engine engine = engine(TestDatabase.MARIADB);
        due(engine, "1", "2", "3", "4");
        for (String constraint : constraints(engine)) {
            engine.execute("alter table TextCall drop foreign key " + constraint);
        }
        // Its longest key is shorter.
        engine.execute("alter table TextCall modify call_id varchar(100) not null");
        engine.execute("alter table TextCall engine=" + storageEngine);
        engine.execute("update TextCall set why = 'before' where call_id = '1'");

        JpaRecordingRepository repository = engine.builder().build();
        assertNothingIsDeleted(sweep(repository), "can't roll back", "ENGINE=InnoDB");
        assertThat(engine.read("1").orElseThrow().deleted()).isNull();
        assertThat(engine.read("1").orElseThrow().deletionReason()).isEqualTo("before");
        for (String other : List.of("2", "3", "4")) {
            assertThat(engine.read(other).orElseThrow().deleted()).isNull();
        }
        assertThat(DeletionLedger.of(repository).find(List.of("1"))).isEmpty();

        engine.execute("alter table TextCall engine=InnoDB");
        assertThat(sweep(engine.builder().build()).deleted()).isEqualTo(4);
    }

    private static List<String> constraints(Engine engine) {
        List<String> names = new ArrayList<>();
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select constraint_name from"
                        + " information_schema.referential_constraints where constraint_schema = database()"
                        + " and table_name = 'TextCall'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return names;
    }

    /** Encrypts with a random salt: the same text never becomes the same column twice. */
    @Converter
    static class Encrypted implements AttributeConverter<String, String> {
        @Override
        public String convertToDatabaseColumn(String text) {
            return text == null
                    ? null
                    : UUID.randomUUID() + new StringBuilder(text).reverse().toString();
        }

        @Override
        public String convertToEntityAttribute(String column) {
            return column == null
                    ? null
                    : new StringBuilder(column.substring(36)).reverse().toString();
        }
    }

    /** An account that can be read, and not compared. */
    @Entity(name = "EncryptedCall")
    static class EncryptedCall {
        @Id
        long id;

        @Column(length = 200)
        String twilioRecordingSid;

        @Convert(converter = Encrypted.class)
        @Column(length = 200)
        String account;

        @Convert(converter = Encrypted.class)
        @Column(length = 200)
        String secretKey;

        @Lob
        String longKey;

        Instant createdAt;
        Instant deletedAt;
        String deletionReason;
    }

    private interface Work {
        void on(EntityManagerFactory factory) throws Exception;
    }

    private void encrypted(TestDatabase database, Work work) throws Exception {
        try (HikariDataSource dataSource = database.create(
                        "encrypted" + UUID.randomUUID().toString().substring(0, 8), READ_COMMITTED);
                EntityManagerFactory factory = Engine.factory(database, dataSource, "create", EncryptedCall.class)) {
            factory.runInTransaction(manager -> {
                for (long id = 1; id <= 3; id++) {
                    EncryptedCall call = new EncryptedCall();
                    call.id = id;
                    call.twilioRecordingSid = "key-" + id;
                    call.secretKey = "key-" + id;
                    call.longKey = "key-" + id;
                    call.account = "AC" + id;
                    call.createdAt = now.minus(Duration.ofDays(100));
                    manager.persist(call);
                    storage.put("key-" + id);
                }
            });
            work.on(factory);
        }
    }

    private static JpaRecordingRepository.Builder encryptedCalls(EntityManagerFactory factory) {
        return JpaRecordingRepository.builder(factory, EncryptedCall.class)
                .initializeSchema(SchemaInitialization.ALWAYS)
                .account("account");
    }

    private static long marked(EntityManagerFactory factory) {
        return factory.callInTransaction(manager -> manager.createQuery(
                        "select count(*) from EncryptedCall e where e.deletedAt is not null", Long.class)
                .getSingleResult());
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isDoneByTheIdWhereTheAccountCanNotBeCompared(TestDatabase database) throws Exception {
        encrypted(database, factory -> {
            SweepReport report = sweep(encryptedCalls(factory).build());

            assertThat(report.deleted()).isEqualTo(3);
            assertThat(marked(factory)).isEqualTo(3);
            assertThat(DeletionLedger.of(encryptedCalls(factory).build()).find(List.of("1", "2", "3")))
                    .hasSize(3)
                    .allSatisfy((id, entry) -> assertThat(entry.account()).isEqualTo("AC" + id));
        });
    }

    /** Whether another row names the same key can't be asked, so all of them are kept, and it is said why. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isNotNeededWhereTheKeyCanNotBeCompared(TestDatabase database) throws Exception {
        encrypted(database, factory -> {
            for (String key : List.of("secretKey", "longKey")) {
                if (key.equals("longKey") && database != TestDatabase.POSTGRESQL) {
                    continue;
                }
                JpaRecordingRepository repository =
                        encryptedCalls(factory).storageKey(key).build();
                SweepReport report = sweep(repository);
                assertThat(report.deleted()).isZero();
                assertThat(storage.deletes()).isEmpty();
                assertThat(marked(factory)).isZero();
                assertThat(DeletionLedger.of(repository).find("1").orElseThrow().cause())
                        .hasToString(String.valueOf(DeletionLedger.of(repository)
                                .find("2")
                                .orElseThrow()
                                .cause()))
                        .satisfies(cause -> assertThat(String.valueOf(cause))
                                .contains("If the database can't compare keys")
                                .contains("state storage-key-unique"));
            }
        });
    }

    /** Where a person has confirmed that no two rows name one key, none has to be looked for. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isDoneByTheIdWhereKeysThatCanNotBeComparedAreStatedToBeUnique(TestDatabase database) throws Exception {
        for (String key : List.of("secretKey", "longKey")) {
            encrypted(database, factory -> {
                JpaRecordingRepository stated = encryptedCalls(factory)
                        .storageKey(key)
                        .storageKeyUnique(true)
                        .build();

                SweepReport report = sweep(stated);

                assertThat(report.deleted()).as(report.message()).isEqualTo(3);
                assertThat(marked(factory)).isEqualTo(3);
                assertThat(DeletionLedger.of(stated).find(List.of("1", "2", "3")))
                        .hasSize(3)
                        .allSatisfy(
                                (id, entry) -> assertThat(entry.storageKey()).isEqualTo("key-" + id));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isDoneOnlyOnceTheStatementOrItsEndIsConfirmed(boolean first) throws Exception {
        encrypted(TestDatabase.H2, factory -> {
            assertThat(sweep(encryptedCalls(factory).storageKeyUnique(first).build())
                            .deleted())
                    .isEqualTo(3);
            factory.runInTransaction(manager -> manager.createQuery("update EncryptedCall e set e.deletedAt = null,"
                            + " e.twilioRecordingSid = concat('new-', e.twilioRecordingSid)")
                    .executeUpdate());
            storage.put("new-key-1");

            SweepReport changed =
                    sweep(encryptedCalls(factory).storageKeyUnique(!first).build());

            assertThat(changed.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(changed.message())
                    .contains("storage-key was 'twilioRecordingSid String" + (first ? ", stated to be unique'" : "'"))
                    .contains("and is 'twilioRecordingSid String" + (first ? "'" : ", stated to be unique'"));
            assertThat(storage.keys()).contains("new-key-1");
        });
    }

    /** What was read together shows that the statement is wrong. */
    @Test
    void isNotDoneForARowWhoseStatedKeyIsSeenTwice() throws Exception {
        encrypted(TestDatabase.H2, factory -> {
            factory.runInTransaction(manager -> manager.createQuery(
                            "update EncryptedCall e set e.twilioRecordingSid = 'key-1', e.account = null"
                                    + " where e.id = 2")
                    .executeUpdate());
            JpaRecordingRepository stated =
                    encryptedCalls(factory).storageKeyUnique(true).build();
            dev.retention.LegalHolds.of(stated).place("case", List.of("2"), "dpo", "lawsuit", null);

            assertThat(sweep(stated).deleted()).isEqualTo(1);
            assertThat(storage.keys()).contains("key-1").doesNotContain("key-3");
        });
    }
}
