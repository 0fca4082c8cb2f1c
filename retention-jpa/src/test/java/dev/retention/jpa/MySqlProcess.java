package dev.retention.jpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A MySQL server, which no Maven artifact contains. RETENTION_MYSQL_SERVER names a program that runs one with the
 * arguments {@code run}, a directory for its data, a port and the server's own options, until its standard input ends.
 */
final class MySqlProcess {

    private static final String PROGRAM = "RETENTION_MYSQL_SERVER";

    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    private final Process process;
    private final int port;

    private MySqlProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a server with an empty data directory. Skips the test where there is no program that runs one. */
    static MySqlProcess start() {
        String program = System.getenv(PROGRAM);
        Assumptions.assumeTrue(
                program != null && !program.isEmpty(), "MySQL is left out: " + PROGRAM + " names no server");
        try {
            int port = freePort();
            Path data = Files.createTempDirectory("retention-mysql").resolve("data");
            Process process = new ProcessBuilder(
                            program,
                            "run",
                            data.toString(),
                            Integer.toString(port),
                            "--max-connections=2000",
                            "--skip-log-bin",
                            "--innodb-flush-log-at-trx-commit=0",
                            "--innodb-doublewrite=OFF")
                    .redirectErrorStream(true)
                    .redirectOutput(data.resolveSibling("program.log").toFile())
                    .start();
            MySqlProcess server = new MySqlProcess(process, port);
            server.awaitConnection(data);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    String url(String database) {
        return "jdbc:mysql://localhost:" + port + "/" + database + "?user=root&sslMode=DISABLED";
    }

    private void awaitConnection(Path data) throws IOException {
        long deadline = System.nanoTime() + HUNG.toNanos();
        while (true) {
            try (Connection connection = DriverManager.getConnection(url("mysql"))) {
                if (connection.isValid(0)) {
                    return;
                }
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                    throw new IOException("MySQL does not start; see the logs beside " + data, e);
                }
                try {
                    Thread.sleep(100);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new IOException(interrupted);
                }
            }
        }
    }

    void stop() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(HUNG.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("MySQL does not stop");
        }
    }
}
