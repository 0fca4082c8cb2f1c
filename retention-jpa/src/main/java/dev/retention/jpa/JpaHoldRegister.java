package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineTable.EngineRow;
import dev.retention.jpa.EngineTable.InScope;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.HoldRegister;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code retention_hold} and {@code retention_hold_recording}. What counts against a claim is only the mark on the gate row; these rows
 * say why it is there. Lock order: the epoch of holds by attribute, the hold, then gate rows by id.
 */
final class JpaHoldRegister implements HoldRegister {

    private static final String COLUMNS =
            "hold_id, placed_by, reason, placed_at, hold_until, released_by, released_at, scope_attribute, scope_value";

    private static final int SLICE = 500;

    private final Database database;
    private final EngineTable engine;

    JpaHoldRegister(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
    }

    private record Hold(
            String id,
            String placedBy,
            String reason,
            Instant placedAt,
            @Nullable Instant until,
            @Nullable String releasedBy,
            @Nullable Instant releasedAt,
            @Nullable String attribute,
            @Nullable String value) {}

    @Override
    public Map<String, HoldAnswer> place(
            String holdId, Collection<String> ids, String by, String reason, @Nullable Instant until, Instant now) {
        requireStorable(holdId);
        Hold wanted = new Hold(
                holdId,
                StoredText.cut(by, StoredText.NAME),
                StoredText.cut(reason, StoredText.HOLD_REASON),
                Sql.micros(now),
                Sql.microsOrNull(until),
                null,
                null,
                null,
                null);
        return database.repeatable("place hold '" + holdId + "'", session -> place(session, wanted, ids));
    }

    private static void requireStorable(String holdId) {
        if (holdId.isEmpty() || holdId.length() > StoredText.NAME || !StoredText.isStorable(holdId)) {
            throw new IllegalArgumentException(
                    "hold id of " + holdId.length() + " characters; it must have 1 to " + StoredText.NAME);
        }
    }

