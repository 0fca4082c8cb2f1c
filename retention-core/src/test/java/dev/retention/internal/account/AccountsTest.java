package dev.retention.internal.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.SweepEnd;
import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What accounts show together, and how many are kept. */
class AccountsTest {

    private static final int MOST = 100;
    private static final DeletionResult UNSENT = DeletionResult.refusedUnsent("no key");

    private final AccountLimits limits = new AccountLimits(10, 0, null);
    private final Accounts accounts = new Accounts(limits, MOST);
    private long now = 1_000;

    private void answer(AccountState account, DeletionResult result) {
        account.sent(now);
        account.answered(result, false, now, ++now);
    }

    @Test
    void invalidKeysOfDifferentAccountsAreSuspiciousTogether() {
        for (int n = 0; n < 9; n++) {
            AccountState account = accounts.get("AC" + n);
            answer(account, UNSENT);
            assertThat(account.facts().suspectsStorageKey()).isFalse();
        }
        AccountState tenth = accounts.get("AC9");
        answer(tenth, UNSENT);
        assertThat(tenth.facts().suspectsStorageKey()).isTrue();
        accounts.refer(Set.of());
        tenth.stop(SweepEnd.STORAGE_KEY_SUSPECTED, "no key");
        assertThat(accounts.get("AC1").isStopped()).isTrue();
        assertThat(accounts.get("AC99").stopped()).isEqualTo(SweepEnd.STORAGE_KEY_SUSPECTED);
        assertThat(accounts.all()).as("no further ones are kept").hasSize(10);
    }

    @Test
    void oneValidKeyOfAnyAccountEndsTheSuspicion() {
        answer(accounts.get("good"), DeletionResult.deleted("204"));
        for (int n = 0; n < 2 * RunSuspicion.ACCOUNTS; n++) {
            AccountState account = accounts.get("AC" + n);
            answer(account, UNSENT);
            assertThat(account.facts().suspectsStorageKey()).isFalse();
        }
    }

    @Test
    void manyAccountsOfNoUseStopAllOthers() {
        accounts.refer(Set.of());
        for (int n = 0; n < RunSuspicion.ACCOUNTS; n++) {
            assertThat(accounts.get("other").isStopped()).isFalse();
            accounts.get("AC" + n).stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        }
        assertThat(accounts.get("other").stopped()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(accounts.get("other").stopCause())
                .contains("mapped as the account")
                .contains("401");
        assertThat(accounts.get("AC3").stopCause()).isEqualTo("401");
    }

    @Test
    void accountsInUseAreAskedForBeforeAllAreStopped() {
        assertThat(accounts.needReferences()).isFalse();
        for (int n = 0; n < 2 * RunSuspicion.ACCOUNTS; n++) {
            accounts.get("AC" + n).stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        }
        assertThat(accounts.needReferences()).isTrue();
        assertThat(accounts.get("other").isStopped()).isFalse();
        AccountState first = accounts.get("first");
        AccountState second = accounts.get("second");

        accounts.refer(Set.of(first, second, accounts.get("AC1")));

        assertThat(accounts.needReferences()).isFalse();
        assertThat(accounts.references()).containsExactlyInAnyOrder(first, second);
        first.identified(false);
        assertThat(accounts.get("other").isStopped()).isFalse();
        second.stop(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, "none was found");
        assertThat(accounts.get("other").stopped()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
    }

    @Test
    void oneInUseThatIsTheRightOneEndsTheSuspicion() {
        for (int n = 0; n < 2 * RunSuspicion.ACCOUNTS; n++) {
            accounts.get("AC" + n).stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        }
        AccountState first = accounts.get("first");
        AccountState second = accounts.get("second");
        accounts.refer(Set.of(first, second));

        first.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        second.identified(true);

        assertThat(accounts.get("other").isStopped()).isFalse();
        accounts.get("later").stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        assertThat(accounts.get("other").isStopped()).isFalse();
    }

    @Test
    void oneThatIsIdentifiedShowsThatTheOthersAreStoppedForThemselves() {
        accounts.get("good").identified(true);
        for (int n = 0; n < 2 * RunSuspicion.ACCOUNTS; n++) {
            accounts.get("AC" + n).stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        }
        assertThat(accounts.get("other").isStopped()).isFalse();
    }

    @Test
    void onlySoManyAreKept() {
        for (int n = 0; n < MOST; n++) {
            assertThat(accounts.isFullFor("AC" + n)).isFalse();
            accounts.get("AC" + n);
        }
        assertThat(accounts.isFullFor("AC1")).isFalse();
        assertThat(accounts.isFullFor("other")).isTrue();
        AccountState busy = accounts.get("AC0");
        AccountState stopped = accounts.get("AC1");
        stopped.stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        AccountState waiting = accounts.get("AC2");
        answer(waiting, DeletionResult.throttled("429", Duration.ofMinutes(1)));
        AccountState sent = accounts.get("AC3");
        sent.sent(now);

        Set<AccountState> forgotten = accounts.forget(Set.of(busy), now);

        assertThat(forgotten).hasSize(MOST - 4);
        assertThat(accounts.all()).containsExactlyInAnyOrder(busy, stopped, waiting, sent);
        assertThat(limits.size()).isEqualTo(4);
        assertThat(accounts.get("other").isStopped()).isFalse();
        accounts.close();
        assertThat(limits.size()).isZero();
    }

    @Test
    void allAreStoppedIfNoneCanBeForgotten() {
        accounts.get("good").identified(true);
        for (int n = 1; n < MOST; n++) {
            accounts.get("AC" + n).stop(SweepEnd.CREDENTIALS_REFUSED, "401");
        }
        assertThat(accounts.forget(Set.of(accounts.get("good")), now)).isEmpty();
        assertThat(accounts.get("other").stopped()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(accounts.all()).hasSize(MOST);
    }

    @Test
    void workThatUsesAnAccountAtTheSameTimeSharesItsLimit() {
        Accounts others = new Accounts(limits, MOST);
        AccountState one = accounts.get("AC1");
        AccountState other = others.get("AC1");
        one.identified(true);
        other.identified(true);
        assertThat(one.trySend(now)).isTrue();
        assertThat(other.allowance(now)).as("the limit begins at one").isZero();
        assertThat(other.mayTry(now)).as("only who tries is noticed").isTrue();
        assertThat(one.mayTry(now)).isFalse();
        assertThat(other.trySend(now)).isFalse();
        one.answered(DeletionResult.deleted("204"), false, now, ++now);
        assertThat(other.trySend(now)).isTrue();
        assertThat(others.get("AC2").trySend(now)).as("another account").isTrue();
        other.abandon();
        assertThat(one.allowance(now)).isEqualTo(2);
        accounts.close();
        assertThat(limits.size()).isEqualTo(2);
        others.close();
        assertThat(limits.size()).isZero();
    }
}
