package dev.retention.internal.account;

import dev.retention.SweepEnd;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of the recordings that this work has met. Added and forgotten by the sweeping thread, read by any. Only
 * so many are kept in memory, however many there are.
 */
public final class Accounts {

    private final AccountLimits limits;
    private final int most;
    private final RunSuspicion common = new RunSuspicion();
    private final AccountState anyOther;
    private final Map<Optional<String>, AccountState> byName = new ConcurrentHashMap<>();

    /**
     * @param limits which other work shares
     * @param most how many are kept at most
     */
    public Accounts(AccountLimits limits, int most) {
        this.limits = limits;
        this.most = most;
        this.anyOther = new AccountState(null, new ConcurrencyLimit(1, 0, null), common);
    }

    /** Whether it is not known yet, and so many others are that {@link #forget} has to make room. */
    public boolean isFullFor(@Nullable String name) {
        return byName.size() >= most && common.stopped() == null && !byName.containsKey(Optional.ofNullable(name));
    }

    /**
     * Forgets accounts about which nothing is lost. If that makes no room, nearly all are stopped or have to wait: then
     * all others are stopped too.
     *
     * @param inUse those that have work, which are kept
     * @return those that were forgotten
     */
    public Set<AccountState> forget(Set<AccountState> inUse, long nowNanos) {
        Set<AccountState> forgotten = new HashSet<>();
        for (AccountState account : byName.values()) {
            if (!inUse.contains(account) && account.isForgettable(nowNanos)) {
                forgotten.add(account);
            }
        }
        for (AccountState account : forgotten) {
            byName.remove(Optional.ofNullable(account.name()));
            limits.leave(account.name());
        }
        if (byName.size() >= most) {
            common.stopAll(
                    SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
                    "more than " + most + " accounts are stopped or have to wait. The attribute that is mapped as the"
                            + " account may be the wrong one");
        }
        return forgotten;
    }

    /** The account of this name; a stopped one for all names that are not known once all accounts are stopped. */
    public AccountState get(@Nullable String name) {
        AccountState known = byName.get(Optional.ofNullable(name));
        if (known != null) {
            return known;
        }
        return common.stopped() != null
                ? anyOther
                : byName.computeIfAbsent(
                        Optional.ofNullable(name), key -> new AccountState(name, limits.join(name), common));
    }

    /**
     * Whether several accounts were of no use, and none was: then {@link #refer} is to be called. If one of the
     * accounts that are in use now is the right one, the others have faults of their own.
     */
    public boolean needReferences() {
        return common.needsReferences();
    }

    /**
     * No account is stopped for what others show before each of these is identified or stopped.
     *
     * @param references accounts of the newest recordings; empty if there are none
     */
    public void refer(Collection<AccountState> references) {
        common.refer(references.stream()
                .filter(account -> !account.isIdentified() && !account.isStopped())
                .collect(Collectors.toSet()));
    }

    /** Those that are still to be identified. */
    public Set<AccountState> references() {
        return common.references();
    }

    public Collection<AccountState> all() {
        return byName.values();
    }

    /** How many requests at once they allow together. */
    public int limit() {
        return Math.min(
                limits.maxConcurrency(),
                all().stream().mapToInt(AccountState::limit).sum());
    }

    /** Why all accounts are stopped; null if they are not. */
    public @Nullable SweepEnd stopped() {
        return common.stopped();
    }

    /** The cause of that; empty if they are not stopped. */
    public String stopCause() {
        return common.stopCause();
    }

    /** The work has ended. To be called once. */
    public void close() {
        byName.values().forEach(account -> limits.leave(account.name()));
    }
}
