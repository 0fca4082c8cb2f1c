package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.FirstRun;
import dev.retention.HoldSummary;
import dev.retention.LegalHolds;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.RecordingRepositoryContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns that compare otherwise than Java does: what a hold by attribute counts is what it keeps. */
class HoldsOnLenientColumnsTest {

    private static final String QUEUE = RecordingRepositoryContract.QUEUE;

    private final Instant old = Instant.now().minus(Duration.ofDays(100));

    private EngineRow row(String id, String queue) {
        return EngineRow.builder(id)
                .storageKey("key-" + id)
                .account("AC1")
                .created(old)
                .attribute(QUEUE, queue)
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, alter table TextCall alter column queue_name type char(10)",
        "H2,         alter table TextCall alter column queue_name set data type char(10)",
        "H2,         alter table TextCall alter column queue_name set data type varchar_ignorecase(100)",
        "MARIADB,    alter table TextCall modify queue_name char(10)",
        "MARIADB,    alter table TextCall modify queue_name varchar(100) collate utf8mb4_general_ci",
        "MYSQL,      alter table TextCall modify queue_name char(10)",
        "MYSQL,      alter table TextCall modify queue_name varchar(100) collate utf8mb4_general_ci",
        "MYSQL,      alter table TextCall modify queue_name varchar(100) collate utf8mb4_0900_ai_ci"
    })
    void keepWhatTheyCount(TestDatabase database, String column) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        engine.execute(column);
        JpaRecordingRepository repository = engine.builder().build();
        engine.insert(List.of(row("1", "acme"), row("2", "ACME"), row("3", "acme-inc"), row("4", "other")));
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-1", "key-2", "key-3", "key-4");
        LegalHolds holds = LegalHolds.of(repository);

        HoldSummary summary = holds.placeWhere("case", QUEUE, "acme", "dpo", "litigation");
        SweepReport report = RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build()
                .sweep();

        assertThat(summary).isEqualTo(new HoldSummary("case", 2, 0, 0));
        assertThat(holds.list(0, 1).get(0).recordings()).isEqualTo(2);
        assertThat(storage.keys()).containsExactlyInAnyOrder("key-1", "key-2");
        assertThat(report).returns(2L, SweepReport::held).returns(2L, SweepReport::deleted);
    }
}
