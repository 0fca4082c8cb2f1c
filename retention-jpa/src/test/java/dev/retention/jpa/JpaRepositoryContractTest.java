package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.LedgerEntry;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import dev.retention.test.RecordingRepositoryContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contract on one database, one entity and one isolation. */
abstract class JpaRepositoryContractTest extends RecordingRepositoryContract {

    private static final Map<String, Engine> ENGINES = new ConcurrentHashMap<>();

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");

    private final Engine engine;
    private final TestDatabase database;
    private final Class<?> entity;

    JpaRepositoryContractTest(TestDatabase database, Class<?> entity, String isolation) {
        this(database, entity, isolation, "");
    }

    /**
     * A contract test.
     *
     * @param apart tells its database from that of a test with the same entity and isolation, which may run at the same
     *     time
     */
    JpaRepositoryContractTest(TestDatabase database, Class<?> entity, String isolation, String apart) {
        this.database = database;
        this.entity = entity;
        this.engine = ENGINES.computeIfAbsent(
                database + entity.getName() + isolation + apart, name -> new Engine(database, entity, isolation));
    }

    /** What the repositories under test are built with. */
    JpaRecordingRepository.Builder builder(Engine of, Predicate<String> mapped) {
        return of.builder(of.factory, mapped);
    }

    @Override
    protected RecordingRepository createRepository(Clock clock, Duration databaseOffset) {
        RecordingRepository repository = builder(engine, attribute -> true)
                .databaseTime(now -> now.plus(databaseOffset))
                .build();
        engine.clear();
        return repository;
    }

    @Override
    protected RecordingRepository createSecondInstance() {
        return builder(engine, attribute -> true).build();
    }

    @Override
    protected RecordingRepository createInstanceWithout(String attribute) {
        return builder(engine, mapped -> !mapped.equals(attribute)).build();
    }

    @Override
    protected void insertRow(EngineRow row) {
        engine.insert(List.of(row));
    }

    @Override
    protected void insertRows(Collection<EngineRow> rows) {
        engine.insert(rows);
    }

    @Override
    protected void updateRow(EngineRow row) {
        engine.update(row);
    }

    @Override
    protected void removeRow(String id) {
        engine.remove(id);
    }

    @Override
    protected Optional<EngineRow> readRow(String id) {
        return engine.read(id);
    }

    @Override
    protected String newId(int n) {
        if (entity == VoiceRecording.class) {
            return Integer.toString(n + 1000);
        }
        return entity == Calls.UuidCall.class ? String.format("00000000-0000-0000-0000-%012d", n) : super.newId(n);
    }

    @Override
    protected void pauseDeleting() {
        engine.execute("insert into retention_control (name) values ('paused')");
    }

    @Override
    protected void refuseSoftDelete(String id) {
        engine.refuseSoftDelete(id);
    }

    @Override
    protected void ignoreSoftDelete(String id) {
        engine.ignoreSoftDelete(id);
    }

    @Override
    protected void allowSoftDelete(String id) {
        engine.allowSoftDelete(id);
    }

    @Override
    protected void makeUnreadable(String id) {
        engine.makeUnreadable(id);
    }

    @Override
    protected void makeEntryUnreadable(String id) {
        engine.execute(
                "update retention_deletion set outcome = 'OF_A_LATER_VERSION' where recording_id = '" + id + "'");
    }

    @Override
    protected void whileRowIsLocked(String id, Runnable work) {
        engine.whileLocked(id, work);
    }

    @Override
    protected boolean supports(Capability capability) {
        return switch (capability) {
            case ACCOUNT, RETAIN_UNTIL, HOLD_FLAG, DURATION, ATTRIBUTES, UNREADABLE_ROWS ->
                entity != VoiceRecording.class;
            // The engine's own primary key tells such ids apart there as little as its collation does.
            case TEXT_IDS -> entity == Calls.TextCall.class && !database.isOfMySqlFamily();
            // A resource-local transaction of the caller can't be seen.
            case CALLERS_TRANSACTION -> false;
            default -> true;
        };
    }

    /**
     * Each of the two sees the other's hold last when it begins: with repeatable reads both could leave the mark to the
     * other.
     */
    @Test
    void theLastOfTwoReleasesAtOnceFreesTheRecording() throws Exception {
        String id = newId(1);
        insertRow(EngineRow.of(id, "RE1", NOW.minus(Duration.ofDays(100))));
        RecordingRepository repository = createSecondInstance();
        for (String hold : List.of("first", "second")) {
            repository.holds().place(hold, List.of(id), "dpo", "dispute", null, NOW);
        }
        ExecutorService releasing = Executors.newFixedThreadPool(2);
        try (Connection gate = engine.dataSource.getConnection()) {
            gate.setAutoCommit(false);
            gate.createStatement().executeQuery("select recording_id from retention_deletion for update");
            List<Future<Boolean>> releases = Stream.of("first", "second")
                    .map(hold -> releasing.submit(() -> repository.holds().release(hold, "dpo", NOW)))
                    .toList();
            awaitLock(List.of("first", "second"));
            gate.rollback();
            for (Future<Boolean> release : releases) {
                assertThat(release.get(3, TimeUnit.MINUTES)).isTrue();
            }
        } finally {
            releasing.shutdownNow();
        }

        assertThat(repository.ledger().find(List.of(id)))
                .singleElement()
                .extracting(LedgerEntry::held)
                .isEqualTo(false);
    }

    private void awaitLock(List<String> holds) {
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
                holds.stream().noneMatch(this::isLocked); ) {
            assertThat(System.nanoTime())
                    .as("one of %s is locked in time", holds)
                    .isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private boolean isLocked(String hold) {
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            try {
                statement.executeQuery(
                        "select hold_id from retention_hold where hold_id = '" + hold + "' for update nowait");
                return false;
            } catch (SQLException e) {
                return true;
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
