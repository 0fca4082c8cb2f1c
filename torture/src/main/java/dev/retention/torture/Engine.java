package dev.retention.torture;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.jpa.SchemaInitialization;
import jakarta.persistence.EntityManagerFactory;
import java.time.Instant;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.hibernate.jpa.HibernatePersistenceConfiguration;

/** How a voice engine would embed the library: its entity, its pool, its persistence unit. */
final class Engine {

    private Engine() {}

    static HikariDataSource pool(String url, String user, String password, int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(3_000);
        config.setValidationTimeout(1_000);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    static EntityManagerFactory factory(DataSource dataSource, String dialect, Class<?> entity) {
        return new HibernatePersistenceConfiguration("engine")
                .managedClass(entity)
                .property("jakarta.persistence.nonJtaDataSource", dataSource)
                // A database that is away while an instance starts must not keep it from starting.
                .property("hibernate.dialect", dialect)
                .property("hibernate.boot.allow_jdbc_metadata_access", false)
                .createEntityManagerFactory();
    }

    static JpaRecordingRepository.Builder repository(
            EntityManagerFactory factory,
            Class<?> entity,
            SchemaInitialization schema,
            UnaryOperator<Instant> databaseTime,
            boolean knowsHoldFlag) {
        JpaRecordingRepository.Builder builder = JpaRecordingRepository.builder(factory, entity)
                .storageKey("sid")
                .account("account")
                .created("created")
                .deleted("deleted")
                .reason("reason")
                .retainUntil("keepUntil")
                .extra("tenant", "tenant")
                .extra("channel", "channel")
                .initializeSchema(schema)
                .databaseTime(databaseTime);
        return knowsHoldFlag ? builder.hold("frozen") : builder;
    }
}
