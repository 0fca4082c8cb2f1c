package dev.retention.jpa;

import jakarta.persistence.ConnectionFunction;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.util.function.Function;

/** Transactions with time limits, for work that is not run by {@link Database} itself. */
record LimitedTransactions(JpaTransactions target, Dialect dialect, Waits waits) implements JpaTransactions {

    @Override
    public <T> T inNewTransaction(Function<EntityManager, T> work) {
        return target.inNewTransaction(entityManager -> waits.limit(
                dialect, new Sql(entityManager::callWithConnection, dialect), () -> work.apply(entityManager)));
    }

    @Override
    public <T> T withConnection(ConnectionFunction<Connection, T> work) {
        return target.withConnection(work);
    }

    @Override
    public boolean callerHasTransaction() {
        return target.callerHasTransaction();
    }
}
