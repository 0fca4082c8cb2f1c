package dev.retention.jpa;

import dev.retention.RetentionException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One tenant of an engine with several. Its sessions are opened by its name, whatever the engine's own resolver
 * answers.
 */
final class Tenancy {

    /** Hibernate's {@code HibernateHints.HINT_TENANT_ID}. */
    private static final String HINT = "org.hibernate.tenantId";

    /** The filter that Hibernate enables in each session for {@code @TenantId}, and its parameter. */
    private static final String FILTER = "_tenantId";

    private static final String PARAMETER = "tenantId";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:@+-]{1,100}");

    private final String name;
    private final Object identifier;
    private final boolean byColumn;
    private final HibernateCalls hibernate;

    private Tenancy(String name, Object identifier, boolean byColumn, HibernateCalls hibernate) {
        this.name = name;
        this.identifier = identifier;
        this.byColumn = byColumn;
        this.hibernate = hibernate;
    }

    /**
     * A tenant of a persistence unit.
     *
     * @param entity the entity that describes recordings
     * @param name the tenant's identifier, as a text
     * @param schema the schema that was named for the library's tables; null for none
     * @throws RetentionException if rows of several tenants could not be told apart
     */
    static Tenancy of(EntityManagerFactory factory, Class<?> entity, String name, @Nullable String schema) {
        if (!NAME.matcher(name).matches()) {
            throw refused(name, "is no name of a tenant: use 1 to 100 letters, digits and . _ : @ + -");
        }
        HibernateCalls hibernate = new HibernateCalls(factory);
        boolean byColumn =
                HidingAnnotations.of(factory.getMetamodel().entity(entity)).contains(HidingAnnotations.TENANT_ID);
        if (!byColumn && !hibernate.hasConnectionForEachTenant()) {
            throw refused(
                    name,
                    "can't be told from others: " + entity.getName() + " has no @TenantId, and its persistence unit has"
                            + " no MultiTenantConnectionProvider. Each tenant would have the rows of all. Leave out the"
                            + " tenants, or map the column of the tenant with @TenantId");
        }
        if (!byColumn && schema != null) {
            throw refused(
                    name,
                    "has a connection of its own, and the schema '" + schema + "' is set for the library's tables. They"
                            + " must be where that connection leads, since by them each transaction knows that it has"
                            + " reached this tenant. Leave out the schema");
        }
        Object identifier;
        try {
            identifier = hibernate.tenantIdentifier(name);
        } catch (IllegalArgumentException e) {
            throw refused(name, "is not of the type of the engine's tenants. Correct the name");
        }
        if (hibernate.isRootTenant(identifier)) {
            throw refused(
                    name,
                    "is a root tenant of the CurrentTenantIdentifierResolver, whose sessions see the rows of all"
                            + " tenants. Name each tenant by itself");
        }
        return new Tenancy(name, identifier, byColumn, hibernate);
    }

    private static RetentionException refused(String name, String why) {
        return RetentionException.configuration("tenant '" + name + "' " + why);
    }

    String name() {
        return name;
    }

    /** Whether the rows of all tenants are in one table, and told apart by a column. */
    boolean isByColumn() {
        return byColumn;
    }

    /** How entity managers of this tenant are created. */
    Map<String, Object> properties() {
        return Map.of(HINT, identifier);
    }

    /** Refuses an entity manager of another tenant. */
    void require(EntityManager entityManager) {
        Object current = hibernate.tenantOf(entityManager);
        if (!identifier.equals(current)) {
            throw refused(
                    name,
                    "was asked for, and the entity manager is of tenant '" + current + "'. Nothing was changed. Create"
                            + " entity managers with the properties that the repository gives to transactions(...)");
        }
    }

    /** Does what only reads, on the rows of all tenants in the table. */
    <T> T acrossTenants(EntityManager entityManager, Supplier<T> read) {
        hibernate.disableFilter(entityManager, FILTER);
        try {
            return read.get();
        } finally {
            hibernate.enableFilter(entityManager, FILTER, PARAMETER, identifier);
        }
    }
}
