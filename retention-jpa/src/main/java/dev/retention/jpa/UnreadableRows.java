package dev.retention.jpa;

import dev.retention.RetentionException;
import jakarta.persistence.EntityManager;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the rows of the engine's table that have a value which this instance can't read, such as a constant of an enum
 * in a newer version of the engine. One such row makes a query fail for all rows that it returns. So the rows are read
 * by halves, each half in a transaction of its own, since a failed one may be good for nothing more.
 */
final class UnreadableRows {

    private static final Logger log = LoggerFactory.getLogger(UnreadableRows.class);

    /** Those that the log has named. */
    private final RecentIds named = new RecentIds();

    /** Reads the rows with these ids, in the engine's type. */
    interface Reader {
        List<Object[]> read(EntityManager entityManager, List<Object> ids);
    }

    /**
     * Some of these rows can't be read. The transaction is rolled back, and tried again without them when it is known
     * which.
     */
    static final class Met extends RetentionException {
        private static final long serialVersionUID = 1L;
        private final transient Function<EntityManager, List<Object>> ids;
        private final transient Reader reader;

        /**
         * A query failed that returns such a row.
         *
         * @param ids reads the ids of the rows, without any other value
         */
        Met(Function<EntityManager, List<Object>> ids, Reader reader, Throwable cause) {
            super(Kind.REFUSED, "a row of the engine's table has a value that can't be read", WithoutDetail.of(cause));
            this.ids = ids;
            this.reader = reader;
        }
    }

    /** A query failed that groups rows by a value, of which one can't be read. */
    static final class Group extends RetentionException {
        private static final long serialVersionUID = 1L;

        Group(Throwable cause) {
            super(Kind.REFUSED, "an attribute has a value that can't be read", WithoutDetail.of(cause));
        }
    }

    /** Runs a query of the engine's table; a value that can't be read is thrown as {@link Met}. */
    static List<Object[]> reading(
            EntityManager entityManager,
            Function<EntityManager, List<Object[]>> query,
            Function<EntityManager, List<Object>> ids,
            Reader reader) {
        try {
            return query.apply(entityManager);
        } catch (RuntimeException e) {
            if (new DatabaseFailure(e, true).isOfAValue()) {
                throw new Met(ids, reader, e);
            }
            throw e;
        }
    }

    /** Which rows can't be read; empty if they have changed meanwhile. */
    Set<String> among(JpaTransactions transactions, Met met) {
        Set<String> found = new HashSet<>();
        List<Object> ids = transactions.inNewTransaction(met.ids::apply);
        narrowDown(transactions, met.reader, ids, found);
        return found;
    }

    private void narrowDown(JpaTransactions transactions, Reader reader, List<Object> ids, Set<String> found) {
        RuntimeException why = ids.isEmpty() ? null : failure(transactions, reader, ids);
        if (why == null) {
            return;
        }
        if (ids.size() == 1) {
            String id = String.valueOf(ids.get(0));
            found.add(id);
            name(id, new DatabaseFailure(why, true).description());
            return;
        }
        int middle = ids.size() / 2;
        narrowDown(transactions, reader, ids.subList(0, middle), found);
        narrowDown(transactions, reader, ids.subList(middle, ids.size()), found);
    }

    private static @Nullable RuntimeException failure(JpaTransactions transactions, Reader reader, List<Object> ids) {
        try {
            transactions.inNewTransaction(entityManager -> reader.read(entityManager, ids));
            return null;
        } catch (RuntimeException e) {
            if (new DatabaseFailure(e, true).isOfAValue()) {
                return e;
            }
            throw e;
        }
    }

    /** Says once which row it is. */
    private void name(String id, String why) {
        if (named.add(id)) {
            log.warn(
                    "recording={} is kept, because a value of its row can't be read here: {}. Correct the value, or"
                            + " start a version of the application that has it",
                    id,
                    why);
        }
    }
}
