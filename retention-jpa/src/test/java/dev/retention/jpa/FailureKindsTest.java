package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import dev.retention.spi.Candidate;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import jakarta.persistence.ConnectionFunction;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * How failures of a real database are classified: it does not answer, or it refuses. Each is shown beside the same call
 * that succeeds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FailureKindsTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final String ISOLATION = "TRANSACTION_READ_COMMITTED";
    private static final String REASON = "retention_policy";

    /** How long a pool waits for a connection. These tests wait for it, and a busy machine needs some of it. */
    private static final Duration TO_LEND = Duration.ofSeconds(5);

    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    private final TestDatabase database;
    final String user = "voice_" + UUID.randomUUID().toString().substring(0, 8);
    Engine engine;
    private HikariDataSource pool;
    private EntityManagerFactory factory;
    private JpaRecordingRepository repository;

    FailureKindsTest(TestDatabase database) {
        this.database = database;
    }

    abstract String createUser();

    /** The same address, for the user. */
    HikariConfig as(HikariConfig owner) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(owner.getJdbcUrl().replaceFirst("user=[^&]+", "user=" + user));
        config.setUsername(user);
        return config;
    }

    /** Makes a column a text. */
    abstract String makeText(String table, String column);

    abstract String makeNumber(String table, String column);

    abstract String shorten(String table, String column, int length);

    /** Statements that have a trigger refuse every change of a row. */
    abstract List<String> refuseChanges(String table);

    abstract List<String> allowChanges(String table);

    /** A query for the statements that end the user's sessions. */
    abstract String endSessions();

    /** What ends a wait for a lock at once, in the user's sessions. */
    abstract String waitForNoLock();

    @BeforeAll
    void start() {
        engine = new Engine(database, Calls.TextCall.class, ISOLATION);
        engine.builder().build();
        List<String> tables = new ArrayList<>(Tables.NAMES);
        tables.add("TextCall");
        tables.add("Customer");
        engine.execute(createUser());
        tables.forEach(table -> engine.execute("grant select, insert, update, delete on " + table + " to " + user));
        HikariConfig config = as(engine.dataSource);
        config.setConnectionInitSql(waitForNoLock());
        config.setConnectionTimeout(TO_LEND.toMillis());
        pool = TestDatabase.pool(config, ISOLATION);
        factory = Engine.factory(database, pool, "none", Calls.TextCall.class, Calls.Customer.class);
        repository = engine.builder(factory)
                .initializeSchema(SchemaInitialization.NEVER)
                .build();
    }

    @AfterAll
    void stop() {
        if (factory != null) {
            factory.close();
            pool.close();
        }
    }

    @BeforeEach
    void startEmpty() {
        engine.clear();
    }

    private static void assertKind(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RetentionException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    static void takeNewConnections(HikariDataSource pool) {
        pool.getHikariPoolMXBean().softEvictConnections();
    }

    private Candidate due(String id) {
        engine.insert(List.of(EngineRow.of(id, "RE" + id, NOW.minus(Duration.ofDays(100)))));
        return repository.recordings().find(List.of(id)).get(0);
    }

    /** For databases whose tests run with grants. */
    final void refusesWithout(String revoke, String grant) {
        Candidate candidate = due("1");
        engine.execute(revoke);
        takeNewConnections(pool);
        try {
            assertKind(Kind.REFUSED, () -> repository.ledger().find(List.of("1")));
            assertThat(repository.gate().rehearse(candidate, REASON))
                    .hasValueSatisfying(why -> assertThat(why).contains("SQLState"));
        } finally {
            engine.execute(grant);
        }

        assertThat(repository.ledger().find(List.of("1"))).isEmpty();
        assertThat(repository.gate().rehearse(candidate, REASON)).isEmpty();
    }

    @Test
    void refusesWhatATriggerRefuses() {
        Candidate candidate = due("1");
        refuseChanges("TextCall").forEach(engine::execute);
        try {
            assertThat(repository.gate().rehearse(candidate, REASON))
                    .hasValueSatisfying(
                            why -> assertThat(why).contains("SQLState").doesNotContain("the trigger refuses"));
        } finally {
            allowChanges("TextCall").forEach(engine::execute);
        }

        assertThat(repository.gate().rehearse(candidate, REASON)).isEmpty();
    }

    @Test
    void refusesWhatAConstraintRefuses() {
        Candidate refused = due("1");
        Candidate allowed = due("2");
        engine.refuseSoftDelete("1");

        assertThat(repository.gate().rehearse(refused, REASON))
                .hasValueSatisfying(why -> assertThat(why).contains("SQLState"));
        assertThat(repository.gate().rehearse(allowed, REASON)).isEmpty();
    }

    @Test
    void refusesAReasonThatIsTooLongForItsColumn() {
        Candidate candidate = due("1");
        engine.execute(shorten("TextCall", "why", REASON.length() - 1));
        assertThat(repository.gate().rehearse(candidate, REASON))
                .hasValueSatisfying(why -> assertThat(why).contains("SQLState 22001"));

        engine.execute(shorten("TextCall", "why", REASON.length()));
        assertThat(repository.gate().rehearse(candidate, REASON)).isEmpty();
    }

    @Test
    void keepsAnEntryWithAValueThatCannotBeRead() {
        engine.execute("insert into retention_deletion (recording_id, state, held, in_doubt, attempts, audio_seconds)"
                + " values ('1', 'ACTIVE', false, false, 0, 12)");
        engine.execute(makeText("retention_deletion", "audio_seconds"));
        try {
            engine.execute("update retention_deletion set audio_seconds = 'twelve'");
            assertThat(repository.ledger().find(List.of("1")))
                    .extracting(LedgerEntry::state)
                    .containsExactly(DeletionState.UNREADABLE);

            engine.execute("update retention_deletion set audio_seconds = '12'");
            assertThat(repository.ledger().find(List.of("1")))
                    .extracting(LedgerEntry::state)
                    .containsExactly(DeletionState.ACTIVE);
        } finally {
            engine.execute(makeNumber("retention_deletion", "audio_seconds"));
        }
    }

    @Test
    void keepsAnEntryWithAStateThatIsNone() {
        engine.execute("insert into retention_deletion (recording_id, state, held, in_doubt, attempts)"
                + " values ('1', 'NONSENSE', false, false, 0)");
        assertThat(repository.ledger().find(List.of("1")))
                .extracting(LedgerEntry::state)
                .containsExactly(DeletionState.UNREADABLE);

        engine.execute("update retention_deletion set state = 'ACTIVE'");
        assertThat(repository.ledger().find(List.of("1")))
                .extracting(LedgerEntry::state)
                .containsExactly(DeletionState.ACTIVE);
    }

    @Test
    void refusesWhatOthersKeepLocked() throws Exception {
        due("1");
        repository.holds().place("first", List.of("1"), "dpo", "dispute", null, NOW);
        try (Connection other = engine.dataSource.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.executeQuery("select recording_id from retention_deletion for update");
            assertThatThrownBy(() -> repository.holds().place("second", List.of("1"), "dpo", "dispute", null, NOW))
                    .isInstanceOfSatisfying(
                            RetentionException.class,
                            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.REFUSED))
                    .hasMessageContaining("other transactions");
            other.rollback();
        }

        assertThat(repository.holds().place("second", List.of("1"), "dpo", "dispute", null, NOW))
                .containsEntry("1", HoldAnswer.HELD);
    }

    @Test
    void isAwayWhileThePoolHasNoConnectionLeft() throws Exception {
        List<Connection> lent = new ArrayList<>();
        try {
            for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
                lent.add(pool.getConnection());
            }
            assertKind(Kind.UNAVAILABLE, () -> repository.ledger().find(List.of("1")));
        } finally {
            for (Connection connection : lent) {
                connection.close();
            }
        }

        assertThat(repository.ledger().find(List.of("1"))).isEmpty();
    }

    /** For databases that can limit the connections of a user. */
    final void isAwayWhile(String limited, String unlimited, String sqlState) {
        takeNewConnections(pool);
        engine.execute(limited);
        try (Connection taken = theLastConnection()) {
            assertThat(taken.isValid(0)).isTrue();
            assertThatThrownBy(() -> repository.ledger().find(List.of("1")))
                    .isInstanceOfSatisfying(
                            RetentionException.class,
                            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.UNAVAILABLE))
                    .hasMessageContaining(sqlState);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            engine.execute(unlimited);
        }

        assertThat(repository.ledger().find(List.of("1"))).isEmpty();
    }

    /** The pool ends its connections in its own time, and so does the server. */
    private Connection theLastConnection() throws SQLException {
        long patience = System.nanoTime() + HUNG.toNanos();
        while (true) {
            try {
                return DriverManager.getConnection(pool.getJdbcUrl(), pool.getUsername(), "");
            } catch (SQLException e) {
                if (System.nanoTime() - patience > 0) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void isAwayWhenItsSessionIsEnded() {
        RecordingRepository cut = engine.builder(factory)
                .initializeSchema(SchemaInitialization.NEVER)
                .transactions(disturbed(factory, this::endSessionsNow, () -> {}))
                .build();
        assertKind(Kind.UNAVAILABLE, () -> cut.ledger().find(List.of("1")));

        takeNewConnections(pool);
        assertThat(repository.ledger().find(List.of("1"))).isEmpty();
    }

    /** Transactions in which something happens once there is a connection, and again before the commit. */
    static JpaTransactions disturbed(EntityManagerFactory factory, Runnable first, Runnable last) {
        JpaTransactions undisturbed = new ResourceLocalTransactions(factory, java.util.Map.of());
        return new JpaTransactions() {
            @Override
            public <T> T inNewTransaction(Function<EntityManager, T> work) {
                return undisturbed.inNewTransaction(entityManager -> {
                    entityManager.callWithConnection(connection -> true);
                    first.run();
                    T result = work.apply(entityManager);
                    last.run();
                    return result;
                });
            }

            @Override
            public <T> T withConnection(ConnectionFunction<Connection, T> work) {
                return undisturbed.withConnection(work);
            }

            @Override
            public boolean callerHasTransaction() {
                return false;
            }
        };
    }

    private void endSessionsNow() {
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            List<String> ends = new ArrayList<>();
            try (ResultSet sessions = statement.executeQuery(endSessions())) {
                while (sessions.next()) {
                    ends.add(sessions.getString(1));
                }
            }
            for (String end : ends) {
                statement.execute(end);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In the middle of a transaction, between two, and when an application starts. */
    @Test
    void isAwayWhenTheServerIsStopped() throws Exception {
        TestDatabase.Apart apart = database.startApart();
        apart.config().setConnectionTimeout(TO_LEND.toMillis());
        Engine own = new Engine(database, Calls.TextCall.class, TestDatabase.pool(apart.config(), ISOLATION));
        JpaRecordingRepository working = own.builder().build();
        own.insert(List.of(EngineRow.of("1", "RE1", NOW.minus(Duration.ofDays(100)))));
        assertThat(working.holds().place("h", List.of("1"), "dpo", "dispute", null, NOW))
                .containsEntry("1", HoldAnswer.HELD);
        assertThat(working.ledger().find(List.of("1")))
                .singleElement()
                .extracting(LedgerEntry::held)
                .isEqualTo(true);

        RecordingRepository interrupted = own.builder()
                .transactions(disturbed(own.factory, () -> {}, () -> stop(apart)))
                .build();
        assertKind(Kind.UNAVAILABLE, () -> interrupted.holds().release("h", "dpo", NOW));
        assertKind(Kind.UNAVAILABLE, () -> working.ledger().find(List.of("1")));
        JpaRecordingRepository late = own.builder().build();
        assertKind(Kind.UNAVAILABLE, late::now);
        own.factory.close();
        own.dataSource.close();
    }

    private static void stop(TestDatabase.Apart apart) {
        try {
            apart.stop().run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
