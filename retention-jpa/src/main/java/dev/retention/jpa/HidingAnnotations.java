package dev.retention.jpa;

import jakarta.persistence.metamodel.EntityType;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Annotations of Hibernate by which an entity does not show all rows of its table. A filter does so only where it is
 * enabled, which a count of the rows shows. They are compared by name: Hibernate is not needed to compile this.
 */
final class HidingAnnotations {

    static final String TENANT_ID = "@TenantId";

    private static final Set<String> HIDING = Set.of("SQLRestriction", "Where", "SoftDelete", "TenantId");

    private static final String ANNOTATIONS = "org.hibernate.annotations.";

    private HidingAnnotations() {}

    /** The names of those that an entity has, each with its at-sign; the set may be changed. */
    static Set<String> of(EntityType<?> entity) {
        Set<String> found = new TreeSet<>();
        for (Class<?> type = entity.getJavaType(); type != null && type != Object.class; type = type.getSuperclass()) {
            Stream<AnnotatedElement> members =
                    Stream.concat(Stream.of(type.getDeclaredFields()), Stream.of(type.getDeclaredMethods()));
            Package itsPackage = type.getPackage();
            Stream<AnnotatedElement> types =
                    itsPackage == null ? Stream.of(type) : Stream.of(type, (AnnotatedElement) itsPackage);
            found.addAll(Stream.concat(types, members)
                    .flatMap(element -> Stream.of(element.getDeclaredAnnotations()))
                    .map(Annotation::annotationType)
                    .filter(annotation -> annotation.getName().equals(ANNOTATIONS + annotation.getSimpleName())
                            && HIDING.contains(annotation.getSimpleName()))
                    .map(annotation -> "@" + annotation.getSimpleName())
                    .collect(Collectors.toSet()));
        }
        return found;
    }
}
