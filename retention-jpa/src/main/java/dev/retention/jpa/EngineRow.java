package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Candidate;
import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of the engine's table as it was read, with the mapped columns only.
 *
 * @param deleted when it was soft-deleted; null while it is live
 * @param attributes by the user's names; those that are NULL are absent
 */
record EngineRow(
        Identity identity,
        @Nullable Instant deleted,
        @Nullable Instant retainUntil,
        boolean flaggedHeld,
        @Nullable Duration duration,
        Map<String, String> attributes) {

    /**
     * What identifies the recording of a row. A row still names the claimed recording only if all of it is the same.
     *
     * @param typedId the id in the engine's type
     * @param rawCreated the creation time in the engine's type
     */
    record Identity(
            Object typedId,
            @Nullable String storageKey,
            @Nullable String account,
            @Nullable Object rawCreated,
            @Nullable Instant created) {}

    String id() {
        return String.valueOf(identity.typedId());
    }

    /** Empty for a row without a creation time. */
    Optional<Candidate> candidate() {
        Instant created = identity.created();
        if (created == null) {
            return Optional.empty();
        }
        Recording recording = new Recording(id(), identity.storageKey(), identity.account(), created, attributes);
        return Optional.of(new Candidate(recording, retainUntil, flaggedHeld, deleted, duration));
    }

    boolean isLive() {
        return deleted == null;
    }

    boolean names(Recording recording) {
        return names(recording.storageKey(), recording.account(), recording.created());
    }

    /** Whether it names the recording that the ledger does. */
    boolean names(LedgerEntry entry) {
        return names(entry.storageKey(), entry.account(), entry.recordingCreated());
    }

    /** Whether this gate row says that its recording is deleted, and not one that had its id before. */
    boolean isDeletedBy(GateRow gate) {
        return gate.state() == DeletionState.DELETED && names(gate.entry());
    }

    /** The ledger's form of a long key or account identifies it like the engine's. */
    private boolean names(@Nullable String key, @Nullable String account, @Nullable Instant createdAt) {
        Instant created = identity.created();
        return created != null
                && createdAt != null
                && Sql.micros(created).equals(Sql.micros(createdAt))
                && Objects.equals(StoredText.key(identity.storageKey()), StoredText.key(key))
                && Objects.equals(StoredText.account(identity.account()), StoredText.account(account));
    }
}
