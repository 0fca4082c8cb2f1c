package dev.retention.model;

import static dev.retention.model.HoldDraft.OTHER;
import static dev.retention.model.HoldDraft.ROWS;
import static dev.retention.model.HoldDraft.SCOPE;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.model.HoldState.Content;
import dev.retention.model.HoldState.Hold;
import dev.retention.model.HoldState.Row;
import dev.retention.model.HoldState.Worker;
import dev.retention.spi.HoldRegister.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to two rows of the engine's table, in any order, while a hold by attribute is placed, marks rows in
 * slices, and is released in slices, and while two instances claim, check and send. The engine inserts rows, changes
 * their attribute to and fro, and deletes them. Every call may die between two of its transactions. What a scope covers
 * is not decided here, but by the product's own {@link Scope#covers}.
 *
 * <p>A claim's transaction is three moves, a check's two, since others may commit between what they read. What a claim
 * does in its last move sees all that was committed before, since it locks gate rows. All other transactions are one
 * move. A slice has one row. No clock is trusted: a permit may be used at any time after it was given.
 *
 * <p>Not covered: what happens to a request that is sent, which {@link Transitions} has; age and policies, so that all
 * rows are due; a row whose key changes, which is like the removal of one and the insertion of another; the expiry of a
 * hold, which is a release; two transactions that lock no gate row in common, since a row is replaced by another while
 * both are open (see the decision on sticky holds). It is assumed that the engine inserts no row for a recording that
 * is gone.
 */
final class HoldTransitions implements Model<HoldState, HoldMove, HoldProperty> {

    private static final Scope TENANT = new Scope("by attribute", "tenant", "acme");
    private static final Set<Content> COVERED = covered();

    private final HoldWorld world;
    private final @Nullable HoldMutant mutant;

    /** Of the design, or of a mutant. */
    HoldTransitions(HoldWorld world, @Nullable HoldMutant mutant) {
        this.world = world;
        this.mutant = mutant;
    }

    private static Set<Content> covered() {
        EnumSet<Content> covered = EnumSet.noneOf(Content.class);
        for (Content content : Content.values()) {
            if (TENANT.covers(content.attributes())) {
                covered.add(content);
            }
        }
        return covered;
    }

    private boolean is(HoldMutant candidate) {
        return mutant == candidate;
    }

    @Override
    public Step<HoldState, HoldMove> start() {
        return new Step<>(HoldMove.ROW_IS_INSERTED, 0, HoldState.INITIAL);
    }

    /** All recordings of live rows are deleted. */
    @Override
    public boolean isGood(HoldState state) {
        return !state.one().isLive() && !state.two().isLive();
    }

    @Override
    public HoldProperty nothingStuck() {
        return HoldProperty.NOTHING_STUCK;
    }

    @Override
    public Set<HoldProperty> violatedIn(HoldState state) {
        EnumSet<HoldProperty> violated = EnumSet.noneOf(HoldProperty.class);
        HoldProperty broken = state.broken();
        if (broken != null) {
            violated.add(broken);
        }
        for (int row = 0; row < ROWS; row++) {
            boolean inFlight =
                    keyRows(row).stream().anyMatch(each -> state.row(each).gate() != DeletionState.ACTIVE);
            if (state.row(row).isPromised(inFlight ? HoldAnswer.HELD : HoldAnswer.LATE)) {
                violated.add(HoldProperty.ANSWERS_ARE_TRUE);
            }
        }
        if (!isOpen(state.scope())
                && !isOpen(state.other())
                && (state.one().held() || state.two().held())) {
            violated.add(HoldProperty.NOTHING_HELD_FOR_EVER);
        }
        return violated;
    }

    private static boolean isOpen(Hold hold) {
        return hold != Hold.NONE && hold != Hold.ENDED;
    }

    /** The row itself, and the other one if it names the same key. */
    private List<Integer> keyRows(int row) {
        return world.hasTwins() ? List.of(row, 1 - row) : List.of(row);
    }

    @Override
    public List<Step<HoldState, HoldMove>> from(HoldState state) {
        List<Step<HoldState, HoldMove>> steps = new ArrayList<>();
        for (int number = 1; number <= world.instances(); number++) {
            work(new Moves(state, number, world.isSymmetric(), steps));
        }
        Moves moves = new Moves(state, 0, world.isSymmetric(), steps);
        engine(moves);
        placeScope(moves);
        mark(moves);
        placeOther(moves);
        release(SCOPE, state.scope(), moves);
        release(OTHER, state.other(), moves);
        return steps;
    }

