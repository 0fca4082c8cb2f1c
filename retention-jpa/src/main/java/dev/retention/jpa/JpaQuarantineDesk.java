package dev.retention.jpa;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.ReviewAnswer;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.SoftDeletion.Request;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.QuarantineDesk;
import dev.retention.spi.Recording;
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

    private static final String RETRY_GRANTED = "RETRY_GRANTED";
    private static final String ACCEPTED_UNPROVEN = "ACCEPTED_UNPROVEN";

    private final Database database;
    private final EngineTable engine;
    private final SoftDeletion softDeletion;

    JpaQuarantineDesk(Database database, EngineTable engine) {
        this.database = database;
        this.engine = engine;
        this.softDeletion = new SoftDeletion(engine);
    }

    @Override
    public List<LedgerEntry> waiting(@Nullable String afterId, int limit) {
        return database.read(
                "read the recordings that need a decision",
                session -> GateTable.page(session, afterId, limit, GateTable.QUARANTINED, GateTable.REFUSED_UNSENT));
    }

    private static boolean waits(GateRow row) {
        return row.state() == DeletionState.QUARANTINED
                || row.state() == DeletionState.ACTIVE
                        && row.entry().outcome() != null
                        && row.entry().outcome() != DeletionOutcome.KEY_SHARED;
    }

    @Override
    public Map<String, ReviewAnswer> retry(Collection<String> ids, String by, Instant now) {
        return database.once(
                "grant the retry of recordings",
                session -> retryIn(session, ids, by, now),
                answers -> standing(answers, RETRY_GRANTED, by, now));
    }

    private Map<String, ReviewAnswer> retryIn(Session session, Collection<String> ids, String by, Instant now) {
        Map<String, GateRow> gates = GateTable.lock(session, ids);
        Map<String, EngineRow> rows = engine.find(session, gates.keySet());
        Map<String, ReviewAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            answers.put(id, ofRetry(gates.get(id)));
        }
        List<LedgerEvent> events = new ArrayList<>();
        for (GateRow row : gates.values()) {
            if (answers.get(row.id()) == ReviewAnswer.DONE) {
                retry(session, row, rows.get(row.id()), now);
                events.add(new LedgerEvent(
                        now,
                        RETRY_GRANTED,
                        row.id(),
                        row.entry().runId(),
                        by,
                        row.entry().outcome() + ": " + row.entry().cause() + claimedAs(row)));
            }
        }
        Events.add(session, events);
        return answers;
    }

    /** The entry may name another key from now on. */
    private static String claimedAs(GateRow gate) {
        return gate.state() == DeletionState.QUARANTINED
                ? "; it was claimed with key " + gate.entry().storageKey()
                        + (gate.entry().account() == null
                                ? ""
                                : " of account " + gate.entry().account())
                : "";
    }

    /**
     * Either everything was committed together with its events, or nothing; a repetition would find nothing to decide.
     */
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
        return row.entry().held() ? ReviewAnswer.HELD : ReviewAnswer.DONE;
    }

    private static void retry(Session session, GateRow gate, @Nullable EngineRow row, Instant now) {
        String table = session.tables().deletion();
        session.sql()
                .update(
                        gate.state() == DeletionState.QUARANTINED
                                ? again(gate, row, now)
                                        .update(table, "recording_id = ? and state = 'QUARANTINED'", gate.id())
                                : GateTable.asIfNeverClaimed()
                                        .update(table, "recording_id = ? and state = 'ACTIVE'", gate.id()));
    }

    /** What the row names now is looked up and deleted, also if that was corrected since the claim. */
    private static Columns again(GateRow gate, @Nullable EngineRow row, Instant now) {
        Columns again = new Columns()
                .sql("state", "'DELETING'")
                .sql("in_doubt", "true")
                .sql("attempts", "1")
                .clear("token", "lease_until")
                .time("next_attempt_at", now);
        return corrected(gate, row)
                .map(named -> again.text("storage_key", StoredText.key(named.storageKey()))
                        .text("account", StoredText.account(named.account()))
                        .time("recording_created_at", named.created())
                        // What storages have answered concerns what the row named before.
                        .clear("evidence"))
                .orElse(again);
    }

    /** What the row names by now; empty if that is no other recording, or none that the decision is about. */
    private static Optional<Recording> corrected(GateRow gate, @Nullable EngineRow row) {
        LedgerEntry entry = gate.entry();
        return Optional.ofNullable(row)
                .filter(found -> found.isLive() && !found.names(entry))
                .flatMap(EngineRow::candidate)
                .map(Candidate::recording)
                .filter(named -> named.storageKey() != null)
                // No age protects what an erasure names.
                .filter(named -> !DueCriteria.ERASURE.equals(entry.policy())
                        || entry.outcome() == DeletionOutcome.ROW_CHANGED
                        || Sql.micros(named.created()).equals(entry.recordingCreated()));
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
        Map<String, EngineRow> rows = engine.find(session, gates.keySet());
        HoldScopes scopes = HoldScopes.active(session, engine);
        Map<String, ReviewAnswer> answers = new LinkedHashMap<>();
        for (String id : ids) {
            ReviewAnswer answer = ofAcceptance(gates.get(id), rows.get(id), scopes, now);
            // Whether the row says that it must be kept is not known.
            boolean unsure = answer == ReviewAnswer.DONE && session.unreadable().contains(id);
            answers.put(id, unsure ? ReviewAnswer.HELD : answer);
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
        if (gate.state() != DeletionState.QUARANTINED || gate.entry().outcome() != DeletionOutcome.UNPROVEN) {
            return ReviewAnswer.NOT_WAITING;
        }
        if (gate.entry().held() || !scopes.unmapped().isEmpty() || row != null && mustBeKept(row, scopes, now)) {
            return ReviewAnswer.HELD;
        }
        return row != null && !row.names(gate.entry()) ? ReviewAnswer.ROW_CHANGED : ReviewAnswer.DONE;
    }

    private static boolean mustBeKept(EngineRow row, HoldScopes scopes, Instant now) {
        Instant retainUntil = row.retainUntil();
        return row.flaggedHeld() || retainUntil != null && retainUntil.isAfter(now) || scopes.cover(row);
    }

    private static @Nullable String detail(@Nullable Cause cause) {
        return cause == null ? null : cause.toString();
    }

    private void accept(
            Session session,
            Set<String> ids,
            Map<String, GateRow> gates,
            Map<String, EngineRow> rows,
            String by,
            Instant now) {
        List<LedgerEvent> events = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        Instant at = Sql.micros(now);
        for (String id : ids) {
            GateRow gate = Objects.requireNonNull(gates.get(id));
            String before = gate.entry().evidence() == null ? "" : gate.entry().evidence() + "\n";
            String evidence = before + "accepted as gone by " + by + ", nothing proves it";
            session.sql()
                    .update(new Columns()
                            .sql("state", "'DELETED'")
                            .sql("outcome", "'ACCEPTED_UNPROVEN'")
                            .time("deleted_at", at)
                            .text("evidence", StoredText.cut(evidence, StoredText.LONG))
                            .clear(GateTable.CAUSE)
                            .clear("failing_since", "next_attempt_at", "token", "lease_until")
                            .update(session.tables().deletion(), "recording_id = ? and state = 'QUARANTINED'", id));
            events.add(new LedgerEvent(
                    at,
                    ACCEPTED_UNPROVEN,
                    id,
                    gate.entry().runId(),
                    by,
                    detail(gate.entry().cause())));
            EngineRow row = rows.get(id);
            String reason = gate.entry().reason();
            if (row != null && row.isLive() && reason != null) {
                requests.add(new Request(row, at, reason));
            }
        }
        Set<String> marked = softDeletion.mark(session, requests);
        for (String id : ids) {
            if (!marked.contains(id)) {
                events.add(new LedgerEvent(at, "ROW_NOT_UPDATED", id, null, by, Events.WHY_NOT_UPDATED));
            }
        }
        Events.add(session, events);
    }
}
