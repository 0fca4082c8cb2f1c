package dev.retention.model;

/** What must be true of holds in every state. */
enum HoldProperty {
    /**
     * What is held, by a person or because a scope covered it once, exists until the release, whatever its row says.
     */
    HELD_IS_ABSOLUTE,
    /** The same for the key, which another row names too. */
    KEY_IS_HELD,
    /** A hold is answered HELD only while no claim of the key is in flight, and LATE only while one is. */
    ANSWERS_ARE_TRUE,
    /** No check that begins after a hold permits a request. */
    LATE_IS_FINAL,
    /** A claim that commits after a hold by attribute was placed has compared its rows with it. */
    CLAIM_KNOWS_THE_SCOPE,
    /** What is in scope when a claim or a check begins, and stays so, is not claimed and not permitted. */
    WHAT_COMES_LATER_IS_COVERED,
    /** While a scope names an attribute that an instance does not map, it claims, permits and erases nothing. */
    UNMAPPED_DOES_NOTHING,
    /** When the last hold has ended, nothing is marked as held. */
    NOTHING_HELD_FOR_EVER,
    /** Whatever happened, all live rows can be deleted in the end, without further faults. */
    NOTHING_STUCK
}