    private void work(Moves moves) {
        Worker worker = moves.worker();
        switch (worker.phase()) {
            case IDLE -> start(moves);
            case CLAIM_BEGUN -> readRows(moves);
            case CLAIM_READ -> commit(moves);
            case CHECKING -> check(moves);
            case PERMITTED -> {
                moves.add(HoldMove.SEND, next -> send(worker.row(), moves.number, next));
                beginCheck(HoldMove.CHECK_BEGINS, worker.row(), moves);
                giveBack(HoldMove.RELEASE_CLAIM, worker.row(), moves, next -> {});
            }
        }
        if (worker.phase() != HoldState.Phase.IDLE) {
            moves.add(HoldMove.KILL, next -> {
                if (next.owner[worker.row()] == moves.number) {
                    next.owner[worker.row()] = 0;
                }
                next.work(moves.number, Worker.IDLE);
            });
        }
    }

    /** The scope, as a claim or a check reads it. */
    private boolean readsScope(HoldState state) {
        return state.scope() == Hold.ACTIVE && !(is(HoldMutant.SCOPE_ENDS_WHEN_MARKED) && state.toMark() == 0);
    }

    private boolean isUnmapped(HoldState state, Moves moves) {
        return readsScope(state) && !world.isMappedBy(moves.number);
    }

    private void start(Moves moves) {
        HoldState state = moves.state;
        boolean unmapped = isUnmapped(state, moves);
        for (int row = 0; row < ROWS; row++) {
            Row gate = state.row(row);
            if (gate.isLive() && gate.gate() == DeletionState.ACTIVE) {
                if (unmapped && !is(HoldMutant.CLAIM_IGNORES_UNMAPPED)) {
                    moves.add(HoldMove.REFUSED_AS_UNMAPPED, next -> {});
                } else {
                    beginClaim(HoldMove.CLAIM_BEGINS, row, 0, moves);
                    if (world.hasErasures()) {
                        beginClaim(HoldMove.ERASURE_BEGINS, row, live(row, state), moves);
                    }
                }
            } else if (gate.gate() == DeletionState.DELETING && gate.owner() == 0) {
                if (unmapped && !is(HoldMutant.RECLAIM_IGNORES_UNMAPPED)) {
                    moves.add(HoldMove.REFUSED_AS_UNMAPPED, next -> {});
                } else {
                    reclaim(row, moves);
                }
            }
        }
    }

    private void beginClaim(HoldMove move, int row, int wanted, Moves moves) {
        HoldState state = moves.state;
        Worker begun = Worker.claims(row, readsScope(state), wanted);
        if (is(HoldMutant.ROWS_READ_BEFORE_EPOCH)) {
            Worker early = new Worker(
                    begun.phase(), row, false, wanted, existing(row, state), metIn(state, row, moves), 0, 0, false);
            moves.add(move, next -> next.work(moves.number, early));
        } else {
            moves.add(move, next -> next.work(moves.number, begun));
        }
    }

    private void reclaim(int row, Moves moves) {
        if (!moves.state.stored(row)) {
            moves.add(HoldMove.RECLAIM_FINDS_IT_GONE, next -> record(row, next));
        } else if (isRefusedByGate(row, 0, moves)) {
            moves.add(HoldMove.CHECK_REFUSES, next -> next.unsent[row] = false);
        } else {
            moves.add(HoldMove.RECLAIM, next -> {
                next.owner[row] = moves.number;
                next.unsent[row] = false;
                next.work(moves.number, checks(row, moves.state));
                next.brokenIf(isUnmapped(moves.state, moves), HoldProperty.UNMAPPED_DOES_NOTHING);
            });
        }
    }

    private boolean isRefusedByGate(int row, int owner, Moves moves) {
        Row gate = moves.state.row(row);
        return gate.gate() != DeletionState.DELETING
                || gate.owner() != owner
                || gate.held() && !is(HoldMutant.CHECK_IGNORES_MARK)
                || isUnmapped(moves.state, moves)
                        && !is(HoldMutant.CHECK_IGNORES_UNMAPPED)
                        && !is(HoldMutant.RECLAIM_IGNORES_UNMAPPED);
    }

    private Worker checks(int row, HoldState state) {
        return Worker.checks(row, readsScope(state), promises(row, state));
    }

    /** The holds that have promised something for the key, as bits. */
    private int promises(int row, HoldState state) {
        int promises = state.row(row).promises();
        return world.hasTwins() ? promises | state.row(1 - row).promises() : promises;
    }