    private Map<String, HoldAnswer> place(Session session, Hold wanted, Collection<String> ids) {
        Optional<Hold> before = lock(session, wanted.id());
        before.ifPresent(hold -> requireSame(hold, wanted));
        Map<String, EngineRow> rows = engine.find(session.entityManager(), ids);
        Set<String> live = new TreeSet<>();
        rows.values().stream().filter(EngineRow::isLive).map(EngineRow::id).forEach(live::add);
        GateTable.insertMissing(session, live);
        Map<String, GateRow> gates = GateTable.lock(session, live);
        Map<String, HoldAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            answers.put(id, rows.containsKey(id) ? answer(gates.get(id)) : HoldAnswer.UNKNOWN);
        }
        Set<String> protectedIds = new TreeSet<>();
        answers.forEach((id, answer) -> {
            if (answer == HoldAnswer.HELD || answer == HoldAnswer.LATE) {
                protectedIds.add(id);
            }
        });
        if (!protectedIds.isEmpty()) {
            if (before.isEmpty()) {
                insert(session, wanted);
            } else {
                touch(session, wanted.id());
            }
            // Also where it is marked already: a release that runs at the same time must notice this transaction.
            setHeld(session, protectedIds);
            add(session, wanted, protectedIds, wanted.placedAt());
        }
        return answers;
    }

    private static HoldAnswer answer(@Nullable GateRow gate) {
        if (gate == null || gate.state() == DeletionState.DELETED) {
            return HoldAnswer.ALREADY_DELETED;
        }
        return gate.state() == DeletionState.ACTIVE ? HoldAnswer.HELD : HoldAnswer.LATE;
    }

    private static void requireSame(Hold before, Hold wanted) {
        if (before.releasedAt() != null) {
            throw new RetentionException(
                    "hold '" + before.id() + "' was released at " + before.releasedAt() + "; use another id");
        }
        if (!Objects.equals(before.attribute(), wanted.attribute())
                || !Objects.equals(before.value(), wanted.value())) {
            throw new RetentionException("hold '" + before.id() + "' stands, and lies on something else");
        }
        if (!before.reason().equals(wanted.reason()) || !Objects.equals(before.until(), wanted.until())) {
            throw new RetentionException("hold '" + before.id() + "' stands with another reason or end");
        }
    }

    private static void insert(Session session, Hold hold) {
        session.sql()
                .update(
                        "insert into " + session.tables().hold()
                                + " (hold_id, placed_by, reason, placed_at, hold_until, scope_attribute, scope_value)"
                                + " values (?, ?, ?, ?, ?, ?, ?)",
                        hold.id(),
                        hold.placedBy(),
                        hold.reason(),
                        hold.placedAt(),
                        Sql.time(hold.until()),
                        hold.attribute(),
                        hold.value());
    }

    @Override
    public HoldSummary placeWhere(
            String holdId, String attribute, String value, String by, String reason, Instant now) {
        requireStorable(holdId);
        if (!engine.attributes().contains(attribute)) {
            throw new RetentionException(
                    "no attribute '" + attribute + "' is mapped; mapped are " + engine.attributes());
        }
        if (value.length() > StoredText.NAME || !StoredText.isStorable(value)) {
            throw new IllegalArgumentException(
                    "value of " + value.length() + " characters; at most " + StoredText.NAME);
        }
        Hold wanted = new Hold(
                holdId,
                StoredText.cut(by, StoredText.NAME),
                StoredText.cut(reason, StoredText.HOLD_REASON),
                Sql.micros(now),
                null,
                null,
                null,
                attribute,
                value);
        database.repeatable("place hold '" + holdId + "'", session -> {
            HoldScopes.advance(session);
            Optional<Hold> before = lock(session, holdId);
            before.ifPresent(hold -> requireSame(hold, wanted));
            if (before.isEmpty()) {
                insert(session, wanted);
            }
            return true;
        });
        Scope scope = new Scope(holdId, attribute, value);
        long late = markLate(scope, now);
        InScope counted =
                database.read("count recordings under a hold", session -> engine.countInScope(session, scope));
        return new HoldSummary(holdId, Math.max(0, counted.live() - late), late, counted.deleted());
    }

    /** Marks what is in the door already, and returns how many live recordings that are. */
    private long markLate(Scope scope, Instant now) {
        long late = 0;
        String after = "";
        while (true) {
            String from = after;
            List<String> page = database.read(
                    "read recordings in the door",
                    session -> session.sql()
                            .query(
                                    "select recording_id from "
                                            + session.tables().deletion()
                                            + " where state in ('DELETING', 'QUARANTINED') and recording_id > ?"
                                            + " order by recording_id limit ?",
                                    row -> row.text("recording_id"),
                                    from,
                                    SLICE));
            if (page.isEmpty()) {
                return late;
            }
            late += database.repeatable(
                    "mark recordings under hold '" + scope.holdId() + "'",
                    session -> markLate(session, scope, page, now));
            after = page.get(page.size() - 1);
        }
    }

    private long markLate(Session session, Scope scope, List<String> ids, Instant now) {
        if (lock(session, scope.holdId())
                .filter(hold -> hold.releasedAt() == null)
                .isEmpty()) {
            return 0;
        }
        Map<String, GateRow> gates = GateTable.lock(session, ids);
        TreeSet<String> covered = new TreeSet<>();
        engine.find(session.entityManager(), ids).values().stream()
                .filter(row -> row.isLive() && scope.covers(row.attributes()))
                .map(EngineRow::id)
                .filter(id -> answer(gates.get(id)) != HoldAnswer.ALREADY_DELETED)
                .forEach(covered::add);
        if (!covered.isEmpty()) {
            touch(session, scope.holdId());
        }
        lay(session, scope.holdId(), covered, now);
        return covered.stream()
                .filter(id -> answer(gates.get(id)) == HoldAnswer.LATE)
                .count();
    }

    /** Changes the hold's row, so that a release that runs at the same time, and may not see what is laid on more, starts over where reads repeat. */
    static void touch(Session session, String holdId) {
        session.sql()
                .update("update " + session.tables().hold() + " set changes = changes + 1 where hold_id = ?", holdId);
    }

    /** Lays a hold that stands, and was touched, on recordings whose gate rows are there and locked. */
    static void lay(Session session, String holdId, Set<String> ids, Instant now) {
        Optional<Hold> hold = one(session, holdId, "");
        if (hold.isEmpty() || ids.isEmpty()) {
            return;
        }
        setHeld(session, ids);
        add(session, hold.get(), ids, now);
    }

    @Override
    public List<Scope> scopes() {
        return database.read("read holds by attribute", HoldScopes::lasting).scopes();
    }

    /** Changes the rows even where they are marked: some databases do not notice a write of what stands there. */
    private static void setHeld(Session session, Set<String> ids) {
        for (List<String> chunk : Sql.chunks(ids)) {
            session.sql()
                    .update(
                            "update " + session.tables().deletion()
                                    + " set held = true, hold_changes = hold_changes + 1 where recording_id in ("
                                    + Sql.marks(chunk.size()) + ")",
                            chunk.toArray());
        }
    }

    private static void add(Session session, Hold hold, Set<String> ids, Instant at) {
        Set<String> known = recordings(session, hold.id(), ids);
        List<String> added = ids.stream().filter(id -> !known.contains(id)).toList();
        session.sql()
                .batch(
                        "insert into " + session.tables().holdRecording() + " (hold_id, recording_id) values (?, ?)",
                        added.stream().map(id -> pair(hold.id(), id)).toList());
        Events.add(
                session,
                added.stream()
                        .map(id -> event(at, "HOLD_PLACED", id, hold.placedBy(), hold.id()))
                        .toList());
    }

    private static @Nullable Object[] pair(String holdId, String id) {
        return new @Nullable Object[] {holdId, id};
    }

    private static LedgerEvent event(Instant at, String kind, String id, String by, String holdId) {
        return new LedgerEvent(at, kind, id, null, by, holdId);
    }

    @Override
    public boolean release(String holdId, String by, Instant now) {
        return end(holdId, "HOLD_RELEASED", by, now);
    }

    private boolean end(String holdId, String kind, String by, Instant now) {
        if (!StoredText.isStorable(holdId)) {
            return false;
        }
        String releasedBy = StoredText.cut(by, StoredText.NAME);
        return database.once(
                "release hold '" + holdId + "'",
                session -> end(session, holdId, kind, releasedBy, now),
                ended -> database.read(
                        "read hold '" + holdId + "'",
                        session -> one(session, holdId, "")
                                .filter(hold -> releasedBy.equals(hold.releasedBy())
                                        && Sql.micros(now).equals(hold.releasedAt()))
                                .map(hold -> true)));
    }

    private static boolean end(Session session, String holdId, String kind, String by, Instant now) {
        // A claim that waits for this must not lay the hold on more.
        HoldScopes.advance(session);
        Optional<Hold> lasting = lock(session, holdId).filter(hold -> hold.releasedAt() == null);
        if (lasting.isEmpty()) {
            return false;
        }
        session.sql()
                .update(
                        "update " + session.tables().hold() + " set released_by = ?, released_at = ? where hold_id = ?",
                        by,
                        now,
                        holdId);
        // A locking read: a plain one would fix what the statements below see, on a database that repeats reads.
        List<String> ids = lockedRecordings(session, holdId);
        GateTable.lock(session, ids);
        // Of two releases at once the second must not judge by what it saw before the first: where reads repeat, the
        // changed rows make it start over.
        setHeld(session, new TreeSet<>(ids));
        // A statement of its own, after the rows are locked: it sees each hold that was placed before.
        for (List<String> chunk : Sql.chunks(new TreeSet<>(ids))) {
            session.sql()
                    .update(
                            "update " + session.tables().deletion() + " set held = false where recording_id in ("
                                    + Sql.marks(chunk.size()) + ") and not exists (select 1 from "
                                    + session.tables().holdRecording() + " r join "
                                    + session.tables().hold() + " h on h.hold_id = r.hold_id where r.recording_id = "
                                    + session.tables().deletion()
                                    + ".recording_id and h.released_at is null)",
                            chunk.toArray());
            // What was kept for its hold alone goes on at once.
            List<@Nullable Object> parameters = new ArrayList<>();
            parameters.add(now);
            parameters.addAll(chunk);
            session.sql()
                    .update(
                            "update " + session.tables().deletion() + " set next_attempt_at = ? where recording_id in ("
                                    + Sql.marks(chunk.size())
                                    + ") and state = 'DELETING' and outcome = 'KEPT' and held = false and token is null",
                            parameters.toArray());
        }
        Events.add(
                session,
                ids.stream().map(id -> event(now, kind, id, by, holdId)).toList());
        return true;
    }

    @Override
    public int expire(Instant now) {
        List<String> over = database.read(
                "read expired holds",
                session -> session.sql()
                        .query(
                                "select hold_id from " + session.tables().hold()
                                        + " where released_at is null and hold_until <= ? order by hold_no",
                                row -> row.text("hold_id"),
                                now));
        int ended = 0;
        for (String holdId : over) {
            if (end(holdId, "HOLD_EXPIRED", "expiry", now)) {
                ended++;
            }
        }
        return ended;
    }

    @Override
    public List<LegalHold> list(int offset, int limit) {
        return database.read(
                "list holds",
                session -> session.sql()
                        .query(
                                "select h.hold_id, h.placed_by, h.reason, h.placed_at, h.hold_until, h.released_by, h.released_at,"
                                        + " h.scope_attribute, h.scope_value,"
                                        + " (select count(*) from "
                                        + session.tables().holdRecording()
                                        + " r where r.hold_id = h.hold_id) as recordings from "
                                        + session.tables().hold()
                                        + " h order by h.placed_at desc, h.hold_no desc limit ? offset ?",
                                row -> {
                                    Hold hold = hold(row);
                                    return new LegalHold(
                                            hold.id(),
                                            hold.placedBy(),
                                            hold.reason(),
                                            hold.placedAt(),
                                            hold.until(),
                                            hold.releasedBy(),
                                            hold.releasedAt(),
                                            row.number("recordings"),
                                            hold.attribute(),
                                            hold.value());
                                },
                                limit,
                                offset));
    }

    private static Optional<Hold> lock(Session session, String holdId) {
        return one(session, holdId, " for update");
    }

    private static Optional<Hold> one(Session session, String holdId, String locking) {
        List<Hold> found = new ArrayList<>(session.sql()
                .query(
                        "select " + COLUMNS + " from " + session.tables().hold() + " where hold_id = ?" + locking,
                        JpaHoldRegister::hold,
                        holdId));
        return found.stream().findFirst();
    }

    private static Hold hold(Sql.Row row) throws SQLException {
        return new Hold(
                row.text("hold_id"),
                row.text("placed_by"),
                row.text("reason"),
                row.time("placed_at"),
                row.timeOrNull("hold_until"),
                row.textOrNull("released_by"),
                row.timeOrNull("released_at"),
                row.textOrNull("scope_attribute"),
                row.textOrNull("scope_value"));
    }

    /** Those of the recordings that the hold lies on already. */
    private static Set<String> recordings(Session session, String holdId, Set<String> ids) {
        Set<String> found = new HashSet<>();
        for (List<String> chunk : Sql.chunks(ids)) {
            List<Object> parameters = new ArrayList<>();
            parameters.add(holdId);
            parameters.addAll(chunk);
            found.addAll(session.sql()
                    .query(
                            "select recording_id from " + session.tables().holdRecording()
                                    + " where hold_id = ? and recording_id in (" + Sql.marks(chunk.size()) + ")",
                            row -> row.text("recording_id"),
                            parameters.toArray()));
        }
        return found;
    }

    private static List<String> lockedRecordings(Session session, String holdId) {
        return session.sql()
                .query(
                        "select recording_id from " + session.tables().holdRecording()
                                + " where hold_id = ? order by recording_id for update",
                        row -> row.text("recording_id"),
                        holdId);
    }
}
