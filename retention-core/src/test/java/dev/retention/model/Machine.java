package dev.retention.model;

import dev.retention.model.State.Answer;
import dev.retention.model.State.Draft;
import dev.retention.model.State.Hold;
import dev.retention.model.State.Row;
import dev.retention.model.State.Step;
import dev.retention.model.State.Why;
import dev.retention.model.State.Worker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can happen next to one recording: two workers, a hold service, a person, a provider that may apply a request at any later moment, processes
 * that die or stand still anywhere. No clock is trusted: a lease may run out at any moment.
 *
 * <p>Limits: one recording, few claims, no policies, no budget, no other storages.
 */
final class Machine {

    static final String HELD =
            "nothing is deleted under a hold that was answered HELD, and nothing gone is answered HELD";
    static final String RECORDED = "each deletion has an earlier committed claim";
    static final String TRUE =
            "nothing is recorded as deleted that still exists, unless a person accepted it and it says so";
    static final String CHECKED = "no attempt starts, and nobody accepts, under a hold; none starts under a pause";
    static final String HONEST = "what is not in the door is never late, and what was sent never leaves the door";
    static final String NEVER_STUCK = "from everywhere there is a way to DELETED";

    /** Claims are numbered up to here. */
    static final int MOST_CLAIMS = 4;

    private static final int MOST_ATTEMPTS = 3;
    private static final int MOST_WIRES = 2;

    private final @Nullable Mutant mutant;

    Machine(@Nullable Mutant mutant) {
        this.mutant = mutant;
    }

    record Move(String name, State to) {}

    List<Move> moves(State state) {
        List<Move> moves = new ArrayList<>();
        for (int number = 1; number <= 2; number++) {
            work(state, number, moves);
        }
        provider(state, moves);
        people(state, moves);
        if (state.leased()) {
            Draft next = state.draft();
            next.leased = false;
            add(moves, "lease runs out", next);
        }
        if (is(Mutant.FAILOVER_LOSES_THE_CLAIM) && state.row() == Row.DELETING && state.attempt() == 1) {
            Draft next = state.draft();
            putBack(next);
            next.claimed = false;
            add(moves, "failover loses the claim", next);
        }
        moves.removeIf(move -> move.to().wires() > MOST_WIRES || move.to().token() > MOST_CLAIMS);
        return moves;
    }

    private boolean is(Mutant one) {
        return mutant == one;
    }

    private static void add(List<Move> moves, String name, Draft to) {
        if (to.row == Row.ACTIVE && to.hold == Hold.LATE) {
            to.violates(HONEST);
        }
        moves.add(new Move(name, to.state()));
    }

    // Workers

    private void work(State state, int number, List<Move> moves) {
        Worker worker = state.worker(number);
        switch (worker.step()) {
            case IDLE -> {
                if (isClaimable(state)) {
                    add(moves, "read", state.draft().worker(number, Worker.IDLE.at(Step.SEEN)));
                }
            }
            case SEEN -> claim(state, number, moves);
            case CLAIMED -> {
                if (worker.lookFirst() && !is(Mutant.NO_LOOK_UP)) {
                    lookUp(state, number, moves);
                } else {
                    check(state, number, moves);
                }
            }
            case CHECKED -> send(state, number, moves);
            case SENT -> answer(state, number, moves);
            case ANSWERED -> record(state, number, moves);
        }
        if (worker.step() != Step.IDLE) {
            add(moves, "killed", state.draft().worker(number, Worker.IDLE));
        }
    }

    private boolean isClaimable(State state) {
        return isClaimableFirst(state) || isClaimableAgain(state);
    }

    private static boolean isClaimableFirst(State state) {
        return state.row() == Row.ACTIVE && state.hold() == Hold.NONE && !state.paused();
    }

    private boolean isClaimableAgain(State state) {
        return state.row() == Row.DELETING
                && !state.leased()
                && state.attempt() < MOST_ATTEMPTS
                && !is(Mutant.NO_RECOVERY);
    }

