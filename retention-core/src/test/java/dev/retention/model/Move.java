package dev.retention.model;

/** What can happen next. */
enum Move implements Model.Event {
    READ_CANDIDATE,
    CLAIM,
    LOSE_CLAIM,
    /** Nobody works on it any more, its lease has ended, and the next attempt is due. */
    RECLAIM,
    /** The lease ran out while its owner was slow, or slept. */
    TAKE_OVER(true),
    LOOK_UP_FINDS_IT,
    LOOK_UP_PROVES_IT_GONE,
    LOOK_UP_DOES_NOT_KNOW_IT,
    LOOK_UP_FAILS(true),
    CHECK_PASSES,
    CHECK_REFUSES,
    RELEASE_CLAIM,
    RELEASE_CLAIM_A_FURTHER_ATTEMPT,
    /** It was sent before its turn came again, so that it is not released. */
    END_UNRELEASED,
    REFUSE_UNSENT,
    /** Earlier attempts ended without an answer. */
    ATTEMPTS_USED_UP,
    SEND,
    ANSWER_DELETED,
    ANSWER_NOT_FOUND,
    ANSWER_TRY_LATER_NOT_APPLIED,
    ANSWER_THROTTLED,
    ANSWER_STOP_OR_NOT_YET,
    ANSWER_REFUSED,
    /** The answer is about something else; whether the request was applied is open. */
    ANSWER_MISMATCH(true),
    NO_ANSWER(true),
    /** The request was applied or lost already, so that none will come. */
    NO_ANSWER_ANY_MORE,
    RECORD,
    RECORD_ATTEMPTS_USED_UP,
    /** It was committed, but the worker does not know. */
    RECORD_WITHOUT_CONFIRMATION(true),
    /** Changes nothing: the attempt was taken over, or has been recorded before. */
    RECORD_IN_VAIN,
    KILL(true),
    REQUEST_APPLIED_LATE,
    REQUEST_LOST(true),
    PLACE_HOLD_HELD(true),
    PLACE_HOLD_LATE(true),
    RELEASE_HOLD,
    PAUSE(true),
    RESUME,
    CREDENTIALS_GO_WRONG(true),
    CREDENTIALS_CORRECTED,
    PERSON_RETRIES,
    /** No fault, but no proof either. */
    PERSON_ACCEPTS(true),
    /** Only mutants do it. */
    MISTAKE(true);

    private final boolean fault;

    Move() {
        this(false);
    }

    Move(boolean fault) {
        this.fault = fault;
    }

    @Override
    public boolean isFault() {
        return fault;
    }
}
