package dev.retention.test;

import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import java.util.Optional;
import java.util.Set;

/** Whether a recording may be deleted as the rows are now. */
final class InMemoryClaimCheck {

    private final InMemoryDatabase database;
    private final InMemoryEngineTable engine;
    private final InMemorySharedKeys keys;

    InMemoryClaimCheck(InMemoryEngineTable engine, InMemorySharedKeys keys) {
        this.database = engine.database();
        this.engine = engine;
        this.keys = keys;
    }

    /** The gate's row of a claim, if the claim still owns it. */
    Optional<GateRow> owned(Claim claim) {
        return Optional.ofNullable(database.gate.get(claim.id())).filter(row -> row.isOwnedBy(claim));
    }

    /** Why it may not be sent; empty if it may. */
    Optional<Objection> objection(Claim claim, DueCriteria criteria) {
        Optional<Signal> forbidden = database.forbidden(criteria);
        if (forbidden.isPresent()) {
            return Optional.of(forbidden.get() == Signal.PAUSED ? Objection.PAUSED : Objection.NOT_CONFIRMED);
        }
        if (!engine.unmappedScopes().isEmpty()) {
            return Optional.of(Objection.HOLD_UNMAPPED);
        }
        Optional<GateRow> gate = owned(claim);
        if (gate.isEmpty()) {
            return Optional.of(Objection.TAKEN_OVER);
        }
        if (gate.get().held) {
            return Optional.of(Objection.HELD);
        }
        return rowObjection(claim.recording(), criteria)
                .or(() -> keys.forbidding(claim.id(), criteria, Set.of()).map(other -> Objection.KEY_SHARED));
    }

    /** Judges the engine's row as it is now, provided that it still names this recording. */
    boolean isStillDue(Recording recording, DueCriteria criteria) {
        return rowObjection(recording, criteria).isEmpty();
    }

    /** What the row says against its deletion, by itself. */
    private Optional<Objection> rowObjection(Recording recording, DueCriteria criteria) {
        Optional<EngineRow> found = engine.row(recording.id());
        if (found.isEmpty()) {
            return Optional.of(Objection.ROW_MISSING);
        }
        EngineRow row = found.get();
        if (!row.names(recording)) {
            return Optional.of(Objection.ROW_CHANGED);
        }
        if (engine.isInScope(row.attributes())) {
            return Optional.of(Objection.HELD);
        }
        if (row.flaggedHeld()) {
            return Optional.of(Objection.FLAGGED_AS_HELD);
        }
        return row.candidate().filter(criteria::isDue).isPresent()
                ? Optional.empty()
                : Optional.of(row.deleted() == null ? Objection.NOT_DUE : Objection.ROW_DELETED);
    }
}
