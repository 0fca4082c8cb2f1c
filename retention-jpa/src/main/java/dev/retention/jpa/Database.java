package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs each piece of work in a transaction of its own, again when it lost a race, and turns what the database throws
 * into {@link RetentionException}. What a failure means is in {@link DatabaseFailure}.
 */
final class Database {

    private static final Logger log = LoggerFactory.getLogger(Database.class);

    /** Each shows what another transaction inserted meanwhile; a key that still exists twice was no race. */
    private static final int MOST_DUPLICATES = 8;

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);

    private final JpaTransactions transactions;
    private final UnaryOperator<Instant> databaseTime;
    private final SchemaSetup schemaSetup;
    private final TableOwner owner;
    private final UnreadableRows unreadableRows = new UnreadableRows();
    private final Waits waits;
    private final boolean withEvidence;
    private volatile @Nullable Tables tables;

    Database(
            JpaTransactions transactions,
            UnaryOperator<Instant> databaseTime,
            SchemaSetup schemaSetup,
            TableOwner owner,
            Waits waits,
            boolean withEvidence) {
        this.transactions = transactions;
        this.databaseTime = databaseTime;
        this.schemaSetup = schemaSetup;
        this.owner = owner;
        this.waits = waits;
        this.withEvidence = withEvidence;
    }

    /**
     * One transaction's tools.
     *
     * @param unreadable the ids of rows that were found to have a value that can't be read; they are not read again in
     *     this transaction, which adds those that it finds
     * @param evidence what the transaction changes, as entries of the evidence log
     */
    record Session(
            EntityManager entityManager, Sql sql, Tables tables, Set<String> unreadable, EvidenceEntries evidence) {}

    /** The transaction lost against others until the tries were used up. Nothing was changed. */
    static final class LostRace extends RetentionException {
        private static final long serialVersionUID = 1L;
        private final boolean duplicate;

        LostRace(String wanted, DatabaseFailure failure, boolean duplicate, Throwable cause) {
            super(
                    Kind.REFUSED,
                    "could not " + wanted + ", because other transactions used the same rows at every try: "
                            + failure.description() + ". Nothing was changed; try again later",
                    WithoutDetail.of(cause));
            this.duplicate = duplicate;
        }

        /** Whether it was a key that existed already, which may be no race. */
        boolean isDuplicate() {
            return duplicate;
        }
    }

    Dialect dialect() {
        return tables().dialect();
    }

    /** Whether transactions write entries of the evidence log. */
    boolean hasEvidence() {
        return withEvidence;
    }

    boolean callerHasTransaction() {
        return transactions.callerHasTransaction();
    }

    Instant now() {
        return read("read the time", this::now);
    }

    /**
     * Finds out which database it is, and that the library's tables exist. A database that is unavailable now is no
     * mistake in the configuration: the next use tries again.
     *
     * @param then told which database it is, if it is available
     */
    void prepare(Consumer<Dialect> then) {
        try {
            then.accept(tables().dialect());
        } catch (RetentionException e) {
            if (e.kind() != Kind.UNAVAILABLE) {
                throw e;
            }
            log.warn(
                    "The database is not available yet, so the library's tables are checked at their first use. Check"
                            + " the database if this continues: {}",
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
        AtomicBoolean connected = new AtomicBoolean();
        try {
            Dialect dialect = transactions.withConnection(connection -> {
                connected.set(true);
                return Dialect.of(connection);
            });
            JpaTransactions limited = new LimitedTransactions(transactions, dialect, waits);
            Tables prepared = schemaSetup.prepare(limited, dialect);
            owner.require(limited, prepared);
            return prepared;
        } catch (RuntimeException e) {
            throw new DatabaseFailure(e, connected.get()).toRetentionException("prepare the tables of the library");
        }
    }

    /** Runs work that changes nothing. */
    <T> T read(String what, Function<Session, T> work) {
        return repeatable(what, work);
    }

    /** Runs work that changes nothing, and sees what was committed when it began, however long it takes. */
    <T> T readSnapshot(String what, Function<Session, T> work) {
        return run(what, work, result -> Optional.empty(), Effort.SNAPSHOT);
    }

    /** The time within a transaction. */
    Instant now(Session session) {
        return Sql.micros(databaseTime.apply(session.tables().dialect().now(session.sql())));
    }

    /** Runs work that may be done again after a commit whose answer was lost, whether that took effect or not. */
    <T> T repeatable(String what, Function<Session, T> work) {
        return repeatable(what, work, Effort.PATIENT);
    }

    /** The same, for work that has a better way out of a lost race than to be tried often. */
    <T> T repeatable(String what, Function<Session, T> work, Effort effort) {
        return run(what, work, result -> Optional.empty(), effort);
    }

    /**
     * Runs work that must not be done again blindly.
     *
     * @param afterFailedCommit asked after a commit that failed, with what the work returned: the answer, if the work
     *     took effect all the same or must not be done again; empty to do it again. Called outside of any transaction;
     *     what it throws is thrown on
     */
    <T> T once(String what, Function<Session, T> work, Function<T, Optional<T>> afterFailedCommit) {
        return run(what, work, afterFailedCommit, Effort.PATIENT);
    }

    private <T> T run(
            String what, Function<Session, T> work, Function<T, Optional<T>> afterFailedCommit, Effort effort) {
        Tables found = tables();
        long begun = System.nanoTime();
        int duplicates = 0;
        Set<String> unreadable = new HashSet<>();
        for (int attempt = 1; ; attempt++) {
            Try<T> current = new Try<>(found, effort, guarded(work), new HashSet<>(unreadable));
            try {
                return transactions.inNewTransaction(current::run);
            } catch (UnreadableRows.Met met) {
                if (!unreadable.addAll(unreadableAmong(met, found.dialect(), what)) && attempt >= effort.tries()) {
                    throw met;
                }
            } catch (RuntimeException e) {
                DatabaseFailure failure = new DatabaseFailure(e, current.connected);
                if (current.done.isPresent()) {
                    log.warn(
                            "The commit to {} failed: {}. The library finds out whether the commit took effect, and"
                                    + " repeats the transaction if it did not",
                            what,
                            failure.description());
                    Optional<T> answer = current.done.flatMap(afterFailedCommit);
                    if (answer.isPresent()) {
                        return answer.get();
                    }
                }
                boolean duplicate = failure.isDuplicate(found.dialect());
                // Our keys are checked when they are written. A commit checks deferred ones, which are the engine's.
                boolean deferredKey = duplicate && current.done.isPresent();
                boolean race = !deferredKey && failure.isRace(found.dialect());
                if (duplicate && ++duplicates == MOST_DUPLICATES) {
                    throw failure.toRetentionException(what);
                }
                boolean ended = current.wasIdleTooLong() && failure.isAway();
                boolean mayHelp = race || ended || current.done.isPresent() && !failure.isRolledBack();
                boolean tooLong = System.nanoTime() - begun > waits.patience().toNanos();
                boolean over = attempt >= effort.tries()
                        || attempt > 1 && tooLong
                        || effort.endsAtLock() && failure.isLockTimeout();
                if (!mayHelp || over) {
                    throw race ? new LostRace(what, failure, duplicate, e) : failure.toRetentionException(what);
                }
                pause(attempt);
            }
        }
    }

    /** Before it does anything, each transaction finds out whether it has reached its tenant. */
    private <T> Function<Session, T> guarded(Function<Session, T> work) {
        return session -> {
            owner.require(session);
            return work.apply(session);
        };
    }

    private Set<String> unreadableAmong(UnreadableRows.Met met, Dialect dialect, String what) {
        try {
            return unreadableRows.among(new LimitedTransactions(transactions, dialect, waits), met);
        } catch (RuntimeException e) {
            throw new DatabaseFailure(e, true).toRetentionException(what);
        }
    }

    /** One try of some work, and how far it came. */
    private final class Try<T> {

        private final Tables tables;
        private final Effort effort;
        private final Waits limits;
        private final Function<Session, T> work;
        private final Set<String> unreadable;
        private final long begunNanos = System.nanoTime();
        private boolean connected;
        private Optional<T> done = Optional.empty();

        Try(Tables tables, Effort effort, Function<Session, T> work, Set<String> unreadable) {
            this.tables = tables;
            this.effort = effort;
            this.limits = effort.of(waits);
            this.work = work;
            this.unreadable = unreadable;
        }

        /**
         * Whether the server may have ended it because this process did nothing for a while: it was frozen, or got no
         * processor while it loaded its classes. Nothing was committed then.
         */
        boolean wasIdleTooLong() {
            return connected
                    && done.isEmpty()
                    && System.nanoTime() - begunNanos >= limits.idle().toNanos();
        }

        T run(EntityManager entityManager) {
            Sql sql = new Sql(entityManager::callWithConnection, tables.dialect());
            // Failures before this are the pool's, or the network's.
            connected = sql.withConnection(connection -> true);
            EvidenceEntries evidence = new EvidenceEntries(withEvidence);
            Session session = new Session(entityManager, sql, tables, unreadable, evidence);
            Supplier<T> limited = () -> limits.limit(tables.dialect(), sql, () -> {
                T found = work.apply(session);
                evidence.write(session);
                return found;
            });
            T result = effort == Effort.SNAPSHOT ? tables.dialect().inSnapshot(sql, limited) : limited.get();
            done = Optional.of(result);
            return result;
        }
    }

    /** Waits so that the other transaction can finish; of several that conflict, one is first. */
    static void pause(int attempt) {
        long most = Math.min(
                LONGEST_PAUSE.toNanos(), Duration.ofMillis(5L << attempt).toNanos());
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most));
    }

    /** Runs work and rolls it back. */
    void rehearse(String what, Function<Session, ?> work) {
        Function<Session, Boolean> rehearsed = session -> {
            work.apply(session);
            session.evidence().write(session);
            throw new RolledBack();
        };
        try {
            repeatable(what, rehearsed, Effort.BRIEF);
        } catch (RolledBack expected) {
            log.trace("rolled back: {}", what);
        }
    }

    private static final class RolledBack extends RetentionException {
        private static final long serialVersionUID = 1L;

        RolledBack() {
            super(Kind.REFUSED, "rolled back on purpose");
        }
    }
}
