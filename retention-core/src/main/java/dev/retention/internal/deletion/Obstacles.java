package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.Obstacle;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.account.AccountState.Hindrance;
import dev.retention.internal.support.Texts;
import dev.retention.internal.support.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What prevents deletions. Each obstacle is logged when it begins and when it ends, and is listed in between. Written
 * by the sweeping thread, read by any.
 */
final class Obstacles {

    private static final Logger log = LoggerFactory.getLogger(Obstacles.class);

    /** An obstacle that begins and ends repeatedly is logged no more often than this. */
    private static final Duration QUIET = Duration.ofMinutes(1);

    /** What an unavailable database prevents. */
    private static final String ALL = "the work";

    private static final String ALL_ACCOUNTS = "all accounts";

    /** What a hold concerns that can't be judged. */
    private static final String HOLD = "all deleting";

    /** @param quiet whether its beginning was not logged, since it had been shortly before */
    private record Entry(Obstacle obstacle, long sinceNanos, boolean quiet) {}

    private record Kind(Object concerned, String code) {}

    private final Supplier<Instant> time;
    private final Ticker ticker;

    private final Map<Object, Entry> current = new ConcurrentHashMap<>();
    private final Map<Kind, Long> loggedNanos = new HashMap<>();
    private final Map<AccountState, Cause> lastFailures = new HashMap<>();

    Obstacles(Supplier<Instant> time, Ticker ticker) {
        this.time = time;
        this.ticker = ticker;
    }

    /** From any thread. */
    List<Obstacle> all() {
        return current.values().stream().map(Entry::obstacle).toList();
    }

    /** A storage gave an answer that was not useful. If it is an obstacle, its cause names this answer. */
    void failed(AccountState account, Cause answer) {
        lastFailures.put(account, answer);
    }

    /** Checks whether something prevents deletions for the account. */
    void look(AccountState account) {
        Hindrance hindrance = account.hindrance(ticker.nanos());
        if (hindrance == null) {
            over(account, account.label());
            return;
        }
        Entry known = current.get(account);
        Cause cause = Causes.of(hindrance, account, lastFailures.get(account));
        if (known == null || !known.obstacle().cause().code().equals(cause.code())) {
            begins(account, account.label(), account.name(), cause, hindrance != Hindrance.STOPPED);
        }
    }

    /** All accounts are stopped, because of what they show together. */
    void allStopped(SweepEnd end, String why) {
        beginsUnlessKnown(ALL_ACCOUNTS, Causes.stopped(end, why));
    }

    /** These accounts have no work any more, and nothing about them is known any more. */
    void forget(Set<AccountState> accounts) {
        lastFailures.keySet().removeAll(accounts);
        current.keySet().removeAll(accounts);
        loggedNanos.keySet().removeIf(kind -> accounts.contains(kind.concerned()));
    }

    /** The database did not answer. */
    void databaseFailed(String what, @Nullable String why) {
        beginsUnlessKnown(ALL, Causes.databaseUnavailable(what, why));
    }

    /** The database refused what the work needs. */
    void databaseRefused(@Nullable String why) {
        beginsUnlessKnown(ALL, Causes.databaseRefused(why));
    }

    /** Nothing passes the check while a hold by attribute can't be judged. */
    void holdUnmapped(String objection) {
        beginsUnlessKnown(HOLD, Causes.holdUnmapped(objection));
    }

    /** The check lets deletions pass. */
    void holdsJudged() {
        over(HOLD, HOLD);
    }

    /** The database answered. */
    void databaseAnswered() {
        over(ALL, ALL);
    }

    /** For what concerns all accounts. */
    private void beginsUnlessKnown(String concerned, Cause cause) {
        if (!current.containsKey(concerned)) {
            begins(concerned, concerned, null, cause, true);
        }
    }

    private void begins(Object concerned, String label, @Nullable String account, Cause cause, boolean toBeLogged) {
        long now = ticker.nanos();
        Kind kind = new Kind(concerned, cause.code());
        Long before = loggedNanos.get(kind);
        boolean quiet = before != null && now - before < QUIET.toNanos();
        current.put(concerned, new Entry(new Obstacle(account, cause, time.get()), now, quiet));
        if (!toBeLogged) {
            return;
        }
        String line = "{} makes no progress: cause={} {}";
        if (quiet) {
            log.debug(line, label, cause.code(), cause);
        } else {
            loggedNanos.put(kind, now);
            log.warn(line, label, cause.code(), cause);
        }
    }

    private void over(Object concerned, String label) {
        Entry entry = current.remove(concerned);
        if (entry == null) {
            return;
        }
        String line = "{} continues: cause={} is over after {}";
        String code = entry.obstacle().cause().code();
        String lasted = Texts.duration(Duration.ofNanos(ticker.nanos() - entry.sinceNanos()));
        if (entry.quiet()) {
            log.debug(line, label, code, lasted);
        } else {
            log.info(line, label, code, lasted);
        }
    }
}
