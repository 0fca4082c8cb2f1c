package dev.retention.jpa;

import dev.retention.jpa.EntityMapping.Joins;
import dev.retention.jpa.EntityMapping.Path;
import jakarta.persistence.OneToOne;
import jakarta.persistence.metamodel.Attribute.PersistentAttributeType;
import jakarta.persistence.metamodel.EmbeddableType;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.ManagedType;
import jakarta.persistence.metamodel.SingularAttribute;
import java.lang.reflect.AnnotatedElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the attributes that the user named in the metamodel, and the joins that they need. For a name that does not
 * fit, it says why, and which names would fit.
 */
final class AttributeFinder {

    private static final int DEEPEST_SUGGESTION = 3;

    private final EntityType<?> entity;
    private final List<String> faults = new ArrayList<>();

    /** The alias of each association in a path, by the path to it. */
    private final Map<String, String> aliases = new LinkedHashMap<>();

    AttributeFinder(EntityType<?> entity) {
        this.entity = entity;
    }

    /** What an attribute may be. */
    enum Kind {
        ID("Long, Integer, UUID or String"),
        TEXT("String"),
        REASON("String or an enum"),
        TIME("Instant, OffsetDateTime, ZonedDateTime, LocalDateTime, Date or Timestamp"),
        RECORDED_TIME(TIME.types + ", or Long with milliseconds since 1970"),
        FLAG("Boolean"),
        SECONDS("Integer, Long or Duration"),
        NAMED("String or an enum");

        private static final Set<Class<?>> FLAGS = Set.of(Boolean.class, boolean.class);
        private static final Set<Class<?>> LENGTHS =
                Set.of(Integer.class, int.class, Long.class, long.class, Duration.class);

        private final String types;

        Kind(String types) {
            this.types = types;
        }

        boolean fits(Class<?> type) {
            return switch (this) {
                case ID -> IdType.isSupported(type);
                case TEXT -> type == String.class;
                case TIME -> TimeType.isSupported(type);
                case RECORDED_TIME -> TimeType.isSupported(type) || TimeType.isMilliseconds(type);
                case FLAG -> FLAGS.contains(type);
                case SECONDS -> LENGTHS.contains(type);
                case REASON, NAMED -> type == String.class || type.isEnum();
            };
        }
    }

    /**
     * What is looked for.
     *
     * @param name what users call it, such as {@code storage-key}
     * @param overAssociations whether the path to it may leave the entity
     */
    record Role(String name, Kind kind, boolean overAssociations) {

        /** An attribute that must be the entity's own. */
        static Role own(String name, Kind kind) {
            return new Role(name, kind, false);
        }

        /** An attribute that may be another entity's. */
        static Role reachable(String name, Kind kind) {
            return new Role(name, kind, true);
        }
    }

    /** The faults of the names so far. */
    List<String> faults() {
        return faults;
    }

    /** The joins that the paths found so far need. */
    Joins joins() {
        StringBuilder joins = new StringBuilder();
        List<String> missing = new ArrayList<>();
        aliases.forEach((path, alias) -> {
            joins.append(" left join ").append(path).append(' ').append(alias);
            // Of the columns of the foreign key: the association itself may be NULL where its target is hidden.
            missing.add("fk(" + path + ") is not null and " + alias + " is null");
        });
        return new Joins(joins.toString(), missing.isEmpty() ? null : String.join(" or ", missing));
    }

    /** Empty if there is no such attribute, which is a fault, or if none is named, which is not a fault. */
    Optional<Path> find(Role role, @Nullable String path) {
        if (path == null) {
            return Optional.empty();
        }
        AttributeOwner owner = AttributeOwner.of(entity);
        String jpql = EntityMapping.ALIAS;
        String[] segments = path.split("\\.", -1);
        int last = segments.length - 1;
        for (int i = 0; i < last; i++) {
            String segment = segments[i];
            SingularAttribute<?, ?> attribute = owner.attribute(segment);
            if (attribute == null) {
                return fault(role, path, missing(owner, segment));
            }
            if (!(attribute.getType() instanceof ManagedType<?> further)) {
                return fault(role, path, "'" + segment + "' has no attributes of its own");
            }
            if (further instanceof EmbeddableType) {
                jpql = jpql + "." + segment;
            } else if (hasForeignKeyElsewhere(attribute)) {
                return fault(
                        role,
                        path,
                        "the foreign key of '" + segment + "' is in the other table, so that a row which is hidden or"
                                + " gone there can't be told from none; use an association whose foreign key is in the"
                                + " entity's own table");
            } else if (role.overAssociations()) {
                String next = "j" + aliases.size();
                jpql = aliases.computeIfAbsent(jpql + "." + segment, joined -> next);
            } else {
                return fault(
                        role, path, "'" + segment + "' is another entity, and this attribute must be the entity's own");
            }
            owner = owner.behind(attribute, further);
        }
        return leaf(role, path, owner, segments[last], jpql);
    }

