package dev.retention.jpa;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
            documentedGrants().forEach(grant -> engine.execute(grant.replaceFirst(" to voice$", " to " + role)));
            engine.execute("grant select on Customer to " + role);
            granted = Engine.factory(
                    TestDatabase.POSTGRESQL,
                    as(role, engine.dataSource),
                    "none",
                    Calls.TextCall.class,
                    Calls.Customer.class);
        }
        return granted;
    }

    private static HikariDataSource as(String role, HikariDataSource owner) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(owner.getJdbcUrl().replaceFirst("user=[^&]+", "user=" + role));
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        config.setTransactionIsolation(owner.getTransactionIsolation());
        return new HikariDataSource(config);
    }

    private static List<String> documentedGrants() {
        try {
            String page = Files.readString(SchemaPageTest.PAGE);
            Matcher grants = Pattern.compile("```sql\n((?:grant [^;]+;\n)+)```").matcher(page);
            if (!grants.find()) {
                throw new IllegalStateException("no grants in " + SchemaPageTest.PAGE);
            }
            return Pattern.compile(";")
                    .splitAsStream(grants.group(1))
                    .map(String::strip)
                    .filter(grant -> !grant.isEmpty())
                    .map(grant -> grant.replace("call_recording", "TextCall")
                            .replace("(deleted_at, deletion_reason)", "(gone, why)"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
