package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.model.Rules.Consequence;
import dev.retention.model.State.Ending;
import dev.retention.model.State.Phase;
import dev.retention.model.State.Worker;
import dev.retention.spi.DeletionResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to one recording, in any order, at any time: two workers, a person who holds and releases, pauses and
 * resumes, retries and accepts, and a storage that may apply a request at any time after it was sent, also after its
 * sender has died. What follows from an answer is not decided here, but by the sweeper's own {@link Rules}.
 *
 * <p>No clock is trusted: a lease may run out at any moment and a worker may sleep at any point, so that its check may
 * be of any age when it sends. What a bound on that age adds is therefore not covered, and not needed by any property
 * here. Each database transaction is one move. One hold represents several, and its release an expiry; two workers
 * represent any number of instances; two requests in flight any number; a pause represents all that a check refuses
 * apart from holds.
 *
 * <p>Not covered: several storages, age and policies, changes of the engine's row, and erasure, which goes the same
 * way. Holds by attribute have a model of their own: {@link HoldTransitions}. A deletion of what is gone is answered
 * "not found", as the weakest storage does. It is assumed that committed transactions survive, and that a storage's
 * positive answers are true.
 */
final class Transitions implements Model<State, Move, Property> {

    private static final DeletionResult PROVEN = DeletionResult.alreadyGone("it shows it as deleted");
    private static final DeletionResult NO_ANSWER = DeletionResult.tryLater("no answer", null, false);
    private static final DeletionResult NOT_APPLIED = DeletionResult.tryLater("not processed", null, true);
    private static final DeletionResult THROTTLED = DeletionResult.throttled("too many", null);
    private static final List<DeletionResult> STOP_OR_NOT_YET =
            List.of(DeletionResult.stop("credentials"), DeletionResult.notYet("in progress"));
    private static final List<DeletionResult> REFUSED =
            List.of(DeletionResult.refused("never"), DeletionResult.keptElsewhere("a bucket"));
    private static final DeletionResult MISMATCH = DeletionResult.mismatch("another recording");
    private static final DeletionResult REFUSED_UNSENT = DeletionResult.refusedUnsent("no key");

    private final @Nullable Mutant mutant;
    private final Rules rules;

    /** Of the design, or of a mutant. */
    Transitions(@Nullable Mutant mutant) {
        this.mutant = mutant;
        this.rules = new Rules(mutant);
    }

    private boolean is(Mutant candidate) {
        return mutant == candidate;
    }

    @Override
    public Step<State, Move> start() {
        return new Step<>(Move.RECORD_IN_VAIN, 0, State.INITIAL);
    }

    @Override
    public Set<Property> violatedIn(State state) {
        return Property.violatedIn(state);
    }

    @Override
    public boolean isGood(State state) {
        return state.row() == DeletionState.DELETED;
    }

    @Override
    public Property nothingStuck() {
        return Property.NOTHING_STUCK;
    }

    @Override
    public List<Step<State, Move>> from(State state) {
        List<Step<State, Move>> steps = new ArrayList<>();
        work(1, state, steps);
        work(2, state, steps);
        storage(state, steps);
        holds(state, steps);
        operations(state, steps);
        return steps;
    }

    private void work(int number, State state, List<Step<State, Move>> steps) {
        Worker worker = number == 1 ? state.one() : state.two();
        Moves moves = new Moves(state, number, steps);
        switch (worker.phase()) {
            case IDLE -> start(state, number == 1 ? state.two() : state.one(), moves);
            case CANDIDATE -> claim(state, moves);
            case CLAIMED -> {
                if (rules.looksUpFirst(worker)) {
                    lookUp(state, worker, moves);
                } else {
                    check(state, worker, moves);
                }
            }
            case LOOKED_UP -> check(state, worker, moves);
            case CHECKED -> send(state, worker, moves, false);
            case READY_AGAIN -> send(state, worker, moves, true);
            case SENT -> receive(state, worker, moves);
            case ENDED -> record(state, worker, moves);
        }
        if (worker.phase() != Phase.IDLE) {
            moves.add(Move.KILL, next -> next.worker = Worker.IDLE);
        }
    }

