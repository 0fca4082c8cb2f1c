package dev.retention.jpa;

import jakarta.persistence.EntityManagerFactory;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The contract on PostgreSQL with the documented grants and nothing else")
class PostgreSqlGrantsContractTest extends JpaRepositoryContractTest {

    private static @Nullable EntityManagerFactory granted;

    PostgreSqlGrantsContractTest() {
        super(TestDatabase.POSTGRESQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED", "granted");
    }

    @Override
    JpaRecordingRepository.Builder builder(Engine engine, Predicate<String> mapped) {
        return engine.builder(factory(engine), mapped).initializeSchema(SchemaInitialization.NEVER);
    }

    private static synchronized EntityManagerFactory factory(Engine engine) {
        if (granted == null) {
            engine.builder().build();
            String role = "voice_" + UUID.randomUUID().toString().substring(0, 8);
            engine.execute("create role " + role + " login");
            DocumentedGrants.to(role).forEach(engine::execute);
            engine.execute("grant select on Customer to " + role);
            granted = Engine.factory(
                    TestDatabase.POSTGRESQL,
                    DocumentedGrants.poolAs(role, engine.dataSource),
                    "none",
                    Calls.TextCall.class,
                    Calls.Customer.class);
        }
        return granted;
    }
}
