package dev.retention.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import javax.sql.DataSource;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.jspecify.annotations.Nullable;

/** An engine's access to its database: Hibernate with a connection pool, both with their defaults. */
final class Engine implements AutoCloseable {

    final EntityManagerFactory factory;
    private final HikariDataSource pool;

    Engine(String url, int connections, @Nullable Statements statements) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connections);
        pool = new HikariDataSource(config);
        DataSource dataSource = statements == null ? pool : statements.around(pool);
        factory = new HibernatePersistenceConfiguration("engine")
                .managedClass(Call.class)
                .property("jakarta.persistence.nonJtaDataSource", dataSource)
                .property("hibernate.jdbc.batch_size", 50)
                .createEntityManagerFactory();
    }

    @Override
    public void close() {
        factory.close();
        pool.close();
    }
}
