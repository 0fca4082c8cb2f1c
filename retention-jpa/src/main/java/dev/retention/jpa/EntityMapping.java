package dev.retention.jpa;

import dev.retention.spi.RecordingMapping;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which attributes of the engine's entity mean what, checked against the metamodel.
 *
 * @param entity the entity's name in JPQL
 * @param joins what the paths need that go over associations
 * @param description the same for the person who confirms it
 * @param versioned whether an update counts the row's version, so that the engine can't save an older copy over it
 * @param uniqueKeys whether the user has stated that no two rows name one storage key
 */
record EntityMapping(
        String entity,
        Joins joins,
        Required required,
        Further further,
        RecordingMapping description,
        boolean versioned,
        boolean uniqueKeys) {

    /** The alias of the entity in every query. */
    static final String ALIAS = "e";

    /** A condition that no row meets. */
    static final String NEVER = "1 = 0";

    /**
     * The associations that paths go over.
     *
     * @param text left joins, each with its leading space
     * @param targetMissing the condition that a row refers to another one that is not found, because it is gone, or
     *     hidden by a restriction of its entity. Its attributes are NULL then, and are not known; null without
     *     associations
     */
    record Joins(String text, @Nullable String targetMissing) {}

    /** The attributes without which there is no mapping. */
    record Required(Path id, Path storageKey, TimePath created, TimePath deleted, ReasonPath reason) {}

    /**
     * The attributes that an engine may have.
     *
     * @param extra by the user's names
     */
    record Further(
            @Nullable Path account,
            @Nullable TimePath retainUntil,
            @Nullable Path hold,
            @Nullable Path duration,
            Map<String, Path> extra) {}

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

        /** The condition that the attribute has this value, or is NULL. */
        String is(@Nullable Object value, Jpql jpql) {
            return value == null ? jpql() + " is null" : jpql() + " = " + jpql.mark(value);
        }
    }

    /**
     * The attribute that says why a row was deleted.
     *
     * @param always what is written, whatever the reason; null to write the reason itself
     */
    record ReasonPath(String jpql, @Nullable Object always) {

        Object valueOf(String reason) {
            return always == null ? reason : always;
        }
    }

    /** An attribute that is an instant, in whatever type the engine keeps it. */
    record TimePath(String jpql, TimeType type) {}

    Path id() {
        return required.id();
    }

    IdType idType() {
        return IdType.of(required.id().type());
    }

    Path storageKey() {
        return required.storageKey();
    }

    TimePath created() {
        return required.created();
    }

    TimePath deleted() {
        return required.deleted();
    }

    ReasonPath reason() {
        return required.reason();
    }

    @Nullable
    Path account() {
        return further.account();
    }

    @Nullable
    TimePath retainUntil() {
        return further.retainUntil();
    }

    @Nullable
    Path hold() {
        return further.hold();
    }

    @Nullable
    Path duration() {
        return further.duration();
    }

    Map<String, Path> extra() {
        return further.extra();
    }

    String from() {
        return " from " + entity + " " + ALIAS + joins.text();
    }

    /** How a statement begins that changes rows. */
    String update() {
        return (versioned ? "update versioned " : "update ") + entity + " " + ALIAS;
    }

    String isLive() {
        return deleted().jpql() + " is null";
    }

    String hasKey() {
        return storageKey().jpql() + " is not null";
    }

    String isFlaggedHeld() {
        Path hold = hold();
        return hold == null ? NEVER : hold.jpql() + " = true";
    }
}
