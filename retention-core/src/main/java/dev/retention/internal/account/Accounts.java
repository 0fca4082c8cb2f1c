package dev.retention.internal.account;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The accounts of the recordings that this work has claimed. Added by the sweeping thread, read by any. */
public final class Accounts {

    private final int maxConcurrency;
    private final double headroom;
    private final @Nullable Integer permittedConcurrency;
    private final Map<Optional<String>, AccountState> byName = new ConcurrentHashMap<>();

    /** The parameters are those of {@link AccountState}. */
    public Accounts(int maxConcurrency, double headroom, @Nullable Integer permittedConcurrency) {
        this.maxConcurrency = maxConcurrency;
        this.headroom = headroom;
        this.permittedConcurrency = permittedConcurrency;
    }

    public AccountState get(@Nullable String name) {
        return byName.computeIfAbsent(
                Optional.ofNullable(name),
                key -> new AccountState(name, maxConcurrency, headroom, permittedConcurrency));
    }

    public Collection<AccountState> all() {
        return byName.values();
    }

    /** How many requests at once they allow together. */
    public int limit() {
        return Math.min(
                maxConcurrency, all().stream().mapToInt(AccountState::limit).sum());
    }
}