    private void start(State state, Worker other, Moves moves) {
        if (state.row() == DeletionState.ACTIVE && !state.held()) {
            moves.add(Move.READ_CANDIDATE, next -> next.worker = Worker.CANDIDATE);
        }
        if (state.row() == DeletionState.DELETING
                || state.row() == DeletionState.QUARANTINED && is(Mutant.RECOVERY_TAKES_UP_QUARANTINED)) {
            moves.add(other.owner() ? Move.TAKE_OVER : Move.RECLAIM, next -> {
                next.row = DeletionState.DELETING;
                next.attempts = Math.min(state.attempts() + 1, State.FURTHER);
                next.inDoubt = true;
                next.outdateOther();
                next.worker = Worker.claims(Phase.CLAIMED, next.attempts, state.inDoubt());
            });
        }
    }

    private void claim(State state, Moves moves) {
        if (is(Mutant.NO_CLAIM)) {
            moves.add(Move.MISTAKE, next -> next.worker = Worker.claims(Phase.CHECKED, 1, false));
        } else if (is(Mutant.CHECK_THEN_ACT) && state.row() != DeletionState.DELETED && !state.paused()
                || state.row() == DeletionState.ACTIVE && !state.held() && !state.paused()) {
            moves.add(Move.CLAIM, next -> {
                next.row = DeletionState.DELETING;
                next.claimed = true;
                next.attempts = 1;
                next.inDoubt = true;
                next.unproven = false;
                next.outdateOther();
                Worker claims = Worker.claims(Phase.CLAIMED, 1, false);
                next.worker = claims.checked(brokenBySending(state, claims));
            });
        } else {
            moves.add(Move.LOSE_CLAIM, next -> next.worker = Worker.IDLE);
        }
    }

    private void lookUp(State state, Worker worker, Moves moves) {
        boolean found = state.stored() && !state.wrongAccount();
        if (found) {
            lookedUp(worker, moves, Move.LOOK_UP_FINDS_IT, DeletionResult.stillThere());
        }
        if (!state.stored() && !state.wrongAccount()) {
            lookedUp(worker, moves, Move.LOOK_UP_PROVES_IT_GONE, PROVEN);
        }
        if (!found) {
            lookedUp(worker, moves, Move.LOOK_UP_DOES_NOT_KNOW_IT, DeletionResult.notFound());
        }
        lookedUp(worker, moves, Move.LOOK_UP_FAILS, NO_ANSWER);
        notSent(worker, moves, false);
    }

    private void lookedUp(Worker worker, Moves moves, Move move, DeletionResult result) {
        moves.follow(move, rules.answered(result, true, worker, false), next -> {});
    }

    private void check(State state, Worker worker, Moves moves) {
        if (is(Mutant.NO_CHECK) || isAllowed(state, worker)) {
            moves.add(Move.CHECK_PASSES, next -> next.worker = worker.checked(brokenBySending(state, worker)));
        } else {
            refusedByCheck(worker, moves, false);
        }
        notSent(worker, moves, false);
    }

    private void refusedByCheck(Worker worker, Moves moves, boolean sent) {
        Consequence consequence = rules.refusedByCheck(worker, sent);
        if (consequence.phase() == null) {
            release(worker, moves);
        } else {
            moves.follow(Move.CHECK_REFUSES, Set.of(consequence), next -> {});
        }
    }

    private boolean isAllowed(State state, Worker worker) {
        return state.row() == DeletionState.DELETING
                && (worker.owner() || is(Mutant.CHECK_IGNORES_TOKEN))
                && (!state.held() || is(Mutant.LATE_DELETES_AGAIN))
                && (!state.paused() || is(Mutant.CHECK_IGNORES_PAUSE));
    }

    /** What is broken by a request that nothing but a check of this state allows; null when it may be sent. */
    private static @Nullable Property brokenBySending(State state, Worker worker) {
        if (state.promise() != null) {
            return Property.LATE_IS_HONEST;
        }
        if (state.waits()) {
            return Property.QUARANTINE_WAITS;
        }
        return state.paused() || !worker.owner() ? Property.SENT_BY_RIGHT : null;
    }

