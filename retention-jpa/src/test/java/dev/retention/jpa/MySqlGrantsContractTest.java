package dev.retention.jpa;

import jakarta.persistence.EntityManagerFactory;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;

/** Here the engine's own columns tell texts apart as exactly as the library's do, which is not MySQL's default. */
@DisplayName("The contract on MySQL with the documented grants and nothing else")
class MySqlGrantsContractTest extends JpaRepositoryContractTest {

    private static @Nullable EntityManagerFactory granted;

    MySqlGrantsContractTest() {
        super(TestDatabase.MYSQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED", "granted");
    }

    @Override
    protected boolean supports(Capability capability) {
        return capability == Capability.TEXT_IDS || super.supports(capability);
    }

    @Override
    JpaRecordingRepository.Builder builder(Engine engine, Predicate<String> mapped) {
        return engine.builder(factory(engine), mapped).initializeSchema(SchemaInitialization.NEVER);
    }

    private static synchronized EntityManagerFactory factory(Engine engine) {
        if (granted == null) {
            engine.builder().build();
            engine.execute("alter table TextCall modify call_id varchar(255) collate utf8mb4_0900_bin not null,"
                    + " modify sid varchar(2000) collate utf8mb4_0900_bin");
            String user = "voice_" + UUID.randomUUID().toString().substring(0, 8);
            engine.execute("create user " + user);
            DocumentedGrants.perTableTo(user).forEach(engine::execute);
            engine.execute("grant select on Customer to " + user);
            granted = Engine.factory(
                    TestDatabase.MYSQL,
                    DocumentedGrants.poolAs(user, engine.dataSource),
                    "none",
                    Calls.TextCall.class,
                    Calls.Customer.class);
        }
        return granted;
    }
}
