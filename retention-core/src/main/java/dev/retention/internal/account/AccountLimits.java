package dev.retention.internal.account;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The concurrency limits of accounts. All work of one sweeper that uses an account at the same time shares its limit,
 * since the account has one allowance. A limit is forgotten when the last work that uses it has ended. Safe for use by
 * several threads.
 */
public final class AccountLimits {

    private final int maxConcurrency;
    private final double headroom;
    private final @Nullable Integer permittedConcurrency;
    private final Map<Optional<String>, Shared> byName = new HashMap<>();

    private static final class Shared {
        private final ConcurrencyLimit limit;
        private int users;

        Shared(ConcurrencyLimit limit) {
            this.limit = limit;
        }
    }

    /**
     * @param maxConcurrency never more requests at once than this
     * @param headroom the share of an account's allowance that is left to others, 0 to below 1
     * @param permittedConcurrency how many requests an account is allowed at once; null where it was not stated
     */
    public AccountLimits(int maxConcurrency, double headroom, @Nullable Integer permittedConcurrency) {
        this.maxConcurrency = maxConcurrency;
        this.headroom = headroom;
        this.permittedConcurrency = permittedConcurrency;
    }

    int maxConcurrency() {
        return maxConcurrency;
    }

    /** Begins to use the limit of an account. */
    synchronized ConcurrencyLimit join(@Nullable String account) {
        Shared shared = byName.computeIfAbsent(
                Optional.ofNullable(account),
                name -> new Shared(new ConcurrencyLimit(maxConcurrency, headroom, permittedConcurrency)));
        shared.users++;
        return shared.limit;
    }

    /** Ends the use of what was joined once. */
    synchronized void leave(@Nullable String account) {
        byName.computeIfPresent(Optional.ofNullable(account), (name, shared) -> --shared.users == 0 ? null : shared);
    }

    /** How many accounts are in use. */
    synchronized int size() {
        return byName.size();
    }
}
