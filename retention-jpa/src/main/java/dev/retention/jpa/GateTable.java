package dev.retention.jpa;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.Recording;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rows of {@code retention_deletion}, the gate. They are always locked in the order of their ids. */
final class GateTable {

    private static final String COLUMNS =
            "recording_id, storage_key, account, recording_created_at, audio_seconds, state, held, in_doubt, attempts,"
                    + " token, owner, lease_until, next_attempt_at, failing_since, claimed_at, deleted_at,"
                    + " deletion_reason, outcome, evidence, cause, cause_code, cause_storage, policy, cutoff, run_id";

    private static final String LOCKED = " for update";

    /** Rows that need a person's decision. */
    static final String QUARANTINED = "state = 'QUARANTINED'";

    /** Rows whose key was refused before anything was sent. */
    static final String REFUSED_UNSENT = "state = 'ACTIVE' and outcome <> 'KEY_SHARED'";

    /** Rows that were not claimed for a reason that their outcome gives. */
    static final String ACTIVE_WITH_OUTCOME = "state = 'ACTIVE' and outcome is not null";

    /** Rows in flight that only a pause has kept. The code alone could be a storage's. */
    static final String KEPT_BY_PAUSE = "(outcome = 'KEPT' and cause_code = '" + Objection.PAUSED + "')";

    /** The columns that say why a recording is not deleted. */
    static final String[] CAUSE = {"cause", "cause_code", "cause_storage"};

    private GateTable() {}

    /** The change of a row whose claim sent nothing; only its hold remains. */
    static Columns asIfNeverClaimed() {
        return new Columns()
                .sql("in_doubt", "false")
                .sql("attempts", "0")
                .clear("token", "owner", "lease_until", "run_id", "claimed_at")
                .clear("storage_key", "account", "recording_created_at", "audio_seconds")
                .clear("policy", "cutoff", "deletion_reason", "next_attempt_at", "failing_since")
                .clear("outcome", "evidence")
                .clear(CAUSE);
    }

    /**
     * A row as it was read: its ledger entry, and the columns that only the gate uses.
     *
     * @param duration how long the audio is, where known
     * @param inDoubt whether an attempt may have been applied
     * @param token the token of the current claim; null if there is none
     */
    record GateRow(
            LedgerEntry entry,
            @Nullable Duration duration,
            boolean inDoubt,
            @Nullable String token) {

        String id() {
            return entry.recordingId();
        }

        DeletionState state() {
            return entry.state();
        }

        boolean isOwnedBy(Claim claim) {
            return isOwned(state(), token, claim);
        }

        /** @param resumed whether deleting is not paused, so that what is kept by that alone is due */
        boolean isReclaimable(Instant now, boolean resumed) {
            Instant nextAttempt = entry.nextAttempt();
            return isLeftOver(now) && (nextAttempt == null || !nextAttempt.isAfter(now) || resumed && isKeptByPause());
        }

        private boolean isKeptByPause() {
            Cause cause = entry.cause();
            return entry.outcome() == DeletionOutcome.KEPT
                    && cause != null
                    && cause.code().equals(Objection.PAUSED.name());
        }

        /** Whether it is in flight and no instance works on it, whatever its next attempt. */
        boolean isLeftOver(Instant now) {
            Instant leaseUntil = entry.leaseUntil();
            return state() == DeletionState.DELETING && (leaseUntil == null || !leaseUntil.isAfter(now));
        }

        boolean isFor(Recording recording) {
            return Objects.equals(StoredText.key(recording.storageKey()), entry.storageKey())
                    && Objects.equals(StoredText.account(recording.account()), entry.account())
                    && Objects.equals(Sql.micros(recording.created()), entry.recordingCreated());
        }
    }

    /**
     * What recording an outcome needs of a row. Each deletion reads it, so it leaves out the other twenty columns.
     *
     * @param token the token of the current claim; null if there is none
     */
    record ClaimedRow(
            String id,
            DeletionState state,
            @Nullable String token,
            @Nullable String owner,
            int attempts,
            @Nullable Instant failingSince) {

        private static final String COLUMNS = "recording_id, state, token, owner, attempts, failing_since";

        private static ClaimedRow of(Sql.Row row) throws SQLException {
            return new ClaimedRow(
                    row.text("recording_id"),
                    GateRowReader.state(row.text("state")),
                    row.textOrNull("token"),
                    row.textOrNull("owner"),
                    (int) row.number("attempts"),
                    row.timeOrNull("failing_since"));
        }

        boolean isOwnedBy(Claim claim) {
            return isOwned(state, token, claim);
        }
    }

    private static boolean isOwned(DeletionState state, @Nullable String token, Claim claim) {
        return state == DeletionState.DELETING && claim.token().equals(token);
    }

    /** Creates rows as {@code ACTIVE} where they are missing. */
    static void insertMissing(Session session, Collection<String> ids) {
        session.sql()
                .batch(new TreeSet<>(ids)
                        .stream()
                                .map(id -> new Columns()
                                        .text("recording_id", id)
                                        .sql("state", "'ACTIVE'")
                                        .sql("held", "false")
                                        .sql("in_doubt", "false")
                                        .sql("attempts", "0")
                                        .insertInto(
                                                session.tables().deletion(),
                                                "recording_id",
                                                session.tables().dialect()))
                                .toList());
    }

