package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sweep over a real database, where what is read back is not all that was written. */
class SweepOnH2Test {

    /** How names are kept, which a URL may change. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DATABASE_TO_UPPER=FALSE",
                "DATABASE_TO_LOWER=TRUE",
                "DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                "MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
                "MODE=MariaDB;DATABASE_TO_UPPER=FALSE"
            })
    void findsItsTablesWhateverH2DoesWithNames(String settings) {
        String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;" + settings;
        Engine engine = new Engine(
                TestDatabase.H2,
                VoiceRecording.class,
                TestDatabase.pool(TestDatabase.settings(url, "select 1"), "TRANSACTION_READ_COMMITTED"));
        engine.execute("create schema apart");
        for (String schema : Arrays.asList(null, "apart")) {
            JpaRecordingRepository.Builder builder = engine.builder();
            if (schema != null) {
                builder.schema(schema);
            }
            builder.build();
            JpaRecordingRepository repository =
                    builder.initializeSchema(SchemaInitialization.NEVER).build();
            engine.execute("delete from " + engine.table());
            engine.insert(List.of(
                    EngineRow.of("1", "key-1", Instant.now().minus(Duration.ofDays(91))),
                    EngineRow.of("2", "key-2", Instant.now().minus(Duration.ofDays(89)))));
            FakeRecordingStorage storage = new FakeRecordingStorage().put("key-1", "key-2");

            assertThat(RetentionSweeper.builder(repository, storage)
                            .build()
                            .sweep()
                            .deleted())
                    .isEqualTo(1);
            assertThat(storage.keys()).containsExactly("key-2");
        }
    }

    @Test
    void aClockFinerThanTheDatabaseJoinsTheRunThatItOpened() {
        Engine engine = new Engine(TestDatabase.H2, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
        Instant fine = Instant.now().truncatedTo(ChronoUnit.MICROS).minusNanos(1_000_000_001);
        JpaRecordingRepository repository = engine.builder().build();
        engine.insert(List.of(EngineRow.of("1", "key-1", fine.minus(Duration.ofDays(100)))));
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-1");

        SweepReport report = RetentionSweeper.builder(repository, storage)
                .clock(Clock.fixed(fine, ZoneOffset.UTC))
                .build()
                .sweep();

        assertThat(report).returns(SweepEnd.COMPLETED, SweepReport::end).returns(1L, SweepReport::deleted);
    }
}
