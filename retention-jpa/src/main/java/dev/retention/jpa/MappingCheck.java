package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.AttributeFinder.Kind;
import dev.retention.jpa.AttributeFinder.Role;
import dev.retention.jpa.EntityMapping.Further;
import dev.retention.jpa.EntityMapping.Path;
import dev.retention.jpa.EntityMapping.ReasonPath;
import dev.retention.jpa.EntityMapping.Required;
import dev.retention.jpa.EntityMapping.TimePath;
import dev.retention.spi.RecordingMapping.Part;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.SingularAttribute;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a mapping from the user's names, or reports all their faults at once. */
final class MappingCheck {

    private final JpaTransactions transactions;
    private final EntityType<?> entity;
    private final AttributeNames names;
    private final Zones zones;
    private final AttributeFinder finder;
    private final List<String> faults = new ArrayList<>();

    private MappingCheck(JpaTransactions transactions, EntityType<?> entity, AttributeNames names, Zones zones) {
        this.transactions = transactions;
        this.entity = entity;
        this.names = names;
        this.zones = zones;
        this.finder = new AttributeFinder(entity);
    }

    static EntityMapping check(
            EntityManagerFactory factory,
            JpaTransactions transactions,
            Class<?> entity,
            AttributeNames names,
            @Nullable ZoneId zone) {
        return new MappingCheck(transactions, entityType(factory, entity), names, Zones.of(factory, zone)).mapping();
    }

    private static EntityType<?> entityType(EntityManagerFactory factory, Class<?> entity) {
        try {
            return factory.getMetamodel().entity(entity);
        } catch (IllegalArgumentException e) {
            throw new RetentionException(
                    RetentionException.Kind.CONFIGURATION,
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
        Optional<Path> id = finder.partsOfId().isEmpty() || names.id != null
                ? finder.find(Role.own("id", Kind.ID), idAttribute())
                : Optional.empty();
        Optional<Path> key = finder.find(Role.own("storage-key", Kind.TEXT), names.storageKey);
        Optional<Path> created = finder.find(Role.own("created", Kind.RECORDED_TIME), names.created);
        Optional<Path> deleted = finder.find(Role.own("deleted", Kind.RECORDED_TIME), names.deleted);
        Optional<Path> reason = finder.find(Role.own("reason", Kind.REASON), names.reason);
        Optional<Path> account = finder.find(Role.own("account", Kind.TEXT), names.account);
        Optional<Path> retainUntil = finder.find(Role.reachable("retain-until", Kind.TIME), names.retainUntil);
        Optional<Path> hold = finder.find(Role.reachable("hold", Kind.FLAG), names.hold);
        Optional<Path> duration = finder.find(Role.reachable("duration", Kind.SECONDS), names.duration);
        Map<String, Path> extra = new LinkedHashMap<>();
        MappingDescription description = new MappingDescription(entity.getName(), zones, names.uniqueKeys)
                .with(Part.ID, idAttribute(), id)
                .with(Part.STORAGE_KEY, names.storageKey, key)
                .with(Part.CREATED, names.created, created)
                .with(Part.DELETED, names.deleted, deleted)
                .with(Part.ACCOUNT, names.account, account)
                .with(Part.RETAIN_UNTIL, names.retainUntil, retainUntil)
                .with(Part.HOLD, names.hold, hold);
        for (Map.Entry<String, String> named : names.extra.entrySet()) {
            finder.find(Role.reachable("extra." + named.getKey(), Kind.NAMED), named.getValue())
                    .ifPresent(path -> {
                        extra.put(named.getKey(), path);
                        description.withAttribute(named.getKey(), named.getValue(), path);
                    });
        }
        requireWholeId();
        faults.addAll(finder.faults());
        requireOwnAttributes();
        requireNullable(deleted);
        Optional<ReasonPath> written = reason.flatMap(this::reasonPath);
        requireZone(created, deleted, retainUntil);
        if (!faults.isEmpty()) {
            throw RetentionException.configuration("the mapping of "
                    + entity.getJavaType().getName() + " can't be used:\n- " + String.join("\n- ", faults));
        }
        return new EntityMapping(
                entity.getName(),
                finder.joins(),
                new Required(
                        id.orElseThrow(),
                        key.orElseThrow(),
                        time(created.orElseThrow()),
                        time(deleted.orElseThrow()),
                        written.orElseThrow()),
                new Further(
                        account.orElse(null),
                        retainUntil.map(this::time).orElse(null),
                        hold.orElse(null),
                        duration.orElse(null),
                        extra),
                description.mapping(),
                RowVersion.isCounted(entity),
                names.uniqueKeys);
    }

    private TimePath time(Path path) {
        return new TimePath(path.jpql(), new TimeType(path.type(), zones.of(path.type())));
    }

    /** A primitive is never NULL, so that no row would be live. */
    private void requireNullable(Optional<Path> deleted) {
        if (deleted.isPresent() && deleted.get().type().isPrimitive()) {
            faults.add("deleted: '" + names.deleted + "' is a " + deleted.get().type()
                    + ", which can't be NULL as it is in a live row; make it a Long");
        }
    }

    /** Empty if what is to be written can't be, which is a fault. */
    private Optional<ReasonPath> reasonPath(Path reason) {
        String text = names.reasonText;
        if (!reason.type().isEnum()) {
            return Optional.of(new ReasonPath(reason.jpql(), text));
        }
        List<Object> constant = text == null ? List.of() : reason.valuesNamed(text);
        if (constant.isEmpty()) {
            faults.add("reason: '" + names.reason + "' is an enum" + (text == null ? "" : " without '" + text + "'")
                    + "; set reason-text to the constant that says that retention has deleted a row: "
                    + Arrays.stream(reason.type().getEnumConstants())
                            .map(each -> ((Enum<?>) each).name())
                            .collect(Collectors.joining(", ")));
            return Optional.empty();
        }
        return Optional.of(new ReasonPath(reason.jpql(), constant.get(0)));
    }

    /**
     * An attribute that a deletion writes must have no other role: it would overwrite the key, or make every row look
     * deleted.
     */
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

    /** A part of a composite key names several rows, such as one of each tenant. */
    private void requireWholeId() {
        Set<String> parts = finder.partsOfId();
        if (!parts.isEmpty() && (names.id == null || parts.contains(names.id))) {
            faults.add("id: the primary key consists of several attributes (" + String.join(", ", parts)
                    + "). One of them alone names several rows, so that an erasure or a hold would concern recordings"
                    + " of others. Add a column that is unique by itself, such as a UUID, and map it as the id");
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

    private void requireZone(Optional<Path> created, Optional<Path> deleted, Optional<Path> retainUntil) {
        if (zones.local() != null) {
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
            return " (the newest row could not be read: " + new DatabaseFailure(e, true).description() + ")";
        }
    }
}
