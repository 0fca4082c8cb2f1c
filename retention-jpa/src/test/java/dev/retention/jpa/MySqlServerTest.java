package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two servers and two drivers, of which each reaches both. */
class MySqlServerTest {

    private static final String CONNECTOR_J = "MySQL Connector/J";

    private static String url(TestDatabase server) {
        return server.config("drivers" + UUID.randomUUID().toString().substring(0, 8))
                .getJdbcUrl();
    }

    private static void assertRefused(String url, String... said) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            assertThatThrownBy(() -> Dialect.of(connection))
                    .isInstanceOfSatisfying(
                            RetentionException.class,
                            e -> assertThat(e.kind()).isEqualTo(RetentionException.Kind.CONFIGURATION))
                    .hasMessageContainingAll(said);
        }
    }

    @Test
    void mySqlIsReachedThroughItsOwnDriver() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(TestDatabase.MYSQL))) {
            assertThat(Dialect.of(connection)).isEqualTo(Dialect.MYSQL);
        }
    }

    @Test
    void mySqlIsRefusedThroughMariaDbsDriver() throws SQLException {
        assertRefused(
                url(TestDatabase.MYSQL).replace("jdbc:mysql:", "jdbc:mariadb:").replace("DISABLED", "disable"),
                "the server is MySQL",
                "use MySQL's own driver, com.mysql:mysql-connector-j");
    }

    @Test
    void mariaDbIsReachedThroughItsOwnDriver() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(TestDatabase.MARIADB))) {
            assertThat(Dialect.of(connection)).isEqualTo(Dialect.MARIADB);
        }
    }

    @Test
    void mariaDbIsRefusedThroughMySqlsDriver() throws SQLException {
        assertRefused(
                url(TestDatabase.MARIADB).replace("jdbc:mariadb:", "jdbc:mysql:"),
                "the server is MariaDB",
                "use MariaDB's own driver, org.mariadb.jdbc:mariadb-java-client");
    }

    @Test
    void mariaDbIsRefusedWhenItsDriverIsToldToCallItMySql() throws SQLException {
        assertRefused(
                url(TestDatabase.MARIADB) + "&useMysqlMetadata=true",
                "the server is MariaDB",
                "remove 'useMysqlMetadata' from the URL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.4.0 MySQL Community Server - GPL",
                "8.10.1 another",
                "9.7.0-1 (Debian)",
                "10.0.0 MySQL Enterprise Server",
                "8.4.6-6 Percona Server (GPL), Release 6"
            })
    void versionsFrom84OnAreSupported(String version) {
        assertThatCode(new MySqlServer(version, CONNECTOR_J)::requireSupported).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.3.0 MySQL Community Server - GPL",
                "8.0.42 Source distribution",
                "5.7.44-log MySQL Community Server (GPL)",
                "8.0.11-TiDB-v8.5.0 TiDB Server",
                "unknown",
                "8"
            })
    void olderVersionsAreRefused(String version) {
        assertThatThrownBy(new MySqlServer(version, CONNECTOR_J)::requireSupported)
                .isInstanceOf(RetentionException.class)
                .hasMessageContainingAll(version, "older versions than 8.4 are not supported; upgrade the server");
    }
}