    private void beginCheck(HoldMove move, int row, Moves moves) {
        if (isRefusedByGate(row, moves.number, moves)) {
            giveBack(HoldMove.CHECK_REFUSES, row, moves, next -> {});
        } else {
            moves.add(move, next -> next.work(moves.number, checks(row, moves.state)));
        }
    }

    /** The rows with the key of this one that are live, as bits. */
    private int live(int row, HoldState state) {
        return keyRows(row).stream()
                .filter(each -> state.row(each).isLive())
                .mapToInt(HoldTransitions::bit)
                .sum();
    }

    private int existing(int row, HoldState state) {
        return keyRows(row).stream()
                .filter(each -> state.row(each).content().exists())
                .mapToInt(HoldTransitions::bit)
                .sum();
    }

    private static int bit(int row) {
        return 1 << row;
    }

    private static boolean has(int bits, int row) {
        return (bits & bit(row)) != 0;
    }

    /** The live rows in scope, as bits. */
    private static int inScope(HoldState state, int live) {
        int bits = 0;
        for (int row = 0; row < ROWS; row++) {
            bits |= has(live, row) && COVERED.contains(state.row(row).content()) ? bit(row) : 0;
        }
        return bits;
    }

    /** The same as an instance finds it, which may not see the attribute. */
    private int metIn(HoldState state, int row, Moves moves) {
        return world.isMappedBy(moves.number) ? inScope(state, live(row, state)) : 0;
    }

    private void readRows(Moves moves) {
        HoldState state = moves.state;
        Worker worker = moves.worker();
        boolean early = is(HoldMutant.ROWS_READ_BEFORE_EPOCH);
        boolean seen = early ? readsScope(state) : worker.scopeSeen();
        int known = early ? worker.known() : existing(worker.row(), state);
        if (!has(known, worker.row())
                || state.row(worker.row()).gate() == DeletionState.DELETED
                || early && isUnmapped(state, moves)
                || is(HoldMutant.EPOCH_COMPARED) && worker.outdated()) {
            moves.add(HoldMove.CLAIM_GETS_NOTHING, next -> next.work(moves.number, Worker.IDLE));
            return;
        }
        int found = early ? worker.met() : metIn(state, worker.row(), moves);
        int met = seen && !is(HoldMutant.CLAIM_IGNORES_SCOPE) ? found : 0;
        int covered = seen && state.scope() == Hold.ACTIVE ? inScope(state, live(worker.row(), state)) : 0;
        moves.add(HoldMove.CLAIM_READS_ROWS, next -> next.work(moves.number, worker.read(seen, known, met, covered)));
    }

    private void commit(Moves moves) {
        Worker worker = moves.worker();
        int row = worker.row();
        HoldDraft now = new HoldDraft(moves.state);
        markMet(worker.met(), now);
        boolean refused = has(worker.met(), row)
                || now.gate[row] != DeletionState.ACTIVE
                || now.held[row] && !is(HoldMutant.CLAIM_IGNORES_MARK);
        if (refused || isKeptForOther(worker, now)) {
            moves.add(HoldMove.CLAIM_GETS_NOTHING, next -> {
                markMet(worker.met(), next);
                holdWithKey(row, next);
                next.work(moves.number, Worker.IDLE);
            });
            return;
        }
        moves.add(HoldMove.CLAIM_COMMITS, next -> {
            markMet(worker.met(), next);
            next.gate[row] = DeletionState.DELETING;
            next.owner[row] = moves.number;
            next.unsent[row] = true;
            eraseTogether(worker, next);
            next.work(moves.number, Worker.permitted(row));
            boolean active = moves.state.scope() == Hold.ACTIVE;
            next.brokenIf(active && !worker.scopeSeen(), HoldProperty.CLAIM_KNOWS_THE_SCOPE);
            next.brokenIf(worker.inScope() != 0, HoldProperty.WHAT_COMES_LATER_IS_COVERED);
            next.brokenIf(active && !world.isMappedBy(moves.number), HoldProperty.UNMAPPED_DOES_NOTHING);
        });
    }

    /** Whether the other row with the key forbids the claim: as the row was read, and as its gate row is now. */
    private boolean isKeptForOther(Worker worker, HoldDraft now) {
        int other = 1 - worker.row();
        if (isKeyHeld(other, has(worker.known(), other), now)) {
            return true;
        }
        return has(worker.known(), other)
                && (has(worker.met(), other)
                        || worker.isErasure()
                                && !has(worker.wanted(), other)
                                && now.gate[other] == DeletionState.ACTIVE);
    }

