package dev.retention.jpa;

import jakarta.persistence.ConnectionFunction;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.util.function.Function;

/**
 * Runs work in transactions of its own. The default begins resource-local transactions on entity managers of its own; a
 * container supplies another.
 */
public interface JpaTransactions {

    /**
     * Runs the work in a new transaction, never in the caller's, and commits it before returning. The entity manager
     * belongs to this transaction and holds no entities of the caller. An exception of the work rolls the transaction
     * back, and is thrown to the caller.
     *
     * <p>May be called from several threads at once.
     *
     * @param work called exactly once, on the calling thread
     * @return what the work returned
     */
    <T> T inNewTransaction(Function<EntityManager, T> work);

    /**
     * Runs work that only reads, such as which tables exist and whose they are, on a connection like those of the
     * entity managers. Called while a repository is built. By default it runs in a new transaction. An implementation
     * that has the data source of the persistence unit can override this, so that no session is opened.
     *
     * @param work called exactly once, on the calling thread; it neither commits nor closes the connection
     * @return what the work returned
     */
    default <T> T withConnection(ConnectionFunction<Connection, T> work) {
        return inNewTransaction(entityManager -> entityManager.callWithConnection(work));
    }

    /** Whether the calling thread has a transaction of its own open; false if the implementation can't see that. */
    boolean callerHasTransaction();
}