    private void claim(State state, int number, List<Move> moves) {
        Draft next = state.draft();
        if (is(Mutant.NO_CLAIM)) {
            next.token++;
            add(moves, "goes on without a claim", next.worker(number, claimed(next.token, 1, false)));
        } else if (isClaimableFirst(state) || claimsByWhatWasRead() && state.row() == Row.ACTIVE) {
            next.row = Row.DELETING;
            next.attempt = 1;
            next.token++;
            next.leased = true;
            next.claimed = true;
            next.inDoubt = true;
            add(moves, "claims", next.worker(number, claimed(next.token, 1, false)));
        } else if (isClaimableAgain(state)) {
            boolean wasInDoubt = next.inDoubt;
            next.attempt++;
            next.token++;
            next.leased = true;
            next.inDoubt = true;
            add(moves, "claims again", next.worker(number, claimed(next.token, next.attempt, wasInDoubt)));
        } else {
            add(moves, "loses the claim", next.worker(number, Worker.IDLE));
        }
    }

    private boolean claimsByWhatWasRead() {
        return is(Mutant.CLAIM_BY_WHAT_WAS_READ) || is(Mutant.CLAIM_BY_WHAT_WAS_READ_AND_NO_CHECK);
    }

    private boolean checksNothing() {
        return is(Mutant.NO_CLAIM) || is(Mutant.CLAIM_BY_WHAT_WAS_READ_AND_NO_CHECK);
    }

    private static Worker claimed(int token, int attempt, boolean inDoubt) {
        return new Worker(Step.CLAIMED, token, attempt, inDoubt, inDoubt, Answer.NONE);
    }

    private void lookUp(State state, int number, List<Move> moves) {
        Worker worker = state.worker(number);
        if (state.wrong()) {
            add(moves, "look-up: not found", state.draft().worker(number, worker.answered(Answer.NOT_FOUND, true)));
        } else if (state.object()) {
            add(moves, "look-up: still there", state.draft().worker(number, worker.lookedUp()));
            if (is(Mutant.A_PERSON_PUTS_BACK_WHAT_IS_STILL_THERE) && owns(state, worker)) {
                Draft next = state.draft();
                putBack(next);
                add(moves, "a person puts it back", next.worker(number, Worker.IDLE));
            }
        } else {
            add(moves, "look-up: gone", state.draft().worker(number, worker.answered(Answer.PROVEN, true)));
        }
        add(
                moves,
                "look-up: no answer",
                state.draft().worker(number, worker.answered(Answer.SURELY_NOT_APPLIED, true)));
    }

    private void check(State state, int number, List<Move> moves) {
        Worker worker = state.worker(number);
        boolean held = state.hold() != Hold.NONE && !is(Mutant.CHECK_IGNORES_HOLDS);
        boolean paused = state.paused() && !is(Mutant.CHECK_IGNORES_PAUSE);
        if (checksNothing() || owns(state, worker) && !held && !paused) {
            Draft next = state.draft().worker(number, worker.at(Step.CHECKED));
            if (!checksNothing() && (state.hold() != Hold.NONE || state.paused())) {
                next.violates(CHECKED);
            }
            add(moves, "check allows it", next);
        } else if (!owns(state, worker)) {
            add(moves, "claim is outdated", state.draft().worker(number, Worker.IDLE));
        } else if (worker.attempt() == 1 || is(Mutant.ANY_ATTEMPT_GIVES_BACK)) {
            giveBack(state, number, moves);
        } else {
            Draft next = state.draft().worker(number, Worker.IDLE);
            next.leased = false;
            add(moves, "check forbids it, stays in the door", next);
        }
    }

    private static boolean owns(State state, Worker worker) {
        return state.row() == Row.DELETING && state.token() == worker.token();
    }