    /** Whether the other row, or a hold that was applied to it, holds the key. */
    private boolean isKeyHeld(int other, boolean exists, HoldDraft now) {
        if (!world.hasTwins()
                || now.gate[other] == DeletionState.DELETED
                || is(HoldMutant.OTHER_ROWS_OF_THE_KEY_IGNORED)) {
            return false;
        }
        boolean remembered =
                !is(HoldMutant.HOLD_FORGETS_ITS_KEY) && (applies(SCOPE, other, now) || applies(OTHER, other, now));
        return exists && now.held[other] || remembered;
    }

    private static boolean applies(int hold, int row, HoldDraft now) {
        return now.applies[hold][row] && now.hold[hold] == Hold.ACTIVE;
    }

    /** What is kept because its key is held is held, too. */
    private void holdWithKey(int row, HoldDraft next) {
        if (world.hasTwins() && next.gate[row] != DeletionState.DELETED && !is(HoldMutant.CLAIM_DOES_NOT_MARK)) {
            for (int hold : List.of(SCOPE, OTHER)) {
                if (applies(hold, 1 - row, next)) {
                    apply(hold, row, next);
                }
            }
        }
    }

    private static void eraseTogether(Worker worker, HoldDraft next) {
        int other = 1 - worker.row();
        if (has(worker.wanted() & worker.known(), other)
                && next.gate[other] == DeletionState.ACTIVE
                && !next.held[other]) {
            next.gate[other] = DeletionState.DELETING;
        }
    }

    /** A claim or a check marks what it meets in scope. */
    private void markMet(int met, HoldDraft next) {
        for (int row = 0; row < ROWS; row++) {
            if (has(met, row) && next.gate[row] != DeletionState.DELETED) {
                if (!is(HoldMutant.CLAIM_DOES_NOT_MARK)) {
                    apply(SCOPE, row, next);
                }
                promise(SCOPE, row, next);
            }
        }
    }

    private static void apply(int hold, int row, HoldDraft next) {
        next.held[row] = true;
        next.applies[hold][row] = true;
    }

    private void promise(int hold, int row, HoldDraft next) {
        if (next.hold[hold] == Hold.ACTIVE && next.answer[hold][row] == null) {
            next.answer[hold][row] = isInFlight(row, next) ? HoldAnswer.LATE : HoldAnswer.HELD;
        }
    }

    private boolean isInFlight(int row, HoldDraft next) {
        if (is(HoldMutant.HELD_IN_FLIGHT)) {
            return false;
        }
        int other = 1 - row;
        boolean asksOther = world.hasTwins()
                && !is(HoldMutant.ANSWER_IGNORES_KEY)
                && (next.exists(other) || !is(HoldMutant.ANSWER_FINDS_CLAIMS_BY_ROWS));
        return next.gate[row] != DeletionState.ACTIVE || asksOther && next.gate[other] != DeletionState.ACTIVE;
    }

    /** Places a hold on a row, and on the other one with its key. */
    private void place(int hold, int row, HoldDraft next) {
        apply(hold, row, next);
        int other = 1 - row;
        if (world.hasTwins()
                && next.exists(other)
                && next.gate[other] != DeletionState.DELETED
                && !is(HoldMutant.HOLD_MARKS_ITS_ROW_ALONE)) {
            apply(hold, other, next);
        }
        promise(hold, row, next);
    }

    private void check(Moves moves) {
        HoldState state = moves.state;
        Worker worker = moves.worker();
        int row = worker.row();
        int other = 1 - row;
        int found = worker.scopeSeen() ? metIn(state, row, moves) : 0;
        int met = is(HoldMutant.CHECK_IGNORES_SCOPE) ? 0 : found;
        boolean kept = isKeyHeld(other, state.row(other).content().exists(), new HoldDraft(state));
        if (!state.row(row).isLive() || met != 0 || kept) {
            boolean active = state.scope() == Hold.ACTIVE;
            giveBack(HoldMove.CHECK_REFUSES, row, moves, next -> markMet(active ? met : 0, next));
            if (met != 0) {
                giveBack(HoldMove.CHECK_REFUSES_UNMARKED, row, moves, next -> {});
            }
            return;
        }
        moves.add(HoldMove.CHECK_PASSES, next -> {
            next.work(moves.number, Worker.permitted(row));
            next.brokenIf((worker.late() & promises(row, state)) != 0, HoldProperty.LATE_IS_FINAL);
            next.brokenIf(found != 0, HoldProperty.WHAT_COMES_LATER_IS_COVERED);
            next.brokenIf(worker.scopeSeen() && !world.isMappedBy(moves.number), HoldProperty.UNMAPPED_DOES_NOTHING);
        });
    }

