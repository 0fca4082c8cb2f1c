package dev.retention.jpa;

import jakarta.persistence.Column;
import jakarta.persistence.Version;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.SingularAttribute;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Date;
import java.util.Set;

/**
 * The version of a row, by which an engine notices that another transaction has changed it. If a soft-delete left it as
 * it is, an engine that had read the row before could save its copy, and the row would be live again.
 */
final class RowVersion {

    /** Those for which Hibernate knows the next value without the engine's help. */
    private static final Set<Class<?>> COUNTED = Set.of(
            int.class,
            Integer.class,
            short.class,
            Short.class,
            long.class,
            Long.class,
            Timestamp.class,
            Date.class,
            Instant.class,
            LocalDateTime.class,
            OffsetDateTime.class,
            ZonedDateTime.class);

    private static final String GENERATED = "org.hibernate.annotations.Generated";

    private RowVersion() {}

    /** Whether an update has to count it. False if there is none, and if the database counts it by itself. */
    static boolean isCounted(EntityType<?> entity) {
        AttributeOwner owner = AttributeOwner.of(entity);
        return entity.getSingularAttributes().stream()
                .anyMatch(attribute -> isVersion(attribute)
                        && COUNTED.contains(owner.typeOf(attribute))
                        && !isCountedByDatabase(attribute));
    }

    /** The metamodel does not say so of an attribute that a generic superclass declares. */
    private static boolean isVersion(SingularAttribute<?, ?> attribute) {
        return attribute.isVersion()
                || attribute.getJavaMember() instanceof AnnotatedElement member
                        && member.isAnnotationPresent(Version.class);
    }

    private static boolean isCountedByDatabase(SingularAttribute<?, ?> attribute) {
        if (!(attribute.getJavaMember() instanceof AnnotatedElement member)) {
            return false;
        }
        Column column = member.getAnnotation(Column.class);
        return column != null && !column.updatable()
                || Arrays.stream(member.getAnnotations())
                        .map(Annotation::annotationType)
                        .anyMatch(type -> type.getName().equals(GENERATED));
    }
}
