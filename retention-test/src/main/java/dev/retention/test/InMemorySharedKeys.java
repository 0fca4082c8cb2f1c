package dev.retention.test;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEvent;
import dev.retention.spi.Candidate;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.Recording;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Rows that name the same storage key: what is deleted is the key. */
record InMemorySharedKeys(InMemoryEngineTable engine) {

    private InMemoryDatabase database() {
        return engine.database();
    }

    /** The other rows with the key of this one and the same account, or none on either side; also unreadable ones. */
    List<EngineRow> others(EngineRow row) {
        String key = row.storageKey();
        return key == null
                ? List.of()
                : engine.allRows()
                        .filter(other -> !other.id().equals(row.id()) && key.equals(other.storageKey()))
                        .filter(other -> mayBeSame(row.account(), other.account()))
                        .toList();
    }

    private static boolean mayBeSame(@Nullable String account, @Nullable String another) {
        return account == null || another == null || account.equals(another);
    }

    /** The first other row for which this one must be kept, which may be gone if it is held. */
    Optional<String> forbidding(String id, DueCriteria criteria, Set<String> wanted) {
        return engine.row(id)
                .flatMap(row -> Stream.concat(
                                others(row).stream()
                                        .filter(other -> forbids(other, criteria, wanted))
                                        .map(EngineRow::id),
                                gates(row).filter(gate -> heldWith(row, gate)).map(GateRow::id))
                        .findFirst());
    }

    private Stream<GateRow> gates(EngineRow row) {
        return database().gate.all().stream().filter(gate -> !gate.id().equals(row.id()));
    }

    /** Whether the key is that of a recording which was held, whatever the engine's row of that says now. */
    private static boolean heldWith(EngineRow row, GateRow gate) {
        return gate.held
                && gate.heldKey != null
                && gate.heldKey.equals(row.storageKey())
                && mayBeSame(row.account(), gate.heldAccount);
    }

    /** Whether a claim of the key is in flight, whatever the engine's row of that says now. */
    private static boolean isInFlight(EngineRow row, GateRow gate) {
        return (gate.state == DeletionState.DELETING || gate.state == DeletionState.QUARANTINED)
                && gate.storageKey != null
                && gate.storageKey.equals(row.storageKey())
                && mayBeSame(row.account(), gate.account);
    }

    private boolean forbids(EngineRow other, DueCriteria criteria, Set<String> wanted) {
        GateRow gate = database().gate.get(other.id());
        if (isHeld(gate, other) || database().isUnreadable(other.id())) {
            return true;
        }
        boolean live = other.deleted() == null;
        if (!live && gate != null && gate.isDeletionOf(other)) {
            return false;
        }
        return other.flaggedHeld()
                || engine.isInScope(other.attributes())
                || (live || criteria.softDeletedToo())
                        && (gate != null && gate.state == DeletionState.UNREADABLE
                                || other.candidate().filter(criteria::isDue).isEmpty())
                || live && criteria.isErasure() && !wanted.contains(other.id()) && !isErased(gate);
    }

    private static boolean isHeld(@Nullable GateRow gate, EngineRow row) {
        return gate != null && gate.held && !gate.isDeletionOf(row);
    }

    /** Also if the row is gone by now. */
    private boolean isHeld(String id) {
        GateRow gate = database().gate.get(id);
        return engine.allRows()
                .filter(row -> row.id().equals(id))
                .findFirst()
                .map(row -> isHeld(gate, row))
                .orElseGet(() -> gate != null && gate.held && gate.state != DeletionState.DELETED);
    }

    private static boolean isErased(@Nullable GateRow gate) {
        return gate != null && gate.state != DeletionState.ACTIVE && DueCriteria.ERASURE.equals(gate.policy);
    }

    Set<String> keptForOthers(Collection<Candidate> candidates, DueCriteria criteria) {
        return candidates.stream()
                .map(Candidate::id)
                .filter(id -> forbidding(id, criteria, Set.of()).isPresent())
                .collect(Collectors.toSet());
    }

    /** Returns whether it must be kept for another row. If so, its gate row says why. */
    boolean keep(String id, DueCriteria criteria, Set<String> wanted) {
        Optional<String> other = forbidding(id, criteria, wanted);
        other.ifPresent(keeping -> keepFor(keeping, id));
        return other.isPresent();
    }

