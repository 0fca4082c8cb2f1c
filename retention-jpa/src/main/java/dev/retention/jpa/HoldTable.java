package dev.retention.jpa;

import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.NamedKeys.NamedKey;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.HoldRegister.Scope;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code retention_hold} and {@code retention_hold_recording}, within a transaction. They say why a gate
 * row is marked as held; a claim checks the mark alone.
 */
final class HoldTable {

    private static final List<String> COLUMNS = List.of(
            "hold_id",
            "placed_by",
            "reason",
            "placed_at",
            "hold_until",
            "released_by",
            "released_at",
            "scope_attribute",
            "scope_value");

    private HoldTable() {}

    /**
     * A hold.
     *
     * @param until when it ends by itself; null for never
     * @param scope what a hold by attribute applies to; null for a hold on recordings
     * @param release null while it is active
     */
    record Hold(
            String id,
            String placedBy,
            String reason,
            Instant placedAt,
            @Nullable Instant until,
            @Nullable Scope scope,
            @Nullable Release release) {

        boolean isActive() {
            return release == null;
        }
    }

    /** Who ended a hold, and when. */
    record Release(@Nullable String by, Instant at) {}

    static Optional<Hold> find(Session session, String holdId) {
        return one(session, holdId, "");
    }

    static Optional<Hold> lock(Session session, String holdId) {
        return one(session, holdId, " for update");
    }

    private static Optional<Hold> one(Session session, String holdId, String locking) {
        return session
                .sql()
                .query(
                        "select " + String.join(", ", COLUMNS) + " from "
                                + session.tables().hold() + " where hold_id = ?" + locking,
                        HoldTable::hold,
                        holdId)
                .stream()
                .findFirst();
    }

    private static Hold hold(Sql.Row row) throws SQLException {
        String id = row.text("hold_id");
        String attribute = row.textOrNull("scope_attribute");
        Instant releasedAt = row.timeOrNull("released_at");
        return new Hold(
                id,
                row.text("placed_by"),
                row.text("reason"),
                row.time("placed_at"),
                row.timeOrNull("hold_until"),
                attribute == null ? null : new Scope(id, attribute, row.text("scope_value")),
                releasedAt == null ? null : new Release(row.textOrNull("released_by"), releasedAt));
    }

    static void insert(Session session, Hold hold) {
        Scope scope = hold.scope();
        session.sql()
                .update(new Columns()
                        .text("hold_id", hold.id())
                        .text("placed_by", hold.placedBy())
                        .text("reason", hold.reason())
                        .time("placed_at", hold.placedAt())
                        .time("hold_until", hold.until())
                        .text("scope_attribute", scope == null ? null : scope.attribute())
                        .text("scope_value", scope == null ? null : scope.value())
                        .insertInto(session.tables().hold()));
        session.evidence().add(() -> EvidenceEntry.holdRegistered(legalHold(hold, 0)));
    }

    /**
     * Changes the hold's row, so that a concurrent release, which may not see the added recordings, starts again on
     * databases with repeatable reads.
     */
    static void touch(Session session, String holdId) {
        session.sql()
                .update("update " + session.tables().hold() + " set changes = changes + 1 where hold_id = ?", holdId);
    }

    /**
     * Adds recordings, whose gate rows exist and are locked, to the hold; those that it has already remain. What they
     * name is kept: the hold is on the key, whatever the engine's row says later.
     */
    static void apply(Session session, Hold hold, Collection<NamedKey> recordings, Instant at) {
        Set<String> ids = recordings.stream().map(NamedKey::recordingId).collect(Collectors.toCollection(TreeSet::new));
        // Also where they are marked already: a release that runs at the same time must notice this transaction.
        GateTable.setHeld(session, ids);
        Set<String> known = recordings(session, hold.id(), ids);
        List<NamedKey> added = recordings.stream()
                .filter(recording -> !known.contains(recording.recordingId()))
                .toList();
        session.sql()
                .batch(added.stream()
                        .map(recording -> new Columns()
                                .text("hold_id", hold.id())
                                .text("recording_id", recording.recordingId())
                                .text("storage_key", StoredText.heldKey(recording.key()))
                                .text("account", StoredText.account(recording.account()))
                                .insertInto(session.tables().holdRecording()))
                        .toList());
        Events.add(
                session,
                added.stream()
                        .map(recording -> new LedgerEvent(
                                at, "HOLD_PLACED", recording.recordingId(), null, hold.placedBy(), hold.id()))
                        .toList());
    }

