package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Withheld recordings: unproven ones of accounts that are not identified. Other answers of the account decide about
 * them. Used by the sweeping thread alone.
 */
final class Withheld {

    private final Map<AccountState, List<PendingDeletion>> byAccount = new IdentityHashMap<>();

    void add(PendingDeletion deletion) {
        byAccount
                .computeIfAbsent(deletion.account, account -> new ArrayList<>())
                .add(deletion);
    }

    /** Whether one of the account's recordings was claimed before this time. */
    boolean hasClaimedBefore(AccountState account, long nanos) {
        return byAccount.getOrDefault(account, List.of()).stream()
                .anyMatch(deletion -> deletion.claimedNanos - nanos < 0);
    }

    /** Removes those of the account, and returns them. */
    List<PendingDeletion> take(AccountState account) {
        List<PendingDeletion> taken = byAccount.remove(account);
        return taken == null ? List.of() : taken;
    }
}
