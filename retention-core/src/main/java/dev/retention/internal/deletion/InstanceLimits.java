package dev.retention.internal.deletion;

import dev.retention.internal.account.AccountLimits;
import dev.retention.internal.settings.SweepSettings;

/** What limits the requests of one sweeper, whatever it does at the same time. */
public final class InstanceLimits {

    private final RequestBudget budget;
    private final AccountLimits accounts;

    public InstanceLimits(SweepSettings settings) {
        this.budget = new RequestBudget(settings.maxConcurrency(), settings.maxRate(), settings.ticker());
        this.accounts =
                new AccountLimits(settings.maxConcurrency(), settings.headroom(), settings.permittedConcurrency());
    }

    RequestBudget budget() {
        return budget;
    }

    AccountLimits accounts() {
        return accounts;
    }
}
