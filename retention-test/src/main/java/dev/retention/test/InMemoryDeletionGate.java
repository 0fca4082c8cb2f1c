package dev.retention.test;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.Recording;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.InMemoryDatabase.RowLocked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The gate's rows, and the only place that writes to the engine's. */
final class InMemoryDeletionGate implements DeletionGate {

    private final InMemoryDatabase database;
    private final InMemoryEngineTable engine;
    private final InMemorySharedKeys keys;
    private final InMemoryAttempts attempts;
    private final InMemoryClaimCheck check;

    InMemoryDeletionGate(InMemoryEngineTable engine) {
        this.database = engine.database();
        this.engine = engine;
        this.keys = new InMemorySharedKeys(engine);
        this.attempts = new InMemoryAttempts(engine);
        this.check = new InMemoryClaimCheck(engine, keys);
    }

    @Override
    public Claims claim(ClaimRequest request) {
        return database.commit(() -> {
            String runId = request.runId();
            SweepRun run = runId == null ? null : database.runs.get(runId);
            if (runId != null && (run == null || run.report() != null)) {
                return new Claims(List.of(), Signal.RUN_ENDED);
            }
            Optional<Signal> forbidden = database.forbidden(request.criteria());
            if (forbidden.isPresent()) {
                return new Claims(List.of(), forbidden.get());
            }
            if (!engine.unmappedScopes().isEmpty()) {
                return new Claims(List.of(), Signal.HOLD_UNMAPPED);
            }
            request.candidates().forEach(candidate -> engine.holdIfInScope(candidate.id()));
            List<Claim> claims = claimable(request).stream()
                    .distinct()
                    .limit(budgetLeft(run))
                    .map(id -> attempts.begin(id, request))
                    .toList();
            claims.forEach(this::claimed);
            if (run == null) {
                return new Claims(claims, Signal.GO_ON);
            }
            SweepRun counted = InMemorySweepRuns.claimed(run, claims.size());
            database.runs.put(run.id(), counted);
            return new Claims(claims, budgetLeft(counted) == 0 ? Signal.CAP_REACHED : Signal.GO_ON);
        });
    }

    private void claimed(Claim claim) {
        database.evidence.add(EvidenceEntry.claim(claim, database.now()));
    }

    private List<String> claimable(ClaimRequest request) {
        Instant now = database.now();
        List<Candidate> due = request.candidates().stream()
                .filter(candidate -> check.isStillDue(candidate.recording(), request.criteria()))
                .toList();
        Set<String> wanted = due.stream().map(Candidate::id).collect(Collectors.toSet());
        return due.stream()
                .filter(candidate -> !keys.keep(candidate.id(), request.criteria(), wanted))
                .filter(candidate -> {
                    GateRow gate = database.gate.get(candidate.id());
                    return gate == null
                            || gate.isClaimable()
                            || request.criteria().isErasure() && isLeftOver(gate, candidate.recording(), now);
                })
                .map(Candidate::id)
                .toList();
    }

    /** Whether it is in flight, no instance works on it, and no hold applies to it. */
    private static boolean isLeftOver(GateRow gate, Recording recording, Instant now) {
        return gate.state == DeletionState.DELETING
                && !gate.held
                && !gate.leaseLastsBeyond(now)
                && Objects.equals(gate.storageKey, recording.storageKey())
                && Objects.equals(gate.account, recording.account())
                && Objects.equals(gate.created, recording.created());
    }

    private static long budgetLeft(@Nullable SweepRun run) {
        if (run == null) {
            return Long.MAX_VALUE;
        }
        Long max = run.maxDeletions();
        return max == null ? Long.MAX_VALUE : Math.max(0, max - run.claimed());
    }

    @Override
    public Set<String> keptForOthers(Collection<Candidate> candidates, DueCriteria criteria) {
        return database.read(() -> keys.keptForOthers(candidates, criteria));
    }

    @Override
    public Set<String> sentForOthers(Collection<Candidate> candidates) {
        return database.read(() -> candidates.stream()
                .map(Candidate::id)
                .filter(id -> engine.row(id).filter(keys::isSentForOther).isPresent())
                .collect(Collectors.toSet()));
    }