    /** Those of the claims that still own their row, by id. */
    static Map<String, Claim> owned(Map<String, GateRow> rows, Collection<Claim> claims) {
        Map<String, Claim> owned = new TreeMap<>();
        for (Claim claim : claims) {
            GateRow row = rows.get(claim.id());
            if (row != null && row.isOwnedBy(claim)) {
                owned.put(claim.id(), claim);
            }
        }
        return owned;
    }

    /** A token for each new claim. */
    static Map<String, String> drawTokens(Collection<String> ids) {
        Map<String, String> tokens = new HashMap<>();
        ids.forEach(id -> tokens.put(id, UUID.randomUUID().toString()));
        return tokens;
    }

    static Map<String, GateRow> find(Session session, Collection<String> ids) {
        return find(session, ids, "");
    }

    /** Locks the rows until the transaction ends, and reads them as they are then. */
    static Map<String, GateRow> lock(Session session, Collection<String> ids) {
        return find(session, ids, LOCKED);
    }

    /** Like {@link #lock}, but reads only what recording an outcome needs. */
    static Map<String, ClaimedRow> lockClaimed(Session session, Collection<String> ids) {
        Map<String, ClaimedRow> found = new LinkedHashMap<>();
        read(session, ids, ClaimedRow.COLUMNS, LOCKED, ClaimedRow::of).forEach(row -> found.put(row.id(), row));
        return found;
    }

    /**
     * The rows under any of the conditions, by id. Each part reads an index in the order of the ids, so that the many
     * deleted rows are never read.
     *
     * @param afterId only ids after this one; null for the start
     */
    static List<LedgerEntry> page(Session session, @Nullable String afterId, int limit, String... conditions) {
        List<String> parts = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        for (String condition : conditions) {
            parts.add("(select recording_id from " + session.tables().deletion() + " where " + condition
                    + " and recording_id > ? order by recording_id limit ?)");
            parameters.add(afterId == null ? "" : afterId);
            parameters.add(limit);
        }
        parameters.add(limit);
        List<String> ids = session.sql()
                .query(
                        String.join(" union ", parts) + " order by recording_id limit ?",
                        row -> row.text("recording_id"),
                        parameters.toArray());
        return find(session, ids).values().stream().map(GateRow::entry).toList();
    }

    /** The tokens of the rows; rows without a claim are left out. */
    static Map<String, String> tokens(Session session, Collection<String> ids) {
        Map<String, String> tokens = new LinkedHashMap<>();
        record Owned(String id, @Nullable String token) {}
        read(
                        session,
                        ids,
                        "recording_id, token",
                        "",
                        row -> new Owned(row.text("recording_id"), row.textOrNull("token")))
                .forEach(row -> {
                    if (row.token != null) {
                        tokens.put(row.id, row.token);
                    }
                });
        return tokens;
    }

    static Map<String, GateRow> find(Session session, Collection<String> ids, String locking) {
        Map<String, GateRow> found = new LinkedHashMap<>();
        read(session, ids, COLUMNS, locking, GateRowReader::row).forEach(row -> found.put(row.id(), row));
        return found;
    }

    private static <T> List<T> read(
            Session session, Collection<String> ids, String columns, String locking, Sql.RowReader<T> reader) {
        List<String> possible = new TreeSet<>(ids)
                .stream()
                        .filter(IdType::isUsable)
                        .filter(StoredText::isStorable)
                        .toList();
        List<T> found = new ArrayList<>();
        if (possible.isEmpty()) {
            return found;
        }
        return session.tables().dialect().plannedAnew(session.sql(), () -> {
            for (List<String> chunk : Sql.chunks(possible)) {
                OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
                found.addAll(session.sql()
                        .query(
                                "select " + columns + " from "
                                        + session.tables().deletion()
                                        + " where " + one.condition() + " order by recording_id" + locking,
                                reader,
                                one.after()));
            }
            return found;
        });
    }

    /** Marks rows as held. Changes them even where they are: some databases do not notice a write of the same value. */
    static void setHeld(Session session, Collection<String> ids) {
        for (List<String> chunk : Sql.chunks(ids)) {
            OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
            session.sql()
                    .update(
                            "update " + session.tables().deletion()
                                    + " set held = true, hold_changes = hold_changes + 1 where " + one.condition(),
                            one.after());
        }
    }

    /** Changes rows, so that transactions that wait for them notice this one. */
    static void touch(Session session, Collection<String> ids) {
        for (List<String> chunk : Sql.chunks(ids)) {
            OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
            session.sql()
                    .update(
                            "update " + session.tables().deletion() + " set hold_changes = hold_changes + 1 where "
                                    + one.condition(),
                            one.after());
        }
    }

    /**
     * Removes the mark from rows to which no active hold applies any more; those that were kept because of it are due
     * at once.
     */
    static void freeUnheld(Session session, Collection<String> ids, Instant now) {
        String table = session.tables().deletion();
        for (List<String> chunk : Sql.chunks(ids)) {
            OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
            String ofChunk = " where " + one.condition();
            session.sql()
                    .update(
                            "update " + table + " set held = false" + ofChunk + " and not exists (select 1 from "
                                    + session.tables().holdRecording() + " r join "
                                    + session.tables().hold() + " h on h.hold_id = r.hold_id where r.recording_id = "
                                    + table + ".recording_id and h.released_at is null)",
                            one.after());
            session.sql()
                    .update(
                            "update " + table + " set next_attempt_at = ?" + ofChunk
                                    + " and state = 'DELETING' and outcome = 'KEPT' and held = false and token is null",
                            one.after(now));
        }
    }
}
