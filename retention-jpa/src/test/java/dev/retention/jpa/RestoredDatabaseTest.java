package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.CheckpointAnchors;
import dev.retention.FirstRun;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Databases whose tables are brought back as they were: an anchor outside of them shows what is missing. */
class RestoredDatabaseTest {

    private static final List<String> TABLES =
            Stream.concat(Stream.of("UuidCall"), Tables.NAMES.stream()).toList();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final FakeRecordingStorage storage = new FakeRecordingStorage();

    private static void execute(Engine engine, String... statements) throws SQLException {
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String each : statements) {
                statement.executeUpdate(each);
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    private static void backUp(Engine engine) throws SQLException {
        for (String table : TABLES) {
            execute(engine, "create table copy_" + table + " as select * from " + table);
        }
    }

    /** Numbers that were drawn since are not drawn again, as little as after a real one. */
    private static void restore(Engine engine, TestDatabase database) throws SQLException {
        boolean numbersAreGiven = database == TestDatabase.H2 || database == TestDatabase.POSTGRESQL;
        for (String table : TABLES) {
            execute(
                    engine,
                    "delete from " + table,
                    "insert into " + table + (numbersAreGiven ? " overriding system value" : "")
                            + " select * from copy_" + table);
        }
    }

    private String insertDue(Engine engine) {
        String id = UUID.randomUUID().toString();
        engine.insert(List.of(EngineRow.of(id, "key-" + id, Instant.now().minus(Duration.ofDays(200)))));
        storage.put("key-" + id);
        return id;
    }

    private RetentionSweeper sweeper(JpaRecordingRepository repository, RetentionEvidence evidence) {
        return RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .evidence(evidence)
                .build();
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void deletesNothingUntilThatIsConfirmed(TestDatabase database) throws Exception {
        Engine engine = new Engine(database, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        JpaRecordingRepository repository = engine.builder().build();
        Path file = directory.resolve("heads-" + database);
        RetentionEvidence evidence = RetentionEvidence.builder(repository)
                .anchor(CheckpointAnchors.file(file))
                .build();
        RetentionSweeper sweeper = sweeper(repository, evidence);
        insertDue(engine);
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
        backUp(engine);
        insertDue(engine);
        assertThat(sweeper.sweep().deleted()).as("not restored").isEqualTo(1);
        long anchored = Files.size(file);

        restore(engine, database);
        insertDue(engine);
        storage.clearJournal();

        SweepReport refused = sweeper.sweep();
        assertThat(refused.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(refused.message())
                .contains("the database is older than what was anchored", "entries are missing; it was restored");
        // An instance without the anchor, such as on another machine.
        RetentionSweeper other =
                sweeper(repository, RetentionEvidence.builder(repository).build());
        assertThat(other.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(sweeper.recover()).isZero();
        assertThat(storage.calls()).isEmpty();
        assertThat(Files.size(file)).isEqualTo(anchored);

        RetentionOperations operations = RetentionOperations.of(sweeper);
        assertThat(operations.plans()).hasSize(1);
        assertThat(operations.confirm(operations.plans().get(0).id(), "ops")).isTrue();
        assertThat(sweeper.sweep())
                .returns(SweepEnd.COMPLETED, SweepReport::end)
                .returns(1L, SweepReport::deleted);
        assertThat(Files.size(file)).isGreaterThan(anchored);
        assertThat(evidence.objections()).isEmpty();
    }
}
