package dev.retention.jpa;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which attributes of the engine's entity mean what, checked against the metamodel.
 *
 * @param entity the entity's name in JPQL
 * @param joins left joins of the associations that paths go over, each with its leading space
 * @param extra by the user's names
 */
record EntityMapping(
        String entity,
        String joins,
        Path id,
        IdType idType,
        Path storageKey,
        Path created,
        TimeType createdType,
        Path deleted,
        TimeType deletedType,
        Path reason,
        @Nullable Path account,
        @Nullable Path retainUntil,
        @Nullable TimeType retainUntilType,
        @Nullable Path hold,
        @Nullable Path duration,
        Map<String, Path> extra) {

    /** The alias of the entity in every query. */
    static final String ALIAS = "e";

    /**
     * An attribute.
     *
     * @param jpql as queries write it
     * @param type its Java type
     */
    record Path(String jpql, Class<?> type) {

        /** The values of the attribute that are called by this name; none for an enum without such a constant. */
        List<Object> valuesNamed(String name) {
            if (!type.isEnum()) {
                return List.of(name);
            }
            for (Object constant : type.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(name)) {
                    return List.of(constant);
                }
            }
            return List.of();
        }
    }
}