    /** The paths of the attributes of a composite primary key, by class or embedded; empty for a key of one. */
    Set<String> partsOfId() {
        Set<String> parts = new TreeSet<>();
        for (SingularAttribute<?, ?> attribute : entity.getSingularAttributes()) {
            if (attribute.isId() && attribute.getType() instanceof EmbeddableType<?> embedded) {
                embedded.getSingularAttributes().forEach(part -> parts.add(attribute.getName() + "." + part.getName()));
            } else if (attribute.isId() && !entity.hasSingleIdAttribute()) {
                parts.add(attribute.getName());
            }
        }
        return parts;
    }

    private Optional<Path> leaf(Role role, String path, AttributeOwner owner, String name, String jpql) {
        SingularAttribute<?, ?> attribute = owner.attribute(name);
        if (attribute == null) {
            return fault(role, path, missing(owner, name));
        }
        Class<?> type = owner.typeOf(attribute);
        if (isWithoutTimeOfDay(attribute)) {
            return fault(role, path, "its @Temporal keeps the day or the time of day alone, not both");
        }
        return isBasic(attribute) && role.kind().fits(type)
                ? Optional.of(new Path(jpql + "." + name, type))
                : fault(role, path, "it is of type " + type.getName() + ", not " + role.kind().types);
    }

    private static String missing(AttributeOwner owner, String name) {
        return owner.managed().getJavaType().getName() + " has no attribute '" + name + "'";
    }

    /** A recording of yesterday evening would look a day old this morning. */
    @SuppressWarnings("deprecation") // the annotation, which engines still have
    private static boolean isWithoutTimeOfDay(SingularAttribute<?, ?> attribute) {
        if (!(attribute.getJavaMember() instanceof AnnotatedElement member)) {
            return false;
        }
        jakarta.persistence.Temporal temporal = member.getAnnotation(jakarta.persistence.Temporal.class);
        return temporal != null && temporal.value() != jakarta.persistence.TemporalType.TIMESTAMP;
    }

    private static boolean hasForeignKeyElsewhere(SingularAttribute<?, ?> association) {
        return association.getJavaMember() instanceof AnnotatedElement member
                && member.isAnnotationPresent(OneToOne.class)
                && !member.getAnnotation(OneToOne.class).mappedBy().isEmpty();
    }

    private static boolean isBasic(SingularAttribute<?, ?> attribute) {
        return attribute.getPersistentAttributeType() == PersistentAttributeType.BASIC;
    }

    private Optional<Path> fault(Role role, String path, String what) {
        TreeSet<String> fitting = new TreeSet<>();
        collectFitting(role, AttributeOwner.of(entity), "", DEEPEST_SUGGESTION, fitting);
        if (role.kind() == Kind.ID) {
            fitting.removeAll(partsOfId());
        }
        faults.add(role.name() + ": '" + path + "': " + what + "; attributes that would fit (" + role.kind().types
                + "): " + (fitting.isEmpty() ? "none" : String.join(", ", fitting)));
        return Optional.empty();
    }

    private static void collectFitting(
            Role role, AttributeOwner owner, String prefix, int depth, TreeSet<String> fitting) {
        for (SingularAttribute<?, ?> attribute : owner.managed().getSingularAttributes()) {
            String path = prefix + attribute.getName();
            if (isBasic(attribute)) {
                if (role.kind().fits(owner.typeOf(attribute)) && !isWithoutTimeOfDay(attribute)) {
                    fitting.add(path);
                }
            } else if (depth > 1
                    && attribute.getType() instanceof ManagedType<?> further
                    && (further instanceof EmbeddableType
                            || role.overAssociations() && !hasForeignKeyElsewhere(attribute))) {
                collectFitting(role, owner.behind(attribute, further), path + ".", depth - 1, fitting);
            }
        }
    }
}
