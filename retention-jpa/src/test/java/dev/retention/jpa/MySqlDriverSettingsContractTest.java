package dev.retention.jpa;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;

/** Among them one after which an update of a row to what it is already counts as an update of no row. */
@DisplayName("The contract on MySQL with settings of the driver that change batches, statements and counts")
@Tag("wide")
class MySqlDriverSettingsContractTest extends JpaRepositoryContractTest {

    private static final String SETTINGS = "&useAffectedRows=true&rewriteBatchedStatements=true&useServerPrepStmts=true"
            + "&cachePrepStmts=true&useLocalSessionState=true&cacheServerConfiguration=true&elideSetAutoCommits=true";

    private static @Nullable EntityManagerFactory factory;

    MySqlDriverSettingsContractTest() {
        super(TestDatabase.MYSQL, Calls.UuidCall.class, "TRANSACTION_REPEATABLE_READ", "settings");
    }

    @Override
    JpaRecordingRepository.Builder builder(Engine engine, Predicate<String> mapped) {
        return engine.builder(factory(engine), mapped);
    }

    private static synchronized EntityManagerFactory factory(Engine engine) {
        if (factory == null) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(engine.dataSource.getJdbcUrl() + SETTINGS);
            HikariDataSource pool = TestDatabase.pool(config, "TRANSACTION_REPEATABLE_READ");
            factory = Engine.factory(
                    TestDatabase.MYSQL, pool, "none", Calls.UuidCall.class, Calls.Customer.class, Calls.Contract.class);
        }
        return factory;
    }
}
