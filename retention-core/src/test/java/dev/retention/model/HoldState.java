package dev.retention.model;

import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two rows, two holds and two instances.
 *
 * @param one a row of the engine's table, and its gate row
 * @param two another one, which names the same key or another
 * @param storedOne whether the storage has what the first row names
 * @param storedTwo the same for the second row
 * @param scope how far the hold by attribute is
 * @param other how far the hold on a recording is
 * @param toMark the rows of a page that are still to be marked for the hold by attribute, as bits; 0 without a page
 * @param first an instance that maps the attribute
 * @param second another one, which may not
 * @param broken history: what the move to this state broke; null if nothing
 */
record HoldState(
        Row one,
        Row two,
        boolean storedOne,
        boolean storedTwo,
        Hold scope,
        Hold other,
        int toMark,
        Worker first,
        Worker second,
        @Nullable HoldProperty broken) {

    static final HoldState INITIAL = new HoldState(
            Row.INITIAL, Row.INITIAL, true, true, Hold.NONE, Hold.NONE, 0, Worker.IDLE, Worker.IDLE, null);

    /** What the engine's table says of a row. */
    enum Content {
        ABSENT,
        OTHER(Map.of("tenant", "other")),
        /** As another program wrote it: the hold spells it otherwise. */
        IN_SCOPE(Map.of("tenant", " ACME")),
        /** The engine has deleted the row. */
        REMOVED;

        private final @Nullable Map<String, String> attributes;

        Content() {
            this.attributes = null;
        }

        Content(Map<String, String> attributes) {
            this.attributes = attributes;
        }

        boolean exists() {
            return attributes != null;
        }

        /** Its extra attributes; none where the row does not exist. */
        Map<String, String> attributes() {
            return attributes == null ? Map.of() : attributes;
        }
    }

    /** How far a hold is. Each is placed once, since an id can't be used again. */
    enum Hold {
        NONE,
        ACTIVE,
        /** It has ended, and the first row is the next to be freed. */
        FREES_ONE,
        FREES_TWO,
        ENDED
    }

    /**
     * A row and its gate row.
     *
     * @param content the engine's row
     * @param gate the gate row's state
     * @param owner the instance that has the claim; 0 for nobody
     * @param unsent whether the claim is a first attempt, which returns to ACTIVE if it is not sent
     * @param held the gate row's mark
     * @param byScope whether the hold by attribute applies to it
     * @param byOther whether the hold on a recording does
     * @param scopeAnswer history: what the hold by attribute has promised for it; null if nothing, or not any more
     * @param otherAnswer the same for the hold on a recording
     */
    record Row(
            Content content,
            DeletionState gate,
            int owner,
            boolean unsent,
            boolean held,
            boolean byScope,
            boolean byOther,
            @Nullable HoldAnswer scopeAnswer,
            @Nullable HoldAnswer otherAnswer) {

        static final Row INITIAL =
                new Row(Content.ABSENT, DeletionState.ACTIVE, 0, false, false, false, false, null, null);

        /** Whether the engine's row is there, and we have not soft-deleted it. */
        boolean isLive() {
            return content.exists() && gate != DeletionState.DELETED;
        }

        /** The holds that have promised something for it, as bits. */
        int promises() {
            return (scopeAnswer == null ? 0 : 1) | (otherAnswer == null ? 0 : 2);
        }

        boolean isPromised(HoldAnswer answer) {
            return scopeAnswer == answer || otherAnswer == answer;
        }
    }

    /** How far an instance is. */
    enum Phase {
        IDLE,
        /** A claim has locked the epoch and read the scopes. */
        CLAIM_BEGUN,
        /** It has read the rows, too. */
        CLAIM_READ,
        /** A check has read the scopes, and that its own gate row is not held. */
        CHECKING,
        /** A committed claim or check lets it send. */
        PERMITTED
    }

    /**
     * An instance that works on a row.
     *
     * @param row its index
     * @param scopeSeen whether it has read that the scope is active
     * @param wanted the rows that are to be erased together, as bits; 0 if it is no erasure
     * @param known the rows with the key that its claim has read
     * @param met those of them that it has found in scope
     * @param inScope history: those of them that were in the scope that it had seen when it read them
     * @param late history: the holds on the key that its check began after, as bits
     * @param outdated whether the epoch was advanced since it began; known to a mutant alone
     */
    record Worker(
            Phase phase,
            int row,
            boolean scopeSeen,
            int wanted,
            int known,
            int met,
            int inScope,
            int late,
            boolean outdated) {

        static final Worker IDLE = new Worker(Phase.IDLE, 0, false, 0, 0, 0, 0, 0, false);

        static Worker claims(int row, boolean scopeSeen, int wanted) {
            return new Worker(Phase.CLAIM_BEGUN, row, scopeSeen, wanted, 0, 0, 0, 0, false);
        }

        static Worker checks(int row, boolean scopeSeen, int late) {
            return new Worker(Phase.CHECKING, row, scopeSeen, 0, 0, 0, 0, late, false);
        }

        static Worker permitted(int row) {
            return new Worker(Phase.PERMITTED, row, false, 0, 0, 0, 0, 0, false);
        }

        Worker read(boolean seen, int rows, int found, int covered) {
            return new Worker(Phase.CLAIM_READ, row, seen, wanted, rows, found, covered, 0, outdated);
        }

        Worker outdate() {
            return new Worker(phase, row, scopeSeen, wanted, known, met, inScope, late, true);
        }

        /** An order among instances that are alike: which of them does what makes no difference. */
        int order() {
            int order = phase.ordinal() * 2 + row;
            for (int part : new int[] {wanted, known, met, inScope, late}) {
                order = order * 4 + part;
            }
            return order * 4 + (scopeSeen ? 2 : 0) + (outdated ? 1 : 0);
        }

        boolean isErasure() {
            return wanted != 0;
        }

        /** Whether it keeps those away who advance the epoch. */
        boolean locksEpoch() {
            return phase == Phase.CLAIM_BEGUN || phase == Phase.CLAIM_READ;
        }
    }

    Row row(int index) {
        return index == 0 ? one : two;
    }

    boolean stored(int index) {
        return index == 0 ? storedOne : storedTwo;
    }

    Worker worker(int number) {
        return number == 1 ? first : second;
    }
}
