package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When an account is left alone for a while: its circuit. */
class AccountTest {

    private static final DeletionResult FAILED = DeletionResult.tryLater("503", null, false);
    private static final DeletionResult THROTTLED = DeletionResult.throttled("429", null);
    private static final DeletionResult DELETED = DeletionResult.deleted("yes");

    private final Account account = new Account("AC1", new ConcurrencyLimit(50, 0, null));
    private long now = 1_000_000;

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            account.sent();
        }
    }

    private void answer(int count, DeletionResult result, long sentNanos) {
        for (int i = 0; i < count; i++) {
            account.answered(result, false, sentNanos, ++now);
        }
    }

    private static long seconds(long count) {
        return TimeUnit.SECONDS.toNanos(count);
    }

    @Test
    void manyThrottledAtOnceOpenNoCircuit() {
        send(50);
        answer(49, THROTTLED, now);

        assertThat(account.isOpen()).isFalse();
        answer(1, DELETED, now);
        assertThat(account.allowance(now)).isPositive();
    }

    @Test
    void whatIsThrottledAloneTenTimesInARowOpensIt() {
        for (int i = 0; i < Account.IN_A_ROW; i++) {
            assertThat(account.isOpen()).isFalse();
            send(1);
            answer(1, THROTTLED, now);
        }
        assertThat(account.isOpen()).isTrue();
    }

    @Test
    void whatWasUnderWayWhenItOpenedDoesNotLengthenTheWait() {
        send(50);
        long sent = now;
        answer(50, FAILED, sent);

        assertThat(account.isOpen()).isTrue();
        assertThat(account.waitNanos(now)).isBetween(1L, seconds(1));
    }

    @Test
    void aProbeThatFailsDoublesTheWaitAndOneThatSucceedsEndsIt() {
        send(10);
        answer(10, FAILED, now);
        now += seconds(1) + 1;
        assertThat(account.allowance(now)).isEqualTo(1);
        send(1);
        assertThat(account.allowance(now)).as("one probe at a time").isZero();
        answer(1, FAILED, now);
        assertThat(account.waitNanos(now)).isBetween(seconds(1) + 1, seconds(2));

        now += seconds(2) + 1;
        send(1);
        answer(1, DELETED, now);
        assertThat(account.isOpen()).isFalse();
        assertThat(account.waitNanos(now)).isZero();
    }

    @Test
    void aThrottledOneClosesTheAccountForAsLongAsItAsks() {
        send(5);
        answer(1, DeletionResult.throttled("429", Duration.ofSeconds(7)), now);

        assertThat(account.isOpen()).isFalse();
        assertThat(account.allowance(now)).isZero();
        assertThat(account.waitNanos(now)).isBetween(seconds(6), seconds(7));
    }
}
