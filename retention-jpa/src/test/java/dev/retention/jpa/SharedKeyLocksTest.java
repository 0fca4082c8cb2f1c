package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.HoldAnswer;
import dev.retention.LedgerEvent;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A hold on one row of a key, while a claim of another row of that key comes in between, of which the hold can know
 * nothing: the engine has written it when the hold had begun. Another transaction keeps the hold waiting. And a proof
 * for the rows of a key, while another instance records it.
 */
class SharedKeyLocksTest {

    /** In the precision of the columns. */
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    /** MariaDB shows the same again to who asks sooner. */
    private static final Duration POLL = Duration.ofMillis(150);

    private static final Duration HUNG = Duration.ofMinutes(2);
    private static final String KEY = "REshared";

    private record Setting(Engine engine, JpaRecordingRepository repository, TestDatabase database) {

        static Setting of(TestDatabase database, String isolation) {
            Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_" + isolation);
            JpaRecordingRepository repository =
                    engine.builder().waits(new Waits(HUNG, HUNG, HUNG)).build();
            Setting setting = new Setting(engine, repository, database);
            setting.engine.insert(List.of(setting.row("known", KEY), setting.row("other", "REother")));
            setting.hold("before", "known");
            assertThat(repository.holds().release("before", "dpo", NOW)).isTrue();
            setting.hold("case", "other");
            return setting;
        }

        /** All are due, so that nothing but a hold keeps them. */
        EngineRow row(String id, String key) {
            return EngineRow.builder(id)
                    .storageKey(key)
                    .account("AC1")
                    .created(NOW.minus(Duration.ofDays(100)))
                    .build();
        }

        Map<String, HoldAnswer> hold(String holdId, String id) {
            return repository.holds().place(holdId, List.of(id), "dpo", "litigation", null, NOW);
        }

