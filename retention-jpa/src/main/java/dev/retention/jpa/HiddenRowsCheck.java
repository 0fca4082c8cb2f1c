package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Query;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.Type.PersistenceType;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds rows of the engine's table that this library never sees: Hibernate adds a condition to each query on the
 * entity, or the database hides rows from the user. They are never swept, holds do not find them, and no report counts
 * them.
 */
final class HiddenRowsCheck {

    private static final Logger log = LoggerFactory.getLogger(HiddenRowsCheck.class);

    private static final int SECONDS_TO_COUNT = 10;

    private final Database database;
    private final EntityManagerFactory factory;
    private final EntityType<?> entity;
    private final @Nullable Tenancy tenancy;

    /** @param tenancy the tenant whose rows are to be seen; null without tenants */
    HiddenRowsCheck(Database database, EntityManagerFactory factory, Class<?> entity, @Nullable Tenancy tenancy) {
        this.database = database;
        this.factory = factory;
        this.entity = factory.getMetamodel().entity(entity);
        this.tenancy = tenancy;
    }

    /**
     * Checks once.
     *
     * @throws RetentionException if rows are or may be hidden, and that is to be refused
     */
    void check(HiddenRows choice) {
        Set<String> by = HidingAnnotations.of(entity);
        if (tenancy != null) {
            by.remove(HidingAnnotations.TENANT_ID);
        } else if (hasConnectionForEachTenant()) {
            by.add("MultiTenantConnectionProvider");
        }
        Optional<Found> found = counted();
        found.filter(Found::byThePolicies).ifPresent(rows -> by.add("row-level security"));
        long hidden = found.map(Found::hidden).orElse(0L);
        if (by.isEmpty() && hidden == 0) {
            return;
        }
        String what = "the mapping of " + entity.getName() + " hides rows of its table from this library"
                + (by.isEmpty() ? "" : ", by " + String.join(", ", by))
                + found.filter(rows -> !rows.byThePolicies() || rows.hidden() > 0)
                        .map(rows -> ": " + rows.hidden() + " of " + rows.all() + " at present")
                        .orElse("")
                + ". Hidden rows are never swept and not counted, and a hold on one of them answers UNKNOWN. Map the"
                + " table by an entity without that restriction, or give the library a user that sees all rows; name"
                + " the tenants if there are several";
        if (choice == HiddenRows.REFUSE) {
            throw RetentionException.configuration(what + "; or allow it by hidden-rows=warn");
        }
        log.warn("{}", what);
    }

    /**
     * What the database shows.
     *
     * @param all the rows of the table
     * @param hidden those of them that a query on the entity does not find
     * @param byThePolicies whether row-level security applies to this user, which hides rows from every query
     */
    private record Found(long all, long hidden, boolean byThePolicies) {}

    /** False where Hibernate can't be asked, as in a native image without hints for it. */
    private boolean hasConnectionForEachTenant() {
        try {
            return new HibernateCalls(factory).hasConnectionForEachTenant();
        } catch (RuntimeException e) {
            log.debug("whether tenants have connections of their own is not known", e);
            return false;
        }
    }

    /** Empty if the rows can't be counted: the database is away, the table too large, or its name is not known. */
    private Optional<Found> counted() {
        Optional<String> table = table();
        if (table.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(database.read("count the rows of the table", session -> counted(session, table.get())));
        } catch (RuntimeException e) {
            // Such as by a session that needs a tenant, which nobody has at the start.
            log.debug("whether rows of {} are hidden was not counted", table.get(), e);
            return Optional.empty();
        }
    }

    private Found counted(Session session, String table) {
        boolean byThePolicies = session.tables().dialect() == Dialect.POSTGRESQL
                && session.sql()
                        .query(
                                "select row_security_active(cast(? as text)) as active",
                                row -> row.flag("active"),
                                table)
                        .get(0);
        if (tenancy != null && tenancy.isByColumn()) {
            // The table has the rows of the other tenants, too.
            return new Found(0, 0, byThePolicies);
        }
        // By the entity manager, since a native query can be limited, too.
        long all = ((Number) limited(session.entityManager().createNativeQuery("select count(*) from " + table))
                        .getSingleResult())
                .longValue();
        long seen = ((Number)
                        limited(session.entityManager().createQuery("select count(*) from " + entity.getName() + " e"))
                                .getSingleResult())
                .longValue();
        // Rows that are inserted in between are seen by the second query alone.
        return new Found(all, Math.max(0, all - seen), byThePolicies);
    }

    private static Query limited(Query query) {
        return query.setHint("jakarta.persistence.query.timeout", 1_000 * SECONDS_TO_COUNT);
    }

    /** The name of its own table, as Hibernate writes it; empty if it shares the table with other entities. */
    private Optional<String> table() {
        boolean isOfAnother =
                entity.getSupertype() != null && entity.getSupertype().getPersistenceType() == PersistenceType.ENTITY;
        if (isOfAnother) {
            return Optional.empty();
        }
        try {
            Object sessions = factory.unwrap(Class.forName(
                    "org.hibernate.engine.spi.SessionFactoryImplementor",
                    false,
                    Thread.currentThread().getContextClassLoader()));
            Object metamodel =
                    sessions.getClass().getMethod("getMappingMetamodel").invoke(sessions);
            Object described = metamodel
                    .getClass()
                    .getMethod("getEntityDescriptor", Class.class)
                    .invoke(metamodel, entity.getJavaType());
            return Optional.of(String.valueOf(
                    described.getClass().getMethod("getTableName").invoke(described)));
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            log.debug("the table of {} is not known, so that its rows are not counted", entity.getName(), e);
            return Optional.empty();
        }
    }
}