    /** This attempt has sent nothing: a first one is released, a further one is tried again later. */
    private void giveBack(HoldMove move, int row, Moves moves, Consumer<HoldDraft> change) {
        moves.add(move, change.andThen(next -> {
            if (next.gate[row] == DeletionState.DELETING && next.owner[row] == moves.number) {
                next.owner[row] = 0;
                if (next.unsent[row]) {
                    next.gate[row] = DeletionState.ACTIVE;
                    next.unsent[row] = false;
                    lateBecomesHeld(row, next);
                }
            }
            next.work(moves.number, Worker.IDLE);
        }));
    }

    private void lateBecomesHeld(int row, HoldDraft next) {
        if (keyRows(row).stream().allMatch(each -> next.gate[each] == DeletionState.ACTIVE)) {
            for (@Nullable HoldAnswer[] answers : next.answer) {
                for (int each : keyRows(row)) {
                    answers[each] = answers[each] == null ? null : HoldAnswer.HELD;
                }
            }
        }
    }

    private void send(int row, int number, HoldDraft next) {
        next.brokenIf(isHeld(row, next), HoldProperty.HELD_IS_ABSOLUTE);
        next.brokenIf(world.hasTwins() && isHeld(1 - row, next), HoldProperty.KEY_IS_HELD);
        keyRows(row).forEach(each -> next.stored[each] = false);
        if (next.owner[row] == number) {
            next.owner[row] = 0;
            next.unsent[row] = false;
        }
        next.work(number, Worker.IDLE);
    }

    private static boolean isHeld(int row, HoldDraft next) {
        return next.answer[SCOPE][row] == HoldAnswer.HELD || next.answer[OTHER][row] == HoldAnswer.HELD;
    }

    /** Together with the other row that names the key. */
    private void record(int row, HoldDraft next) {
        for (int each : keyRows(row)) {
            if (each == row || next.exists(each)) {
                next.gate[each] = DeletionState.DELETED;
            }
        }
    }

    private void engine(Moves moves) {
        for (int index = 0; index < ROWS; index++) {
            int row = index;
            Row now = moves.state.row(row);
            if (now.content() == Content.ABSENT && moves.state.stored(row)) {
                moves.add(HoldMove.ROW_IS_INSERTED, next -> next.content[row] = Content.OTHER);
                moves.add(HoldMove.ROW_IS_INSERTED, next -> next.content[row] = Content.IN_SCOPE);
            } else if (now.isLive()) {
                Content changed = now.content() == Content.OTHER ? Content.IN_SCOPE : Content.OTHER;
                moves.add(HoldMove.ROW_IS_CHANGED, next -> next.content[row] = changed);
                if (world.hasRemovals()) {
                    moves.add(HoldMove.ROW_IS_REMOVED, next -> next.content[row] = Content.REMOVED);
                }
            }
        }
    }

    /** Whether no claim keeps those away who advance the epoch. */
    private boolean isEpochFree(HoldState state) {
        return !state.first().locksEpoch() && !state.second().locksEpoch()
                || is(HoldMutant.EPOCH_NOT_LOCKED)
                || is(HoldMutant.EPOCH_COMPARED);
    }

    private void placeScope(Moves moves) {
        if (moves.state.scope() == Hold.NONE && isEpochFree(moves.state)) {
            moves.add(HoldMove.SCOPE_IS_PLACED, next -> {
                next.hold[SCOPE] = Hold.ACTIVE;
                advanceEpoch(next);
            });
        }
    }

    private void advanceEpoch(HoldDraft next) {
        if (is(HoldMutant.EPOCH_COMPARED)) {
            next.outdateClaims();
        }
    }

