package dev.retention.torture;

/** What a row is made to be. */
enum Nature {
    DUE(true),
    /** It has no account of its own; the configured one holds it. */
    DUE_WITHOUT_ACCOUNT(true),
    YOUNG(false),
    /** Old enough for the default policy, and kept longer by a further one. */
    KEPT_BY_POLICY(false),
    RETAINED(false),
    FLAGGED(false),
    SOFT_DELETED_BEFORE(false),
    /** There never was any media. */
    ABSENT(true),
    /** Not complete until everything is healed. */
    PROCESSING(true),
    /** Somebody deleted it at the provider. */
    GONE_BEFORE(true),
    /** The provider never heard of it. */
    NEVER_KNOWN(true),
    /** In a bucket of the customer's. */
    ELSEWHERE(true),
    /** The credentials of its account are refused. */
    REFUSED_ACCOUNT(true),
    /** Another row names the same recording. By itself it is due. */
    TWIN(true),
    /** Another row, which is due by itself, names the same recording, and this one must be kept. */
    TWIN_KEPT(false),
    /** As {@link #TWIN_KEPT}, and the engine writes it when the other one may be on its way. */
    TWIN_LATER(false),
    WITHOUT_KEY(false),
    HOSTILE_KEY(false),
    UNDATED(false),
    FROM_THE_FUTURE(false),
    /** Created before any recording can have been, so that it has no age. */
    YEAR_ONE(false),
    /** The database refuses to mark it as deleted, until everything is healed. */
    UNMARKABLE(true),
    /** Written by a later version of the engine: the other version can't read it, and keeps it. */
    LATER_CHANNEL(true);

    /** Whether requests for it may be sent at all. */
    final boolean mayBeDeleted;

    Nature(boolean mayBeDeleted) {
        this.mayBeDeleted = mayBeDeleted;
    }

    /** Whether more than one row names its recording, so that either may be the one that was deleted. */
    boolean isTwin() {
        return this == TWIN || this == TWIN_KEPT || this == TWIN_LATER;
    }
}
