package dev.retention.autoconfigure;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the engine keeps its recordings.
 *
 * @param entity The engine's own entity, by class name or entity name.
 * @param attributes The names of its attributes.
 * @param zone The time zone of timestamps that have none, such as LocalDateTime.
 * @param initializeSchema When the library creates its own tables.
 * @param persistenceUnit Which persistence unit holds the entity, by its name or the name of its bean; needed where there are several.
 * @param schema The schema of the library's own tables; the connection's default unless set.
 */
@ConfigurationProperties("retention.jpa")
record RetentionJpaProperties(
        @Nullable String entity,
        @DefaultValue Attributes attributes,
        @Nullable String zone,
        @DefaultValue("embedded") InitializeSchema initializeSchema,
        @Nullable String persistenceUnit,
        @Nullable String schema) {

    /** When tables are created. */
    enum InitializeSchema {
        EMBEDDED,
        ALWAYS,
        NEVER
    }

    /**
     * Names of attributes.
     *
     * @param id The id; the attribute annotated as such unless set.
     * @param storageKey What the storage knows the recording by.
     * @param created When the recording was made.
     * @param deleted When it was deleted; written by the library.
     * @param reason Why it was deleted; written by the library.
     * @param account The storage's account, where recordings lie in several.
     * @param retainUntil Before when it must not be deleted.
     * @param hold Whether it is held.
     * @param duration How long it is, in seconds.
     * @param extra Further attributes for policies and storages, by a name of your own.
     */
    record Attributes(
            @Nullable String id,
            @DefaultValue("twilioRecordingSid") String storageKey,
            @DefaultValue("createdAt") String created,
            @DefaultValue("deletedAt") String deleted,
            @DefaultValue("deletionReason") String reason,
            @Nullable String account,
            @Nullable String retainUntil,
            @Nullable String hold,
            @Nullable String duration,
            @DefaultValue Map<String, String> extra) {}
}
