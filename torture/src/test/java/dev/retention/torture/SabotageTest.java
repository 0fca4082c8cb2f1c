package dev.retention.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Guards whose absence shows within seconds, with instances that are threads. All of them are a command: see the README
 * of this module.
 */
@Execution(ExecutionMode.CONCURRENT)
class SabotageTest {

    private static final long SEED = Long.getLong("torture.seed", 20261123);

    @ParameterizedTest
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    @CsvSource({"NO_INTENT, I3", "HELD_FOR_LATE, I1", "POLICIES_NOT_COMPARED, CLOCK"})
    void aBrokenGuardIsSeen(Sabotage sabotage, String invariants) throws Exception {
        sees(sabotage, invariants);
    }

    @ParameterizedTest
    @Tag("wide")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    @CsvSource({
        "SENT_TWICE, I8",
        "ERASED_UNIDENTIFIED, ACCOUNT",
        "UNREADABLE_STOPS_ALL, I15",
        "TWINS_UNSEEN, I2|I1",
        "SCOPE_NOT_STICKY, I1",
        "MAPPING_NOT_COMPARED, CLOCK",
        "FLOOR_NOT_KEPT, CLOCK",
        "RECOVERY_UNCONFIRMED, CLOCK",
        "BUDGET_PER_INSTANCE, I9",
        "JOINER_OPENS, I9",
        "IDLE_UNLIMITED, FROZEN",
        "DRY_RUN_CLAIMS, DRY",
        "OUTCOME_WITHOUT_ENTRY, I17",
        "CLAIM_WITHOUT_ENTRY, I17",
        "ENTRY_BY_ITSELF, I17",
        "SEAL_SKIPS, I17",
        "SEALED_BY_NUMBER, I17",
        "ENTRY_REWRITTEN, I17"
    })
    void eachOtherBrokenGuardIsSeen(Sabotage sabotage, String invariants) throws Exception {
        sees(sabotage, invariants);
    }

    private static void sees(Sabotage sabotage, String invariants) throws Exception {
        TortureResult result = new Torture(TortureSettings.ofSabotage(SEED, sabotage)).run();
        assertThat(result.caughtBy())
                .as(result.summary())
                .anyMatch(found -> found.matches("(" + invariants + ")(-.*)?"));
    }
}