    private void send(State state, Worker worker, Moves moves, boolean sentBefore) {
        if (state.onTheWire() < State.MAX_ON_THE_WIRE && rules.maySend(worker)) {
            moves.add(Move.SEND, next -> {
                next.onTheWire++;
                next.sent = true;
                next.worker = worker.in(Phase.SENT);
            });
        }
        moves.follow(Move.REFUSE_UNSENT, rules.answered(REFUSED_UNSENT, false, worker, sentBefore), next -> {});
        moves.follow(Move.ATTEMPTS_USED_UP, rules.usedUp(worker), next -> {});
        if (!isAllowed(state, worker) && !is(Mutant.NO_CHECK)) {
            refusedByCheck(worker, moves, sentBefore);
        }
        notSent(worker, moves, sentBefore);
    }

    /** Its turn does not come. */
    private void notSent(Worker worker, Moves moves, boolean sent) {
        Consequence consequence = rules.notSent(worker, sent);
        if (consequence.phase() == null) {
            release(worker, moves);
        } else {
            moves.follow(Move.END_UNRELEASED, Set.of(consequence), next -> {});
        }
    }

    private void release(Worker worker, Moves moves) {
        boolean first = worker.attempt() == 1;
        if (!worker.owner() && !(first && is(Mutant.RELEASE_CLAIM_OF_AN_OUTDATED_ATTEMPT))) {
            moves.add(Move.RECORD_IN_VAIN, next -> next.worker = Worker.IDLE);
        } else if (first || is(Mutant.RELEASE_OF_A_SECOND_ATTEMPT)) {
            moves.add(Move.RELEASE_CLAIM, next -> {
                backToActive(next);
                next.worker = Worker.IDLE;
            });
        } else {
            uncounted(moves, Move.RELEASE_CLAIM_A_FURTHER_ATTEMPT, next -> {
                next.inDoubt = worker.inDoubt();
                next.worker = Worker.IDLE;
            });
        }
    }

    private void backToActive(Draft next) {
        next.row = DeletionState.ACTIVE;
        next.claimed = false;
        next.attempts = 0;
        next.inDoubt = false;
        next.unproven = false;
        next.waits = false;
        next.outdateAll();
        if (next.promise == HoldAnswer.LATE && !is(Mutant.RELEASE_CLAIM_KEEPS_LATE)) {
            next.promise = HoldAnswer.HELD;
        }
        if (is(Mutant.RELEASE_CLAIM_LOSES_THE_HOLD)) {
            next.held = false;
        }
    }

    private void receive(State state, Worker worker, Moves moves) {
        if (state.onTheWire() == 0) {
            moves.follow(Move.NO_ANSWER_ANY_MORE, sent(worker, NO_ANSWER), next -> {});
            return;
        }
        moves.follow(Move.NO_ANSWER, sent(worker, NO_ANSWER), next -> {});
        moves.follow(Move.ANSWER_MISMATCH, sent(worker, MISMATCH), next -> {});
        if (state.stored() && !state.wrongAccount()) {
            moves.follow(Move.ANSWER_DELETED, sent(worker, DeletionResult.deleted("deleted")), next -> {
                next.onTheWire--;
                next.stored = false;
            });
        } else {
            answer(worker, moves, Move.ANSWER_NOT_FOUND, DeletionResult.notFound());
        }
        answer(worker, moves, Move.ANSWER_TRY_LATER_NOT_APPLIED, NOT_APPLIED);
        answer(worker, moves, Move.ANSWER_THROTTLED, THROTTLED);
        STOP_OR_NOT_YET.forEach(result -> answer(worker, moves, Move.ANSWER_STOP_OR_NOT_YET, result));
        REFUSED.forEach(result -> answer(worker, moves, Move.ANSWER_REFUSED, result));
        if (worker.attempt() == 1
                && worker.owner()
                && rules.notSent(worker, true).phase() == null) {
            moves.add(Move.MISTAKE, next -> {
                backToActive(next);
                next.worker = Worker.IDLE;
            });
        }
    }

    private Set<Consequence> sent(Worker worker, DeletionResult result) {
        return rules.answered(result, false, worker, false);
    }

    /** The storage has processed the request. */
    private void answer(Worker worker, Moves moves, Move move, DeletionResult result) {
        moves.follow(move, sent(worker, result), next -> next.onTheWire--);
    }

