package dev.retention.jpa;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEvent;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineTable.EngineRow;
import dev.retention.jpa.EngineTable.SoftDelete;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.Recording;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes down what became of claims, and marks the engine's rows, within a transaction. Lock order: gate rows by id, then the engine's rows. */
final class Recordkeeping {

    private static final String PROVEN =
            " set state = 'DELETED', storage_key = ?, account = ?, recording_created_at = ?,"
                    + " deletion_reason = ?, deleted_at = ?, outcome = ?, evidence = ?, cause = null, next_attempt_at = null,"
                    + " failing_since = null, token = null, lease_until = null, attempts = ?, policy = coalesce(policy, ?),"
                    + " cutoff = coalesce(cutoff, ?), run_id = coalesce(run_id, ?), claimed_at = coalesce(claimed_at, ?)"
                    + " where recording_id = ? and state <> 'DELETED'";

    private static final String UNPROVEN = " set state = ?, outcome = ?, evidence = coalesce(?, evidence), cause = ?,"
            + " in_doubt = ?, next_attempt_at = ?, failing_since = ?, token = null, lease_until = null, attempts = ?"
            + " where recording_id = ? and token = ? and state = 'DELETING'";

    private static final String PROGRESS =
            " set evidence = ? where recording_id = ? and token = ? and state = 'DELETING'";

    private final EngineTable engine;

    Recordkeeping(EngineTable engine) {
        this.engine = engine;
    }

    /** Returns the ids whose engine row was not marked. */
    Set<String> record(Session session, Collection<ClaimOutcome> outcomes) {
        Set<String> notSoftDeleted = new HashSet<>();
        for (Collection<ClaimOutcome> round : rounds(outcomes)) {
            new Round(session, round).record(notSoftDeleted);
        }
        return notSoftDeleted;
    }

    /** In the order given, with each recording at most once a round; nearly always one round. */
    private static List<Collection<ClaimOutcome>> rounds(Collection<ClaimOutcome> outcomes) {
        List<Map<String, ClaimOutcome>> rounds = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (ClaimOutcome outcome : outcomes) {
            String id = outcome.claim().id();
            int round = seen.merge(id, 1, Integer::sum) - 1;
            if (round == rounds.size()) {
                rounds.add(new LinkedHashMap<>());
            }
            rounds.get(round).put(id, outcome);
        }
        return rounds.stream().map(Map::values).toList();
    }

    /** Outcomes of different recordings. */
    private final class Round {

        private final Session session;
        private final Map<String, ClaimOutcome> outcomes = new TreeMap<>();
        private final Map<String, GateRow> gates = new HashMap<>();
        private final List<@Nullable Object[]> proven = new ArrayList<>();
        private final List<@Nullable Object[]> unproven = new ArrayList<>();
        private final List<@Nullable Object[]> progress = new ArrayList<>();
        private final List<LedgerEvent> events = new ArrayList<>();
        private final Map<String, ClaimOutcome> toSoftDelete = new TreeMap<>();
        private final Map<String, ClaimOutcome> provenBefore = new TreeMap<>();

        Round(Session session, Collection<ClaimOutcome> round) {
            this.session = session;
            round.forEach(outcome -> outcomes.put(outcome.claim().id(), outcome));
        }

        void record(Set<String> notSoftDeleted) {
            lockGates();
            outcomes.values().forEach(this::judge);
            String table = "update " + session.tables().deletion();
            session.sql().batch(table + PROVEN, proven);
            session.sql().batch(table + UNPROVEN, unproven);
            session.sql().batch(table + PROGRESS, progress);
            softDelete(notSoftDeleted);
            Events.add(session, events);
        }

        private void lockGates() {
            gates.putAll(GateTable.lock(session, outcomes.keySet()));
            List<String> missing = outcomes.values().stream()
                    .filter(outcome -> outcome.step() == Step.DELETED)
                    .map(outcome -> outcome.claim().id())
                    .filter(id -> !gates.containsKey(id))
                    .toList();
            if (!missing.isEmpty()) {
                GateTable.insertMissing(session, missing);
                gates.putAll(GateTable.lock(session, missing));
            }
        }

        private void judge(ClaimOutcome outcome) {
            GateRow gate = gates.get(outcome.claim().id());
            if (gate == null) {
                return;
            }
            if (outcome.step() == Step.DELETED) {
                // Whoever holds the claim by now: what is proven stays true.
                if (gate.state() == DeletionState.DELETED) {
                    provenBefore.put(gate.id(), outcome);
                } else {
                    proven.add(provenParameters(outcome, gate));
                    furtherAttempt(outcome, gate);
                    toSoftDelete.put(gate.id(), outcome);
                }
            } else if (gate.isOwnedBy(outcome.claim())) {
                if (outcome.step() == Step.PROGRESS) {
                    progress.add(new @Nullable Object[] {
                        evidence(outcome), gate.id(), outcome.claim().token()
                    });
                } else {
                    unproven.add(unprovenParameters(outcome, gate));
                    furtherAttempt(outcome, gate);
                }
            }
        }

        private void furtherAttempt(ClaimOutcome outcome, GateRow gate) {
            if (outcome.claim().attempt() > 1) {
                String cause = outcome.cause() == null ? "" : ": " + outcome.cause();
                events.add(event(
                        outcome,
                        gate,
                        "ATTEMPT",
                        "attempt " + outcome.claim().attempt() + " " + outcome.outcome() + cause));
            }
        }

