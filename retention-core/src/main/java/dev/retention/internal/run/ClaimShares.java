package dev.retention.internal.run;

import dev.retention.internal.account.AccountState;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * How many more recordings of each account may be claimed: all accounts that have work have equally many in flight, so
 * that those of a slow account do not take the place of others. For one claim.
 */
final class ClaimShares {

    /** So that each account always has the next one at hand. */
    private static final int LEAST = 2;

    private final int each;
    private final Map<AccountState, Integer> inFlight;

    private ClaimShares(int each, Map<AccountState, Integer> inFlight) {
        this.each = each;
        this.inFlight = inFlight;
    }

    /**
     * @param target how many claims there should be in flight
     * @param accounts how many accounts have work
     * @param inFlight how many claims of each account are in flight
     */
    static ClaimShares of(int target, int accounts, Map<AccountState, Integer> inFlight) {
        int each = accounts <= 1 ? target : Math.max(LEAST, (target + accounts - 1) / accounts);
        return new ClaimShares(each, new IdentityHashMap<>(inFlight));
    }

    /** Whether the account has its share. */
    boolean isUsedUp(AccountState account) {
        return inFlight.getOrDefault(account, 0) >= each;
    }

    /** Whether so little of the account is in flight that more should be claimed. */
    boolean isLow(AccountState account) {
        return inFlight.getOrDefault(account, 0) <= each / 2;
    }

    void take(AccountState account) {
        inFlight.merge(account, 1, Integer::sum);
    }
}
