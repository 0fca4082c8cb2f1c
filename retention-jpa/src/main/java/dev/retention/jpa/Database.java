package dev.retention.jpa;

import dev.retention.RetentionException;
import jakarta.persistence.EntityManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs each piece of work in a transaction of its own, again when it lost a race, and turns what the database throws into
 * {@link RetentionException}.
 */
final class Database {

    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final int MOST_TRIES = 20;
    /** After this, waiting for locks has cost enough: two tries must do. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(5);

    /** What PostgreSQL says while it is shut down, after a crash, and while it starts. */
    private static final Set<String> RESTARTING = Set.of("57P01", "57P02", "57P03");

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);

    private final JpaTransactions transactions;
    private final UnaryOperator<Instant> databaseTime;
    private final SchemaSetup schemaSetup;
    private volatile @Nullable Tables tables;

    Database(JpaTransactions transactions, UnaryOperator<Instant> databaseTime, SchemaSetup schemaSetup) {
        this.transactions = transactions;
        this.databaseTime = databaseTime;
        this.schemaSetup = schemaSetup;
    }

    /** One transaction's tools. */
    record Session(EntityManager entityManager, Sql sql, Tables tables) {}

    /** The transaction lost against others until the tries were used up. Nothing was changed. */
    static final class LostRace extends RetentionException {
        private static final long serialVersionUID = 1L;

        LostRace(String message, Throwable cause) {
            super(message, cause);
        }
    }

    boolean callerHasTransaction() {
        return transactions.callerHasTransaction();
    }

    Instant now() {
        Instant now =
                read("read the time", session -> session.tables().dialect().now(session.sql()));
        return Sql.micros(databaseTime.apply(now));
    }

    /**
     * Finds out which database it is and that our tables are there. A database that is away right now is a state and no mistake: then the next use
     * tries again.
     */
    void prepare() {
        try {
            tables();
        } catch (RetentionException e) {
            if (!isAway(e)) {
                throw e;
            }
            log.warn(
                    "The database does not answer; whether the tables of the library are there is checked later. {}",
                    e.getMessage());
        }
    }

    private Tables tables() {
        Tables known = tables;
        return known != null ? known : findTables();
    }

    private synchronized Tables findTables() {
        Tables known = tables;
        if (known == null) {
            known = prepareTables();
            tables = known;
        }
        return known;
    }

    private Tables prepareTables() {
        try {
            return schemaSetup.prepare(transactions);
        } catch (RuntimeException e) {
            throw translated("prepare the tables of the library", e);
        }
    }

    /** Runs work that changes nothing. */
    <T> T read(String what, Function<Session, T> work) {
        return run(what, work, result -> Optional.empty());
    }

    /** Runs work that may be done again after a commit whose answer was lost, whether that took effect or not. */
    <T> T repeatable(String what, Function<Session, T> work) {
        return run(what, work, result -> Optional.empty());
    }

    /**
     * Runs work that must not be done again blindly.
     *
     * @param standing asked after a commit that failed, with what the work returned: the answer, if the work took effect all the same or
     *     must not be done again; empty to do it again. Called outside of any transaction; what it throws is thrown on
     */
    <T> T once(String what, Function<Session, T> work, Function<T, Optional<T>> standing) {
        return run(what, work, standing);
    }

    private <T> T run(String what, Function<Session, T> work, Function<T, Optional<T>> standing) {
        Tables found = tables();
        long begun = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            AtomicReference<Optional<T>> done = new AtomicReference<>(Optional.empty());
            try {
                return transactions.inNewTransaction(entityManager -> {
                    T result =
                            work.apply(new Session(entityManager, new Sql(entityManager::callWithConnection), found));
                    done.set(Optional.of(result));
                    return result;
                });
            } catch (RuntimeException e) {
                boolean race = isRace(e, found.dialect());
                if (done.get().isPresent()) {
                    log.warn("The commit to {} failed: {}", what, describe(e));
                    Optional<T> committed = done.get().flatMap(standing);
                    if (committed.isPresent()) {
                        return committed.get();
                    }
                } else if (!race) {
                    throw translated(what, e);
                }
                boolean tooLong = System.nanoTime() - begun > LONG_ENOUGH.toNanos();
                if (attempt == MOST_TRIES || (attempt > 1 && tooLong)) {
                    throw race ? new LostRace("could not " + what + ": " + describe(e), e) : translated(what, e);
                }
                pause(attempt);
            }
        }
    }

    /** Lets the other transaction finish; of several that met, one is first. */
    private static void pause(int attempt) {
        long most = Math.min(
                LONGEST_PAUSE.toNanos(), Duration.ofMillis(5L << attempt).toNanos());
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most));
    }

    /** Runs work and rolls it back. */
    void rehearse(String what, Function<Session, ?> work) {
        try {
            read(what, session -> {
                work.apply(session);
                throw new RolledBack();
            });
        } catch (RolledBack expected) {
            log.trace("rolled back: {}", what);
        }
    }

    private static final class RolledBack extends RetentionException {
        private static final long serialVersionUID = 1L;

        RolledBack() {
            super("rolled back on purpose");
        }
    }

    private static RetentionException translated(String what, RuntimeException e) {
        RetentionException ours = find(e, RetentionException.class);
        return ours != null ? ours : new RetentionException("could not " + what + ": " + describe(e), e);
    }

    private static boolean isRace(Throwable e, Dialect dialect) {
        SQLException refused = find(e, SQLException.class);
        while (refused != null) {
            if (dialect.isRace(refused)) {
                return true;
            }
            refused = refused.getNextException();
        }
        return false;
    }

    /**
     * Whether the database could not be reached, or went away. A driver's exception class says little: MariaDB's calls whatever it does not know a connection's
     * failure.
     */
    static boolean isAway(RetentionException e) {
        SQLException refused = find(e, SQLException.class);
        if (refused == null) {
            return false;
        }
        String state = refused.getSQLState();
        return state == null
                ? refused instanceof SQLTransientConnectionException
                : state.startsWith("08") || RESTARTING.contains(state);
    }

    private static String describe(Throwable e) {
        SQLException refused = find(e, SQLException.class);
        String text = refused == null
                ? e.getClass().getSimpleName() + ": " + e.getMessage()
                : refused.getMessage() + " (SQLState " + refused.getSQLState() + ", code " + refused.getErrorCode()
                        + ")";
        return StoredText.cut(text, StoredText.CAUSE);
    }

    private static <T extends Throwable> @Nullable T find(@Nullable Throwable e, Class<T> type) {
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }
}