    /** To which of these recordings a hold applies. */
    static Set<String> recordings(Session session, String holdId, Collection<String> ids) {
        Set<String> found = new HashSet<>();
        for (List<String> chunk : Sql.chunks(ids)) {
            OneOf one = session.tables().dialect().oneOf("recording_id", chunk);
            found.addAll(session.sql()
                    .query(
                            "select recording_id from " + session.tables().holdRecording() + " where hold_id = ? and "
                                    + one.condition(),
                            row -> row.text("recording_id"),
                            one.after(holdId)));
        }
        return found;
    }

    /** The holds that apply to a recording and have not ended. */
    static List<Hold> activeOn(Session session, String recordingId) {
        return session.sql()
                .query(
                        "select h." + String.join(", h.", COLUMNS) + " from "
                                + session.tables().hold() + " h join "
                                + session.tables().holdRecording()
                                + " r on r.hold_id = h.hold_id where r.recording_id = ? and h.released_at is null"
                                + " order by h.hold_id",
                        HoldTable::hold,
                        recordingId);
    }

    /**
     * Locks a part of its recordings, in the order of the database. A locking read: on a database with repeatable
     * reads, a plain one would determine what later statements see.
     *
     * @param after only recordings after this one; null for the start
     */
    static List<String> lockRecordings(Session session, String holdId, @Nullable String after, int limit) {
        return session.sql()
                .query(
                        "select recording_id from " + session.tables().holdRecording()
                                + " where hold_id = ? and recording_id > ? order by recording_id limit ? for update",
                        row -> row.text("recording_id"),
                        holdId,
                        after == null ? "" : after,
                        limit);
    }

    /**
     * How far the recordings of a hold that has ended are freed.
     *
     * @param to the last one; null for none yet
     * @param done whether all are
     */
    record Freed(Release release, @Nullable String to, boolean done) {}

    /** Locks the hold; empty if it has not ended. */
    static Optional<Freed> lockFreed(Session session, String holdId) {
        return session
                .sql()
                .query(
                        "select released_by, released_at, freed_to, freed_at from "
                                + session.tables().hold()
                                + " where hold_id = ? and released_at is not null for update",
                        row -> new Freed(
                                new Release(row.textOrNull("released_by"), row.time("released_at")),
                                row.textOrNull("freed_to"),
                                row.timeOrNull("freed_at") != null),
                        holdId)
                .stream()
                .findFirst();
    }

    static void freedTo(Session session, String holdId, String recordingId) {
        session.sql()
                .update(
                        "update " + session.tables().hold() + " set freed_to = ? where hold_id = ?",
                        recordingId,
                        holdId);
    }

    static void allFreed(Session session, String holdId, Instant at) {
        session.sql().update("update " + session.tables().hold() + " set freed_at = ? where hold_id = ?", at, holdId);
    }

    /** Holds that have ended and of which not all recordings are freed. */
    static List<String> unfreed(Session session) {
        return session.sql()
                .query(
                        "select hold_id from " + session.tables().hold()
                                + " where released_at is not null and freed_at is null order by hold_no",
                        row -> row.text("hold_id"));
    }

    static void release(Session session, String holdId, Release release) {
        session.sql()
                .update(
                        "update " + session.tables().hold() + " set released_by = ?, released_at = ? where hold_id = ?",
                        release.by(),
                        release.at(),
                        holdId);
    }

    static List<String> expired(Session session, Instant now) {
        return session.sql()
                .query(
                        "select hold_id from " + session.tables().hold()
                                + " where released_at is null and hold_until <= ? order by hold_no",
                        row -> row.text("hold_id"),
                        now);
    }

    static List<LegalHold> newestFirst(Session session, int offset, int limit) {
        return session.sql()
                .query(
                        "select h." + String.join(", h.", COLUMNS) + ", (select count(*) from "
                                + session.tables().holdRecording()
                                + " r where r.hold_id = h.hold_id) as recordings from "
                                + session.tables().hold()
                                + " h order by h.placed_at desc, h.hold_no desc limit ? offset ?",
                        row -> legalHold(hold(row), row.number("recordings")),
                        limit,
                        offset);
    }

    private static LegalHold legalHold(Hold hold, long recordings) {
        Scope scope = hold.scope();
        Release release = hold.release();
        return LegalHold.builder(hold.id(), hold.placedBy(), hold.reason(), hold.placedAt())
                .until(hold.until())
                .releasedBy(release == null ? null : release.by())
                .releasedAt(release == null ? null : release.at())
                .recordings(recordings)
                .attribute(scope == null ? null : scope.attribute())
                .value(scope == null ? null : scope.value())
                .build();
    }
}
