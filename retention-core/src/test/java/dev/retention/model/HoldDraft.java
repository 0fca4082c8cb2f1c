package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.model.HoldState.Content;
import dev.retention.model.HoldState.Hold;
import dev.retention.model.HoldState.Row;
import dev.retention.model.HoldState.Worker;
import org.jspecify.annotations.Nullable;

/** A state that is being made from another one. */
final class HoldDraft {

    static final int ROWS = 2;

    /** The hold by attribute. */
    static final int SCOPE = 0;

    /** The hold on a recording. */
    static final int OTHER = 1;

    final Content[] content = new Content[ROWS];
    final DeletionState[] gate = new DeletionState[ROWS];
    final int[] owner = new int[ROWS];
    final boolean[] unsent = new boolean[ROWS];
    final boolean[] held = new boolean[ROWS];
    final boolean[] stored = new boolean[ROWS];
    final Hold[] hold;

    /** By hold and row: whether it applies. */
    final boolean[][] applies = new boolean[2][ROWS];

    /** By hold and row: what it has promised. */
    final @Nullable HoldAnswer[][] answer = new HoldAnswer[2][ROWS];

    int toMark;

    private final Worker[] workers;
    private @Nullable HoldProperty broken;

    HoldDraft(HoldState state) {
        for (int index = 0; index < ROWS; index++) {
            Row row = state.row(index);
            content[index] = row.content();
            gate[index] = row.gate();
            owner[index] = row.owner();
            unsent[index] = row.unsent();
            held[index] = row.held();
            stored[index] = state.stored(index);
            applies[SCOPE][index] = row.byScope();
            applies[OTHER][index] = row.byOther();
            answer[SCOPE][index] = row.scopeAnswer();
            answer[OTHER][index] = row.otherAnswer();
        }
        hold = new Hold[] {state.scope(), state.other()};
        toMark = state.toMark();
        workers = new Worker[] {state.first(), state.second()};
    }

    void work(int number, Worker worker) {
        workers[number - 1] = worker;
    }

    boolean exists(int row) {
        return content[row].exists();
    }

    void brokenIf(boolean condition, HoldProperty property) {
        if (condition && broken == null) {
            broken = property;
        }
    }

    void outdateClaims() {
        for (int index = 0; index < workers.length; index++) {
            if (workers[index].locksEpoch()) {
                workers[index] = workers[index].outdate();
            }
        }
    }

    /** Instances that are alike change places, so that half of the states need not be explored. */
    void order() {
        if (workers[0].order() > workers[1].order()) {
            Worker first = workers[0];
            workers[0] = workers[1];
            workers[1] = first;
            for (int row = 0; row < ROWS; row++) {
                owner[row] = owner[row] == 0 ? 0 : 3 - owner[row];
            }
        }
    }

    HoldState state() {
        return new HoldState(
                row(0), row(1), stored[0], stored[1], hold[SCOPE], hold[OTHER], toMark, workers[0], workers[1], broken);
    }

    private Row row(int index) {
        if (gate[index] == DeletionState.DELETED) {
            // Nothing of this matters any more.
            return new Row(
                    exists(index) ? Content.OTHER : content[index],
                    DeletionState.DELETED,
                    0,
                    false,
                    false,
                    false,
                    false,
                    null,
                    null);
        }
        return new Row(
                content[index],
                gate[index],
                owner[index],
                unsent[index],
                held[index],
                applies[SCOPE][index],
                applies[OTHER][index],
                answer[SCOPE][index],
                answer[OTHER][index]);
    }
}
