package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import jakarta.persistence.EntityManagerFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.h2.api.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beside H2's own failures those that no server can be brought to on demand. */
class FailureKindsOnH2Test extends FailureKindsTest {

    FailureKindsOnH2Test() {
        super(TestDatabase.H2);
    }

    /** Refuses every change. */
    public static final class Refusing implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            throw new SQLException("the trigger refuses", "45000");
        }
    }

    @Override
    String createUser() {
        return "create user " + user + " password 'secret'";
    }

    @Override
    HikariConfig as(HikariConfig owner) {
        HikariConfig config = new HikariConfig();
        // Only an administrator may say how long the database stays.
        config.setJdbcUrl(owner.getJdbcUrl().replace(";DB_CLOSE_DELAY=-1", ""));
        config.setUsername(user);
        config.setPassword("secret");
        return config;
    }

    @Override
    String makeText(String table, String column) {
        return "alter table " + table + " alter column " + column + " varchar(20)";
    }

    @Override
    String makeNumber(String table, String column) {
        return "alter table " + table + " alter column " + column + " bigint";
    }

    @Override
    String shorten(String table, String column, int length) {
        return "alter table " + table + " alter column " + column + " varchar(" + length + ")";
    }

    @Override
    List<String> refuseChanges(String table) {
        return List.of("create trigger refusing before update on " + table + " for each row call '"
                + Refusing.class.getName() + "'");
    }

    @Override
    List<String> allowChanges(String table) {
        return List.of("drop trigger refusing");
    }

    @Override
    String endSessions() {
        return "select 'call abort_session(' || session_id || ')' from information_schema.sessions where user_name = '"
                + user.toUpperCase(java.util.Locale.ROOT) + "'";
    }

    @Override
    String waitForNoLock() {
        return "set lock_timeout 20";
    }

    private static void assertKind(Kind kind, JpaRecordingRepository repository) {
        assertThatThrownBy(() -> repository.ledger().find(List.of("1")))
                .isInstanceOfSatisfying(
                        RetentionException.class,
                        e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }

    @Test
    void isAwayWhileTheDatabaseIsShutDown(@TempDir Path directory) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:file:" + directory.resolve("voice"));
        Engine own = new Engine(
                TestDatabase.H2, Calls.TextCall.class, TestDatabase.pool(config, "TRANSACTION_READ_COMMITTED"));
        AtomicBoolean shutDown = new AtomicBoolean();
        JpaRecordingRepository repository = own.builder()
                .transactions(disturbed(
                        own.factory,
                        () -> {
                            if (shutDown.get()) {
                                own.execute("shutdown");
                            }
                        },
                        () -> {}))
                .build();
        shutDown.set(true);
        assertKind(Kind.UNAVAILABLE, repository);

        shutDown.set(false);
        takeNewConnections(own.dataSource);
        assertThat(repository.ledger().find(List.of("1"))).isEmpty();
        own.factory.close();
        own.dataSource.close();
    }

    private void withFaults(java.util.function.BiConsumer<FaultyConnections, JpaRecordingRepository> test) {
        FaultyConnections connections = new FaultyConnections(engine.dataSource);
        try (EntityManagerFactory factory = Engine.factory(
                TestDatabase.H2, connections.dataSource(), "none", Calls.TextCall.class, Calls.Customer.class)) {
            test.accept(connections, engine.builder(factory).build());
        }
    }

    /** Pools other than HikariCP say nothing but that there is no connection. */
    @Test
    void isAwayWhenAPoolGivesNoConnectionAndNoState() {
        withFaults((connections, repository) -> {
            connections.refuseNextConnection(null);
            assertKind(Kind.UNAVAILABLE, repository);
            connections.failNextStatement(null, 0);
            assertKind(Kind.REFUSED, repository);
            assertThat(repository.ledger().find(List.of("1"))).isEmpty();
        });
    }

    @Test
    void isRefusedWhenAPoolGivesTheStateOfARefusal() {
        withFaults((connections, repository) -> {
            connections.refuseNextConnection("28P01");
            assertKind(Kind.REFUSED, repository);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "08000, 0",
        "08001, 0",
        "08003, 0",
        "08004, 1040",
        "08006, 0",
        "08S01, 1053",
        "08P01, 0",
        "53100, 0",
        "53200, 0",
        "53300, 0",
        "57P01, 0",
        "57P02, 0",
        "57P03, 0",
        "57P05, 0",
        "25P03, 0",
        "25006, 0",
        "25006, 1792",
        "HY000, 1021",
        "HY000, 1129",
        "HY000, 1135",
        "42000, 1203",
        "42000, 1226",
        "HY000, 1290",
        "HY000, 1836",
        "70100, 1927",
        "HY000, 3168",
        "HY000, 4031",
        "90007, 90007",
        "90020, 90020",
        "90028, 90028",
        "90031, 90031",
        "90067, 90067",
        "90098, 90098",
        "90121, 90121",
        "90135, 90135"
    })
    void takesForAway(String sqlState, int code) {
        withFaults((connections, repository) -> {
            connections.failNextStatement(sqlState, code);
            assertKind(Kind.UNAVAILABLE, repository);
        });
    }

    /** Each is as near to one of those above as there is. */
    @ParameterizedTest
    @CsvSource({
        "0A000, 0",
        "07006, 0",
        "54000, 0",
        "57014, 0",
        "57P04, 0",
        "25P02, 0",
        "25001, 0",
        "28P01, 0",
        "3D000, 0",
        "22001, 0",
        "22001, 1406",
        "22018, 0",
        "23502, 0",
        "23503, 0",
        "23514, 0",
        "23000, 1048",
        "23000, 4025",
        "42501, 0",
        "42P01, 0",
        "P0001, 0",
        "45000, 1644",
        "44000, 1369",
        "42000, 1064",
        "42000, 1142",
        "42S02, 1146",
        "HY000, 1366",
        "HY000, 1114",
        "HY000, 1364",
        "70100, 1317",
        "HY000, 3170",
        "HY000, 4032",
        "70100, 1969",
        "90008, 90008",
        "90044, 90044",
        "90096, 90096",
        "90105, 90105",
        "90097, 90097",
        "57014, 57014",
        "50000, 50000"
    })
    void takesForRefused(String sqlState, int code) {
        withFaults((connections, repository) -> {
            connections.failNextStatement(sqlState, code);
            assertKind(Kind.REFUSED, repository);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"08001", "42501"})
    void saysWhatHappenedAndStateAndCode(String sqlState) {
        withFaults((connections, repository) -> {
            connections.failNextStatement(sqlState, 7);
            assertThatThrownBy(() -> repository.ledger().find(List.of("1")))
                    .hasMessageContaining("could not read the ledger, because the database")
                    .hasMessageContaining("SQLState " + sqlState + ", code 7")
                    .hasMessageNotContaining("as the test wanted");
        });
    }
}
