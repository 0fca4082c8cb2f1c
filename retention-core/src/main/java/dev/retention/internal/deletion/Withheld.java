package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.Decision.Withhold;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Withheld recordings: unproven or refused ones of accounts that may be the wrong ones, or may have lost rights. Other
 * answers of the account decide about them. Used by the sweeping thread alone.
 */
final class Withheld {

    /**
     * @param withhold what was decided about it
     * @param sinceNanos when it was answered
     */
    record Entry(PendingDeletion deletion, Withhold withhold, long sinceNanos) {}

    private final Map<AccountState, List<Entry>> byAccount = new IdentityHashMap<>();

    void add(PendingDeletion deletion, Withhold withhold, long answeredNanos) {
        byAccount
                .computeIfAbsent(deletion.account, account -> new ArrayList<>())
                .add(new Entry(deletion, withhold, answeredNanos));
    }

    /** Whether one of the account's recordings was claimed before this time. */
    boolean hasClaimedBefore(AccountState account, long nanos) {
        return byAccount.getOrDefault(account, List.of()).stream()
                .anyMatch(entry -> entry.deletion().claimedNanos - nanos < 0);
    }

    /** The accounts of those that are withheld. */
    List<AccountState> accounts() {
        return byAccount.isEmpty() ? List.of() : List.copyOf(byAccount.keySet());
    }

    /** Accounts that must be identified again before something can be decided about them. */
    List<AccountState> accountsToIdentify() {
        return accounts().stream()
                .filter(account -> !account.isStopped() && !account.isIdentified())
                .toList();
    }

    /** Removes those of the account, and returns them. */
    List<Entry> take(AccountState account) {
        List<Entry> taken = byAccount.remove(account);
        return taken == null ? List.of() : taken;
    }

    /** Removes those of the account that were answered before this time, and returns them. */
    List<Entry> takeAnsweredBefore(AccountState account, long nanos) {
        List<Entry> entries = take(account);
        List<Entry> later = new ArrayList<>();
        List<Entry> taken = new ArrayList<>();
        entries.forEach(entry -> (entry.sinceNanos() - nanos < 0 ? taken : later).add(entry));
        if (!later.isEmpty()) {
            byAccount.put(account, later);
        }
        return taken;
    }
}
