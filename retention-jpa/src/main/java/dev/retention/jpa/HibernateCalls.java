package dev.retention.jpa;

import dev.retention.RetentionException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.lang.reflect.InvocationTargetException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of Hibernate beyond Jakarta Persistence, by reflection: Hibernate is not needed to compile this.
 * Methods are those of public interfaces, since an engine's own classes may not be public.
 */
final class HibernateCalls {

    private static final String FACTORY = "org.hibernate.engine.spi.SessionFactoryImplementor";
    private static final String SESSION = "org.hibernate.Session";
    private static final String JAVA_TYPE = "org.hibernate.type.descriptor.java.JavaType";
    private static final String RESOLVER = "org.hibernate.context.spi.CurrentTenantIdentifierResolver";

    private final ClassLoader loader;
    private final Object sessions;

    HibernateCalls(EntityManagerFactory factory) {
        // Of all that a provider returns, frameworks wrap this least.
        loader = factory.getMetamodel().getClass().getClassLoader();
        sessions = factory.unwrap(type(FACTORY));
    }

    /** Whether each tenant has a connection of its own. */
    boolean hasConnectionForEachTenant() {
        Object options = called("org.hibernate.SessionFactory", sessions, "getSessionFactoryOptions");
        return Boolean.TRUE.equals(
                called("org.hibernate.boot.spi.SessionFactoryOptions", options, "isMultiTenancyEnabled"));
    }

    /**
     * A tenant's identifier, of the type that the engine uses; the text itself if Hibernate was told none.
     *
     * @throws IllegalArgumentException if the text is none of that type
     */
    Object tenantIdentifier(String text) {
        Object type = called(FACTORY, sessions, "getTenantIdentifierJavaType");
        if (Object.class.equals(called(JAVA_TYPE, type, "getJavaType"))) {
            return text;
        }
        try {
            return called(new Method(JAVA_TYPE, "fromString", CharSequence.class), type, text);
        } catch (RetentionException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Whether sessions of this tenant see the rows of all tenants. */
    boolean isRootTenant(Object identifier) {
        Object resolver = call(new Method(FACTORY, "getCurrentTenantIdentifierResolver"), sessions);
        return resolver != null
                && Boolean.TRUE.equals(called(new Method(RESOLVER, "isRoot", Object.class), resolver, identifier));
    }

    /** The tenant of an entity manager; null for none. */
    @Nullable
    Object tenantOf(EntityManager entityManager) {
        return call(
                new Method("org.hibernate.SharedSessionContract", "getTenantIdentifierValue"), session(entityManager));
    }

    void disableFilter(EntityManager entityManager, String filter) {
        call(new Method(SESSION, "disableFilter", String.class), session(entityManager), filter);
    }

    void enableFilter(EntityManager entityManager, String filter, String parameter, Object value) {
        Object enabled = called(new Method(SESSION, "enableFilter", String.class), session(entityManager), filter);
        call(new Method("org.hibernate.Filter", "setParameter", String.class, Object.class), enabled, parameter, value);
    }

    private Object session(EntityManager entityManager) {
        return entityManager.unwrap(type(SESSION));
    }

    private record Method(String type, String name, Class<?>... parameters) {}

    private Object called(String type, Object target, String method) {
        return called(new Method(type, method), target);
    }

    private Object called(Method method, Object target, Object... arguments) {
        return Objects.requireNonNull(call(method, target, arguments), method.name);
    }

    private @Nullable Object call(Method method, Object target, Object... arguments) {
        try {
            return type(method.type).getMethod(method.name, method.parameters).invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw unknown(method.type + "." + method.name, e);
        } catch (ReflectiveOperationException e) {
            throw unknown(method.type + "." + method.name, e);
        }
    }

    private Class<?> type(String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError e) {
            throw unknown(name, e);
        }
    }

    private static RetentionException unknown(String name, Throwable e) {
        return new RetentionException(
                RetentionException.Kind.CONFIGURATION,
                "this version of Hibernate has no " + name + " that can be called. Use a version of Hibernate 7 that"
                        + " docs/compatibility.md names",
                e);
    }
}
