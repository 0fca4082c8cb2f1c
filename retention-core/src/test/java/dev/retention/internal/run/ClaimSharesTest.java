package dev.retention.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.account.AccountState;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClaimSharesTest {

    private final AccountState slow = new AccountState("slow", 10, 0, null);
    private final AccountState fast = new AccountState("fast", 10, 0, null);

    @Test
    void oneAccountMayHaveAll() {
        ClaimShares shares = ClaimShares.of(20, 1, Map.of(slow, 19));
        assertThat(shares.isUsedUp(slow)).isFalse();
        shares.take(slow);
        assertThat(shares.isUsedUp(slow)).isTrue();
    }

    @Test
    void twoHaveHalfEach() {
        ClaimShares shares = ClaimShares.of(20, 2, Map.of(slow, 10));
        assertThat(shares.isUsedUp(slow)).isTrue();
        assertThat(shares.isLow(slow)).isFalse();
        assertThat(shares.isLow(fast)).isTrue();
        for (int n = 0; n < 10; n++) {
            assertThat(shares.isUsedUp(fast)).isFalse();
            shares.take(fast);
        }
        assertThat(shares.isUsedUp(fast)).isTrue();
    }

    @Test
    void eachOfManyHasSome() {
        ClaimShares shares = ClaimShares.of(20, 1_000, Map.of(slow, 2, fast, 1));
        assertThat(shares.isUsedUp(slow)).isTrue();
        assertThat(shares.isUsedUp(fast)).isFalse();
        assertThat(shares.isLow(fast)).isTrue();
    }
}
