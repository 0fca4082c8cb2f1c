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
 * @param storageKey the key by which the storage finds it
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
        return new Builder(id).storageKey(storageKey).created(created).build();
    }

    /** Starts building a row that has an id and nothing else. */
    public static Builder builder(String id) {
        return new Builder(id);
    }

    /** A builder that starts with these values. */
    public Builder toBuilder() {
        return new Builder(id)
                .storageKey(storageKey)
                .account(account)
                .created(created)
                .retainUntil(retainUntil)
                .flaggedHeld(flaggedHeld)
                .attributes(attributes)
                .duration(duration)
                .deleted(deleted, deletionReason);
    }

    /** The same row with another storage key. */
    public EngineRow withStorageKey(@Nullable String other) {
        return toBuilder().storageKey(other).build();
    }

    /** The same row with another account. */
    public EngineRow withAccount(@Nullable String other) {
        return toBuilder().account(other).build();
    }

    /** The same row with another creation time. */
    public EngineRow withCreated(@Nullable Instant other) {
        return toBuilder().created(other).build();
    }

    /** The same row, to be kept until then at least. */
    public EngineRow withRetainUntil(@Nullable Instant other) {
        return toBuilder().retainUntil(other).build();
    }

    /** The same row with the hold flag set or not. */
    public EngineRow withFlaggedHeld(boolean other) {
        return toBuilder().flaggedHeld(other).build();
    }

    /** The same row with one attribute more, changed, or, for null, fewer. */
    public EngineRow withAttribute(String name, @Nullable String value) {
        return toBuilder().attribute(name, value).build();
    }

    /** The same row with audio of another length. */
    public EngineRow withDuration(@Nullable Duration other) {
        return toBuilder().duration(other).build();
    }

    /** The same row soft-deleted, or live again. */
    public EngineRow withDeleted(@Nullable Instant at, @Nullable String reason) {
        return toBuilder().deleted(at, reason).build();
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

    /** Builds a row. Not thread-safe. */
    public static final class Builder {
        private final String id;
        private final Map<String, String> attributes = new HashMap<>();
        private @Nullable String storageKey;
        private @Nullable String account;
        private @Nullable Instant created;
        private @Nullable Instant retainUntil;
        private boolean flaggedHeld;
        private @Nullable Duration duration;
        private @Nullable Instant deleted;
        private @Nullable String deletionReason;

        private Builder(String id) {
            this.id = id;
        }

        public Builder storageKey(@Nullable String storageKey) {
            this.storageKey = storageKey;
            return this;
        }

        public Builder account(@Nullable String account) {
            this.account = account;
            return this;
        }

        public Builder created(@Nullable Instant created) {
            this.created = created;
            return this;
        }

        public Builder retainUntil(@Nullable Instant retainUntil) {
            this.retainUntil = retainUntil;
            return this;
        }

        public Builder flaggedHeld(boolean flaggedHeld) {
            this.flaggedHeld = flaggedHeld;
            return this;
        }

        /** Replaces all attributes. */
        public Builder attributes(Map<String, String> attributes) {
            this.attributes.clear();
            this.attributes.putAll(attributes);
            return this;
        }

        /** Sets one attribute, or, for null, removes it. */
        public Builder attribute(String name, @Nullable String value) {
            if (value == null) {
                attributes.remove(name);
            } else {
                attributes.put(name, value);
            }
            return this;
        }

        public Builder duration(@Nullable Duration duration) {
            this.duration = duration;
            return this;
        }

        public Builder deleted(@Nullable Instant at, @Nullable String reason) {
            this.deleted = at;
            this.deletionReason = reason;
            return this;
        }

        public EngineRow build() {
            return new EngineRow(
                    id,
                    storageKey,
                    account,
                    created,
                    retainUntil,
                    flaggedHeld,
                    attributes,
                    duration,
                    deleted,
                    deletionReason);
        }
    }
}