    private void record(State state, Worker worker, Moves moves) {
        Ending ending = rules.recorded(Objects.requireNonNull(worker.ending()), state.wrongAccount());
        boolean proven = ending == Ending.PROVEN;
        if (proven && state.row() != DeletionState.DELETED) {
            moves.record(next -> deleted(next, false));
        } else if (proven || state.row() != DeletionState.DELETING || !worker.owner() && !isAcceptedUnfenced(ending)) {
            moves.add(Move.RECORD_IN_VAIN, next -> next.worker = Worker.IDLE);
        } else {
            recordFailure(worker, ending, moves);
        }
    }

    private boolean isAcceptedUnfenced(Ending ending) {
        return (is(Mutant.NO_FENCE) || is(Mutant.NO_FENCE_WITHOUT_COUNTING_DOWN)) && ending != Ending.REFUSED_UNSENT;
    }

    private void recordFailure(Worker worker, Ending ending, Moves moves) {
        switch (ending) {
            case REFUSED_UNSENT -> moves.record(this::backToActive);
            case UNPROVEN -> moves.record(next -> quarantine(next, true));
            case REFUSED -> moves.record(next -> quarantine(next, false));
            case ATTEMPTS_USED_UP -> moves.record(Move.RECORD_ATTEMPTS_USED_UP, next -> quarantine(next, false));
            case TRY_LATER -> moves.record(next -> retryLater(next, worker));
            case TRY_LATER_UNCOUNTED -> {
                if (!worker.owner() && is(Mutant.NO_FENCE_WITHOUT_COUNTING_DOWN)) {
                    moves.record(next -> retryLater(next, worker));
                } else {
                    uncounted(moves, Move.RECORD, next -> {
                        retryLater(next, worker);
                        next.worker = Worker.IDLE;
                    });
                    uncounted(moves, Move.RECORD_WITHOUT_CONFIRMATION, next -> retryLater(next, worker));
                }
            }
            default -> throw new IllegalStateException("no failure: " + ending);
        }
    }

    private static void retryLater(Draft next, Worker worker) {
        next.inDoubt = worker.inDoubt();
        next.outdateAll();
    }

    private static void quarantine(Draft next, boolean unproven) {
        next.row = DeletionState.QUARANTINED;
        next.unproven = unproven;
        next.waits = true;
        next.attempts = 1;
        next.inDoubt = false;
        next.outdateAll();
    }

    private static void deleted(Draft next, boolean accepted) {
        next.row = DeletionState.DELETED;
        next.accepted = accepted;
        next.attempts = 0;
        next.inDoubt = false;
        next.outdateAll();
    }

    /** The attempt does not count. A count that represents a number and all above it may remain the same. */
    private static void uncounted(Moves moves, Move move, Consumer<Draft> change) {
        State state = moves.state;
        moves.add(move, change.andThen(next -> next.attempts = Math.max(0, state.attempts() - 1)));
        if (state.attempts() == State.FURTHER) {
            moves.add(move, change);
        }
    }

    private static void storage(State state, List<Step<State, Move>> steps) {
        Moves moves = new Moves(state, 0, steps);
        if (state.onTheWire() > 0) {
            if (state.stored() && !state.wrongAccount()) {
                moves.add(Move.REQUEST_APPLIED_LATE, next -> {
                    next.stored = false;
                    next.onTheWire--;
                });
            }
            moves.add(Move.REQUEST_LOST, next -> next.onTheWire--);
        }
        moves.add(
                state.wrongAccount() ? Move.CREDENTIALS_CORRECTED : Move.CREDENTIALS_GO_WRONG,
                next -> next.wrongAccount = !state.wrongAccount());
    }

    private void holds(State state, List<Step<State, Move>> steps) {
        Moves moves = new Moves(state, 0, steps);
        if (state.promise() != null) {
            moves.add(Move.RELEASE_HOLD, next -> {
                next.promise = null;
                next.held = is(Mutant.RELEASE_LEAVES_THE_MARK);
            });
        } else if (state.row() == DeletionState.ACTIVE
                || state.row() == DeletionState.DELETING && is(Mutant.HOLD_ON_DELETING)) {
            moves.add(Move.PLACE_HOLD_HELD, next -> {
                next.promise = HoldAnswer.HELD;
                next.held = true;
            });
        } else if (state.row() != DeletionState.DELETED) {
            moves.add(Move.PLACE_HOLD_LATE, next -> {
                next.promise = HoldAnswer.LATE;
                next.held = true;
            });
        }
    }

