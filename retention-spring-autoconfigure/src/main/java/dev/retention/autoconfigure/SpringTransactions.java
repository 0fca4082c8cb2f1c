package dev.retention.autoconfigure;

import dev.retention.jpa.JpaTransactions;
import jakarta.persistence.ConnectionFunction;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs each piece of work in a new transaction of Spring's transaction manager, on an entity manager of its own.
 *
 * <p>A web request may have one open for its whole length (open-in-view, Spring Boot's default). A new transaction
 * would begin on that one, and its commit would write all unsaved changes of the request's entities. So it is unbound
 * from the thread meanwhile.
 */
final class SpringTransactions implements JpaTransactions {

    private final EntityManagerFactory factory;
    private final TransactionTemplate requiresNew;

    SpringTransactions(EntityManagerFactory factory, PlatformTransactionManager transactionManager) {
        this.factory = factory;
        this.requiresNew = new TransactionTemplate(transactionManager);
        this.requiresNew.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    @Override
    public <T> T inNewTransaction(Function<EntityManager, T> work) {
        EntityManagerHolder ofRequest = ofRequest();
        if (ofRequest == null) {
            return inTransaction(work);
        }
        TransactionSynchronizationManager.unbindResource(factory);
        try {
            return inTransaction(work);
        } finally {
            TransactionSynchronizationManager.bindResource(factory, ofRequest);
        }
    }

    /** What the thread has open outside of a transaction. One inside of a transaction is suspended with it. */
    private @Nullable EntityManagerHolder ofRequest() {
        return TransactionSynchronizationManager.getResource(factory) instanceof EntityManagerHolder holder
                        && !holder.isSynchronizedWithTransaction()
                ? holder
                : null;
    }

    private <T> T inTransaction(Function<EntityManager, T> work) {
        AtomicReference<@Nullable RuntimeException> thrown = new AtomicReference<>();
        try {
            return requiresNew.execute(status -> {
                try {
                    return work.apply(entityManager());
                } catch (RuntimeException e) {
                    thrown.set(e);
                    throw e;
                }
            });
        } catch (RuntimeException e) {
            RuntimeException first = thrown.get();
            if (first == null || first == e) {
                throw e;
            }
            // A rollback fails too when the connection has broken. Only the first exception says that it has.
            first.addSuppressed(e);
            throw first;
        }
    }

    /** On the persistence unit's data source, if Spring has it, so that no session is opened for this. */
    @Override
    public <T> T withConnection(ConnectionFunction<Connection, T> work) {
        DataSource dataSource = factory instanceof EntityManagerFactoryInfo info ? info.getDataSource() : null;
        if (dataSource == null) {
            return JpaTransactions.super.withConnection(work);
        }
        try (Connection connection = dataSource.getConnection()) {
            return work.apply(connection);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new PersistenceException(e);
        }
    }

    @Override
    public boolean callerHasTransaction() {
        return TransactionSynchronizationManager.isActualTransactionActive();
    }

    private EntityManager entityManager() {
        EntityManager manager = EntityManagerFactoryUtils.getTransactionalEntityManager(factory);
        if (manager == null) {
            throw new IllegalStateException("the transaction manager does not manage the EntityManagerFactory of the"
                    + " recordings; define a JpaTransactionManager for that EntityManagerFactory");
        }
        return manager;
    }
}
