package dev.retention.test;

import dev.retention.spi.Candidate;
import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of the engine's own table, as a test writes it and reads it back.
 *
 * @param id the engine's id as text
 * @param storageKey what the storage knows it by
 * @param account the storage's account
 * @param created when the recording was made
 * @param retainUntil the row's own earliest deletion
 * @param flaggedHeld the hold flag
 * @param attributes further values; one without a value is absent
 * @param duration how long the audio is
 * @param deleted when the row was soft-deleted
 * @param deletionReason why it was
 */
public record EngineRow(
        String id,
        @Nullable String storageKey,
        @Nullable String account,
        @Nullable Instant created,
        @Nullable Instant retainUntil,
        boolean flaggedHeld,
        Map<String, String> attributes,
        @Nullable Duration duration,
        @Nullable Instant deleted,
        @Nullable String deletionReason) {

    public EngineRow {
        attributes = Map.copyOf(attributes);
    }

    /** A live row with nothing but what every row has. */
    public static EngineRow of(String id, @Nullable String storageKey, @Nullable Instant created) {
        return new EngineRow(id, storageKey, null, created, null, false, Map.of(), null, null, null);
    }

    /** The same row with another storage key. */
    public EngineRow withStorageKey(@Nullable String other) {
        return new EngineRow(
                id, other, account, created, retainUntil, flaggedHeld, attributes, duration, deleted, deletionReason);
    }

    /** The same row with another account. */
    public EngineRow withAccount(@Nullable String other) {
        return new EngineRow(
                id,
                storageKey,
                other,
                created,
                retainUntil,
                flaggedHeld,
                attributes,
                duration,
                deleted,
                deletionReason);
    }

    /** The same row with another creation time. */
    public EngineRow withCreated(@Nullable Instant other) {
        return new EngineRow(
                id,
                storageKey,
                account,
                other,
                retainUntil,
                flaggedHeld,
                attributes,
                duration,
                deleted,
                deletionReason);
    }

    /** The same row, to be kept until then at least. */
    public EngineRow withRetainUntil(@Nullable Instant other) {
        return new EngineRow(
                id, storageKey, account, created, other, flaggedHeld, attributes, duration, deleted, deletionReason);
    }

    /** The same row with the hold flag set or not. */
    public EngineRow withFlaggedHeld(boolean other) {
        return new EngineRow(
                id, storageKey, account, created, retainUntil, other, attributes, duration, deleted, deletionReason);
    }

    /** The same row with one attribute more, changed, or, for null, fewer. */
    public EngineRow withAttribute(String name, @Nullable String value) {
        Map<String, String> changed = new HashMap<>(attributes);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return new EngineRow(
                id, storageKey, account, created, retainUntil, flaggedHeld, changed, duration, deleted, deletionReason);
    }

    /** The same row with audio of another length. */
    public EngineRow withDuration(@Nullable Duration other) {
        return new EngineRow(
                id, storageKey, account, created, retainUntil, flaggedHeld, attributes, other, deleted, deletionReason);
    }

    /** The same row soft-deleted, or live again. */
    public EngineRow withDeleted(@Nullable Instant at, @Nullable String reason) {
        return new EngineRow(
                id, storageKey, account, created, retainUntil, flaggedHeld, attributes, duration, at, reason);
    }

    /** What a repository should read from this row; empty for one without a creation time. */
    public Optional<Candidate> candidate() {
        if (created == null) {
            return Optional.empty();
        }
        Recording recording = new Recording(id, storageKey, account, created, attributes);
        return Optional.of(new Candidate(recording, retainUntil, flaggedHeld, deleted, duration));
    }

    /** Whether the row still names this very recording: the same key, account and creation time. */
    boolean names(Recording recording) {
        return names(recording.storageKey(), recording.account(), recording.created());
    }

    boolean names(@Nullable String otherKey, @Nullable String otherAccount, @Nullable Instant otherCreated) {
        return Objects.equals(storageKey, otherKey)
                && Objects.equals(account, otherAccount)
                && Objects.equals(created, otherCreated);
    }
}
