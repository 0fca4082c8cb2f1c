package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Each transaction may run in another session of the server, and each session serves other clients in between.
 * RETENTION_PGBOUNCER names a program that runs PgBouncer with the arguments {@code run} and a configuration, until its
 * standard input ends.
 */
@DisplayName("The contract on PostgreSQL through PgBouncer, which lends its sessions for a transaction each")
@EnabledIfEnvironmentVariable(
        named = PgBouncerContractTest.PROGRAM,
        matches = ".+",
        disabledReason = "it names no PgBouncer")
class PgBouncerContractTest extends JpaRepositoryContractTest {

    static final String PROGRAM = "RETENTION_PGBOUNCER";

    private static final Duration HUNG = Duration.ofMinutes(3);
    private static final int SESSIONS = 8;

    private static @Nullable HikariDataSource pooled;
    private static @Nullable EntityManagerFactory factory;

    PgBouncerContractTest() {
        super(TestDatabase.POSTGRESQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED", "pgbouncer");
    }

    @Override
    JpaRecordingRepository.Builder builder(Engine engine, Predicate<String> mapped) {
        return engine.builder(factory(engine), mapped);
    }

    private static synchronized EntityManagerFactory factory(Engine engine) {
        if (factory == null) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(start(engine.dataSource.getJdbcUrl()));
            // More than the server's sessions, so that these change hands.
            config.setMaximumPoolSize(2 * SESSIONS);
            config.setMinimumIdle(0);
            pooled = new HikariDataSource(config);
            factory =
                    Engine.factory(TestDatabase.POSTGRESQL, pooled, "none", Calls.TextCall.class, Calls.Customer.class);
        }
        return factory;
    }

    /** Returns the address of the database through PgBouncer. */
    private static String start(String url) {
        Matcher parts = Pattern.compile("jdbc:postgresql://localhost:(\\d+)/(\\w+)\\?user=(\\w+).*")
                .matcher(url);
        if (!parts.matches()) {
            throw new IllegalStateException(url);
        }
        try {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Path config = Files.createTempDirectory("retention-pgbouncer").resolve("pgbouncer.ini");
            Files.writeString(config, """
                    [databases]
                    * = host=127.0.0.1 port=%s user=%s
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = any
                    pool_mode = transaction
                    default_pool_size = %d
                    ignore_startup_parameters = extra_float_digits
                    """.formatted(parts.group(1), parts.group(3), port, SESSIONS));
            // It is stopped by the end of this JVM, which closes its standard input.
            new ProcessBuilder(System.getenv(PROGRAM), "run", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(config.resolveSibling("pgbouncer.log").toFile())
                    .start();
            String through =
                    "jdbc:postgresql://127.0.0.1:" + port + "/" + parts.group(2) + "?user=voice&prepareThreshold=0";
            awaitConnection(through);
            return through;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitConnection(String url) {
        long deadline = System.nanoTime() + HUNG.toNanos();
        while (true) {
            try (Connection connection = DriverManager.getConnection(url)) {
                assertThat(connection.isValid(0)).isTrue();
                return;
            } catch (SQLException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("PgBouncer does not start", e);
                }
                Thread.onSpinWait();
            }
        }
    }

    /** Whoever gets a session next would run with the settings of others. */
    @Test
    void leavesNothingInSessionsThatOthersGetNext() throws SQLException {
        RecordingRepository repository = createSecondInstance();
        Instant now = Instant.now();
        insertRow(EngineRow.of("1", "RE1", now.minus(Duration.ofDays(100))));
        for (int i = 0; i < 3 * SESSIONS; i++) {
            repository.holds().place("h" + i, List.of("1"), "dpo", "dispute", null, now);
            repository.ledger().find(List.of("1"));
        }

        Set<String> settings = new HashSet<>();
        Set<String> statements = new HashSet<>();
        List<Connection> all = new ArrayList<>();
        try {
            for (int i = 0; i < SESSIONS; i++) {
                Connection connection = java.util.Objects.requireNonNull(pooled).getConnection();
                all.add(connection);
                // Keeps the session, so that each connection shows another one.
                connection.setAutoCommit(false);
                settings.add(text(
                        connection,
                        "select concat_ws(' ', current_setting('lock_timeout'),"
                                + " current_setting('idle_in_transaction_session_timeout'),"
                                + " current_setting('plan_cache_mode'), current_setting('search_path'))"));
                statements.add(text(connection, "select count(*)::text from pg_prepared_statements"));
            }
        } finally {
            for (Connection connection : all) {
                connection.rollback();
                connection.close();
            }
        }
        assertThat(settings).containsExactly("0 0 auto \"$user\", public");
        assertThat(statements).containsExactly("0");
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