        /** Writes another row with the key, and claims that one alone. */
        List<Claim> claim() {
            EngineRow added = row("new", KEY);
            engine.insert(List.of(added));
            DueCriteria criteria =
                    new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));
            Instant until = NOW.plus(Duration.ofDays(1));
            SweepRun run = repository
                    .runs()
                    .joinOrOpenAfter(null, new RunRequest("key", "one", NOW, NOW, until, "default=90d", null))
                    .orElseThrow();
            return repository
                    .gate()
                    .claim(new ClaimRequest(
                            run.id(),
                            "one",
                            until,
                            criteria,
                            "retention_policy",
                            List.of(added.candidate().orElseThrow())))
                    .claims();
        }

        boolean isHeld(String id) {
            return repository.ledger().find(List.of(id)).get(0).held();
        }

        /** Until so many sessions wait for a lock, or the work is done. */
        void awaitWaiting(int sessions, Future<?> work) throws SQLException {
            long deadline = System.nanoTime() + HUNG.toNanos();
            while (!work.isDone() && waiting() < sessions) {
                assertThat(System.nanoTime()).as("sessions that wait").isLessThan(deadline);
                LockSupport.parkNanos(POLL.toNanos());
            }
        }

        private int waiting() throws SQLException {
            String sql = switch (database) {
                case POSTGRESQL ->
                    "select count(*) from pg_stat_activity where datname = current_database()"
                            + " and wait_event_type = 'Lock'";
                case MARIADB ->
                    "select count(*) from information_schema.innodb_trx t join information_schema.processlist p"
                            + " on p.id = t.trx_mysql_thread_id where t.trx_state = 'LOCK WAIT' and p.db = database()";
                case MYSQL ->
                    "select count(*) from information_schema.innodb_trx t join performance_schema.processlist p"
                            + " on p.id = t.trx_mysql_thread_id where t.trx_state = 'LOCK WAIT' and p.db = database()";
                case H2 -> "select count(*) from information_schema.sessions where blocker_id is not null";
            };
            try (Connection connection = engine.dataSource.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery(sql)) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    /** A transaction that has the lock that another one needs. */
    private static final class Obstacle implements AutoCloseable {

        private final Connection connection;

        Obstacle(Setting setting) throws SQLException {
            connection = setting.engine.dataSource.getConnection();
            connection.setAutoCommit(false);
        }

        void lockBy(String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        void commit() throws SQLException {
            connection.commit();
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, READ_COMMITTED",
        "POSTGRESQL, REPEATABLE_READ",
        "MARIADB, READ_COMMITTED",
        "MARIADB, REPEATABLE_READ",
        "MYSQL, READ_COMMITTED",
        "MYSQL, REPEATABLE_READ"
    })
    void aClaimLeavesTheKeyToAHoldThatDoesNotKnowItsRow(TestDatabase database, String isolation) throws Exception {
        Setting setting = Setting.of(database, isolation);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Map<String, HoldAnswer>> hold;
            Future<List<Claim>> claim;
            try (Obstacle obstacle = new Obstacle(setting)) {
                // The hold has read all rows with the key when it adds the recording.
                obstacle.lockBy(
                        "insert into retention_hold_recording (hold_id, recording_id) values ('case', 'known')");
                hold = threads.submit(() -> setting.hold("case", "known"));
                setting.awaitWaiting(1, hold);
                claim = threads.submit(setting::claim);
                setting.awaitWaiting(2, claim);
            }

            assertThat(hold.get(HUNG.toSeconds(), TimeUnit.SECONDS)).containsEntry("known", HoldAnswer.HELD);
            assertThat(claim.get(HUNG.toSeconds(), TimeUnit.SECONDS)).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, READ_COMMITTED",
        "POSTGRESQL, REPEATABLE_READ",
        "MARIADB, READ_COMMITTED",
        "MARIADB, REPEATABLE_READ",
        "MYSQL, READ_COMMITTED",
        "MYSQL, REPEATABLE_READ",
        "H2, READ_COMMITTED",
        "H2, REPEATABLE_READ"
    })
    void aHoldThatHasWaitedKnowsWhatWasClaimedMeanwhile(TestDatabase database, String isolation) throws Exception {
        Setting setting = Setting.of(database, isolation);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Map<String, HoldAnswer>> hold;
            List<Claim> claims;
            try (Obstacle obstacle = new Obstacle(setting)) {
                // What the hold reads later may be as it was when it began to wait.
                obstacle.lockBy("select * from retention_hold where hold_id = 'case' for update");
                hold = threads.submit(() -> setting.hold("case", "known"));
                setting.awaitWaiting(1, hold);
                claims = setting.claim();
            }

            assertThat(claims).hasSize(1);
            assertThat(hold.get(HUNG.toSeconds(), TimeUnit.SECONDS)).containsEntry("known", HoldAnswer.LATE);
            assertThat(setting.isHeld("new")).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Of two that record the same proof, the second says neither that a row was not marked nor that it marked it. */
    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, READ_COMMITTED",
        "MARIADB, READ_COMMITTED",
        "MARIADB, REPEATABLE_READ",
        "MYSQL, READ_COMMITTED",
        "MYSQL, REPEATABLE_READ"
    })
    void aProofWaitsForAnotherTransactionThatRecordsIt(TestDatabase database, String isolation) throws Exception {
        Setting setting = Setting.of(database, isolation);
        List<Claim> claims = setting.claim();
        ExecutorService threads = Executors.newFixedThreadPool(1);
        try {
            Future<Recorded> recorded;
            try (Obstacle obstacle = new Obstacle(setting)) {
                obstacle.lockBy("update retention_deletion set state = 'DELETED', token = null"
                        + " where recording_id = 'new'");
                obstacle.lockBy("update TextCall set gone = started where call_id = 'new'");
                recorded = threads.submit(() -> setting.repository.gate().record(List.of(proof(claims.get(0)))));
                setting.awaitWaiting(1, recorded);
                obstacle.commit();
            }

            assertThat(recorded.get(HUNG.toSeconds(), TimeUnit.SECONDS).notMarked())
                    .isEmpty();
            assertThat(setting.repository.ledger().events("new"))
                    .extracting(LedgerEvent::kind)
                    .doesNotContain("ROW_NOT_UPDATED");
        } finally {
            threads.shutdownNow();
        }
    }

    private static ClaimOutcome proof(Claim claim) {
        return ClaimOutcome.deleted(claim, Evidence.NONE.with("fake", DeletionResult.deleted("204")), NOW);
    }
}
