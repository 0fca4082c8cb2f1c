package dev.retention.jpa;

import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import dev.retention.test.RecordingRepositoryContract;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The contract on one database, one entity and one isolation. */
abstract class JpaRepositoryContractTest extends RecordingRepositoryContract {

    private static final Map<String, Engine> ENGINES = new ConcurrentHashMap<>();

    private final Engine engine;
    private final TestDatabase database;
    private final Class<?> entity;

    JpaRepositoryContractTest(TestDatabase database, Class<?> entity, String isolation) {
        this.database = database;
        this.entity = entity;
        this.engine = ENGINES.computeIfAbsent(
                database + entity.getName() + isolation, name -> new Engine(database, entity, isolation));
    }

    @Override
    protected RecordingRepository createRepository(Clock clock, Duration databaseOffset) {
        RecordingRepository repository =
                engine.builder().databaseTime(now -> now.plus(databaseOffset)).build();
        engine.clear();
        return repository;
    }

    @Override
    protected RecordingRepository createSecondInstance() {
        return engine.builder().build();
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
    protected boolean supports(Capability capability) {
        return switch (capability) {
            case ACCOUNT, RETAIN_UNTIL, HOLD_FLAG, DURATION, ATTRIBUTES -> entity != VoiceRecording.class;
            // The engine's own primary key tells such ids apart there as little as its collation does.
            case TEXT_IDS -> entity == Calls.TextCall.class && database != TestDatabase.MARIADB;
            // A resource-local transaction of the caller can't be seen.
            case CALLERS_TRANSACTION -> false;
            default -> true;
        };
    }
}
