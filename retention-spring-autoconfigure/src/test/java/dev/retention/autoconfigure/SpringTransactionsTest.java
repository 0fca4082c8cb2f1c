package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.autoconfigure.engine.TestEngine;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.transaction.PlatformTransactionManager;

@DisplayName("A transaction of Spring's")
class SpringTransactionsTest {

    private static void transactions(Consumer<SpringTransactions> test) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        HibernateJpaAutoConfiguration.class,
                        TransactionAutoConfiguration.class))
                .withUserConfiguration(TestEngine.class)
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID())
                .run(context -> test.accept(new SpringTransactions(
                        context.getBean(EntityManagerFactory.class),
                        context.getBean(PlatformTransactionManager.class))));
    }

    /** Otherwise a database that is away looks like one that refuses the statement. */
    @Test
    void saysWhyItFailedAlsoIfItsRollbackFails() {
        RuntimeException broken = new IllegalStateException(new SQLException("the connection broke", "08006"));
        transactions(transactions -> assertThatThrownBy(() -> transactions.inNewTransaction(entities -> {
                    entities.<Connection>runWithConnection(Connection::close);
                    throw broken;
                }))
                .isSameAs(broken)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1)));
    }

    @Test
    void saysWhyItFailedIfItIsRolledBack() {
        RuntimeException failure = new IllegalStateException("a failure of the work");
        transactions(transactions -> assertThatThrownBy(() -> transactions.inNewTransaction(entities -> {
                    throw failure;
                }))
                .isSameAs(failure)
                .satisfies(e -> assertThat(e.getSuppressed()).isEmpty()));
    }
}
