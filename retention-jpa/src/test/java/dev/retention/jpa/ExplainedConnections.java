package dev.retention.jpa;

import static dev.retention.jpa.Intercepted.proxy;
import static dev.retention.jpa.Intercepted.proxyWithArguments;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import javax.sql.DataSource;

/** A data source that has the database explain each query of interest, with its very parameters, before it runs. */
final class ExplainedConnections {

    private final DataSource target;
    private final String explain;
    private final Predicate<String> ofInterest;
    /** A plan for each query, as lines of {@code column=value}. */
    final List<String> plans = new CopyOnWriteArrayList<>();

    ExplainedConnections(DataSource target, String explain, Predicate<String> ofInterest) {
        this.target = target;
        this.explain = explain;
        this.ofInterest = ofInterest;
    }

    DataSource dataSource() {
        return proxy(DataSource.class, target, (method, call) -> {
            Object result = call.run();
            return result instanceof Connection connection ? connection(connection) : result;
        });
    }

    private Connection connection(Connection connection) {
        return proxyWithArguments(Connection.class, connection, (method, arguments, call) -> {
            Object result = call.run();
            return result instanceof PreparedStatement statement
                            && arguments != null
                            && ofInterest.test((String) arguments[0])
                    ? explained(statement, connection.prepareStatement(explain + " " + arguments[0]))
                    : result;
        });
    }

    private PreparedStatement explained(PreparedStatement statement, PreparedStatement explaining) {
        return proxyWithArguments(PreparedStatement.class, statement, (method, arguments, call) -> {
            String name = method.getName();
            if (name.startsWith("set") && arguments != null && arguments.length > 1) {
                method.invoke(explaining, arguments);
            } else if (name.equals("executeQuery")) {
                plans.add(plan(explaining));
            } else if (name.equals("close")) {
                explaining.close();
            }
            return call.run();
        });
    }

    private static String plan(PreparedStatement explaining) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (ResultSet rows = explaining.executeQuery()) {
            ResultSetMetaData columns = rows.getMetaData();
            while (rows.next()) {
                List<String> line = new ArrayList<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    line.add(columns.getColumnLabel(i) + "=" + rows.getString(i));
                }
                lines.add(String.join(" ", line));
            }
        }
        return String.join("\n", lines);
    }
}
