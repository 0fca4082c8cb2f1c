package dev.retention.autoconfigure;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The engine's own table of recordings.
 *
 * @param entity Your own entity, by class name or entity name.
 * @param attributes The names of its attributes.
 * @param zone The time zone of timestamps without a zone, such as LocalDateTime.
 * @param reasonText What is written as the reason of every deletion, such as the constant of an enum; the reason itself
 *     unless set.
 * @param initializeSchema When the library creates its own tables.
 * @param persistenceUnit The persistence unit that contains the entity, by its name or the name of its bean. Needed if
 *     there are several.
 * @param schema The schema of the library's own tables; the connection's default unless set.
 * @param storageKeyUnique Whether no two rows ever name one storage key, so that other rows are not looked for. Only
 *     for keys that the database can't compare, such as encrypted ones.
 * @param hiddenRows Whether the application starts if the mapping or the database hides rows from the library.
 */
@ConfigurationProperties("retention.jpa")
record RetentionJpaProperties(
        @Nullable String entity,
        @DefaultValue Attributes attributes,
        @Nullable String zone,
        @Nullable String reasonText,
        @DefaultValue("embedded") InitializeSchema initializeSchema,
        @Nullable String persistenceUnit,
        @Nullable String schema,
        @DefaultValue("false") boolean storageKeyUnique,
        @DefaultValue("warn") HiddenRowsChoice hiddenRows) {

    /** Whether it starts. A type of its own, since the adapter may be absent. */
    enum HiddenRowsChoice {
        WARN,
        REFUSE
    }

    /** When the library creates its tables. */
    enum InitializeSchema {
        EMBEDDED,
        ALWAYS,
        NEVER
    }

    /**
     * Names of attributes.
     *
     * @param id The id; the entity's id attribute unless set.
     * @param storageKey The key by which the storage finds the recording.
     * @param created When the recording was made.
     * @param deleted When it was deleted; written by the library.
     * @param reason Why it was deleted; written by the library.
     * @param account The storage's account, if there are several.
     * @param retainUntil The time before which it is not deleted, whatever its age.
     * @param hold Your own hold flag.
     * @param duration How long it is, in seconds.
     * @param extra Further attributes for policies, holds and storages, by names of your own.
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
