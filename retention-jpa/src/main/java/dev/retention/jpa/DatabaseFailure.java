package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import jakarta.persistence.OptimisticLockException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an exception says about the database: whether it was unavailable, or refused, or rolled back because of another
 * transaction. Decided by SQLSTATE and code, never by the text, and not by the exception's class, since drivers report
 * unknown errors as failures of the connection.
 */
final class DatabaseFailure {

    private static final int DEEPEST_CAUSE = 20;

    /** Classes: the connection failed or broke; the server has no connection, memory or disk space left. */
    private static final Set<String> AWAY_CLASSES = Set.of("08", "53");

    /**
     * PostgreSQL: shut down, crashed, starting, session ended for idleness, the same within a transaction. Both others:
     * a server that only reads, such as one that was the primary before.
     */
    private static final Set<String> AWAY_STATES = Set.of("57P01", "57P02", "57P03", "57P05", "25P03", "25006");

    /**
     * H2: connection closed, database open elsewhere, failed disk, broken connection, database closed, called at its
     * shutdown, in exclusive mode. Its codes are no other database's.
     */
    private static final Set<Integer> AWAY_ON_H2 = Set.of(90007, 90020, 90028, 90031, 90067, 90098, 90121, 90135);

    /**
     * MariaDB and MySQL, where the state says something else: disk full, host blocked, no thread, too many connections
     * of the user, any other limit of the user, only reads (twice), connection killed, server not available, session
     * ended for idleness.
     */
    private static final Set<Integer> AWAY_ON_MYSQL =
            Set.of(1021, 1129, 1135, 1203, 1226, 1290, 1836, 1927, 3168, 4031);

    /** Classes after which it is open whether a commit took effect: general, internal and system errors. */
    private static final Set<String> VAGUE_CLASSES = Set.of("HY", "XX", "58", "50", "90");

    /** PostgreSQL's. */
    private static final String LOCK_TIMEOUT_STATE = "55P03";

    /** MariaDB's and MySQL's, and H2's, which are no other database's. */
    private static final Set<Integer> LOCK_TIMEOUT_CODES = Set.of(1205, 50200);

    /** The state of a commit whose outcome is not known. */
    private static final String COMPLETION_UNKNOWN = "40003";

    /** The class of values that do not fit what is read or written. */
    private static final String VALUE_CLASS = "22";

    /** What MySQL's driver says of a value that it refuses to read, such as a date of zeros. */
    private static final String VALUE_STATE_OF_MYSQL = "S1009";

    private final RuntimeException thrown;
    private final boolean connected;
    private final List<SQLException> answers = new ArrayList<>();

    /**
     * Reads an exception.
     *
     * @param connected whether there was a connection when it was thrown
     */
    DatabaseFailure(RuntimeException thrown, boolean connected) {
        this.thrown = thrown;
        this.connected = connected;
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            SQLException answer = cause instanceof SQLException found ? found : null;
            for (; answer != null && answers.size() < DEEPEST_CAUSE; answer = answer.getNextException()) {
                answers.add(answer);
            }
            cause = cause.getCause();
        }
    }

    /** Whether the database could not be reached, became unavailable, or accepts no work from any client. */
    boolean isAway() {
        if (answers.stream().anyMatch(DatabaseFailure::saysAway)) {
            return true;
        }
        // Every server gives a state. A pool may give none when it has no connection to lend.
        return !answers.isEmpty()
                && answers.stream().allMatch(answer -> answer.getSQLState() == null)
                && (!connected || answers.get(0) instanceof SQLTransientConnectionException);
    }

    private static boolean saysAway(SQLException answer) {
        String state = answer.getSQLState();
        int code = answer.getErrorCode();
        return state != null && (AWAY_CLASSES.contains(classOf(state)) || AWAY_STATES.contains(state))
                || AWAY_ON_H2.contains(code)
                || AWAY_ON_MYSQL.contains(code);
    }

    /** Whether the transaction lost against another one, and may succeed when it is tried again. */
    boolean isRace(Dialect dialect) {
        return thrown instanceof OptimisticLockException || answers.stream().anyMatch(dialect::isRace);
    }

    /** Whether it waited for a lock in vain. */
    boolean isLockTimeout() {
        return answers.stream()
                .anyMatch(answer -> LOCK_TIMEOUT_STATE.equals(answer.getSQLState())
                        || LOCK_TIMEOUT_CODES.contains(answer.getErrorCode()));
    }

    /**
     * Whether a key existed already. If another transaction inserted it at the same time, the next try sees it; if that
     * fails as well, it is no race.
     */
    boolean isDuplicate(Dialect dialect) {
        return answers.stream().anyMatch(dialect::isDuplicate);
    }

    /** Whether a commit that failed so took certainly no effect: the server answered, and its answer is definite. */
    boolean isRolledBack() {
        SQLException answer = primary();
        String state = answer == null ? null : answer.getSQLState();
        return state != null
                && !isAway()
                && !VAGUE_CLASSES.contains(classOf(state))
                && !state.equals(COMPLETION_UNKNOWN);
    }

    /**
     * Whether a query failed because of a value in a row: the server or its driver says so, or it failed where no
     * server was asked, when a column became an attribute.
     */
    boolean isOfAValue() {
        return !(thrown instanceof RetentionException) && answers.stream().allMatch(DatabaseFailure::saysOfAValue);
    }

    /** Whether a server or a driver says that a value does not fit what it is read as. */
    static boolean saysOfAValue(SQLException answer) {
        String state = answer.getSQLState();
        return answer instanceof SQLDataException
                || state != null && (classOf(state).equals(VALUE_CLASS) || state.equals(VALUE_STATE_OF_MYSQL));
    }

    private static String classOf(String state) {
        return state.length() < 2 ? state : state.substring(0, 2);
    }

    /** What is thrown to the caller who wanted this; an exception of the library's own as it is. */
    RetentionException toRetentionException(String wanted) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (cause instanceof RetentionException ours) {
                return ours;
            }
            cause = cause.getCause();
        }
        String what = "could not " + wanted;
        Throwable where = WithoutDetail.of(thrown);
        if (answers.isEmpty()) {
            return new RetentionException(Kind.REFUSED, what + ": " + description(), where);
        }
        return isAway()
                ? new RetentionException(
                        Kind.UNAVAILABLE,
                        what + ", because the database is not available: " + description()
                                + ". Check the database, then try again",
                        where)
                : new RetentionException(
                        Kind.REFUSED,
                        what + ", because the database refused it: " + description()
                                + ". Correct what the database names, then try again. The server's own message, which"
                                + " may quote a row, is in the server's log",
                        where);
    }

    /** What may be said of it: nothing that the server, its driver or the persistence provider has written. */
    String description() {
        SQLException answer = primary();
        return answer == null
                ? "it failed with " + types() + ", whose message is left out, since it may quote a row"
                : ServerAnswer.describe(answer, answers);
    }

    private String types() {
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST_CAUSE; depth++) {
            root = root.getCause();
        }
        String outer = thrown.getClass().getSimpleName();
        return root == thrown ? outer : outer + ", caused by " + root.getClass().getSimpleName();
    }

    /** The first answer with a state; a pool's own exception, which has none, may have the server's as its cause. */
    private @Nullable SQLException primary() {
        return answers.stream()
                .filter(answer -> answer.getSQLState() != null)
                .findFirst()
                .orElse(answers.isEmpty() ? null : answers.get(0));
    }
}