    @Override
    public List<Claim> reclaim(String owner, @Nullable String runId, Instant now, Instant leaseUntil, int limit) {
        return database.commit(() -> {
            if (!engine.unmappedScopes().isEmpty()) {
                return List.of();
            }
            List<Claim> claims = database.gate.all().stream()
                    .filter(row -> row.state == DeletionState.DELETING && !row.leaseLastsBeyond(now))
                    .filter(row -> row.isDueAgain(now, database.controls.get(Controls.PAUSED) == null))
                    .sorted(Comparator.comparing(GateRow::waitingSince).thenComparing(GateRow::id))
                    .limit(limit)
                    .map(row -> attempts.beginAgain(row.id(), owner, runId, leaseUntil))
                    .toList();
            claims.forEach(this::claimed);
            return claims;
        });
    }

    @Override
    public Set<String> verify(Collection<Claim> claims, DueCriteria criteria) {
        if (database.read(() -> claims.stream().anyMatch(claim -> engine.isNewInScope(claim.id())))) {
            database.commit(() -> claims.stream()
                    .filter(claim -> engine.holdIfInScope(claim.id()))
                    .count());
        }
        Set<String> refused = objections(claims, criteria).keySet();
        return claims.stream()
                .map(Claim::id)
                .filter(id -> !refused.contains(id))
                .collect(Collectors.toSet());
    }

    @Override
    public Map<String, Objection> objections(Collection<Claim> claims, DueCriteria criteria) {
        return database.read(() -> {
            Map<String, Objection> objections = new HashMap<>();
            claims.forEach(claim ->
                    check.objection(claim, criteria).ifPresent(objection -> objections.put(claim.id(), objection)));
            return objections;
        });
    }

    private Optional<GateRow> owned(Claim claim) {
        return check.owned(claim);
    }

    @Override
    public void release(Collection<Claim> unsent, Instant nextAttempt) {
        database.commit(() -> {
            for (Claim claim : unsent) {
                if (owned(claim).isEmpty()) {
                    continue;
                }
                database.evidence.add(EvidenceEntry.claimRelease(claim, database.now()));
                GateRow row = database.changeGate(claim.id());
                if (claim.attempt() == 1) {
                    database.gate.put(row.id(), row.unclaimed());
                    Optional.ofNullable(claim.runId())
                            .map(database.runs::get)
                            .ifPresent(run -> database.runs.put(run.id(), InMemorySweepRuns.claimed(run, -1)));
                } else {
                    row.endAttempt(false);
                    row.inDoubt = claim.inDoubt();
                    row.nextAttempt = nextAttempt;
                }
            }
            return true;
        });
    }

    @Override
    public Recorded record(Collection<ClaimOutcome> outcomes) {
        Set<String> notMarked = new HashSet<>();
        List<Refusal> refused = new ArrayList<>();
        List<ClaimOutcome> locked = new ArrayList<>();
        try {
            notMarked.addAll(database.commit(() -> recordAll(outcomes)));
        } catch (RetentionException batchFailed) {
            for (ClaimOutcome outcome : outcomes) {
                recordAlone(outcome, notMarked, refused, locked);
            }
        }
        return new Recorded(notMarked, refused, locked);
    }

    private void recordAlone(ClaimOutcome one, Set<String> notMarked, List<Refusal> refused, List<ClaimOutcome> busy) {
        try {
            notMarked.addAll(database.commit(() -> recordAll(List.of(one))));
        } catch (RowLocked e) {
            busy.add(one);
        } catch (RetentionException e) {
            if (e.kind() == RetentionException.Kind.UNAVAILABLE) {
                throw e;
            }
            refused.add(new Refusal(one, String.valueOf(e.getMessage())));
        }
    }

    private Set<String> recordAll(Collection<ClaimOutcome> outcomes) {
        Set<String> notSoftDeleted = new HashSet<>();
        for (ClaimOutcome outcome : outcomes) {
            if (outcome.step() == ClaimOutcome.Step.DELETED) {
                if (!recordProof(outcome)) {
                    notSoftDeleted.add(outcome.claim().id());
                }
                keys.deletedWith(outcome, outcomes);
            } else if (owned(outcome.claim()).isPresent()) {
                recordUnproven(outcome);
            }
        }
        return notSoftDeleted;
    }

