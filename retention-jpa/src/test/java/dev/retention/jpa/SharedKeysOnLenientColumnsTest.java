package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.FirstRun;
import dev.retention.LedgerEntry;
import dev.retention.RetentionSweeper;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Columns that compare keys otherwise than a storage does: the same key is found, and no other is mixed up with it. */
class SharedKeysOnLenientColumnsTest {

    private final Instant old = Instant.now().minus(Duration.ofDays(100));
    private final Instant young = Instant.now().minus(Duration.ofDays(1));

    private static EngineRow row(String id, String key, Instant created) {
        return EngineRow.builder(id)
                .storageKey(key)
                .account("AC1")
                .created(created)
                .build();
    }

    private static void sweep(RecordingRepository repository) {
        FakeRecordingStorage storage =
                new FakeRecordingStorage().put("key-1", "key-1     ", "KEY-1", "KEY-1     ", "key-2", "key-2     ");
        RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build()
                .sweep();
    }

    private static LedgerEntry entry(RecordingRepository repository, String id) {
        return repository.ledger().find(List.of(id)).get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, alter table TextCall alter column sid type char(10)",
        "H2,         alter table TextCall alter column sid set data type char(10)",
        "H2,         alter table TextCall alter column sid set data type varchar_ignorecase(100)",
        "MARIADB,    alter table TextCall modify sid char(10)",
        "MARIADB,    alter table TextCall modify sid varchar(100) collate utf8mb4_general_ci",
        "MARIADB,    alter table TextCall modify sid varchar(100) collate utf8mb4_nopad_bin",
        "MYSQL,      alter table TextCall modify sid char(10)",
        "MYSQL,      alter table TextCall modify sid varchar(100) collate utf8mb4_0900_ai_ci",
        "MYSQL,      alter table TextCall modify sid varchar(100) collate utf8mb4_general_ci"
    })
    void keepWhatHasTheSameKey(TestDatabase database, String column) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        engine.execute(column);
        JpaRecordingRepository repository = engine.builder().build();
        engine.insert(List.of(
                row("1", "key-1", old), row("2", "key-1", young), row("3", "KEY-1", old), row("4", "key-2", old)));

        sweep(repository);

        assertThat(entry(repository, "1"))
                .returns(DeletionState.ACTIVE, LedgerEntry::state)
                .returns(DeletionOutcome.KEY_SHARED, LedgerEntry::outcome);
        for (String other : List.of("3", "4")) {
            assertThat(entry(repository, other).outcome())
                    .as("claimed, and refused only by the storage if its key is padded")
                    .isIn(DeletionOutcome.DELETED, DeletionOutcome.REFUSED_UNSENT);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void keepWhatIsSharedWithARowWithoutAnId(TestDatabase database) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        JpaRecordingRepository repository = engine.builder().build();
        engine.insert(List.of(row("1", "key-1", old), row("2", "key-2", old)));
        engine.execute("insert into TextCall (call_id, sid, account, started) select '', sid, account, started"
                + " from TextCall where call_id = '1'");

        sweep(repository);

        assertThat(entry(repository, "1"))
                .returns(DeletionState.ACTIVE, LedgerEntry::state)
                .returns(DeletionOutcome.KEY_SHARED, LedgerEntry::outcome);
        assertThat(String.valueOf(entry(repository, "1").cause())).contains("can't be read");
        assertThat(entry(repository, "2").state()).isEqualTo(DeletionState.DELETED);
    }
}
