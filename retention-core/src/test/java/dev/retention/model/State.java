package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import org.jspecify.annotations.Nullable;

/**
 * One recording, all that concerns it, and what its history has to be judged by.
 *
 * @param row the gate row's state
 * @param held the gate row's mark
 * @param attempts the gate row's count; {@link #FURTHER} represents all above one
 * @param inDoubt whether the gate row says that a request may have been applied
 * @param unproven whether the gate row is in quarantine, or left it, because the storage returned 404
 * @param accepted whether the gate row is labelled as accepted by a person
 * @param paused whether deleting is paused
 * @param stored whether the storage has the recording
 * @param onTheWire requests to delete it that are not applied yet and may be at any time, whoever sent them
 * @param wrongAccount whether the credentials are those of another account, which answers 404 and deletes nothing
 * @param promise the answer to the hold that applies to it; null when none does
 * @param claimed history: whether a claim was committed and not released
 * @param sent history: whether a request was ever sent
 * @param waits history: whether it went into quarantine and no person has acted since
 * @param one a worker
 * @param two another one, of the same instance or not
 */
record State(
        DeletionState row,
        boolean held,
        int attempts,
        boolean inDoubt,
        boolean unproven,
        boolean accepted,
        boolean paused,
        boolean stored,
        int onTheWire,
        boolean wrongAccount,
        @Nullable HoldAnswer promise,
        boolean claimed,
        boolean sent,
        boolean waits,
        Worker one,
        Worker two) {

    static final int FURTHER = 2;
    static final int MAX_ON_THE_WIRE = 2;

    static final State INITIAL = new State(
            DeletionState.ACTIVE,
            false,
            0,
            false,
            false,
            false,
            false,
            true,
            0,
            false,
            null,
            false,
            false,
            false,
            Worker.IDLE,
            Worker.IDLE);

    /** How far a worker is with an attempt. */
    enum Phase {
        IDLE,
        /** Has read that the recording is due; that may be long ago. */
        CANDIDATE,
        /** Has claimed a further attempt. */
        CLAIMED,
        LOOKED_UP,
        /** A committed check lets it send; that may be long ago. */
        CHECKED,
        SENT,
        /** Too many requests at once: it was not processed, and takes its turn again. */
        READY_AGAIN,
        /** Knows how the attempt ended, and has to record it. */
        ENDED
    }

    /** How an attempt ends that is not released. */
    enum Ending {
        PROVEN,
        UNPROVEN,
        REFUSED,
        REFUSED_UNSENT,
        ATTEMPTS_USED_UP,
        TRY_LATER,
        TRY_LATER_UNCOUNTED
    }

    /**
     * A worker.
     *
     * @param attempt the number of its attempt; 0 without one
     * @param owner whether its token is the gate row's
     * @param inDoubt whether its or an earlier attempt may have been applied
     * @param ending null unless it has ended
     * @param against history: what a request would break that goes by its last check; null when nothing
     */
    record Worker(
            Phase phase,
            int attempt,
            boolean owner,
            boolean inDoubt,
            @Nullable Ending ending,
            @Nullable Property against) {

        static final Worker IDLE = new Worker(Phase.IDLE, 0, false, false, null, null);
        static final Worker CANDIDATE = new Worker(Phase.CANDIDATE, 0, false, false, null, null);

        static Worker claims(Phase phase, int attempt, boolean inDoubt) {
            return new Worker(phase, attempt, true, inDoubt, null, null);
        }

        Worker in(Phase next) {
            return new Worker(next, attempt, owner, inDoubt, null, against);
        }

        Worker checked(@Nullable Property broken) {
            return new Worker(Phase.CHECKED, attempt, owner, inDoubt, null, broken);
        }

        Worker in(Phase next, boolean doubtful, @Nullable Ending how) {
            return new Worker(next, attempt, owner, doubtful, how, how == null ? against : null);
        }

        Worker outdated() {
            return new Worker(phase, attempt, false, inDoubt, ending, against);
        }

        boolean sentAgainst(Property property) {
            return phase == Phase.SENT && against == property;
        }
    }
}
