package dev.retention.jpa;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEvent;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.ClaimedRow;
import dev.retention.jpa.SoftDeletion.Request;
import dev.retention.jpa.Sql.Statement;
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

/**
 * Records the outcomes of claims, and marks the engine's rows, within a transaction. Lock order: gate rows by id, then
 * the engine's rows.
 */
final class Recordkeeping {

    private static final String OWNED = "recording_id = ? and token = ? and state = 'DELETING'";

    private final EngineTable engine;
    private final SoftDeletion softDeletion;

    Recordkeeping(EngineTable engine) {
        this.engine = engine;
        this.softDeletion = new SoftDeletion(engine);
    }

    /** Whether the other rows with the key of a proven recording are marked with it, and whether there were any. */
    static final class Others {

        private final boolean areMarked;
        private boolean wereMet;

        private Others(boolean areMarked) {
            this.areMarked = areMarked;
        }

        static Others marked() {
            return new Others(true);
        }

        /** For a proof that the database refuses together with the others. */
        static Others leftAlone() {
            return new Others(false);
        }

        /** Whether rows were marked together with a proven recording, or would have been if nothing had failed. */
        boolean wereMet() {
            return wereMet;
        }
    }

    /** Returns the ids whose engine row was not marked. */
    Set<String> record(Session session, Collection<ClaimOutcome> outcomes, Others others) {
        Set<String> notSoftDeleted = new HashSet<>();
        for (Collection<ClaimOutcome> round : rounds(outcomes)) {
            new Round(session, round).record(others, notSoftDeleted);
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
        private final Map<String, ClaimedRow> gates = new HashMap<>();
        private final List<Statement> changes = new ArrayList<>();
        private final List<LedgerEvent> events = new ArrayList<>();
        private final List<ClaimOutcome> recorded = new ArrayList<>();
        private final Map<String, ClaimOutcome> toSoftDelete = new TreeMap<>();
        private final Map<String, ClaimOutcome> provenBefore = new TreeMap<>();

        Round(Session session, Collection<ClaimOutcome> round) {
            this.session = session;
            round.forEach(outcome -> outcomes.put(outcome.claim().id(), outcome));
        }

        void record(Others others, Set<String> notSoftDeleted) {
            lockGates(outcomes);
            SharedKeys keys = SharedKeys.of(session, engine, provenRecordings());
            Set<String> claimed = Set.copyOf(outcomes.keySet());
            DeletedTogether together = new DeletedTogether(keys, outcomes.values());
            if (others.areMarked) {
                others.wereMet |= !together.outcomes().isEmpty();
                // A proof replaces what another attempt for the same key found.
                outcomes.putAll(together.outcomes());
                lockGates(together.outcomes());
            }
            outcomes.values().forEach(this::judge);
            session.evidence()
                    .addAll(() -> recorded.stream().map(together::evidence).toList());
            together.events().stream()
                    .filter(event -> toSoftDelete.containsKey(event.recordingId()))
                    .forEach(events::add);
            session.sql().batch(changes);
            softDelete(keys.rows()).stream().filter(claimed::contains).forEach(notSoftDeleted::add);
            Events.add(session, events);
        }

        private List<Recording> provenRecordings() {
            return outcomes.values().stream()
                    .filter(outcome -> outcome.step() == Step.DELETED)
                    .map(outcome -> outcome.claim().recording())
                    .toList();
        }

        private void lockGates(Map<String, ClaimOutcome> some) {
            gates.putAll(GateTable.lockClaimed(session, some.keySet()));
            List<String> missing = some.values().stream()
                    .filter(outcome -> outcome.step() == Step.DELETED)
                    .map(outcome -> outcome.claim().id())
                    .filter(id -> !gates.containsKey(id))
                    .toList();
            if (!missing.isEmpty()) {
                GateTable.insertMissing(session, missing);
                gates.putAll(GateTable.lockClaimed(session, missing));
            }
        }

        private void judge(ClaimOutcome outcome) {
            ClaimedRow gate = gates.get(outcome.claim().id());
            if (gate == null) {
                return;
            }
            String table = session.tables().deletion();
            if (outcome.step() == Step.DELETED) {
                // Whatever instance owns the claim now: a proof remains true.
                if (gate.state() == DeletionState.DELETED) {
                    provenBefore.put(gate.id(), outcome);
                } else {
                    changes.add(
                            proven(outcome, gate).update(table, "recording_id = ? and state <> 'DELETED'", gate.id()));
                    furtherAttempt(outcome, gate);
                    toSoftDelete.put(gate.id(), outcome);
                    recorded.add(outcome);
                }
            } else if (gate.isOwnedBy(outcome.claim())) {
                Columns changed;
                if (outcome.step() == Step.PROGRESS) {
                    changed = new Columns().text("evidence", evidence(outcome));
                } else {
                    changed = unproven(outcome, gate);
                    furtherAttempt(outcome, gate);
                }
                changes.add(
                        changed.update(table, OWNED, gate.id(), outcome.claim().token()));
                recorded.add(outcome);
            }
        }

        private void furtherAttempt(ClaimOutcome outcome, ClaimedRow gate) {
            if (outcome.claim().attempt() > 1) {
                String cause = outcome.cause() == null ? "" : ": " + outcome.cause();
                events.add(event(
                        outcome,
                        gate,
                        "ATTEMPT",
                        "attempt " + outcome.claim().attempt() + " " + outcome.outcome() + cause));
            }
        }

        /** Returns what was not marked. */
        private Set<String> softDelete(Map<String, EngineRow> rows) {
            Set<String> notSoftDeleted = new HashSet<>();
            provenBefore.forEach((id, outcome) -> {
                EngineRow row = rows.get(id);
                if (row == null || row.isLive() || !row.names(outcome.claim().recording())) {
                    notSoftDeleted.add(id);
                }
            });
            List<Request> requests = new ArrayList<>();
            toSoftDelete.forEach((id, outcome) -> {
                EngineRow row = rows.get(id);
                if (row != null && row.isLive() && row.names(outcome.claim().recording())) {
                    requests.add(new Request(
                            row, Sql.micros(outcome.at()), outcome.claim().reason()));
                }
            });
            Set<String> marked = softDeletion.mark(session, requests);
            toSoftDelete.forEach((id, outcome) -> {
                if (!marked.contains(id) && !isSoftDeletedAsAccepted(rows.get(id), outcome.claim())) {
                    notSoftDeleted.add(id);
                    events.add(event(outcome, gates.get(id), "ROW_NOT_UPDATED", Events.WHY_NOT_UPDATED));
                }
            });
            return notSoftDeleted;
        }
    }

    /** A row that the engine has soft-deleted itself remains as it is, if the claim was for such rows, too. */
    private static boolean isSoftDeletedAsAccepted(@Nullable EngineRow row, Claim claim) {
        return claim.acceptsSoftDeleted() && row != null && !row.isLive() && row.names(claim.recording());
    }

    private static Columns proven(ClaimOutcome outcome, ClaimedRow gate) {
        Columns proof = new Columns()
                .sql("state", "'DELETED'")
                .time("deleted_at", outcome.at())
                .text("outcome", name(outcome))
                .text("evidence", evidence(outcome))
                .clear(GateTable.CAUSE)
                .clear("next_attempt_at", "failing_since", "token", "lease_until")
                .number("attempts", attempts(outcome, gate));
        // Every deletion writes this: what its own claim has written already is left out.
        return gate.isOwnedBy(outcome.claim()) ? proof : withWhatAClaimWrites(proof, outcome);
    }

    private static Columns withWhatAClaimWrites(Columns proof, ClaimOutcome outcome) {
        Claim claim = outcome.claim();
        Recording recording = claim.recording();
        return proof.text("storage_key", StoredText.key(recording.storageKey()))
                .text("account", StoredText.account(recording.account()))
                .time("recording_created_at", recording.created())
                .text("deletion_reason", StoredText.cut(claim.reason(), StoredText.REASON))
                .textIfMissing("policy", StoredText.cut(claim.policy(), StoredText.NAME))
                .timeIfMissing("cutoff", claim.cutoff())
                .textIfMissing("run_id", claim.runId())
                .timeIfMissing("claimed_at", outcome.at());
    }

    private static Columns unproven(ClaimOutcome outcome, ClaimedRow gate) {
        DeletionState state = switch (outcome.step()) {
            case QUARANTINE -> DeletionState.QUARANTINED;
            case REFUSED_UNSENT -> DeletionState.ACTIVE;
            default -> DeletionState.DELETING;
        };
        Cause cause = outcome.cause();
        Instant failingSince = gate.failingSince() == null && isFailure(outcome) ? outcome.at() : gate.failingSince();
        return new Columns()
                .text("state", state.name())
                .text("outcome", name(outcome))
                .textUnlessNull("evidence", evidence(outcome))
                .text("cause", cause == null ? null : StoredText.cut(cause.detail(), StoredText.CAUSE))
                .text("cause_code", cause == null ? null : cause.code())
                .text("cause_storage", cause == null ? null : cause.storage())
                .flag("in_doubt", outcome.inDoubt())
                .time("next_attempt_at", outcome.nextAttempt())
                .time("failing_since", failingSince)
                .clear("token", "lease_until")
                .number("attempts", attempts(outcome, gate));
    }

    private static @Nullable String name(ClaimOutcome outcome) {
        return outcome.outcome() == null ? null : outcome.outcome().name();
    }

    /** An attempt is counted when it begins. */
    private static int attempts(ClaimOutcome outcome, ClaimedRow gate) {
        return outcome.countsAsAttempt() ? gate.attempts() : Math.max(0, gate.attempts() - 1);
    }

    private static boolean isFailure(ClaimOutcome outcome) {
        return outcome.outcome() != DeletionOutcome.NOT_YET && outcome.outcome() != DeletionOutcome.KEPT;
    }

    private static @Nullable String evidence(ClaimOutcome outcome) {
        return StoredText.cutOrNull(outcome.evidence().text(), StoredText.LONG);
    }

    private static LedgerEvent event(ClaimOutcome outcome, @Nullable ClaimedRow gate, String kind, String detail) {
        Claim claim = outcome.claim();
        return new LedgerEvent(
                outcome.at(), kind, claim.id(), claim.runId(), gate == null ? null : gate.owner(), detail);
    }
}
