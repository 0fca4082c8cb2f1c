package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import dev.retention.FirstRun;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * MySQL's two types of times, and the driver's settings that turn times through zones. The session's zone is Tokyo's
 * and the JVM's New York's, so that whatever is turned once too often is hours off.
 */
class MySqlTimesTest {

    private static final String TURNED = "&connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true";

    @ParameterizedTest
    @CsvSource({
        "datetime(6),  ''",
        "datetime(6),  TURNED",
        "datetime(6),  &preserveInstants=false",
        "datetime(6),  &useServerPrepStmts=true&cachePrepStmts=true",
        "datetime,     ''",
        "timestamp(6), ''",
        "timestamp(6), TURNED",
        "timestamp(6), &preserveInstants=false",
        "timestamp(6), &useServerPrepStmts=true&cachePrepStmts=true",
        "timestamp,    ''"
    })
    void areReadAsTheEngineWroteThem(String type, String parameters) {
        HikariConfig config =
                TestDatabase.MYSQL.config("times" + UUID.randomUUID().toString().substring(0, 8));
        if (parameters.equals("TURNED")) {
            config.setConnectionInitSql(null);
        }
        config.setJdbcUrl(config.getJdbcUrl() + parameters.replace("TURNED", TURNED));
        Engine engine = new Engine(
                TestDatabase.MYSQL, VoiceRecording.class, TestDatabase.pool(config, "TRANSACTION_READ_COMMITTED"));
        engine.execute(
                "alter table voice_recording modify created_at " + type + " null, modify deleted_at " + type + " null");
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant due = now.minus(Duration.ofDays(90)).minus(Duration.ofHours(1));
        Instant young = now.minus(Duration.ofDays(90)).plus(Duration.ofHours(1));
        engine.factory.runInTransaction(manager -> {
            manager.persist(new VoiceRecording("key-1", due));
            manager.persist(new VoiceRecording("key-2", young));
        });
        JpaRecordingRepository repository = engine.builder().build();
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-1", "key-2");

        RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build()
                .sweep();

        assertThat(storage.keys()).containsExactly("key-2");
        List<VoiceRecording> rows = engine.factory.callInTransaction(
                manager -> manager.createQuery("from VoiceRecording order by createdAt", VoiceRecording.class)
                        .getResultList());
        assertThat(rows).extracting(VoiceRecording::getCreatedAt).containsExactly(due, young);
        assertThat(rows.get(1).getDeletedAt()).isNull();
        assertThat(rows.get(0).getDeletedAt())
                .isBetween(now.minus(Duration.ofMinutes(1)), now.plus(Duration.ofMinutes(5)));
        assertThat(repository.ledger().find(List.of(String.valueOf(rows.get(0).getId()))))
                .singleElement()
                .extracting(LedgerEntry::recordingCreated)
                .isEqualTo(due);
        engine.factory.close();
        engine.dataSource.close();
    }

    /** As an older server took it, and the driver refuses to read it. */
    @Test
    void aZeroDateIsUndatedAndStopsNothing() {
        HikariConfig config =
                TestDatabase.MYSQL.config("zero" + UUID.randomUUID().toString().substring(0, 8));
        config.setConnectionInitSql("set time_zone = '+09:00', sql_mode = ''");
        Engine engine = new Engine(
                TestDatabase.MYSQL, VoiceRecording.class, TestDatabase.pool(config, "TRANSACTION_READ_COMMITTED"));
        engine.execute("insert into voice_recording (id, twilio_recording_sid, created_at)"
                + " values (1, 'key-1', '0000-00-00'), (2, 'key-2', '2020-01-01'), (3, 'key-1', '2020-01-01')");
        JpaRecordingRepository repository = engine.builder().build();
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-1", "key-2");

        SweepReport report = RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .build()
                .sweep();

        assertThat(storage.keys()).as("the row without a time shares its key").containsExactly("key-1");
        assertThat(report).returns(1L, SweepReport::deleted).returns(1L, SweepReport::undated);
        assertThat(repository.holds().place("h", List.of("1", "3"), "dpo", "dispute", null, Instant.now()))
                .containsEntry("1", HoldAnswer.HELD)
                .containsEntry("3", HoldAnswer.HELD);
        engine.factory.close();
        engine.dataSource.close();
    }
}
