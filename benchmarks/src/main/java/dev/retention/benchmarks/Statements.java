package dev.retention.benchmarks;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Counts the statements to a database and their time, including the network. A batch is one statement. */
final class Statements {

    /** How often a statement was sent, and for how long in total it was waited for. */
    record Sent(String sql, long times, long rows, long micros) {}

    private record Counter(LongAdder times, LongAdder rows, LongAdder nanos) {}

    /** Statements that differ only in the lengths of lists are counted as one. */
    private static final Pattern LIST = Pattern.compile("\\((\\?\\s*,\\s*)+\\?\\)");

    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    DataSource around(DataSource dataSource) {
        return proxy(DataSource.class, dataSource, "");
    }

    long total() {
        return counters.entrySet().stream()
                .filter(entry -> !entry.getKey().equals("commit"))
                .mapToLong(entry -> entry.getValue().times.sum())
                .sum();
    }

    /** Longest first. */
    List<Sent> sent() {
        return counters.entrySet().stream()
                .map(entry -> new Sent(
                        entry.getKey(),
                        entry.getValue().times.sum(),
                        entry.getValue().rows.sum(),
                        entry.getValue().nanos.sum() / 1000))
                .sorted(Comparator.comparingLong(Sent::micros).reversed())
                .toList();
    }

    private <T> T proxy(Class<T> type, Object target, String sql) {
        return type.cast(Proxy.newProxyInstance(
                Statements.class.getClassLoader(), new Class<?>[] {type}, new Around(target, sql)));
    }

    private final class Around implements InvocationHandler {

        private final Object target;
        private final String sql;
        private long batched;

        Around(Object target, String sql) {
            this.target = target;
            this.sql = sql;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
            String name = method.getName();
            String text =
                    arguments != null && arguments.length > 0 && arguments[0] instanceof String first ? first : sql;
            if (name.equals("addBatch")) {
                batched++;
            }
            boolean counts = name.startsWith("execute") || name.equals("commit");
            long began = counts ? System.nanoTime() : 0;
            Object result;
            try {
                result = method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
            if (counts) {
                Counter counter = counters.computeIfAbsent(
                        name.equals("commit") ? name : LIST.matcher(text).replaceAll("(?…)"),
                        key -> new Counter(new LongAdder(), new LongAdder(), new LongAdder()));
                counter.times.increment();
                counter.rows.add(name.equals("executeBatch") ? batched : 1);
                counter.nanos.add(System.nanoTime() - began);
                batched = 0;
            }
            if (result instanceof Connection) {
                return proxy(Connection.class, result, "");
            } else if (result instanceof CallableStatement) {
                return proxy(CallableStatement.class, result, text);
            } else if (result instanceof PreparedStatement) {
                return proxy(PreparedStatement.class, result, text);
            } else if (result instanceof Statement) {
                return proxy(Statement.class, result, text);
            }
            return result;
        }
    }
}
