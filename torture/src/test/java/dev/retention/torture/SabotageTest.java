package dev.retention.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guards whose absence shows at once. All of them are a command: see the README of this module. */
@Execution(ExecutionMode.SAME_THREAD)
@ResourceLock("PostgreSQL")
class SabotageTest {

    private static final long SEED = Long.getLong("torture.seed", 20261123);

    @ParameterizedTest
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    @CsvSource({"NO_INTENT, I3", "SENT_TWICE, I8", "TWINS_UNSEEN, I2"})
    void aBrokenGuardIsSeen(Sabotage sabotage, String invariant) throws Exception {
        TortureResult result = new Torture(TortureSettings.ofSabotage(SEED, sabotage)).run();
        assertThat(result.caughtBy()).as(result.summary()).contains(invariant);
    }
}