    private void operations(State state, List<Step<State, Move>> steps) {
        Moves moves = new Moves(state, 0, steps);
        moves.add(state.paused() ? Move.RESUME : Move.PAUSE, next -> next.paused = !state.paused());
        if (state.row() == DeletionState.QUARANTINED && (!state.held() || is(Mutant.RETRY_OF_A_HELD_ONE))) {
            moves.add(Move.PERSON_RETRIES, next -> {
                next.row = DeletionState.DELETING;
                next.attempts = is(Mutant.RETRY_STARTS_WITH_A_FIRST_ATTEMPT) ? 0 : 1;
                next.inDoubt = !is(Mutant.RETRY_DELETES_WITHOUT_LOOK_UP);
                next.waits = false;
            });
        }
        if (state.row() == DeletionState.QUARANTINED
                && (state.unproven() || is(Mutant.ACCEPTANCE_OF_A_REFUSED_ONE))
                && (!state.held() || is(Mutant.ACCEPTANCE_OF_A_HELD_ONE))) {
            moves.add(Move.PERSON_ACCEPTS, next -> deleted(next, !is(Mutant.ACCEPTANCE_WITHOUT_LABEL)));
        }
        if (is(Mutant.PERSON_PUTS_BACK_TO_ACTIVE)
                && state.row() == DeletionState.QUARANTINED
                && state.stored()
                && !state.wrongAccount()) {
            moves.add(Move.MISTAKE, this::backToActive);
        }
        if (is(Mutant.FAILOVER_LOSES_CLAIM) && state.row() == DeletionState.DELETING && state.attempts() == 1) {
            moves.add(Move.MISTAKE, this::backToActive);
        }
    }

    /** Collects the steps of one worker, or of nobody's. */
    private record Moves(State state, int number, List<Step<State, Move>> steps) {

        void add(Move move, Consumer<Draft> change) {
            Draft next = new Draft(state, number);
            change.accept(next);
            steps.add(new Step<>(move, number, next.state()));
        }

        /** What the rules say follows, together with what else changes. */
        void follow(Move move, Set<Consequence> consequences, Consumer<Draft> change) {
            for (Consequence consequence : consequences) {
                Phase phase = Objects.requireNonNull(consequence.phase(), "only what was not sent is released");
                add(
                        move,
                        change.andThen(next ->
                                next.worker = next.worker.in(phase, consequence.inDoubt(), consequence.ending())));
            }
        }

        /** In one transaction, whose confirmation may be lost. */
        void record(Consumer<Draft> change) {
            record(Move.RECORD, change);
        }

        void record(Move move, Consumer<Draft> change) {
            add(move, change.andThen(next -> next.worker = Worker.IDLE));
            add(Move.RECORD_WITHOUT_CONFIRMATION, change.andThen(next -> next.worker = next.worker.outdated()));
        }
    }

    /** A state that is being made from another one, seen by one of its workers. */
    private static final class Draft {
        private final int number;
        DeletionState row;
        boolean held;
        int attempts;
        boolean inDoubt;
        boolean unproven;
        boolean accepted;
        boolean paused;
        boolean stored;
        int onTheWire;
        boolean wrongAccount;

        @Nullable
        HoldAnswer promise;

        boolean claimed;
        boolean sent;
        boolean waits;
        Worker worker;
        private Worker other;

        Draft(State state, int number) {
            this.number = number;
            row = state.row();
            held = state.held();
            attempts = state.attempts();
            inDoubt = state.inDoubt();
            unproven = state.unproven();
            accepted = state.accepted();
            paused = state.paused();
            stored = state.stored();
            onTheWire = state.onTheWire();
            wrongAccount = state.wrongAccount();
            promise = state.promise();
            claimed = state.claimed();
            sent = state.sent();
            waits = state.waits();
            worker = number == 2 ? state.two() : state.one();
            other = number == 2 ? state.one() : state.two();
        }

        void outdateOther() {
            other = other.outdated();
        }

        void outdateAll() {
            outdateOther();
            worker = worker.outdated();
        }

        State state() {
            return new State(
                    row,
                    held,
                    attempts,
                    inDoubt,
                    unproven,
                    accepted,
                    paused,
                    stored,
                    onTheWire,
                    wrongAccount,
                    promise,
                    claimed,
                    sent,
                    waits,
                    number == 2 ? other : worker,
                    number == 2 ? worker : other);
        }
    }
}
