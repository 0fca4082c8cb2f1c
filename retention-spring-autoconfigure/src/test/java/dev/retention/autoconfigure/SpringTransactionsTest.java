package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.autoconfigure.engine.TestCall;
import dev.retention.autoconfigure.engine.TestEngine;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

@DisplayName("A transaction of Spring's")
class SpringTransactionsTest {

    private static void transactions(Consumer<SpringTransactions> test) {
        engine(context -> test.accept(of(context)));
    }

    private static SpringTransactions of(ApplicationContext context) {
        return new SpringTransactions(
                context.getBean(EntityManagerFactory.class), context.getBean(PlatformTransactionManager.class));
    }

    private static void engine(Consumer<ApplicationContext> test) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        HibernateJpaAutoConfiguration.class,
                        TransactionAutoConfiguration.class))
                .withUserConfiguration(TestEngine.class)
                .withPropertyValues(
                        "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(),
                        "spring.jpa.hibernate.ddl-auto=create-drop")
                .run(test::accept);
    }

    /** As a filter or an interceptor of Spring's does for the length of a web request. */
    private static void inARequest(EntityManagerFactory factory, Consumer<EntityManager> request) {
        try (EntityManager ofRequest = factory.createEntityManager()) {
            EntityManagerHolder holder = new EntityManagerHolder(ofRequest);
            TransactionSynchronizationManager.bindResource(factory, holder);
            try {
                request.accept(ofRequest);
                assertThat(TransactionSynchronizationManager.getResource(factory))
                        .as("what the request has open")
                        .isSameAs(holder);
            } finally {
                TransactionSynchronizationManager.unbindResource(factory);
            }
        }
    }

    private static long stored(EntityManager entities) {
        return entities.createQuery("select count(c) from TestCall c", Long.class)
                .getSingleResult();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writesNoneOfTheChangesThatARequestHasNotSaved(boolean fails) {
        engine(context -> inARequest(context.getBean(EntityManagerFactory.class), ofRequest -> {
            TestCall unsaved = new TestCall("RE1", Instant.EPOCH);
            ofRequest.persist(unsaved);

            assertThatCode(() -> of(context).inNewTransaction(ours -> {
                        assertThat(ours).isNotSameAs(ofRequest);
                        assertThat(stored(ours)).isZero();
                        if (fails) {
                            throw new IllegalStateException("a failure of the work");
                        }
                        return ours.createQuery("update TestCall c set c.sid = 'RE2'")
                                .executeUpdate();
                    }))
                    .satisfies(e -> assertThat(e != null).isEqualTo(fails));

            assertThat(of(context).<Long>inNewTransaction(SpringTransactionsTest::stored))
                    .isZero();
            assertThat(ofRequest.contains(unsaved)).isTrue();
        }));
    }

    /** It begins on the request's entity manager, which Spring's transaction manager suspends with it. */
    @Test
    void leavesATransactionOfTheRequestToItsOwnEnd() {
        engine(context -> inARequest(context.getBean(EntityManagerFactory.class), ofRequest -> {
            PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
            new TransactionTemplate(manager).executeWithoutResult(status -> {
                ofRequest.persist(new TestCall("RE1", Instant.EPOCH));
                ofRequest.flush();
                assertThat(of(context).<Long>inNewTransaction(SpringTransactionsTest::stored))
                        .isZero();
                assertThat(stored(ofRequest)).isEqualTo(1);
            });
            assertThat(of(context).<Long>inNewTransaction(SpringTransactionsTest::stored))
                    .isEqualTo(1);
        }));
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
