package dev.retention.jpa;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A data source that refuses connections, and whose commits fail, before or after they took effect, on demand; it counts round trips. */
final class FaultyConnections {

    enum Fault {
        /** The commit did not take effect. */
        ROLLED_BACK,
        /** It did, but its answer is lost. */
        ANSWER_LOST
    }

    private final DataSource target;
    final AtomicInteger executions = new AtomicInteger();
    private volatile Fault fault = Fault.ROLLED_BACK;
    private final AtomicReference<@Nullable String> refusal = new AtomicReference<>();
    private final AtomicInteger failures = new AtomicInteger();

    FaultyConnections(DataSource target) {
        this.target = target;
    }

    void failNextCommit(Fault next) {
        fault = next;
        failures.set(1);
    }

    void refuseNextConnection(String sqlState) {
        refusal.set(sqlState);
    }

    DataSource dataSource() {
        return Intercepted.proxy(DataSource.class, target, (method, call) -> {
            String refused = refusal.getAndSet(null);
            if (refused != null) {
                throw new SQLException("refused, as the test wanted", refused);
            }
            Object result = call.run();
            return result instanceof Connection connection ? connection(connection) : result;
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
                throw new SQLException("the line was cut, as the test wanted", "08006");
            }
            Object result = call.run();
            return result instanceof PreparedStatement statement ? statement(statement) : result;
        });
    }

    private boolean takeFailure() {
        BooleanSupplier one = () -> failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        return one.getAsBoolean();
    }

    private PreparedStatement statement(PreparedStatement statement) {
        return Intercepted.proxy(PreparedStatement.class, statement, (method, call) -> {
            if (method.startsWith("execute")) {
                executions.incrementAndGet();
            }
            return call.run();
        });
    }
}
