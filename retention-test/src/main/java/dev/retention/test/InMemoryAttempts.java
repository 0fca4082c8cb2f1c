package dev.retention.test;

import dev.retention.DeletionState;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Evidence;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Begins attempts on gate rows that may be claimed. */
record InMemoryAttempts(InMemoryEngineTable engine) {

    private InMemoryDatabase database() {
        return engine.database();
    }

    Claim begin(String id, ClaimRequest request) {
        GateRow before = database().gate.get(id);
        return before == null || before.state == DeletionState.ACTIVE
                ? firstAttempt(id, request)
                : takeOver(id, request);
    }

    private Claim takeOver(String id, ClaimRequest request) {
        GateRow gate = database().changeGate(id);
        gate.policy = request.criteria().fallback().policy();
        gate.cutoff = request.criteria().fallback().cutoff();
        gate.reason = request.reason();
        gate.runId = null;
        return beginAgain(id, request.owner(), null, request.leaseUntil());
    }

    private Claim firstAttempt(String id, ClaimRequest request) {
        Candidate row = engine.candidate(id).orElseThrow();
        DueCriteria.Rule rule = request.criteria().governing(row.recording().attributes());
        GateRow gate = database().changeGate(id).unclaimed();
        database().gate.put(id, gate);
        gate.storageKey = row.recording().storageKey();
        gate.account = row.recording().account();
        gate.created = row.recording().created();
        gate.duration = row.duration();
        gate.policy = rule.policy();
        gate.cutoff = rule.cutoff();
        gate.reason = request.reasonFor(row);
        gate.claimedAt = database().now();
        gate.runId = request.runId();
        gate.beginAttempt(request.owner(), request.leaseUntil());
        return claim(gate, 1, false);
    }

    Claim beginAgain(String id, String owner, @Nullable String runId, Instant leaseUntil) {
        GateRow gate = database().changeGate(id);
        boolean wasInDoubt = gate.inDoubt;
        if (runId != null) {
            gate.runId = runId;
        }
        gate.beginAttempt(owner, leaseUntil);
        return claim(gate, gate.attempts, wasInDoubt);
    }

    private Claim claim(GateRow gate, int attempt, boolean inDoubt) {
        Map<String, String> attributes =
                engine.row(gate.id()).map(EngineRow::attributes).orElse(Map.of());
        return Claim.builder(
                        gate.recording(attributes),
                        known(gate.token),
                        known(gate.leaseUntil),
                        known(gate.policy),
                        known(gate.cutoff),
                        known(gate.reason))
                .runId(gate.runId)
                .attempt(attempt)
                .inDoubt(inDoubt)
                .late(gate.held)
                .evidence(Evidence.parse(gate.evidence))
                .failingSince(gate.failingSince)
                .duration(gate.duration)
                .build();
    }

    /** A claimed row has all that a claim names. */
    private static <T> T known(@Nullable T value) {
        return Optional.ofNullable(value).orElseThrow();
    }
}
