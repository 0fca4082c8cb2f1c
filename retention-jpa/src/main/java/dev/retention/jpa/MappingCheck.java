package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.EntityMapping.Path;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.Attribute;
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
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a mapping of the user's names, or says all that is wrong with them at once. */
final class MappingCheck {

    private static final Kind ID = new Kind("Long, Integer, UUID or String", IdType::isSupported);
    private static final Kind TEXT = new Kind("String", String.class::equals);
    private static final Kind TIME = new Kind("Instant, OffsetDateTime or LocalDateTime", TimeType::isSupported);
    private static final Kind FLAG = new Kind("Boolean", type -> type == Boolean.class || type == boolean.class);
    private static final Kind SECONDS = new Kind(
            "Integer, Long or Duration",
            type -> type == Integer.class
                    || type == int.class
                    || type == Long.class
                    || type == long.class
                    || type == Duration.class);
    private static final Kind NAMED = new Kind("String or an enum", type -> type == String.class || type.isEnum());

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
    private record Kind(String types, Predicate<Class<?>> fits) {}

    static EntityMapping check(
            EntityManagerFactory factory,
            JpaTransactions transactions,
            Class<?> entity,
            AttributeNames names,
            @Nullable ZoneId zone) {
        EntityType<?> type = factory.getMetamodel().getEntities().stream()
                .filter(known -> entity.equals(known.getJavaType()))
                .findFirst()
                .orElseThrow(() -> new RetentionException(entity.getName()
                        + " is no entity of the persistence unit; its entities are: " + entities(factory)));
        return new MappingCheck(transactions, type, names, zone).mapping();
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
        Optional<Path> id = resolve("id", Optional.ofNullable(names.id).orElseGet(this::idAttribute), ID, false);
        Optional<Path> key = resolve("storage-key", names.storageKey, TEXT, false);
        Optional<Path> created = resolve("created", names.created, TIME, false);
        Optional<Path> deleted = resolve("deleted", names.deleted, TIME, false);
        Optional<Path> reason = resolve("reason", names.reason, TEXT, false);
        Optional<Path> account = optional("account", names.account, TEXT, false);
        Optional<Path> retainUntil = optional("retain-until", names.retainUntil, TIME, true);
        Optional<Path> hold = optional("hold", names.hold, FLAG, true);
        Optional<Path> duration = optional("duration", names.duration, SECONDS, true);
        Map<String, Path> extra = new LinkedHashMap<>();
        names.extra.forEach(
                (name, path) -> resolve("extra." + name, path, NAMED, true).ifPresent(found -> extra.put(name, found)));
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
                retainUntil.map(path -> new TimeType(path.type(), zone)).orElse(null),
                hold.orElse(null),
                duration.orElse(null),
                extra);
    }

    /** What a deletion writes must be nothing else: it would overwrite the key, or make every row look deleted. */
    private void requireOwnAttributes() {
        Map<String, String> roles = new LinkedHashMap<>();
        roles.put("id", Optional.ofNullable(names.id).orElseGet(this::idAttribute));
        roles.put("storage-key", names.storageKey);
        roles.put("created", names.created);
        roles.put("account", String.valueOf(names.account));
        roles.put("retain-until", String.valueOf(names.retainUntil));
        names.extra.forEach((name, path) -> roles.put("extra." + name, path));
        roles.put("deleted", names.deleted);
        roles.forEach((role, path) -> requireOther(role, path, "reason", names.reason));
        roles.remove("deleted");
        roles.forEach((role, path) -> requireOther(role, path, "deleted", names.deleted));
    }

    private void requireOther(String role, String path, String written, String writtenPath) {
        if (path.equals(writtenPath)) {
            faults.add(role + " and " + written + " are both '" + path
                    + "', which a deletion would overwrite; add a nullable column for " + written);
        }
    }

    private String idAttribute() {
        return entity.getSingularAttributes().stream()
                .filter(SingularAttribute::isId)
                .map(Attribute::getName)
                .findFirst()
                .orElse("id");
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
                return attribute.getPersistentAttributeType() == PersistentAttributeType.BASIC
                                && kind.fits().test(type)
                        ? Optional.of(new Path(jpql + "." + segments[i], type))
                        : fault(
                                role,
                                path,
                                "it is of type " + type.getName() + ", not " + kind.types(),
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
        faults.add(role + ": '" + path + "': " + what + "; attributes that would fit (" + kind.types() + "): "
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
                if (kind.fits().test(attribute.getJavaType())) {
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
        created.filter(MappingCheck::isLocal).ifPresent(path -> local.add("created"));
        deleted.filter(MappingCheck::isLocal).ifPresent(path -> local.add("deleted"));
        retainUntil.filter(MappingCheck::isLocal).ifPresent(path -> local.add("retain-until"));
        if (!local.isEmpty()) {
            faults.add(String.join(", ", local) + ": LocalDateTime does not say in which zone it is; set the zone"
                    + created.filter(MappingCheck::isLocal)
                            .map(this::newestReadBothWays)
                            .orElse(""));
        }
    }

    private static boolean isLocal(Path path) {
        return path.type() == LocalDateTime.class;
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
