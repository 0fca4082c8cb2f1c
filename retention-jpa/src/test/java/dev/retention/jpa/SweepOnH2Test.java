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
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sweep over a real database, where what is read back is not all that was written. */
class SweepOnH2Test {

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