    private void giveBack(State state, int number, List<Move> moves) {
        Draft next = state.draft().worker(number, Worker.IDLE);
        putBack(next);
        add(moves, "gives back", next);
    }

    /** What was late is held from now on, as if it had been claimed never. */
    private void putBack(Draft next) {
        next.row = Row.ACTIVE;
        next.leased = false;
        next.attempt = 0;
        next.inDoubt = false;
        next.why = Why.NOTHING;
        if (next.hold == Hold.LATE && !is(Mutant.GIVEN_BACK_STAYS_LATE)) {
            answerHeld(next);
        }
        if (next.sent && mutant == null) {
            next.violates(HONEST);
        }
        next.sent = false;
    }

    private static void answerHeld(Draft next) {
        next.hold = Hold.HELD;
        if (!next.object) {
            next.violates(HELD);
        }
    }

    private void send(State state, int number, List<Move> moves) {
        Worker worker = state.worker(number);
        Draft sent = state.draft().worker(number, worker.at(Step.SENT));
        sent.wires++;
        sent.sent = true;
        add(moves, "sends", sent);
        add(
                moves,
                "storage refuses it unsent",
                state.draft().worker(number, worker.answered(Answer.REFUSED_UNSENT, worker.inDoubt())));
        if ((worker.attempt() == 1 || is(Mutant.ANY_ATTEMPT_GIVES_BACK)) && owns(state, worker)) {
            giveBack(state, number, moves);
        }
    }

    private void answer(State state, int number, List<Move> moves) {
        Worker worker = state.worker(number);
        if (state.wires() > 0) {
            if (state.wrong()) {
                Draft next = state.draft().worker(number, worker.answered(Answer.NOT_FOUND, true));
                next.wires--;
                add(moves, "404 of another account", next);
            } else {
                Draft next = state.draft().worker(number, worker.answered(Answer.PROVEN, true));
                apply(next);
                add(moves, state.object() ? "204" : "404, shown as deleted", next);
            }
            Draft throttled =
                    state.draft().worker(number, worker.answered(Answer.SURELY_NOT_APPLIED, worker.inDoubt()));
            throttled.wires--;
            add(moves, "429", throttled);
            Draft refused = state.draft().worker(number, worker.answered(Answer.REFUSED, worker.inDoubt()));
            refused.wires--;
            add(moves, "400", refused);
        }
        add(moves, "time-out", state.draft().worker(number, worker.answered(Answer.UNKNOWN, true)));
        if (is(Mutant.SENT_ONES_ARE_GIVEN_BACK) && worker.attempt() == 1 && owns(state, worker)) {
            giveBack(state, number, moves);
        }
    }

    private static void apply(Draft next) {
        if (next.object && next.hold == Hold.HELD) {
            next.violates(HELD);
        }
        if (next.object && !next.claimed) {
            next.violates(RECORDED);
        }
        next.object = false;
        next.wires--;
    }

    private void record(State state, int number, List<Move> moves) {
        Worker worker = state.worker(number);
        boolean proven = worker.answer() == Answer.PROVEN
                || worker.answer() == Answer.NOT_FOUND
                        && (is(Mutant.NOT_FOUND_IS_PROOF)
                                || is(Mutant.NOT_FOUND_IS_PROOF_IF_THE_ACCOUNT_IS_RIGHT_LATER) && !state.wrong());
        Draft next = state.draft().worker(number, Worker.IDLE);
        if (proven) {
            if (state.row() != Row.DELETED) {
                next.row = Row.DELETED;
                next.leased = false;
            }
            if (state.object()) {
                next.violates(TRUE);
            }
            add(moves, "records the proof", next);
            return;
        }
        if (!owns(state, worker) && !(is(Mutant.OUTDATED_CLAIMS_RECORD_FAILURES) && state.row() == Row.DELETING)) {
            add(moves, "claim is outdated", next);
            return;
        }
        next.leased = false;
        next.inDoubt = worker.inDoubt();
        boolean first = worker.attempt() == 1 || is(Mutant.REFUSED_UNSENT_PUTS_BACK_ANY_ATTEMPT);
        switch (worker.answer()) {
            case NOT_FOUND -> quarantine(next, Why.UNPROVEN, moves, "quarantined as unproven");
            case REFUSED -> quarantine(next, Why.REFUSED, moves, "quarantined as refused");
            case REFUSED_UNSENT -> {
                if (first) {
                    putBack(next);
                    add(moves, "put back as refused unsent", next);
                } else {
                    quarantine(next, Why.REFUSED, moves, "quarantined as refused");
                }
            }
            default -> fail(worker, next, moves);
        }
    }

