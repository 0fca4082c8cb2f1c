package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.EntityMapping.Path;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.Attribute.PersistentAttributeType;
import jakarta.persistence.metamodel.EmbeddableType;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.ManagedType;
import jakarta.persistence.metamodel.SingularAttribute;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a mapping of the user's names, or says all that is wrong with them at once. */
final class MappingCheck {

    private final JpaTransactions transactions;
    private final EntityType<?> entity;
    private final AttributeNames names;
    private final @Nullable ZoneId zone;
    private final List<String> faults = new ArrayList<>();
    private final Map<String, String> joins = new LinkedHashMap<>();

    private MappingCheck(
            JpaTransactions transactions, EntityType<?> entity, AttributeNames names, @Nullable ZoneId zone) {
        this.transactions = transactions;
        this.entity = entity;
        this.names = names;
        this.zone = zone;
    }

    /** What an attribute may be. */
    private enum Kind {
        ID("Long, Integer, UUID or String"),
        TEXT("String"),
        TIME("Instant, OffsetDateTime or LocalDateTime"),
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
                case FLAG -> FLAGS.contains(type);
                case SECONDS -> LENGTHS.contains(type);
                case NAMED -> type == String.class || type.isEnum();
            };
        }
    }

    static EntityMapping check(
            EntityManagerFactory factory,
            JpaTransactions transactions,
            Class<?> entity,
            AttributeNames names,
            @Nullable ZoneId zone) {
        return new MappingCheck(transactions, entityType(factory, entity), names, zone).mapping();
    }

    private static EntityType<?> entityType(EntityManagerFactory factory, Class<?> entity) {
        try {
            return factory.getMetamodel().entity(entity);
        } catch (IllegalArgumentException e) {
            throw new RetentionException(
                    entity.getName() + " is no entity of the persistence unit; its entities are: " + entities(factory),
                    e);
        }
    }

    private static String entities(EntityManagerFactory factory) {
        String known = factory.getMetamodel().getEntities().stream()
                .map(EntityType::getJavaType)
                .map(Class::getName)
                .sorted()
                .collect(Collectors.joining(", "));
        return known.isEmpty() ? "none" : known;
    }

    private EntityMapping mapping() {
        Optional<Path> id = resolve("id", idAttribute(), Kind.ID, false);
        Optional<Path> key = resolve("storage-key", names.storageKey, Kind.TEXT, false);
        Optional<Path> created = resolve("created", names.created, Kind.TIME, false);
        Optional<Path> deleted = resolve("deleted", names.deleted, Kind.TIME, false);
        Optional<Path> reason = resolve("reason", names.reason, Kind.TEXT, false);
        Optional<Path> account = optional("account", names.account, Kind.TEXT, false);
        Optional<Path> retainUntil = optional("retain-until", names.retainUntil, Kind.TIME, true);
        Optional<Path> hold = optional("hold", names.hold, Kind.FLAG, true);
        Optional<Path> duration = optional("duration", names.duration, Kind.SECONDS, true);
        Map<String, Path> extra = new LinkedHashMap<>();
        for (Map.Entry<String, String> named : names.extra.entrySet()) {
            Optional<Path> found = resolve("extra." + named.getKey(), named.getValue(), Kind.NAMED, true);
            if (found.isPresent()) {
                extra.put(named.getKey(), found.get());
            }
        }
        requireOwnAttributes();
        requireZone(created, deleted, retainUntil);
        if (!faults.isEmpty()) {
            throw new RetentionException("the mapping of "
                    + entity.getJavaType().getName() + " can't be used:\n- " + String.join("\n- ", faults));
        }
        return new EntityMapping(
                entity.getName(),
                String.join("", joins.values()),
                id.orElseThrow(),
                IdType.of(id.orElseThrow().type()),
                key.orElseThrow(),
                created.orElseThrow(),
                new TimeType(created.orElseThrow().type(), zone),
                deleted.orElseThrow(),
                new TimeType(deleted.orElseThrow().type(), zone),
                reason.orElseThrow(),
                account.orElse(null),
                retainUntil.orElse(null),
                retainUntil.isEmpty() ? null : new TimeType(retainUntil.get().type(), zone),
                hold.orElse(null),
                duration.orElse(null),
                extra);
    }

    /** What a deletion writes must be nothing else: it would overwrite the key, or make every row look deleted. */
    private void requireOwnAttributes() {
        Map<String, String> roles = new LinkedHashMap<>();
        roles.put("id", idAttribute());
        roles.put("storage-key", names.storageKey);
        roles.put("created", names.created);
        roles.put("account", String.valueOf(names.account));
        roles.put("retain-until", String.valueOf(names.retainUntil));
        for (Map.Entry<String, String> named : names.extra.entrySet()) {
            roles.put("extra." + named.getKey(), named.getValue());
        }
        roles.put("deleted", names.deleted);
        requireOthers(roles, "reason", names.reason);
        roles.remove("deleted");
        requireOthers(roles, "deleted", names.deleted);
    }

    private void requireOthers(Map<String, String> roles, String written, String writtenPath) {
        for (Map.Entry<String, String> role : roles.entrySet()) {
            if (role.getValue().equals(writtenPath)) {
                faults.add(role.getKey() + " and " + written + " are both '" + writtenPath
                        + "', which a deletion would overwrite; add a nullable column for " + written);
            }
        }
    }

    private String idAttribute() {
        if (names.id != null) {
            return names.id;
        }
        for (SingularAttribute<?, ?> attribute : entity.getSingularAttributes()) {
            if (attribute.isId()) {
                return attribute.getName();
            }
        }
        return "id";
    }

    private Optional<Path> optional(String role, @Nullable String path, Kind kind, boolean overAssociations) {
        return path == null ? Optional.empty() : resolve(role, path, kind, overAssociations);
    }

    private Optional<Path> resolve(String role, String path, Kind kind, boolean overAssociations) {
        ManagedType<?> owner = entity;
        String jpql = EntityMapping.ALIAS;
        String[] segments = path.split("\\.", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            SingularAttribute<?, ?> attribute = attribute(owner, segments[i]);
            if (attribute == null) {
                return fault(
                        role,
                        path,
                        owner.getJavaType().getName() + " has no attribute '" + segments[i] + "'",
                        kind,
                        overAssociations);
            }
            if (last) {
                Class<?> type = attribute.getJavaType();
                return attribute.getPersistentAttributeType() == PersistentAttributeType.BASIC && kind.fits(type)
                        ? Optional.of(new Path(jpql + "." + segments[i], type))
                        : fault(
                                role,
                                path,
                                "it is of type " + type.getName() + ", not " + kind.types,
                                kind,
                                overAssociations);
            }
            if (attribute.getType() instanceof EmbeddableType<?> embedded) {
                owner = embedded;
                jpql = jpql + "." + segments[i];
            } else if (!(attribute.getType() instanceof ManagedType<?> associated)) {
                return fault(role, path, "'" + segments[i] + "' has no attributes of its own", kind, overAssociations);
            } else if (!overAssociations) {
                return fault(
                        role,
                        path,
                        "'" + segments[i] + "' is another entity, and this attribute must be the entity's own",
                        kind,
                        false);
            } else {
                owner = associated;
                String joined = jpql + "." + segments[i];
                String alias = "j" + joins.size();
                String before = joins.putIfAbsent(joined, " left join " + joined + " " + alias);
                jpql = before == null ? alias : before.substring(before.lastIndexOf(' ') + 1);
            }
        }
        throw new IllegalStateException("a path without segments");
    }

    private static @Nullable SingularAttribute<?, ?> attribute(ManagedType<?> owner, String name) {
        for (SingularAttribute<?, ?> attribute : owner.getSingularAttributes()) {
            if (attribute.getName().equals(name)) {
                return attribute;
            }
        }
        return null;
    }

    private Optional<Path> fault(String role, String path, String what, Kind kind, boolean overAssociations) {
        TreeSet<String> fitting = new TreeSet<>();
        collectFitting(entity, "", kind, overAssociations, 3, fitting);
        faults.add(role + ": '" + path + "': " + what + "; attributes that would fit (" + kind.types + "): "
                + (fitting.isEmpty() ? "none" : String.join(", ", fitting)));
        return Optional.empty();
    }

    private static void collectFitting(
            ManagedType<?> owner,
            String prefix,
            Kind kind,
            boolean overAssociations,
            int depth,
            TreeSet<String> fitting) {
        for (SingularAttribute<?, ?> attribute : owner.getSingularAttributes()) {
            String path = prefix + attribute.getName();
            if (attribute.getPersistentAttributeType() == PersistentAttributeType.BASIC) {
                if (kind.fits(attribute.getJavaType())) {
                    fitting.add(path);
                }
            } else if (depth > 1
                    && attribute.getType() instanceof ManagedType<?> further
                    && (overAssociations || further instanceof EmbeddableType)) {
                collectFitting(further, path + ".", kind, overAssociations, depth - 1, fitting);
            }
        }
    }

    private void requireZone(Optional<Path> created, Optional<Path> deleted, Optional<Path> retainUntil) {
        if (zone != null) {
            return;
        }
        List<String> local = new ArrayList<>();
        if (isLocal(created)) {
            local.add("created");
        }
        if (isLocal(deleted)) {
            local.add("deleted");
        }
        if (isLocal(retainUntil)) {
            local.add("retain-until");
        }
        if (!local.isEmpty()) {
            faults.add(String.join(", ", local) + ": LocalDateTime does not say in which zone it is; set the zone"
                    + (isLocal(created) ? newestReadBothWays(created.orElseThrow()) : ""));
        }
    }

    private static boolean isLocal(Optional<Path> path) {
        return path.isPresent() && path.get().type() == LocalDateTime.class;
    }

    private String newestReadBothWays(Path created) {
        try {
            List<LocalDateTime> newest = transactions.inNewTransaction(entityManager -> entityManager
                    .createQuery(
                            "select " + created.jpql() + " from " + entity.getName() + " e where " + created.jpql()
                                    + " is not null order by " + created.jpql() + " desc",
                            LocalDateTime.class)
                    .setMaxResults(1)
                    .getResultList());
            if (newest.isEmpty()) {
                return " (the table is empty, so that no row can show which it is)";
            }
            LocalDateTime value = newest.get(0);
            ZoneId jvm = ZoneId.systemDefault();
            return ". The newest row was created at " + value + ": read as UTC that is "
                    + TimeType.later(value, ZoneOffset.UTC) + ", read as " + jvm + ", the zone of this JVM, it is "
                    + TimeType.later(value, jvm);
        } catch (RuntimeException e) {
            return " (the newest row could not be read: " + e.getMessage() + ")";
        }
    }
}
