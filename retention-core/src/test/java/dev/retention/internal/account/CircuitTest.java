package dev.retention.internal.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When an account is asked no more, when it is probed, and when it is asked again. */
class CircuitTest {

    private static final DeletionResult FAILED = DeletionResult.tryLater("503", null, true);

    private final Circuit circuit = new Circuit();
    /** Monotonic time may be negative, and may overflow. */
    private long now = Long.MAX_VALUE - 1_000;

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            circuit.failed(FAILED, now);
        }
    }

    private Duration left() {
        return Duration.ofNanos(circuit.waitNanos(now));
    }

    @Test
    void opensAfterTenFailuresInARowAndTheTenthCountsNot() {
        for (int i = 1; i < AccountState.IN_A_ROW; i++) {
            assertThat(circuit.failed(FAILED, now)).isTrue();
            assertThat(circuit.isOpen()).isFalse();
        }
        assertThat(circuit.failed(FAILED, now)).isFalse();
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    void aUsefulAnswerBeginsTheRowAnew() {
        fail(AccountState.IN_A_ROW - 1);
        circuit.close();
        fail(AccountState.IN_A_ROW - 1);
        assertThat(circuit.isOpen()).isFalse();
    }

    @Test
    void waitsTwiceAsLongAfterEachProbeInVainAMinuteAtMost() {
        fail(AccountState.IN_A_ROW);
        for (int seconds : List.of(1, 2, 4, 8, 16, 32, 60, 60)) {
            assertThat(left()).isEqualTo(Duration.ofSeconds(seconds));
            now += left().toNanos();
            assertThat(left()).isZero();
            assertThat(circuit.failed(FAILED, now)).isFalse();
        }
    }

    @Test
    void waitsAnewFromTheBeginningOnceItWasClosed() {
        fail(AccountState.IN_A_ROW + 3);
        now += left().toNanos();
        circuit.close();
        fail(AccountState.IN_A_ROW);
        assertThat(left()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void probesOneAtATime() {
        circuit.sent();
        assertThat(circuit.isProbing())
                .as("while it is closed nothing is a probe")
                .isFalse();
        fail(AccountState.IN_A_ROW);
        assertThat(circuit.isProbing()).isFalse();
        circuit.sent();
        assertThat(circuit.isProbing()).isTrue();
        circuit.answered();
        assertThat(circuit.isProbing()).isFalse();
        circuit.sent();
        circuit.close();
        assertThat(circuit.isProbing()).isFalse();
    }

    @Test
    void knowsWhatWasUnderWayWhenItOpened() {
        long before = now - 1;
        assertThat(circuit.wasSentBeforeItOpened(before)).isFalse();
        fail(AccountState.IN_A_ROW);
        assertThat(circuit.wasSentBeforeItOpened(before)).isTrue();
        assertThat(circuit.wasSentBeforeItOpened(now)).isFalse();
    }

    @Test
    void waitsAsLongAsTheStorageAsksTenMinutesAtMost() {
        circuit.waitAsRequested(FAILED, now);
        assertThat(left()).isZero();
        circuit.waitAsRequested(DeletionResult.throttled("429", Duration.ofMinutes(3)), now);
        assertThat(left()).isEqualTo(Duration.ofMinutes(3));
        circuit.waitAsRequested(DeletionResult.throttled("429", Duration.ofMinutes(1)), now);
        assertThat(left()).as("a shorter wait does not end a longer one").isEqualTo(Duration.ofMinutes(3));
        circuit.waitAsRequested(DeletionResult.throttled("429", Duration.ofHours(1)), now);
        assertThat(left()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void tellsAWaitFromAMoment() {
        circuit.waitAsRequested(DeletionResult.throttled("429", Duration.ofSeconds(2)), now);
        assertThat(circuit.waitsForLong(now)).isFalse();
        circuit.waitAsRequested(DeletionResult.throttled("429", Duration.ofSeconds(3)), now);
        assertThat(circuit.waitsForLong(now)).isTrue();
        now += Duration.ofMillis(2999).toNanos();
        assertThat(circuit.waitsForLong(now)).as("to its end").isTrue();
        now += Duration.ofMillis(1).toNanos();
        assertThat(circuit.waitsForLong(now)).isFalse();
    }
}