    private void keepFor(String other, String id) {
        GateRow gate = database().gate.get(id);
        if (gate != null && gate.state == DeletionState.DELETED) {
            return;
        }
        engine.holdIfInScope(other);
        if (isHeld(other)) {
            for (HoldRow hold : database().holds.all()) {
                if (hold.lasts() && hold.recordings().contains(other)) {
                    database().hold(hold, id, hold.hold().placedBy(), database().now());
                }
            }
        } else if (gate == null || gate.isClaimable()) {
            GateRow kept = database().changeGate(id);
            kept.outcome = DeletionOutcome.KEY_SHARED;
            kept.cause = Cause.of(
                    DeletionOutcome.KEY_SHARED.name(),
                    "row " + other + " names the same storage key and must be kept, or was not to be erased");
        }
    }

    /** Whether a deletion of its key may have been sent, for it or for another row. */
    boolean mayBeSent(EngineRow row) {
        GateRow gate = database().gate.get(row.id());
        // A deletion that is not of this recording is of one that had its id before.
        boolean ofAnother = gate != null
                && gate.state == DeletionState.DELETED
                && !database().isUnreadable(row.id());
        boolean own = mayBeSent(row.id()) && gate != null && !ofAnother;
        return own || isSentForOther(row);
    }

    boolean isSentForOther(EngineRow row) {
        return others(row).stream().anyMatch(other -> mayBeSent(other.id()))
                || gates(row).anyMatch(gate -> isInFlight(row, gate));
    }

    private boolean mayBeSent(String id) {
        GateRow gate = database().gate.get(id);
        return gate != null && gate.state != DeletionState.ACTIVE;
    }

    /** What a hold on this one must be applied to: the other live rows, and what is in flight with its key. */
    Set<String> toHold(EngineRow row) {
        Set<String> ids = gates(row)
                .filter(gate -> isInFlight(row, gate))
                .map(GateRow::id)
                .collect(Collectors.toCollection(TreeSet::new));
        for (EngineRow other : others(row)) {
            GateRow gate = database().gate.get(other.id());
            if (other.deleted() == null && (gate == null || !gate.isDeletionOf(other))) {
                ids.add(other.id());
            }
        }
        return ids;
    }

    /** Records for the other live rows with the key and the very account what is proven for one. */
    void deletedWith(ClaimOutcome proof, Collection<ClaimOutcome> all) {
        Set<String> proven = all.stream()
                .filter(outcome -> outcome.step() == ClaimOutcome.Step.DELETED)
                .map(outcome -> outcome.claim().id())
                .collect(Collectors.toSet());
        Recording recording = proof.claim().recording();
        EngineRow claimed = EngineRow.of(recording.id(), recording.storageKey(), recording.created())
                .withAccount(recording.account());
        for (EngineRow seen : others(claimed)) {
            EngineRow other = database().engineRow(seen.id()).orElseThrow();
            GateRow before = database().gate.get(other.id());
            if (database().isUnreadable(other.id())
                    || other.deleted() != null
                    || proven.contains(other.id())
                    || database().refusalToWrite(other.id()).isPresent()
                    || !Objects.equals(other.account(), recording.account())
                    || other.created() == null
                    || !other.created().isBefore(proof.at())
                    || before != null && before.state == DeletionState.DELETED) {
                continue;
            }
            other.candidate().ifPresent(candidate -> {
                GateRow gate = database().changeGate(other.id());
                ClaimOutcome too = proof.deletedToo(candidate.recording());
                gate.deleted(too);
                database().evidence.add(EvidenceEntry.outcomeWith(too, recording.id()));
                gate.runId = gate.runId == null ? proof.claim().runId() : gate.runId;
                gate.policy = gate.policy == null ? proof.claim().policy() : gate.policy;
                gate.cutoff = gate.cutoff == null ? proof.claim().cutoff() : gate.cutoff;
                gate.claimedAt = gate.claimedAt == null ? proof.at() : gate.claimedAt;
                database().softDelete(other, proof.at(), proof.claim().reason());
                database()
                        .event(new LedgerEvent(
                                proof.at(),
                                "DELETED_WITH",
                                other.id(),
                                proof.claim().runId(),
                                null,
                                "deleted with recording " + recording.id() + ", whose row names the same storage key"));
            });
        }
    }
}
