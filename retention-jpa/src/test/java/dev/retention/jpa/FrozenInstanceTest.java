package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An instance that stops within a transaction, as its JVM or its machine may at any time, and its locks. */
class FrozenInstanceTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));

    /** The shortest that each database knows. */
    private static final Waits SHORT = new Waits(Duration.ofSeconds(1), Duration.ofMillis(250), Duration.ofSeconds(2));

    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    private static Engine engine(TestDatabase database) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        engine.insert(IntStream.rangeClosed(1, 3)
                .mapToObj(n -> EngineRow.of(
                        "rec-" + n, "RE" + n, NOW.minus(Duration.ofDays(100)).plusSeconds(n)))
                .toList());
        return engine;
    }

    private static SweepRun run(RecordingRepository repository) {
        return repository
                .runs()
                .joinOrOpenAfter(null, new RunRequest("key", "me", NOW, NOW, NOW.plusSeconds(3600), "90d", 100L))
                .orElseThrow();
    }

    private static List<Claim> claim(RecordingRepository repository, SweepRun run, String... ids) {
        return repository
                .gate()
                .claim(new ClaimRequest(
                        run.id(),
                        "me",
                        repository.now().plusSeconds(600),
                        CRITERIA,
                        "retention_policy",
                        repository.recordings().find(List.of(ids))))
                .claims();
    }

    private static Map<String, HoldAnswer> hold(RecordingRepository repository, String holdId, String... ids) {
        return repository.holds().place(holdId, List.of(ids), "dpo", "dispute", null, NOW);
    }

    /** A data source whose connections stop before a statement. */
    private static final class Freezer {
        private final CountDownLatch frozen = new CountDownLatch(1);
        private final CountDownLatch thaw = new CountDownLatch(1);
        private final DataSource target;
        private volatile @Nullable String before;

        Freezer(DataSource target) {
            this.target = target;
        }

        void freezeBefore(String sql) {
            before = sql;
        }

        void await() throws InterruptedException {
            assertThat(frozen.await(HUNG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }

        DataSource dataSource() {
            return Intercepted.proxy(DataSource.class, target, (method, call) -> {
                Object result = call.run();
                return result instanceof Connection connection ? connection(connection) : result;
            });
        }

        private Connection connection(Connection connection) {
            return Intercepted.proxyWithArguments(Connection.class, connection, (method, arguments, call) -> {
                String sql = before;
                if (method.getName().equals("prepareStatement")
                        && sql != null
                        && arguments != null
                        && arguments[0].toString().startsWith(sql)) {
                    before = null;
                    frozen.countDown();
                    assertThat(thaw.await(HUNG.toSeconds(), TimeUnit.SECONDS)).isTrue();
                }
                return call.run();
            });
        }
    }

    /** An instance that claims recordings, and stops within the transaction, beside one that runs. */
    private static final class FrozenClaim implements AutoCloseable {
        private final Freezer freezer;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final EntityManagerFactory factory;
        private final RecordingRepository other;
        private final RecordingRepository frozen;
        private final SweepRun run;
        private final Future<List<Claim>> claims;

        FrozenClaim(TestDatabase database, String... ids) throws InterruptedException {
            Engine engine = engine(database);
            freezer = new Freezer(engine.dataSource);
            factory =
                    Engine.factory(database, freezer.dataSource(), "none", Calls.TextCall.class, Calls.Customer.class);
            other = engine.builder().waits(SHORT).build();
            frozen = engine.builder(factory).waits(SHORT).build();
            run = run(other);
            freezer.freezeBefore("update retention_run");
            claims = thread.submit(() -> claim(frozen, run, ids));
            freezer.await();
        }

        List<Claim> thawed() throws Exception {
            freezer.thaw.countDown();
            return claims.get(HUNG.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            freezer.thaw.countDown();
            thread.shutdownNow();
            factory.close();
        }
    }

    /** H2 has no such time limit; there, the frozen process is the database's. */
    @ParameterizedTest
    @EnumSource(
            value = TestDatabase.class,
            names = {"POSTGRESQL", "MARIADB", "MYSQL"})
    void delaysAHoldAndTheClaimsOfOthersForABoundedTime(TestDatabase database) throws Exception {
        try (FrozenClaim claim = new FrozenClaim(database, "rec-1", "rec-2")) {
            assertThat(hold(claim.other, "h", "rec-1")).containsEntry("rec-1", HoldAnswer.HELD);
            assertThat(claim(claim.other, claim.run, "rec-1", "rec-2", "rec-3"))
                    .extracting(Claim::id)
                    .containsExactlyInAnyOrder("rec-2", "rec-3");

            assertThat(claim.thawed()).isEmpty();
            assertThat(claim.other.ledger().find(List.of("rec-1")))
                    .singleElement()
                    .returns(DeletionState.ACTIVE, LedgerEntry::state)
                    .returns(true, LedgerEntry::held);
            assertThat(claim(claim.frozen, claim.run, "rec-3")).isEmpty();
        }
    }

    /** Its transaction is gone, so it does everything again, as things are by then. */
    @ParameterizedTest
    @EnumSource(
            value = TestDatabase.class,
            names = {"POSTGRESQL", "MARIADB", "MYSQL"})
    void goesOnWhenTheServerHasEndedItsTransaction(TestDatabase database) throws Exception {
        try (FrozenClaim claim = new FrozenClaim(database, "rec-1")) {
            // Can only be placed once the transaction is gone.
            assertThat(hold(claim.other, "h", "rec-1")).containsEntry("rec-1", HoldAnswer.HELD);
            claim.other.holds().release("h", "dpo", NOW);

            assertThat(claim.thawed()).extracting(Claim::id).containsExactly("rec-1");
            assertThat(claim.other.ledger().find(List.of("rec-1")))
                    .singleElement()
                    .returns(1, LedgerEntry::attempts);
        }
    }

    private static Connection locking(Engine engine, String... ids) throws SQLException {
        Connection connection = engine.dataSource.getConnection();
        connection.setAutoCommit(false);
        try (PreparedStatement lock = connection.prepareStatement(
                "select recording_id from retention_deletion where recording_id = ? for update")) {
            for (String id : ids) {
                lock.setString(1, id);
                try (ResultSet result = lock.executeQuery()) {
                    assertThat(result.next()).isTrue();
                }
            }
        }
        return connection;
    }

    /** Locks that last longer than anybody waits. */
    @ParameterizedTest
    @EnumSource(
            value = TestDatabase.class,
            names = {"POSTGRESQL", "MARIADB", "MYSQL"})
    void keepsOnlyItsOwnRowsFromBeingClaimed(TestDatabase database) throws Exception {
        Engine engine = engine(database);
        RecordingRepository repository = engine.builder().waits(SHORT).build();
        hold(repository, "h", "rec-1", "rec-2", "rec-3");
        repository.holds().release("h", "dpo", NOW);
        SweepRun run = run(repository);
        try (Connection locked = locking(engine, "rec-2")) {
            assertThat(claim(repository, run, "rec-1", "rec-2", "rec-3"))
                    .extracting(Claim::id)
                    .containsExactlyInAnyOrder("rec-1", "rec-3");
            Instant later = repository.now().plusSeconds(3600);
            assertThat(repository.gate().reclaim("two", null, later, later.plusSeconds(600), 10))
                    .extracting(Claim::id)
                    .containsExactlyInAnyOrder("rec-1", "rec-3");
            locked.rollback();
        }
        assertThat(claim(repository, run, "rec-2")).hasSize(1);
        try (Connection locked = locking(engine, "rec-1")) {
            Instant later = repository.now().plusSeconds(7200);
            assertThat(repository.gate().reclaim("three", null, later, later.plusSeconds(600), 10))
                    .extracting(Claim::id)
                    .containsExactlyInAnyOrder("rec-2", "rec-3");
            locked.rollback();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestDatabase.class,
            names = {"POSTGRESQL", "MARIADB", "MYSQL"})
    void keepsTheKeyOfItsRowsFromBeingClaimed(TestDatabase database) throws Exception {
        Engine engine = engine(database);
        Instant old = NOW.minus(Duration.ofDays(99));
        engine.insert(List.of(EngineRow.of("twin-1", "RE1", old), EngineRow.of("twin-2", "RE2", old)));
        RecordingRepository repository = engine.builder().waits(SHORT).build();
        hold(repository, "h", "rec-1", "rec-2");
        repository.holds().release("h", "dpo", NOW);
        SweepRun run = run(repository);
        try (Connection locked = locking(engine, "twin-1", "rec-2")) {
            assertThat(claim(repository, run, "rec-1", "rec-2", "twin-2", "rec-3"))
                    .extracting(Claim::id)
                    .containsExactly("rec-3");
            assertThat(repository.ledger().find(List.of("rec-1", "rec-2", "twin-1", "twin-2")))
                    .hasSize(4)
                    .allMatch(entry -> entry.state() == DeletionState.ACTIVE && entry.outcome() == null);
            locked.rollback();
        }
        assertThat(claim(repository, run, "rec-1", "rec-2", "twin-2")).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isSaidToAHoldThatWaitedInVain(TestDatabase database) throws Exception {
        Engine engine = engine(database);
        RecordingRepository repository = engine.builder().waits(SHORT).build();
        hold(repository, "h", "rec-1");
        try (Connection locked = locking(engine, "rec-1")) {
            assertThatThrownBy(() -> hold(repository, "another", "rec-1"))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining("could not place hold 'another'")
                    .hasMessageContaining("other transactions used the same rows")
                    .hasMessageContaining("Nothing was changed; try again later");
            locked.rollback();
        }
        assertThat(hold(repository, "another", "rec-1")).containsEntry("rec-1", HoldAnswer.HELD);
    }

    /** The pool is the engine's, too. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void leavesNoLimitInTheEnginesSessions(TestDatabase database) throws Exception {
        Engine engine = engine(database);
        RecordingRepository repository = engine.builder().waits(SHORT).build();
        Set<List<String>> fresh = Set.copyOf(limits(database, engine, 8));
        repository.now();
        hold(repository, "h", "rec-1");
        claim(repository, run(repository), "rec-2");
        assertThatThrownBy(() -> repository.holds().place("h", List.of("rec-1"), "dpo", "another", null, NOW))
                .isInstanceOf(RetentionException.class);
        assertThat(Set.copyOf(limits(database, engine, 8))).hasSize(1).isEqualTo(fresh);
    }

    private static List<List<String>> limits(TestDatabase database, Engine engine, int sessions) throws SQLException {
        String sql = switch (database) {
            case POSTGRESQL ->
                "select current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')";
            case MARIADB ->
                "select @@innodb_lock_wait_timeout, concat(@@lock_wait_timeout, @@idle_transaction_timeout)";
            case MYSQL -> "select @@innodb_lock_wait_timeout, concat(@@lock_wait_timeout, ' ', @@wait_timeout)";
            case H2 -> "select lock_timeout(), 0";
        };
        List<Connection> all = new ArrayList<>();
        List<List<String>> limits = new ArrayList<>();
        try {
            for (int i = 0; i < sessions; i++) {
                Connection connection = engine.dataSource.getConnection();
                all.add(connection);
                try (Statement statement = connection.createStatement();
                        ResultSet result = statement.executeQuery(sql)) {
                    result.next();
                    limits.add(List.of(result.getString(1), result.getString(2)));
                }
            }
        } finally {
            for (Connection connection : all) {
                connection.close();
            }
        }
        return limits;
    }
}