    private void fail(Worker worker, Draft next, List<Move> moves) {
        if (is(Mutant.FAILURE_PUTS_BACK) || is(Mutant.TIME_OUT_PUTS_BACK) && worker.answer() == Answer.UNKNOWN) {
            putBack(next);
            add(moves, "failure puts it back", next);
        } else if (worker.attempt() >= MOST_ATTEMPTS) {
            quarantine(next, Why.REFUSED, moves, "quarantined, attempts used up");
        } else {
            add(moves, "stays in the door", next);
        }
    }

    private static void quarantine(Draft next, Why why, List<Move> moves, String name) {
        next.row = Row.QUARANTINED;
        next.why = why;
        add(moves, name, next);
    }

    // The provider, and those who are not ours

    private static void provider(State state, List<Move> moves) {
        if (state.wires() > 0) {
            if (!state.wrong()) {
                Draft applied = state.draft();
                apply(applied);
                add(moves, "applied late", applied);
            }
            Draft lost = state.draft();
            lost.wires--;
            add(moves, "lost on the way", lost);
        }
    }

    private void people(State state, List<Move> moves) {
        Draft next = state.draft();
        if (state.hold() == Hold.NONE && state.row() != Row.DELETED) {
            boolean held = state.row() == Row.ACTIVE || is(Mutant.HELD_IN_THE_DOOR) && state.row() == Row.DELETING;
            if (held) {
                answerHeld(next);
            } else {
                next.hold = Hold.LATE;
            }
            add(moves, held ? "hold: HELD" : "hold: LATE", next);
        } else if (state.hold() != Hold.NONE) {
            next.hold = Hold.NONE;
            add(moves, "hold is released", next);
        }
        Draft pause = state.draft();
        pause.paused = !state.paused();
        add(moves, state.paused() ? "resumed" : "paused", pause);
        if (state.wrong()) {
            Draft mended = state.draft();
            mended.wrong = false;
            add(moves, "credentials are mended", mended);
        }
        if (state.row() == Row.QUARANTINED) {
            review(state, moves);
        }
    }

    private void review(State state, List<Move> moves) {
        if (state.hold() == Hold.NONE) {
            Draft retried = state.draft();
            retried.row = Row.DELETING;
            retried.why = Why.NOTHING;
            retried.leased = false;
            retried.attempt = 1;
            retried.inDoubt = true;
            add(moves, "a person lets it be tried again", retried);
        }
        boolean held = state.hold() != Hold.NONE;
        boolean acceptable = state.why() == Why.UNPROVEN || is(Mutant.REFUSED_ONES_ARE_ACCEPTED_AS_DELETED);
        if (acceptable && (!held || is(Mutant.HELD_ONES_ARE_ACCEPTED))) {
            Draft accepted = state.draft();
            accepted.row = Row.DELETED;
            accepted.labelled = !is(Mutant.ACCEPTED_WITHOUT_LABEL) && state.why() == Why.UNPROVEN;
            if (held) {
                accepted.violates(CHECKED);
            }
            if (accepted.object && !accepted.labelled) {
                accepted.violates(TRUE);
            }
            add(moves, "a person accepts it as gone", accepted);
        }
    }
}
