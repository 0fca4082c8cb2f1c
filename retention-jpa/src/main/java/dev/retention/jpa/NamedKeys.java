package dev.retention.jpa;

import dev.retention.LedgerEntry;
import dev.retention.jpa.Database.Session;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The storage keys that our own tables name: those of recordings under a hold, and those of claims in flight. The
 * engine's rows from which they come may be gone by now, or name other keys.
 */
final class NamedKeys {

    private NamedKeys() {}

    /**
     * What a recording named when it was held or claimed.
     *
     * @param key null if it had none
     * @param account null for the storage's default account
     */
    record NamedKey(
            String recordingId,
            @Nullable String key,
            @Nullable String account) {

        static NamedKey of(EngineRow row) {
            return new NamedKey(
                    row.id(), row.identity().storageKey(), row.identity().account());
        }

        static NamedKey of(LedgerEntry entry) {
            return new NamedKey(entry.recordingId(), entry.storageKey(), entry.account());
        }

        /** Whether it may be the key of another recording. */
        private boolean isShared(NamedKey other) {
            return key != null
                    && other.key != null
                    && Objects.equals(StoredText.heldKey(key), StoredText.heldKey(other.key))
                    && !recordingId.equals(other.recordingId)
                    && (account == null
                            || other.account == null
                            || Objects.equals(StoredText.account(account), StoredText.account(other.account)));
        }
    }

    /** Those of other recordings that may be the same key. */
    static Stream<NamedKey> others(NamedKey named, Collection<NamedKey> all) {
        return all.stream().filter(named::isShared);
    }

    /** Recordings to which a hold applies that has not ended, and which named one of these keys. */
    static List<NamedKey> held(Session session, Collection<NamedKey> named) {
        return find(
                session,
                "select r.recording_id, r.storage_key, r.account from "
                        + session.tables().holdRecording() + " r join "
                        + session.tables().hold()
                        + " h on h.hold_id = r.hold_id where h.released_at is null and ",
                "r.storage_key",
                keys(named, StoredText::heldKey));
    }

    /** Recordings of which a deletion may have been sent, and which named one of these keys. */
    static List<NamedKey> inFlight(Session session, Collection<NamedKey> named) {
        return find(
                session,
                "select recording_id, storage_key, account from "
                        + session.tables().deletion()
                        + " where state in ('DELETING', 'QUARANTINED') and ",
                "storage_key",
                keys(named, StoredText::key));
    }

    private static Set<String> keys(Collection<NamedKey> named, UnaryOperator<@Nullable String> form) {
        Set<String> keys = new TreeSet<>();
        for (NamedKey each : named) {
            String key = form.apply(each.key);
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static List<NamedKey> find(Session session, String select, String column, Set<String> keys) {
        List<NamedKey> found = new ArrayList<>();
        for (List<String> chunk : Sql.chunks(keys)) {
            OneOf one = session.tables().dialect().oneOf(column, chunk);
            found.addAll(session.sql()
                    .query(
                            select + one.condition(),
                            row -> new NamedKey(
                                    row.text("recording_id"), row.textOrNull("storage_key"), row.textOrNull("account")),
                            one.after()));
        }
        return found;
    }
}