        private void softDelete(Set<String> notSoftDeleted) {
            Set<String> concerned = new HashSet<>(toSoftDelete.keySet());
            concerned.addAll(provenBefore.keySet());
            Map<String, EngineRow> rows = engine.find(session.entityManager(), concerned);
            provenBefore.forEach((id, outcome) -> {
                EngineRow row = rows.get(id);
                if (row == null || row.isLive() || !row.names(outcome.claim().recording())) {
                    notSoftDeleted.add(id);
                }
            });
            List<SoftDelete> deletions = new ArrayList<>();
            toSoftDelete.forEach((id, outcome) -> {
                EngineRow row = rows.get(id);
                if (row != null && row.isLive() && row.names(outcome.claim().recording())) {
                    deletions.add(new SoftDelete(
                            row, Sql.micros(outcome.at()), outcome.claim().reason()));
                }
            });
            Set<String> marked = engine.softDelete(session.entityManager(), deletions);
            toSoftDelete.forEach((id, outcome) -> {
                if (!marked.contains(id)) {
                    notSoftDeleted.add(id);
                    events.add(event(
                            outcome,
                            gates.get(id),
                            "ROW_NOT_UPDATED",
                            "the row is gone, is deleted already, or names another recording"));
                }
            });
        }
    }

    private static @Nullable Object[] provenParameters(ClaimOutcome outcome, GateRow gate) {
        Claim claim = outcome.claim();
        Recording recording = claim.recording();
        return new @Nullable Object[] {
            StoredText.key(recording.storageKey()),
            StoredText.account(recording.account()),
            recording.created(),
            StoredText.cut(claim.reason(), StoredText.REASON),
            outcome.at(),
            outcome.outcome() == null ? null : outcome.outcome().name(),
            evidence(outcome),
            attempts(outcome, gate),
            StoredText.cut(claim.policy(), StoredText.NAME),
            claim.cutoff(),
            claim.runId(),
            outcome.at(),
            gate.id()
        };
    }

    private static @Nullable Object[] unprovenParameters(ClaimOutcome outcome, GateRow gate) {
        DeletionState state = switch (outcome.step()) {
            case QUARANTINE -> DeletionState.QUARANTINED;
            case REFUSED_UNSENT -> DeletionState.ACTIVE;
            default -> DeletionState.DELETING;
        };
        Instant failingSince = gate.failingSince() == null && isFailure(outcome) ? outcome.at() : gate.failingSince();
        return new @Nullable Object[] {
            state.name(),
            outcome.outcome() == null ? null : outcome.outcome().name(),
            evidence(outcome),
            StoredText.cutOrNull(outcome.cause(), StoredText.CAUSE),
            outcome.inDoubt(),
            Sql.time(outcome.nextAttempt()),
            Sql.time(failingSince),
            attempts(outcome, gate),
            gate.id(),
            outcome.claim().token()
        };
    }

    /** An attempt is counted when it begins. */
    private static int attempts(ClaimOutcome outcome, GateRow gate) {
        return outcome.countsAsAttempt() ? gate.attempts() : Math.max(0, gate.attempts() - 1);
    }

    private static boolean isFailure(ClaimOutcome outcome) {
        return outcome.outcome() != DeletionOutcome.NOT_YET && outcome.outcome() != DeletionOutcome.KEPT;
    }

    private static @Nullable String evidence(ClaimOutcome outcome) {
        return StoredText.cutOrNull(outcome.evidence(), StoredText.LONG);
    }

    private static LedgerEvent event(ClaimOutcome outcome, @Nullable GateRow gate, String kind, String detail) {
        Claim claim = outcome.claim();
        return new LedgerEvent(
                outcome.at(), kind, claim.id(), claim.runId(), gate == null ? null : gate.owner(), detail);
    }

    /** Writes all that a deletion writes. Returns the rows that were marked. */
    Set<String> rehearse(Session session, Candidate candidate, String reason) {
        Instant now = session.tables().dialect().now(session.sql());
        String id = candidate.id();
        GateTable.insertMissing(session, Set.of(id));
        session.sql()
                .update(
                        "update " + session.tables().deletion()
                                + " set token = ?, owner = ?, deletion_reason = ?, cause = ?, lease_until = ? where recording_id = ?",
                        "rehearsal",
                        "rehearsal",
                        StoredText.cut(reason, StoredText.REASON),
                        "rehearsal",
                        now,
                        id);
        Events.add(session, List.of(new LedgerEvent(now, "ATTEMPT", id, null, null, "rehearsal")));
        EngineRow row = engine.find(session.entityManager(), Set.of(id)).get(id);
        return row == null || !row.isLive()
                ? Set.of()
                : engine.softDelete(session.entityManager(), List.of(new SoftDelete(row, now, reason)));
    }

    Set<String> repair(Session session, Collection<Candidate> candidates) {
        List<String> ids = candidates.stream().map(Candidate::id).toList();
        Map<String, GateRow> gates = GateTable.lock(session, ids);
        gates.values().removeIf(gate -> gate.state() != DeletionState.DELETED);
        if (gates.isEmpty()) {
            return Set.of();
        }
        List<SoftDelete> deletions = new ArrayList<>();
        engine.find(session.entityManager(), gates.keySet()).forEach((id, row) -> {
            GateRow gate = gates.get(id);
            if (gate != null
                    && gate.deletedAt() != null
                    && gate.reason() != null
                    && row.isLive()
                    && row.names(gate.storageKey(), gate.account(), gate.created())) {
                deletions.add(new SoftDelete(row, gate.deletedAt(), gate.reason()));
            }
        });
        Set<String> repaired = engine.softDelete(session.entityManager(), deletions);
        Instant now = session.tables().dialect().now(session.sql());
        List<LedgerEvent> events = new ArrayList<>();
        for (String id : repaired) {
            GateRow gate = gates.get(id);
            if (gate != null) {
                events.add(
                        new LedgerEvent(now, "ROW_REPAIRED", id, gate.runId(), gate.owner(), "the row was live again"));
            }
        }
        Events.add(session, events);
        return repaired;
    }
}
