package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** What must be true in every state. */
enum Property {
    /** P1: under a hold that was answered HELD the recording exists. */
    HELD_IS_ABSOLUTE(state -> state.promise() != HoldAnswer.HELD || state.stored()),
    /** P1: under a hold that was answered HELD no request is in flight. */
    HELD_IS_HONEST(state -> state.promise() != HoldAnswer.HELD || state.onTheWire() == 0),
    /**
     * P1: a hold is answered LATE only in flight or in quarantine; then no request is sent whose check came after the
     * hold, and nobody accepts the recording as gone.
     */
    LATE_IS_HONEST(state -> (state.promise() != HoldAnswer.LATE || state.row() != DeletionState.ACTIVE)
            && !(state.accepted() && state.promise() != null)),
    /** P2: no request is sent, and nothing is deleted, without a committed claim. */
    NOTHING_UNRECORDED(state -> state.claimed() || state.stored() && state.onTheWire() == 0),
    /**
     * P3: a recording that is recorded as deleted does not exist, unless a person accepted it, labelled so, after the
     * storage returned 404.
     */
    NOTHING_FALSELY_RECORDED(state -> (state.row() != DeletionState.DELETED || !state.stored() || state.accepted())
            && (!state.accepted() || state.unproven())),
    /**
     * P4: whatever happened, DELETED can be reached by a proof, without further faults. Judged over all states, not in
     * one.
     */
    NOTHING_STUCK(state -> true),
    /** P5: what was ever sent never returns to ACTIVE. */
    SENT_IS_NEVER_ACTIVE(state -> state.row() != DeletionState.ACTIVE || !state.sent()),
    /** P5: no request is sent that was permitted while the recording was quarantined. */
    QUARANTINE_WAITS(state -> true),
    /** No request is sent that was permitted during a pause, or for an attempt that had been taken over. */
    SENT_BY_RIGHT(state -> true);

    private final Predicate<State> holds;

    Property(Predicate<State> holds) {
        this.holds = holds;
    }

    static Set<Property> violatedIn(State state) {
        EnumSet<Property> violated = EnumSet.noneOf(Property.class);
        for (Property property : values()) {
            if (!property.holds.test(state)
                    || state.one().sentAgainst(property)
                    || state.two().sentAgainst(property)) {
                violated.add(property);
            }
        }
        return violated;
    }
}
