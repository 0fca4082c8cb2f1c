package dev.retention.model;

import org.jspecify.annotations.Nullable;

/**
 * All that matters of one recording at one moment.
 *
 * @param row where the gate row is
 * @param hold what was answered to a hold that lasts
 * @param object whether the provider still has the recording
 * @param attempt how many attempts the gate row counts
 * @param token how many claims there were; the last one's number proves it
 * @param leased whether the lease is believed to last
 * @param inDoubt whether the gate row says that an attempt may have been applied
 * @param why what a quarantined row waits for
 * @param labelled whether a person accepted it as gone
 * @param claimed whether a claim was ever committed
 * @param sent whether a deletion was sent since the row was last {@code ACTIVE}
 * @param wires how many deletions are under way and not applied yet, their senders alive or not
 * @param wrong whether the credentials are those of another account, which knows nothing
 * @param paused whether deleting is paused
 * @param one the first worker
 * @param two the second worker
 * @param violation which promise was broken to get here
 */
record State(
        Row row,
        Hold hold,
        boolean object,
        int attempt,
        int token,
        boolean leased,
        boolean inDoubt,
        Why why,
        boolean labelled,
        boolean claimed,
        boolean sent,
        int wires,
        boolean wrong,
        boolean paused,
        Worker one,
        Worker two,
        @Nullable String violation) {

    enum Row {
        ACTIVE,
        DELETING,
        QUARANTINED,
        DELETED
    }

    enum Hold {
        NONE,
        HELD,
        LATE
    }

    enum Why {
        NOTHING,
        UNPROVEN,
        REFUSED
    }

    enum Step {
        IDLE,
        /** Has read the row, perhaps long ago. */
        SEEN,
        /** Has committed a claim. */
        CLAIMED,
        /** Has committed the check before the send. */
        CHECKED,
        SENT,
        ANSWERED
    }

    enum Answer {
        NONE,
        PROVEN,
        NOT_FOUND,
        /** Throttled or not connected. */
        SURELY_NOT_APPLIED,
        /** Timed out, reset, or not to be read. */
        UNKNOWN,
        REFUSED,
        REFUSED_UNSENT
    }

    /**
     * One instance's work on it.
     *
     * @param attempt which attempt its claim is
     * @param lookFirst whether it has to look the recording up before it deletes
     * @param inDoubt whether an attempt may have been applied, as far as it knows
     */
    record Worker(Step step, int token, int attempt, boolean lookFirst, boolean inDoubt, Answer answer) {

        static final Worker IDLE = new Worker(Step.IDLE, 0, 0, false, false, Answer.NONE);

        Worker at(Step next) {
            return new Worker(next, token, attempt, lookFirst, inDoubt, answer);
        }

        Worker answered(Answer with, boolean doubt) {
            return new Worker(Step.ANSWERED, token, attempt, lookFirst, doubt, with);
        }

        Worker lookedUp() {
            return new Worker(step, token, attempt, false, inDoubt, answer);
        }
    }

    static State initial(boolean wrongAccount) {
        return new State(
                Row.ACTIVE,
                Hold.NONE,
                true,
                0,
                0,
                false,
                false,
                Why.NOTHING,
                false,
                false,
                false,
                0,
                wrongAccount,
                false,
                Worker.IDLE,
                Worker.IDLE,
                null);
    }

    Worker worker(int number) {
        return number == 1 ? one : two;
    }

    /** To be changed field by field. */
    Draft draft() {
        return new Draft(this);
    }

    static final class Draft {
        Row row;
        Hold hold;
        boolean object;
        int attempt;
        int token;
        boolean leased;
        boolean inDoubt;
        Why why;
        boolean labelled;
        boolean claimed;
        boolean sent;
        int wires;
        boolean wrong;
        boolean paused;
        private Worker one;
        private Worker two;
        private @Nullable String violation;

        private Draft(State state) {
            row = state.row;
            hold = state.hold;
            object = state.object;
            attempt = state.attempt;
            token = state.token;
            leased = state.leased;
            inDoubt = state.inDoubt;
            why = state.why;
            labelled = state.labelled;
            claimed = state.claimed;
            sent = state.sent;
            wires = state.wires;
            wrong = state.wrong;
            paused = state.paused;
            one = state.one;
            two = state.two;
            violation = state.violation;
        }

        Draft worker(int number, Worker worker) {
            if (number == 1) {
                one = worker;
            } else {
                two = worker;
            }
            return this;
        }

        Draft violates(String promise) {
            violation = violation == null ? promise : violation;
            return this;
        }

        State state() {
            return new State(
                    row, hold, object, attempt, token, leased, inDoubt, why, labelled, claimed, sent, wires, wrong,
                    paused, one, two, violation);
        }
    }
}
