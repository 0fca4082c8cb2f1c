package dev.retention.model;

import dev.retention.model.Model.Event;
import java.util.List;
import java.util.Set;

/**
 * What can happen, from one state to the next, and what must be true in each.
 *
 * @param <S> a state
 * @param <M> what can happen
 * @param <P> what must be true
 */
interface Model<S, M extends Enum<M> & Event, P extends Enum<P>> {

    /** A kind of move. */
    interface Event {
        /** Whether progress must not depend on it. */
        boolean isFault();
    }

    /**
     * A move, who made it, and where it leads.
     *
     * @param worker its number; 0 for nobody's
     */
    record Step<S, M>(M move, int worker, S next) {
        @Override
        public String toString() {
            return worker == 0 ? String.valueOf(move) : "worker " + worker + " " + move;
        }
    }

    /** A step to the state where everything begins; of whatever kind. */
    Step<S, M> start();

    List<Step<S, M>> from(S state);

    Set<P> violatedIn(S state);

    /** Whether nothing has to happen any more. */
    boolean isGood(S state);

    /** What is broken if a good state can't be reached from each state without faults. */
    P nothingStuck();
}
