package dev.retention.jpa;

import dev.retention.DeletionState;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.NamedKeys.NamedKey;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.Controls;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether a recording may be deleted as the rows are now: asked when it is claimed, and again before each send. */
final class ClaimCheck {

    private final EngineTable engine;

    ClaimCheck(EngineTable engine) {
        this.engine = engine;
    }

    /**
     * Why nothing may be claimed or sent at present, whatever the rows say: deleting is paused, or the criteria carry
     * another fingerprint than the confirmed one. Empty if nothing forbids it.
     */
    static Optional<Signal> forbidden(Session session, DueCriteria criteria) {
        Map<String, String> controls = new HashMap<>();
        session.sql()
                .query(
                        "select name, setting from " + session.tables().control() + " where name in (?, ?)",
                        row -> controls.put(
                                row.text("name"),
                                Optional.ofNullable(row.textOrNull("setting")).orElse("")),
                        Controls.PAUSED,
                        Controls.FINGERPRINT);
        if (controls.containsKey(Controls.PAUSED)) {
            return Optional.of(Signal.PAUSED);
        }
        return Objects.equals(controls.get(Controls.FINGERPRINT), criteria.fingerprint())
                ? Optional.empty()
                : Optional.of(Signal.NOT_CONFIRMED);
    }

    /** The engine's row as a candidate, if it still names the recording, is due, and is not held. */
    static Optional<Candidate> stillDue(
            @Nullable EngineRow row, HoldScopes scopes, Recording recording, DueCriteria criteria) {
        return objection(row, scopes, recording, criteria).isPresent()
                ? Optional.empty()
                : Objects.requireNonNull(row, "a row that is due").candidate();
    }

    static boolean isPaused(Session session) {
        return !session.sql()
                .query(
                        "select name from " + session.tables().control() + " where name = ?",
                        row -> row.text("name"),
                        Controls.PAUSED)
                .isEmpty();
    }

    /** What the engine's row says against a deletion, by itself. */
    private static Optional<Objection> objection(
            @Nullable EngineRow row, HoldScopes scopes, Recording recording, DueCriteria criteria) {
        if (row == null) {
            return Optional.of(Objection.ROW_MISSING);
        }
        if (!row.names(recording)) {
            return Optional.of(Objection.ROW_CHANGED);
        }
        if (scopes.cover(row)) {
            return Optional.of(Objection.HELD);
        }
        if (row.flaggedHeld()) {
            return Optional.of(Objection.FLAGGED_AS_HELD);
        }
        return row.candidate().filter(criteria::isDue).isPresent()
                ? Optional.empty()
                : Optional.of(row.isLive() ? Objection.NOT_DUE : Objection.ROW_DELETED);
    }

    /**
     * What a check found.
     *
     * @param objections why claims may not be sent, by their ids; all others may
     * @param inScope rows to which a hold by attribute applies that may not be marked yet
     */
    record Verified(Map<String, Objection> objections, List<EngineRow> inScope) {

        Set<String> allowed(Collection<Claim> claims) {
            return claims.stream()
                    .map(Claim::id)
                    .filter(id -> !objections.containsKey(id))
                    .collect(Collectors.toSet());
        }
    }

    Verified verify(Session session, Collection<Claim> claims, DueCriteria criteria) {
        HoldScopes scopes = HoldScopes.active(session, engine);
        Optional<Objection> toAll = forbidden(session, criteria)
                .map(signal -> signal == Signal.PAUSED ? Objection.PAUSED : Objection.NOT_CONFIRMED)
                .or(() -> scopes.unmapped().isEmpty() ? Optional.empty() : Optional.of(Objection.HOLD_UNMAPPED));
        Map<String, Objection> objections = new HashMap<>();
        if (toAll.isPresent()) {
            claims.forEach(claim -> objections.put(claim.id(), toAll.get()));
            return new Verified(objections, List.of());
        }
        Map<String, GateRow> gates =
                GateTable.find(session, claims.stream().map(Claim::id).toList());
        Map<String, Claim> owned = GateTable.owned(gates, claims);
        SharedKeys keys = SharedKeys.of(
                session, engine, owned.values().stream().map(Claim::recording).toList());
        for (Claim claim : claims) {
            GateRow gate = gates.get(claim.id());
            if (gate == null || !gate.isOwnedBy(claim)) {
                objections.put(claim.id(), Objection.TAKEN_OVER);
            } else if (gate.entry().held()) {
                objections.put(claim.id(), Objection.HELD);
            } else {
                objection(keys.rows().get(claim.id()), scopes, claim.recording(), criteria)
                        .ifPresent(objection -> objections.put(claim.id(), objection));
            }
        }
        Set<String> allowed = new HashSet<>(owned.keySet());
        allowed.removeAll(objections.keySet());
        keptForOthers(session, keys, allowed, scopes, criteria).forEach(id -> objections.put(id, Objection.KEY_SHARED));
        return new Verified(
                objections, keys.rows().values().stream().filter(scopes::cover).toList());
    }

    /** Which of these candidates must be kept for another row with the same key. */
    Set<String> keptForOthers(Session session, Collection<Candidate> candidates, DueCriteria criteria) {
        SharedKeys keys = SharedKeys.of(
                session, engine, candidates.stream().map(Candidate::recording).toList());
        Set<String> ids = candidates.stream().map(Candidate::id).collect(Collectors.toSet());
        ids.retainAll(keys.rows().keySet());
        return keptForOthers(session, keys, ids, HoldScopes.active(session, engine), criteria);
    }

    /** Which of these candidates name a key that may have been sent for another row. */
    Set<String> sentForOthers(Session session, Collection<Candidate> candidates) {
        SharedKeys keys = SharedKeys.of(
                session, engine, candidates.stream().map(Candidate::recording).toList());
        Set<String> ids = candidates.stream().map(Candidate::id).collect(Collectors.toSet());
        Set<String> others = new HashSet<>();
        ids.forEach(id -> others.addAll(keys.otherIds(id)));
        Map<String, GateRow> gates = GateTable.find(session, others);
        gates.values().removeIf(gate -> gate.state() == DeletionState.ACTIVE);
        List<NamedKey> inFlight = NamedKeys.inFlight(session, keys.namedBy(ids));
        ids.removeIf(id -> keys.otherIds(id).stream().noneMatch(gates::containsKey)
                && keys.namedBy(List.of(id)).stream()
                        .flatMap(named -> NamedKeys.others(named, inFlight))
                        .findAny()
                        .isEmpty());
        return ids;
    }

    private static Set<String> keptForOthers(
            Session session, SharedKeys keys, Set<String> ids, HoldScopes scopes, DueCriteria criteria) {
        List<EngineRow> rows = ids.stream()
                .map(id -> Objects.requireNonNull(keys.rows().get(id), "a row that was read"))
                .toList();
        Map<String, GateRow> gates = GateTable.find(session, keys.othersOf(rows).keySet());
        SharedKeys.Rules rules = new SharedKeys.Rules(gates, scopes, criteria, Set.of());
        List<NamedKey> held = NamedKeys.held(session, keys.namedBy(ids));
        return rows.stream()
                .filter(row -> !keys.areOthersKnown(row)
                        || NamedKeys.others(NamedKey.of(row), held).findAny().isPresent()
                        || rules.forbidding(keys.others(row)).isPresent())
                .map(EngineRow::id)
                .collect(Collectors.toSet());
    }
}
