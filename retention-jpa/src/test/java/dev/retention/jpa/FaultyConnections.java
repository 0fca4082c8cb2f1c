package dev.retention.jpa;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source that refuses connections, and whose statements and commits fail, these before or after they took
 * effect, on demand; it counts connections, of which each transaction takes one, and round trips.
 */
final class FaultyConnections {

    enum Fault {
        /** The commit did not take effect. */
        ROLLED_BACK,
        /** It did, but its answer is lost. */
        ANSWER_LOST
    }

    private final DataSource target;
    final AtomicInteger executions = new AtomicInteger();
    final AtomicInteger transactions = new AtomicInteger();
    private volatile Fault fault = Fault.ROLLED_BACK;
    private volatile String commitState = "";
    private final AtomicReference<@Nullable SQLException> refusal = new AtomicReference<>();
    private final AtomicReference<@Nullable SQLException> statementFailure = new AtomicReference<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger spared = new AtomicInteger();

    /** How many connections are still given, before the database is away. */
    private final AtomicInteger connectionsLeft = new AtomicInteger(Integer.MAX_VALUE);

    FaultyConnections(DataSource target) {
        this.target = target;
    }

    void failNextCommit(Fault next) {
        failCommits(next, "08006", 1);
    }

    /** So many commits succeed before one fails. */
    void spareCommits(int times) {
        spared.set(times);
    }

    void failCommits(Fault next, String sqlState, int times) {
        fault = next;
        commitState = sqlState;
        failures.set(times);
    }

    void refuseNextConnection(@Nullable String sqlState) {
        refusal.set(new SQLException("refused, as the test wanted", sqlState));
    }

    void failNextStatement(@Nullable String sqlState, int code) {
        statementFailure.set(new SQLException("failed, as the test wanted", sqlState, code));
    }

    /** Gives so many connections more, and none after them until {@link #comeBack}. */
    void goAwayAfter(int connections) {
        connectionsLeft.set(connections);
    }

    void comeBack() {
        connectionsLeft.set(Integer.MAX_VALUE);
    }

    DataSource dataSource() {
        return Intercepted.proxy(DataSource.class, target, (method, call) -> {
            SQLException refused = refusal.getAndSet(null);
            if (refused != null) {
                throw refused;
            }
            if (method.equals("getConnection") && connectionsLeft.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                throw new SQLException("away, as the test wanted", "08001");
            }
            Object result = call.run();
            if (result instanceof Connection connection) {
                transactions.incrementAndGet();
                return connection(connection);
            }
            return result;
        });
    }

    private Connection connection(Connection connection) {
        return Intercepted.proxy(Connection.class, connection, (method, call) -> {
            if (method.equals("commit") && takeFailure()) {
                if (fault == Fault.ANSWER_LOST) {
                    call.run();
                } else {
                    connection.rollback();
                }
                throw new SQLException("the commit failed, as the test wanted", commitState);
            }
            Object result = call.run();
            return result instanceof PreparedStatement statement ? statement(statement) : result;
        });
    }

    private boolean takeFailure() {
        BooleanSupplier one = () -> failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        return spared.getAndUpdate(left -> Math.max(0, left - 1)) == 0 && one.getAsBoolean();
    }

    private PreparedStatement statement(PreparedStatement statement) {
        return Intercepted.proxy(PreparedStatement.class, statement, (method, call) -> {
            if (method.startsWith("execute")) {
                executions.incrementAndGet();
                SQLException failure = statementFailure.getAndSet(null);
                if (failure != null) {
                    throw failure;
                }
            }
            return call.run();
        });
    }
}
