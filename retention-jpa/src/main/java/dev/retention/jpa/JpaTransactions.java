package dev.retention.jpa;

import jakarta.persistence.EntityManager;
import java.util.function.Function;

/**
 * Runs work in transactions of its own. The default begins resource-local transactions on entity managers of its own; a container supplies
 * another.
 */
public interface JpaTransactions {

    /**
     * Runs the work in a new transaction, never in the caller's, and commits it before returning. The entity manager belongs to this
     * transaction and holds no entities of the caller. What the work throws rolls the transaction back and is thrown on.
     *
     * <p>May be called from several threads at once.
     *
     * @param work called exactly once, on the calling thread
     * @return what the work returned
     */
    <T> T inNewTransaction(Function<EntityManager, T> work);

    /** Whether the calling thread has a transaction of its own open, as far as that can be told; false where it can't. */
    boolean callerHasTransaction();
}
