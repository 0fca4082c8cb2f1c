package dev.retention.model;

/** What can happen next to the rows, the holds and the instances. */
enum HoldMove implements Model.Event {
    /** Locks the epoch and reads the active scopes. */
    CLAIM_BEGINS,
    ERASURE_BEGINS,
    /** An active scope names an attribute that is not mapped: nothing is begun. */
    REFUSED_AS_UNMAPPED,
    CLAIM_READS_ROWS,
    CLAIM_COMMITS,
    /** It commits marks of holds, perhaps, but no claim. */
    CLAIM_GETS_NOTHING,
    /** Nobody works on it any more. Its check begins. */
    RECLAIM,
    /** Nobody works on it any more. A look-up proves that it is gone, and that is recorded. */
    RECLAIM_FINDS_IT_GONE,
    /** The permit is too old to be used. A check begins: it reads the active scopes and the own gate row. */
    CHECK_BEGINS,
    /** It reads the engine's rows and the other gate rows. */
    CHECK_PASSES,
    CHECK_REFUSES,
    /** It dies before it has marked what it met in scope. */
    CHECK_REFUSES_UNMARKED(true),
    RELEASE_CLAIM,
    /** The storage deletes it. That is recorded by whoever takes it up next. */
    SEND,
    KILL(true),
    ROW_IS_INSERTED(true),
    ROW_IS_CHANGED(true),
    ROW_IS_REMOVED(true),
    SCOPE_IS_PLACED(true),
    /** By the call that placed the hold, by one that repeats it, or by a sweep that marks what came into scope. */
    PAGE_IS_READ,
    SLICE_IS_MARKED,
    /** The page is forgotten. */
    MARKING_DIES(true),
    HOLD_IS_PLACED(true),
    RELEASE_BEGINS,
    SLICE_IS_FREED,
    /** Only mutants do it. */
    MISTAKE(true);

    private final boolean fault;

    HoldMove() {
        this(false);
    }

    HoldMove(boolean fault) {
        this.fault = fault;
    }

    @Override
    public boolean isFault() {
        return fault;
    }
}
