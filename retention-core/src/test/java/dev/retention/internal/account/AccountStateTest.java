package dev.retention.internal.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState.Hindrance;
import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When an account is left alone for a while: its circuit. */
class AccountStateTest {

    private static final DeletionResult FAILED = DeletionResult.tryLater("503", null, false);
    private static final DeletionResult THROTTLED = DeletionResult.throttled("429", null);
    private static final DeletionResult DELETED = DeletionResult.deleted("yes");

    private final AccountState account = new AccountState("AC1", 50, 0, null);
    private long now = 1_000_000;

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            account.sent(now);
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
        for (int i = 0; i < AccountState.IN_A_ROW; i++) {
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

    @Test
    void whatHindersItIsToldByItsWeight() {
        assertThat(account.hindrance(now)).isNull();
        for (int i = 0; i < AccountState.IN_A_ROW; i++) {
            send(1);
            answer(1, FAILED, now);
        }
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.NOT_ANSWERING);
        account.notIdentified(List.of(FAILED), now);
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.UNIDENTIFIED);
        account.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.STOPPED);
    }

    @Test
    void anAccountThatIsIdentifiedAnswers() {
        account.notIdentified(Collections.nCopies(AccountState.IN_A_ROW, FAILED), now);
        assertThat(account.trust()).isEqualTo(AccountState.Trust.UNKNOWN);
        assertThat(account.isOpen()).isTrue();
        account.identified(true);
        assertThat(account.isOpen()).isFalse();
        now += seconds(2);
        assertThat(account.hindrance(now)).isNull();
    }

    @Test
    void aWaitIsAHindranceToItsEnd() {
        send(5);
        answer(1, DeletionResult.throttled("429", Duration.ofSeconds(7)), now);
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.WAITING);
        now += seconds(7);
        assertThat(account.hindrance(now)).isNull();
    }

    @Test
    void nothingButThrottledAnswersForTenSecondsAreAHindrance() {
        send(50);
        answer(9, THROTTLED, now);
        now += seconds(20);
        assertThat(account.hindrance(now)).as("too few").isNull();
        answer(1, THROTTLED, now);
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.THROTTLED);
        answer(1, DELETED, now);
        assertThat(account.hindrance(now)).isNull();
        answer(20, THROTTLED, now);
        assertThat(account.hindrance(now)).as("not for long").isNull();
    }

    @Test
    void requestsThatNobodyAnswersForAMinuteAreAHindrance() {
        now += seconds(600);
        send(2);
        now += seconds(60) - 1;
        assertThat(account.hindrance(now)).isNull();
        now++;
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.SILENT);
        answer(1, DELETED, now);
        assertThat(account.hindrance(now)).isNull();
        now += seconds(60);
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.SILENT);
        answer(1, DELETED, now);
        now += seconds(600);
        assertThat(account.hindrance(now)).as("nobody asks").isNull();
    }

    @Test
    void anIdentificationThatNobodyAnswersForAMinuteIsAHindrance() {
        now += seconds(600);
        account.beingAsked(now);
        now += seconds(60);
        assertThat(account.hindrance(now)).isEqualTo(Hindrance.SILENT);
        account.identified(false);
        assertThat(account.hindrance(now)).isNull();
    }

    @Test
    void nothingIsSentOnceAnAnswerStopsTheAccount() {
        for (DeletionResult result : List.of(DeletionResult.stop("401"), DeletionResult.mismatch("of AC2"))) {
            AccountState other = new AccountState("AC2", 50, 0, null);
            other.sent(now);
            assertThat(other.allowance(now)).isZero();
            other.answered(DELETED, false, now, now);
            assertThat(other.allowance(now)).isPositive();
            other.sent(now);
            other.answered(result, false, now, now);
            assertThat(other.allowance(now)).as("%s", result).isZero();
        }
    }

    @Test
    void anIdentifiedAccountThatFindsOrDeletesNothingAnyMoreIsIdentifiedAgain() {
        account.identified(true);
        send(30);
        answer(5, DeletionResult.notFound(), now);
        answer(4, DeletionResult.refused("never"), now);
        assertThat(account.isIdentified()).isTrue();
        answer(1, DeletionResult.notFound(), now);
        assertThat(account.trust()).isEqualTo(AccountState.Trust.UNKNOWN);
        assertThat(account.facts().confirmedByProof()).isFalse();
        account.identified(true);
        answer(19, DeletionResult.notFound(), now);
        assertThat(account.isIdentified()).as("more are needed the next time").isTrue();
        answer(1, DeletionResult.notFound(), now);
        assertThat(account.isIdentified()).isFalse();
    }

    @Test
    void anIdentifiedAccountThatDeletesSomethingNowAndThenIsNotDoubted() {
        account.identified(true);
        send(100);
        for (int n = 0; n < 10; n++) {
            answer(9, DeletionResult.notFound(), now);
            answer(1, DELETED, now);
        }
        assertThat(account.isIdentified()).isTrue();
    }
}
