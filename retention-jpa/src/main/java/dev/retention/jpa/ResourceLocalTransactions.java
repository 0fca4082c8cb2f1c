package dev.retention.jpa;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EntityTransaction;
import java.util.Map;
import java.util.function.Function;

/** Transactions of the library's own entity managers. Whether the caller has one open can't be seen here. */
final class ResourceLocalTransactions implements JpaTransactions {

    private final EntityManagerFactory factory;
    private final Map<String, ?> properties;

    /** @param properties of the entity managers */
    ResourceLocalTransactions(EntityManagerFactory factory, Map<String, ?> properties) {
        this.factory = factory;
        this.properties = properties;
    }

    @Override
    public <T> T inNewTransaction(Function<EntityManager, T> work) {
        try (EntityManager entityManager = factory.createEntityManager(properties)) {
            EntityTransaction transaction = entityManager.getTransaction();
            transaction.begin();
            T result;
            try {
                result = work.apply(entityManager);
            } catch (RuntimeException | Error e) {
                rollBack(transaction, e);
                throw e;
            }
            transaction.commit();
            return result;
        }
    }

    private static void rollBack(EntityTransaction transaction, Throwable cause) {
        try {
            transaction.rollback();
        } catch (RuntimeException e) {
            cause.addSuppressed(WithoutDetail.of(e));
        }
    }

    @Override
    public boolean callerHasTransaction() {
        return false;
    }
}