    /** Records it whatever instance owns the row now: a proof remains true. */
    private boolean recordProof(ClaimOutcome proof) {
        Recording recording = proof.claim().recording();
        Optional<EngineRow> engine = database.engineRow(recording.id()).filter(row -> row.names(recording));
        GateRow before = database.gate.get(recording.id());
        if (before != null && before.state == DeletionState.DELETED) {
            return engine.filter(row -> row.deleted() != null).isPresent();
        }
        database.changeGate(recording.id()).deleted(proof);
        database.evidence.add(EvidenceEntry.outcome(proof));
        eventOfFurtherAttempt(proof);
        Optional<EngineRow> live = engine.filter(row -> row.deleted() == null);
        if (live.isEmpty() && engine.isPresent() && proof.claim().acceptsSoftDeleted()) {
            return true;
        }
        live.ifPresentOrElse(
                row -> database.softDelete(row, proof.at(), proof.claim().reason()),
                () -> event(
                        proof, "ROW_NOT_UPDATED", "the row is gone, is deleted already, or names another recording"));
        return live.isPresent();
    }

    private void recordUnproven(ClaimOutcome outcome) {
        GateRow row = database.changeGate(outcome.claim().id());
        database.evidence.add(EvidenceEntry.outcome(outcome));
        if (!outcome.evidence().isEmpty()) {
            row.evidence = outcome.evidence().text();
        }
        if (outcome.step() == ClaimOutcome.Step.PROGRESS) {
            return;
        }
        eventOfFurtherAttempt(outcome);
        row.outcome = outcome.outcome();
        row.cause = outcome.cause();
        row.inDoubt = outcome.inDoubt();
        row.nextAttempt = outcome.nextAttempt();
        if (isFailure(outcome) && row.failingSince == null) {
            row.failingSince = outcome.at();
        }
        row.endAttempt(outcome.countsAsAttempt());
        row.state = switch (outcome.step()) {
            case QUARANTINE -> DeletionState.QUARANTINED;
            case REFUSED_UNSENT -> DeletionState.ACTIVE;
            default -> DeletionState.DELETING;
        };
    }

    private static boolean isFailure(ClaimOutcome outcome) {
        return outcome.outcome() != DeletionOutcome.NOT_YET && outcome.outcome() != DeletionOutcome.KEPT;
    }

    @Override
    public Optional<String> rehearse(Candidate candidate, String reason) {
        return database.read(() -> database.refusalToWrite(candidate.id()));
    }

    @Override
    public Set<String> repair(Collection<Candidate> candidates) {
        return database.commit(() ->
                candidates.stream().map(Candidate::id).filter(this::repair).collect(Collectors.toSet()));
    }

    private boolean repair(String id) {
        GateRow gate = database.gate.get(id);
        if (gate == null || gate.state != DeletionState.DELETED || gate.deletedAt == null) {
            return false;
        }
        Optional<EngineRow> revived = database.engineRow(id)
                .filter(row -> row.deleted() == null && row.names(gate.storageKey, gate.account, gate.created));
        Instant deletedAt = gate.deletedAt;
        revived.ifPresent(row -> {
            database.softDelete(row, deletedAt, gate.reason);
            database.event(new LedgerEvent(
                    database.now(), "ROW_REPAIRED", id, gate.runId, gate.owner, "the row was live again"));
        });
        return revived.isPresent();
    }

    private void eventOfFurtherAttempt(ClaimOutcome outcome) {
        if (outcome.claim().attempt() > 1) {
            String cause = outcome.cause() == null ? "" : ": " + outcome.cause();
            event(outcome, "ATTEMPT", "attempt " + outcome.claim().attempt() + " " + outcome.outcome() + cause);
        }
    }

    private void event(ClaimOutcome outcome, String kind, String detail) {
        Claim claim = outcome.claim();
        String owner = Optional.ofNullable(database.gate.get(claim.id()))
                .map(row -> row.owner)
                .orElse(null);
        database.event(new LedgerEvent(outcome.at(), kind, claim.id(), claim.runId(), owner, detail));
    }
}
