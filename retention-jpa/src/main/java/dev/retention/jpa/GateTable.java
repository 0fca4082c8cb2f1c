package dev.retention.jpa;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.Claim;
import dev.retention.spi.Recording;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rows of {@code retention_deletion}. They are always locked in the order of their ids. */
final class GateTable {

    private static final String COLUMNS =
            "recording_id, storage_key, account, recording_created_at, audio_seconds, state, held,"
                    + " in_doubt, attempts, token, owner, lease_until, next_attempt_at, failing_since, claimed_at, deleted_at,"
                    + " deletion_reason, outcome, evidence, cause, policy, cutoff, run_id";

    /** Rows that wait for a person. */
    static final String QUARANTINED = "state = 'QUARANTINED'";

    /** Rows whose key was refused before anything was sent. */
    static final String REFUSED_UNSENT = "state = 'ACTIVE' and outcome is not null";

    /** What a row becomes whose claim sent nothing; only its hold stays. */
    static final String AS_IF_NEVER_CLAIMED = "in_doubt = false, attempts = 0, token = null, owner = null,"
            + " lease_until = null, run_id = null, claimed_at = null, storage_key = null, account = null,"
            + " recording_created_at = null, audio_seconds = null, policy = null, cutoff = null, deletion_reason = null,"
            + " next_attempt_at = null, failing_since = null, outcome = null, evidence = null, cause = null";

    private GateTable() {}

    /** A row as it was read. */
    record GateRow(
            String id,
            @Nullable String storageKey,
            @Nullable String account,
            @Nullable Instant created,
            @Nullable Duration duration,
            DeletionState state,
            boolean held,
            boolean inDoubt,
            int attempts,
            @Nullable String token,
            @Nullable String owner,
            @Nullable Instant leaseUntil,
            @Nullable Instant nextAttempt,
            @Nullable Instant failingSince,
            @Nullable Instant claimedAt,
            @Nullable Instant deletedAt,
            @Nullable String reason,
            @Nullable DeletionOutcome outcome,
            @Nullable String evidence,
            @Nullable String cause,
            @Nullable String policy,
            @Nullable Instant cutoff,
            @Nullable String runId) {

        boolean isOwnedBy(Claim claim) {
            return state == DeletionState.DELETING && claim.token().equals(token);
        }

        boolean isReclaimable(Instant now) {
            return state == DeletionState.DELETING
                    && (leaseUntil == null || !leaseUntil.isAfter(now))
                    && (nextAttempt == null || !nextAttempt.isAfter(now));
        }

        boolean isFor(Recording recording) {
            return Objects.equals(StoredText.key(recording.storageKey()), storageKey)
                    && Objects.equals(StoredText.account(recording.account()), account)
                    && Objects.equals(Sql.micros(recording.created()), created);
        }

        LedgerEntry entry() {
            return new LedgerEntry(
                    id,
                    storageKey,
                    account,
                    created,
                    state,
                    held,
                    attempts,
                    owner,
                    leaseUntil,
                    nextAttempt,
                    failingSince,
                    claimedAt,
                    deletedAt,
                    outcome,
                    evidence,
                    cause,
                    policy,
                    cutoff,
                    runId,
                    reason);
        }
    }

    /** Creates rows as {@code ACTIVE} where they are missing. */
    static void insertMissing(Session session, Collection<String> ids) {
        String sql = session.tables()
                .dialect()
                .insertIfAbsent(
                        session.tables().deletion(),
                        "recording_id, state, held, in_doubt, attempts",
                        "?, 'ACTIVE', false, false, 0",
                        "recording_id");
        session.sql()
                .batch(
                        sql,
                        new TreeSet<>(ids).stream().map(GateTable::parameters).toList());
    }

    private static @Nullable Object[] parameters(String id) {
        return new @Nullable Object[] {id};
    }

    static Map<String, GateRow> find(Session session, Collection<String> ids) {
        return find(session, ids, "");
    }

    /** Locks the rows until the transaction ends, and reads them as they are then. */
    static Map<String, GateRow> lock(Session session, Collection<String> ids) {
        return find(session, ids, " for update");
    }

    /**
     * The rows under any of the conditions, by id. Each part walks an index in the order of the ids, so that the many that are deleted are never read.
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

    /** Whose claims the rows are; those that are nobody's are left out. */
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

    private static Map<String, GateRow> find(Session session, Collection<String> ids, String locking) {
        Map<String, GateRow> found = new LinkedHashMap<>();
        read(session, ids, COLUMNS, locking, GateTable::row).forEach(row -> found.put(row.id(), row));
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
                found.addAll(session.sql()
                        .query(
                                "select " + columns + " from "
                                        + session.tables().deletion()
                                        + " where recording_id in (" + Sql.marks(chunk.size())
                                        + ") order by recording_id" + locking,
                                reader,
                                chunk.toArray()));
            }
            return found;
        });
    }

    static GateRow row(Sql.Row row) throws SQLException {
        Long seconds = row.numberOrNull("audio_seconds");
        String outcome = row.textOrNull("outcome");
        return new GateRow(
                row.text("recording_id"),
                row.textOrNull("storage_key"),
                row.textOrNull("account"),
                row.timeOrNull("recording_created_at"),
                seconds == null ? null : Duration.ofSeconds(seconds),
                DeletionState.valueOf(row.text("state")),
                row.flag("held"),
                row.flag("in_doubt"),
                (int) row.number("attempts"),
                row.textOrNull("token"),
                row.textOrNull("owner"),
                row.timeOrNull("lease_until"),
                row.timeOrNull("next_attempt_at"),
                row.timeOrNull("failing_since"),
                row.timeOrNull("claimed_at"),
                row.timeOrNull("deleted_at"),
                row.textOrNull("deletion_reason"),
                outcome == null ? null : DeletionOutcome.valueOf(outcome),
                row.textOrNull("evidence"),
                row.textOrNull("cause"),
                row.textOrNull("policy"),
                row.timeOrNull("cutoff"),
                row.textOrNull("run_id"));
    }
}
