package dev.retention.jpa;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a transaction of the library waits for a lock, and how long one may be idle while others wait for its locks.
 * An instance that is frozen within a transaction, by a pause of its JVM or of its machine, so delays others for a
 * bounded time.
 *
 * @param lock after this, a statement that waits for a lock fails, and its transaction is tried again
 * @param brief the same where others can go on without the row, such as when outcomes are recorded: what was locked is
 *     left out and done later, so that neither the other recordings nor those who wait for this transaction are delayed
 * @param idle after this, the server ends a transaction whose client sends nothing
 */
record Waits(Duration lock, Duration brief, Duration idle) {

    private static final Logger log = LoggerFactory.getLogger(Waits.class);

    /**
     * Transactions of the library take milliseconds, and no remote call is made in any. Three seconds are for a busy
     * server. Five seconds without a statement are a pause that no collector of garbage takes, and short enough for a
     * person who places a hold meanwhile.
     */
    static final Waits DEFAULT = new Waits(Duration.ofSeconds(3), Duration.ofMillis(500), Duration.ofSeconds(5));

    private static final Duration HARDLY = Duration.ofMillis(50);

    /** While locks delay the work, it is tried again for so long: longer than a frozen instance keeps them. */
    Duration patience() {
        return lock.plus(idle).plus(lock);
    }

    Waits briefly() {
        return new Waits(brief, brief, idle);
    }

    /** Without waiting for a lock, as far as the database can. */
    Waits hardly() {
        return new Waits(HARDLY, brief, idle);
    }

    /** In whole seconds, as MariaDB and MySQL take it; 0 for no wait, which MySQL does not know. */
    long lockSeconds() {
        return lock.compareTo(HARDLY) <= 0 ? 0 : Math.max(1, lock.toSeconds());
    }

    /** In whole seconds. */
    long idleSeconds() {
        return Math.max(1, idle.toSeconds());
    }

    /** Runs the work of a transaction within these limits. Where they are the session's, it gets its own back. */
    <T> T limit(Dialect dialect, Sql sql, Supplier<T> work) {
        String restore = dialect.limitWaits(sql, this);
        T result;
        try {
            result = work.get();
        } catch (RuntimeException | Error e) {
            restoreAfter(sql, restore);
            throw e;
        }
        if (restore != null) {
            sql.update(restore);
        }
        return result;
    }

    /** A session that can't be restored is broken, as its next user finds out, too. */
    private static void restoreAfter(Sql sql, @Nullable String restore) {
        if (restore == null) {
            return;
        }
        try {
            sql.update(restore);
        } catch (RuntimeException e) {
            log.debug("the time limits of a session were not restored: {}", new DatabaseFailure(e, true).description());
        }
    }
}
