package dev.retention.jpa;

import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineRow.Identity;
import dev.retention.jpa.EntityMapping.TimePath;
import dev.retention.spi.Recording;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which columns of the engine's table are read, in which order, and the row that they make. */
final class EngineColumns {

    private static final Logger log = LoggerFactory.getLogger(EngineColumns.class);

    /** Where the attributes that every mapping has are in a row that was read. */
    static final int ID = 0;

    static final int STORAGE_KEY = 1;
    static final int CREATED = 2;
    private static final int DELETED = 3;
    static final int FIRST_FURTHER = 4;

    private final EntityMapping mapping;
    private final String selected;
    private final RecentIds named = new RecentIds();

    EngineColumns(EntityMapping mapping) {
        this.mapping = mapping;
        this.selected = String.join(", ", columns(mapping));
    }

    /** As a query selects them. */
    String selected() {
        return selected;
    }

    private static List<String> columns(EntityMapping mapping) {
        List<String> columns = new ArrayList<>();
        columns.add(mapping.id().jpql());
        columns.add(mapping.storageKey().jpql());
        columns.add(mapping.created().jpql());
        columns.add(mapping.deleted().jpql());
        if (mapping.account() != null) {
            columns.add(mapping.account().jpql());
        }
        if (mapping.retainUntil() != null) {
            columns.add(mapping.retainUntil().jpql());
        }
        if (mapping.hold() != null) {
            columns.add(mapping.hold().jpql());
        }
        if (mapping.duration() != null) {
            columns.add(mapping.duration().jpql());
        }
        mapping.extra().values().forEach(path -> columns.add(path.jpql()));
        if (mapping.joins().targetMissing() != null) {
            columns.add("case when " + mapping.joins().targetMissing() + " then 1 else 0 end");
        }
        return columns;
    }

    /**
     * Empty for a row whose id the ledger can't store, for one with a time that no calendar has, and for one whose
     * associated row is not found: whether that row would keep the recording is not known.
     */
    Optional<EngineRow> row(Session session, Object[] columnValues) {
        Object typedId = columnValues[ID];
        if (typedId == null || !IdType.isUsable(String.valueOf(typedId))) {
            log.warn(
                    "A row of {} is not deleted, because its id is NULL, empty or longer than {} characters. Correct"
                            + " the row, or the mapping of the id",
                    mapping.entity(),
                    Recording.MAX_ID_LENGTH);
            return Optional.empty();
        }
        String id = String.valueOf(typedId);
        if (isTargetMissing(columnValues)) {
            session.unreadable().add(id);
            if (named.add(id)) {
                log.warn(
                        "recording={} is kept, because its row refers to another one that is not found: it is gone,"
                                + " soft-deleted, or hidden by a restriction of its entity, so its attributes are not"
                                + " known. Restore that row, change the reference, or map a column of the recording's"
                                + " own table",
                        id);
            }
            return Optional.empty();
        }
        try {
            return Optional.of(row(typedId, columnValues));
        } catch (DateTimeException | ArithmeticException e) {
            session.unreadable().add(id);
            log.warn(
                    "recording={} is kept, because a time or a duration of its row is out of range. Correct the row",
                    id);
            return Optional.empty();
        }
    }

    private boolean isTargetMissing(Object[] columnValues) {
        return mapping.joins().targetMissing() != null
                && ((Number) columnValues[columnValues.length - 1]).intValue() == 1;
    }

    private EngineRow row(Object typedId, Object[] columnValues) {
        int next = FIRST_FURTHER;
        Object account = mapping.account() == null ? null : columnValues[next++];
        TimePath retainUntil = mapping.retainUntil();
        Instant retainedUntil = retainUntil == null ? null : retainUntil.type().instant(columnValues[next++]);
        Object held = mapping.hold() == null ? null : columnValues[next++];
        Object duration = mapping.duration() == null ? null : columnValues[next++];
        Map<String, String> attributes = new HashMap<>();
        for (String name : mapping.extra().keySet()) {
            Object value = columnValues[next++];
            if (value != null) {
                attributes.put(name, text(value));
            }
        }
        Object created = columnValues[CREATED];
        Identity identity = new Identity(
                typedId,
                (String) columnValues[STORAGE_KEY],
                (String) account,
                created,
                mapping.created().type().instant(created));
        return new EngineRow(
                identity,
                mapping.deleted().type().instant(columnValues[DELETED]),
                retainedUntil,
                Boolean.TRUE.equals(held),
                seconds(duration),
                attributes);
    }

    /** An attribute's value as policies and holds name it. */
    static String text(Object value) {
        return value instanceof Enum<?> constant ? constant.name() : value.toString();
    }

    private static @Nullable Duration seconds(@Nullable Object value) {
        if (value instanceof Duration duration) {
            return duration;
        }
        return value == null ? null : Duration.ofSeconds(((Number) value).longValue());
    }
}
