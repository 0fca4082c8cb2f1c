package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SweepReportTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");

    @Test
    void theLineLeavesOutWhatIsEmpty() {
        assertThat(SweepReport.builder(NOW, NOW, SweepEnd.PAUSED, "paused").build())
                .hasToString("checked=0 deleted=0 failed=0 held=0 end=PAUSED");
    }

    @Test
    void theLineHasNoSpaceWithinAValue() {
        assertThat(SweepReport.builder(NOW, NOW, SweepEnd.COMPLETED, "done")
                        .deleted(2)
                        .withoutKey(1)
                        .audioFreed(Duration.ofMinutes(4590))
                        .cutoffs(Map.of("b", NOW, "a", NOW))
                        .build())
                .hasToString("checked=2 deleted=2 failed=0 held=0 withoutKey=1 cutoff=[a:" + NOW + ",b:" + NOW
                        + "] audioFreed=76h30m end=COMPLETED");
    }
}
