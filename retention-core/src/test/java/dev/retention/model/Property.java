package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** What must be true in every state. */
enum Property {
    /** P1: under a hold that was answered HELD the recording is there. */
    HELD_IS_ABSOLUTE(state -> state.promise() != HoldAnswer.HELD || state.stored()),
    /** P1: under a hold that was answered HELD no request is under way. */
    HELD_IS_HONEST(state -> state.promise() != HoldAnswer.HELD || state.onTheWire() == 0),
    /** P1: a hold is called LATE only in the door; then no request leaves whose check came after the hold, and nobody accepts the recording as gone. */
    LATE_IS_HONEST(state -> (state.promise() != HoldAnswer.LATE || state.row() != DeletionState.ACTIVE)
            && !(state.accepted() && state.promise() != null)),
    /** P2: no request leaves, and nothing is deleted, without a committed claim. */
    NOTHING_UNRECORDED(state -> state.claimed() || state.stored() && state.onTheWire() == 0),
    /** P3: what is recorded as deleted is not there, unless a person accepted it, labelled so, after the storage did not know it. */
    NOTHING_FALSELY_RECORDED(state -> (state.row() != DeletionState.DELETED || !state.stored() || state.accepted())
            && (!state.accepted() || state.unproven())),
    /** P4: whatever happened, DELETED can be reached by a proof, without further faults. Judged over all states, not in one. */
    NOTHING_STUCK(state -> true),
    /** P5: what was ever sent never returns to ACTIVE. */
    ONE_WAY_DOOR(state -> state.row() != DeletionState.ACTIVE || !state.sent()),
    /** P5: no request leaves that was let through while the recording waited for a person. */
    QUARANTINE_WAITS(state -> true),
    /** No request leaves that was let through during a pause, or for an attempt that had been taken over. */
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
