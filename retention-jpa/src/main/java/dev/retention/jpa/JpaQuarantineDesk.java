package dev.retention.jpa;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.ReviewAnswer;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineTable.EngineRow;
import dev.retention.jpa.EngineTable.SoftDelete;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.QuarantineDesk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a person decides about gate rows. Lock order: gate rows by id, then the engine's rows. */
final class JpaQuarantineDesk implements QuarantineDesk {

    private static final String RETRY = " set state = 'DELETING', in_doubt = true, attempts = 1, token = null,"
            + " lease_until = null, next_attempt_at = ? where recording_id = ? and state = 'QUARANTINED'";

    private static final String FORGET =
            " set " + GateTable.AS_IF_NEVER_CLAIMED + " where recording_id = ? and state = 'ACTIVE'";

    private static final String ACCEPT =
            " set state = 'DELETED', outcome = 'ACCEPTED_UNPROVEN', deleted_at = ?, evidence = ?,"
                    + " cause = null, failing_since = null, next_attempt_at = null, token = null, lease_until = null"
                    + " where recording_id = ? and state = 'QUARANTINED'";

    private static final String RETRY_GRANTED = "RETRY_GRANTED";
    private static final String ACCEPTED_UNPROVEN = "ACCEPTED_UNPROVEN";

    private final Database database;
    private final EngineTable engine;

    JpaQuarantineDesk(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
    }

    @Override
    public List<LedgerEntry> waiting(@Nullable String afterId, int limit) {
        return database.read(
                "read what waits for a person",
                session -> GateTable.page(session, afterId, limit, GateTable.QUARANTINED, GateTable.REFUSED_UNSENT));
    }

    private static boolean waits(GateRow row) {
        return row.state() == DeletionState.QUARANTINED || row.state() == DeletionState.ACTIVE && row.outcome() != null;
    }

    @Override
    public Map<String, ReviewAnswer> retry(Collection<String> ids, String by, Instant now) {
        return database.once(
                "let recordings be tried again",
                session -> retryIn(session, ids, by, now),
                answers -> standing(answers, RETRY_GRANTED, by, now));
    }

    private static Map<String, ReviewAnswer> retryIn(Session session, Collection<String> ids, String by, Instant now) {
        Map<String, GateRow> gates = GateTable.lock(session, ids);
        Map<String, ReviewAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            answers.put(id, ofRetry(gates.get(id)));
        }
        List<LedgerEvent> events = new ArrayList<>();
        for (GateRow row : gates.values()) {
            if (answers.get(row.id()) == ReviewAnswer.DONE) {
                retry(session, row, now);
                events.add(new LedgerEvent(
                        now, RETRY_GRANTED, row.id(), row.runId(), by, row.outcome() + ": " + row.cause()));
            }
        }
        Events.add(session, events);
        return answers;
    }

    /** All was committed together with its events, or nothing; done again it would find nothing that waits. */
    private Optional<Map<String, ReviewAnswer>> standing(
            Map<String, ReviewAnswer> answers, String kind, String by, Instant now) {
        Optional<String> done = answers.entrySet().stream()
                .filter(answer -> answer.getValue() == ReviewAnswer.DONE)
                .map(Map.Entry::getKey)
                .findFirst();
        return Optional.of(answers)
                .filter(all -> done.isEmpty()
                        || database.read(
                                "read events", session -> Events.isStored(session, now, kind, done.get(), by)));
    }

    private static ReviewAnswer ofRetry(@Nullable GateRow row) {
        if (row == null) {
            return ReviewAnswer.UNKNOWN;
        }
        if (!waits(row)) {
            return ReviewAnswer.NOT_WAITING;
        }
        return row.held() ? ReviewAnswer.HELD : ReviewAnswer.DONE;
    }

    private static void retry(Session session, GateRow row, Instant now) {
        String table = "update " + session.tables().deletion();
        if (row.state() == DeletionState.QUARANTINED) {
            session.sql().update(table + RETRY, now, row.id());
        } else {
            session.sql().update(table + FORGET, row.id());
        }
    }

    @Override
    public Map<String, ReviewAnswer> acceptUnproven(Collection<String> ids, String by, Instant now) {
        return database.once(
                "accept unproven recordings",
                session -> acceptIn(session, ids, by, now),
                answers -> standing(answers, ACCEPTED_UNPROVEN, by, now));
    }

    private Map<String, ReviewAnswer> acceptIn(Session session, Collection<String> ids, String by, Instant now) {
        Map<String, GateRow> gates = GateTable.lock(session, ids);
        Map<String, EngineRow> rows = engine.find(session.entityManager(), gates.keySet());
        HoldScopes scopes = HoldScopes.lasting(session);
        Map<String, ReviewAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            answers.put(id, ofAcceptance(gates.get(id), rows.get(id), scopes, now));
        }
        Set<String> accepted = new TreeSet<>(gates.keySet());
        accepted.removeIf(id -> answers.get(id) != ReviewAnswer.DONE);
        accept(session, accepted, gates, rows, by, now);
        return answers;
    }

    private static ReviewAnswer ofAcceptance(
            @Nullable GateRow gate, @Nullable EngineRow row, HoldScopes scopes, Instant now) {
        if (gate == null) {
            return ReviewAnswer.UNKNOWN;
        }
        if (gate.state() != DeletionState.QUARANTINED || gate.outcome() != DeletionOutcome.UNPROVEN) {
            return ReviewAnswer.NOT_WAITING;
        }
        return gate.held() || row != null && mustBeKept(row, scopes, now) ? ReviewAnswer.HELD : ReviewAnswer.DONE;
    }

    private static boolean mustBeKept(EngineRow row, HoldScopes scopes, Instant now) {
        Instant retainUntil = row.retainUntil();
        return row.flaggedHeld() || retainUntil != null && retainUntil.isAfter(now) || scopes.cover(row);
    }

    private void accept(
            Session session,
            Set<String> ids,
            Map<String, GateRow> gates,
            Map<String, EngineRow> rows,
            String by,
            Instant now) {
        List<LedgerEvent> events = new ArrayList<>();
        List<SoftDelete> deletions = new ArrayList<>();
        Instant at = Sql.micros(now);
        for (String id : ids) {
            GateRow gate = Objects.requireNonNull(gates.get(id));
            String before = gate.evidence() == null ? "" : gate.evidence() + "\n";
            session.sql()
                    .update(
                            "update " + session.tables().deletion() + ACCEPT,
                            at,
                            StoredText.cut(
                                    before + "accepted as gone by " + by + ", nothing proves it", StoredText.LONG),
                            id);
            events.add(new LedgerEvent(at, ACCEPTED_UNPROVEN, id, gate.runId(), by, gate.cause()));
            EngineRow row = rows.get(id);
            if (row != null
                    && row.isLive()
                    && row.names(gate.storageKey(), gate.account(), gate.created())
                    && gate.reason() != null) {
                deletions.add(new SoftDelete(row, at, gate.reason()));
            }
        }
        Set<String> marked = engine.softDelete(session.entityManager(), deletions);
        for (String id : ids) {
            if (!marked.contains(id)) {
                events.add(new LedgerEvent(
                        at,
                        "ROW_NOT_UPDATED",
                        id,
                        null,
                        by,
                        "the row is gone, is deleted already, or names another recording"));
            }
        }
        Events.add(session, events);
    }
}
