package dev.retention.model;

import static dev.retention.model.HoldProperty.ANSWERS_ARE_TRUE;
import static dev.retention.model.HoldProperty.CLAIM_KNOWS_THE_SCOPE;
import static dev.retention.model.HoldProperty.HELD_IS_ABSOLUTE;
import static dev.retention.model.HoldProperty.KEY_IS_HELD;
import static dev.retention.model.HoldProperty.LATE_IS_FINAL;
import static dev.retention.model.HoldProperty.NOTHING_HELD_FOR_EVER;
import static dev.retention.model.HoldProperty.NOTHING_STUCK;
import static dev.retention.model.HoldProperty.UNMAPPED_DOES_NOTHING;
import static dev.retention.model.HoldProperty.WHAT_COMES_LATER_IS_COVERED;
import static dev.retention.model.HoldWorld.ONE_KEY;
import static dev.retention.model.HoldWorld.ROLLING_DEPLOYMENT;
import static dev.retention.model.HoldWorld.TWO_HOLDS;
import static dev.retention.model.HoldWorld.TWO_KEYS;

import java.util.Set;

/** A rule that somebody could get wrong, where that shows, and what it breaks; the last one breaks nothing. */
enum HoldMutant {
    /** A claim only reads the epoch. */
    EPOCH_NOT_LOCKED(TWO_KEYS, CLAIM_KNOWS_THE_SCOPE),
    /** A claim reads the epoch when it begins, and compares it when it has read the rows. */
    EPOCH_COMPARED(TWO_KEYS, CLAIM_KNOWS_THE_SCOPE),
    /** A release does not wait for claims, which may still place the hold on what they meet. */
    RELEASE_WITHOUT_EPOCH(TWO_KEYS, NOTHING_HELD_FOR_EVER),
    /** A claim judges rows that it read before it locked the epoch. */
    ROWS_READ_BEFORE_EPOCH(TWO_KEYS, WHAT_COMES_LATER_IS_COVERED),
    /** A claim obeys marks alone. */
    CLAIM_IGNORES_SCOPE(TWO_KEYS, WHAT_COMES_LATER_IS_COVERED),
    /** A claim or a check leaves out what is in scope, and does not mark it: later its row says something else. */
    CLAIM_DOES_NOT_MARK(TWO_KEYS, HELD_IS_ABSOLUTE, ANSWERS_ARE_TRUE),
    /** A claim compares the row with the scopes alone. */
    CLAIM_IGNORES_MARK(TWO_KEYS, HELD_IS_ABSOLUTE, ANSWERS_ARE_TRUE),
    /** A claim and a check obey the mark of their own row alone. */
    OTHER_ROWS_OF_THE_KEY_IGNORED(ONE_KEY, KEY_IS_HELD, ANSWERS_ARE_TRUE, LATE_IS_FINAL),
    /** An instance that does not map the attribute finds nothing in scope, and claims. */
    CLAIM_IGNORES_UNMAPPED(ROLLING_DEPLOYMENT, UNMAPPED_DOES_NOTHING),
    /** The same with what others have claimed before. */
    RECLAIM_IGNORES_UNMAPPED(ROLLING_DEPLOYMENT, UNMAPPED_DOES_NOTHING),
    /** The same with what it has claimed before. */
    CHECK_IGNORES_UNMAPPED(ROLLING_DEPLOYMENT, UNMAPPED_DOES_NOTHING),
    CHECK_IGNORES_MARK(TWO_KEYS, LATE_IS_FINAL),
    CHECK_IGNORES_SCOPE(TWO_KEYS, WHAT_COMES_LATER_IS_COVERED),
    /** A hold by attribute counts what is in its scope, and marks nothing. */
    HOLD_MARKS_NOTHING(TWO_KEYS, HELD_IS_ABSOLUTE, ANSWERS_ARE_TRUE),
    /** The call that repeats one which died only counts, since the hold exists. */
    REPEATED_CALL_MARKS_NOTHING(TWO_KEYS, HELD_IS_ABSOLUTE, ANSWERS_ARE_TRUE),
    /** A slice is marked without looking whether the hold has ended. */
    MARKING_AFTER_RELEASE(TWO_KEYS, NOTHING_HELD_FOR_EVER),
    /** The scope is removed as soon as its rows are marked. */
    SCOPE_ENDS_WHEN_MARKED(TWO_KEYS, CLAIM_KNOWS_THE_SCOPE),
    /** A hold is found by the rows alone that name its key now: the one that it was placed on may be gone. */
    HOLD_FORGETS_ITS_KEY(ONE_KEY, KEY_IS_HELD, ANSWERS_ARE_TRUE),
    /** A hold is answered HELD while another row's claim of the key is in flight. */
    ANSWER_IGNORES_KEY(ONE_KEY, ANSWERS_ARE_TRUE, KEY_IS_HELD),
    /** Such a claim is found by the row alone that it is for, which may be gone. */
    ANSWER_FINDS_CLAIMS_BY_ROWS(ONE_KEY, ANSWERS_ARE_TRUE, KEY_IS_HELD),
    /** A hold is answered HELD whatever state the gate row has. */
    HELD_IN_FLIGHT(TWO_KEYS, ANSWERS_ARE_TRUE, HELD_IS_ABSOLUTE),
    /** A release frees all its recordings, also those under another hold. */
    RELEASE_FREES_WHAT_ANOTHER_HOLDS(TWO_HOLDS, HELD_IS_ABSOLUTE, ANSWERS_ARE_TRUE),
    /** What a release leaves undone when it dies is not continued. */
    RELEASE_NOT_RESUMED(TWO_KEYS, NOTHING_HELD_FOR_EVER, NOTHING_STUCK),
    /** A release frees the recordings while the scope is still active, so that a claim marks them again. */
    FREED_BEFORE_RELEASED(TWO_KEYS, NOTHING_HELD_FOR_EVER),
    /** A hold marks its own row alone: harmless, since a claim and a check ask for the marks of all rows of the key. */
    HOLD_MARKS_ITS_ROW_ALONE(ONE_KEY);

    private final HoldWorld world;
    private final Set<HoldProperty> broken;

    HoldMutant(HoldWorld world, HoldProperty... broken) {
        this.world = world;
        this.broken = Set.of(broken);
    }

    HoldWorld world() {
        return world;
    }

    /** What it must be caught by; where everything is explored, it breaks nothing else. */
    Set<HoldProperty> broken() {
        return broken;
    }
}