    /** Marks what is in scope: page by page, and each page in slices. */
    private void mark(Moves moves) {
        HoldState state = moves.state;
        int all = (state.one().isLive() ? bit(0) : 0) | (state.two().isLive() ? bit(1) : 0);
        int page = inScope(state, all);
        int marked = (state.one().byScope() ? bit(0) : 0) | (state.two().byScope() ? bit(1) : 0);
        if (state.scope() == Hold.ACTIVE && state.toMark() == 0 && (page & ~marked) != 0) {
            moves.add(HoldMove.PAGE_IS_READ, next -> next.toMark = page);
            if (is(HoldMutant.REPEATED_CALL_MARKS_NOTHING)) {
                moves.add(HoldMove.MISTAKE, next -> answerFor(page, next));
            }
        }
        if (state.toMark() != 0) {
            int row = has(state.toMark(), 0) ? 0 : 1;
            moves.add(HoldMove.SLICE_IS_MARKED, next -> {
                next.toMark &= ~bit(row);
                boolean mayMark = state.scope() == Hold.ACTIVE || is(HoldMutant.MARKING_AFTER_RELEASE);
                if (is(HoldMutant.HOLD_MARKS_NOTHING)) {
                    answerFor(bit(row), next);
                } else if (mayMark && next.exists(row) && next.gate[row] != DeletionState.DELETED) {
                    place(SCOPE, row, next);
                }
            });
            moves.add(HoldMove.MARKING_DIES, next -> next.toMark = 0);
        }
    }

    private void answerFor(int rows, HoldDraft next) {
        for (int row = 0; row < ROWS; row++) {
            if (has(rows, row) && next.gate[row] != DeletionState.DELETED) {
                promise(SCOPE, row, next);
            }
        }
    }

    private void placeOther(Moves moves) {
        for (int index = 0; index < ROWS; index++) {
            int row = index;
            if (world.hasSecondHold()
                    && moves.state.other() == Hold.NONE
                    && moves.state.row(row).isLive()) {
                moves.add(HoldMove.HOLD_IS_PLACED, next -> {
                    next.hold[OTHER] = Hold.ACTIVE;
                    place(OTHER, row, next);
                });
            }
        }
    }

    private void release(int hold, Hold now, Moves moves) {
        if (now == Hold.ACTIVE && (isEpochFree(moves.state) || is(HoldMutant.RELEASE_WITHOUT_EPOCH))) {
            moves.add(HoldMove.RELEASE_BEGINS, next -> beginRelease(hold, next));
        }
        if (now == Hold.ACTIVE && is(HoldMutant.FREED_BEFORE_RELEASED)) {
            moves.add(HoldMove.MISTAKE, next -> end(hold, next));
        }
        if (now == Hold.FREES_ONE || now == Hold.FREES_TWO) {
            moves.add(HoldMove.SLICE_IS_FREED, next -> {
                free(hold, now == Hold.FREES_ONE ? 0 : 1, next);
                next.hold[hold] = now == Hold.FREES_ONE ? Hold.FREES_TWO : Hold.ENDED;
            });
            if (is(HoldMutant.RELEASE_NOT_RESUMED)) {
                moves.add(HoldMove.MISTAKE, next -> end(hold, next));
            }
        }
    }

    private void beginRelease(int hold, HoldDraft next) {
        advanceEpoch(next);
        if (is(HoldMutant.FREED_BEFORE_RELEASED) || hold == OTHER) {
            // One slice is enough for this hold, and for the mutant.
            free(hold, 0, next);
            free(hold, 1, next);
        }
        if (hold == OTHER) {
            next.hold[hold] = Hold.ENDED;
        } else if (!is(HoldMutant.FREED_BEFORE_RELEASED)) {
            next.hold[hold] = Hold.FREES_ONE;
        }
        next.answer[hold][0] = null;
        next.answer[hold][1] = null;
    }

    private static void end(int hold, HoldDraft next) {
        next.hold[hold] = Hold.ENDED;
        for (int row = 0; row < ROWS; row++) {
            next.applies[hold][row] = false;
            next.answer[hold][row] = null;
        }
    }

    /** A recording to which another active hold applies stays held. */
    private void free(int hold, int row, HoldDraft next) {
        if (next.applies[hold][row]
                && (!applies(1 - hold, row, next) || is(HoldMutant.RELEASE_FREES_WHAT_ANOTHER_HOLDS))) {
            next.held[row] = false;
        }
        next.applies[hold][row] = false;
    }

    /** Collects the steps of one instance, or of nobody's. */
    private record Moves(HoldState state, int number, boolean symmetric, List<Step<HoldState, HoldMove>> steps) {

        Worker worker() {
            return state.worker(number);
        }

        void add(HoldMove move, Consumer<HoldDraft> change) {
            HoldDraft next = new HoldDraft(state);
            change.accept(next);
            if (symmetric) {
                next.order();
            }
            steps.add(new Step<>(move, number, next.state()));
        }
    }
}
