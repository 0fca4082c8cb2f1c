package dev.retention.torture;

/** Where an instance dies, in the order of one recording's life. */
enum CrashPoint {
    C0_BEFORE_THE_CLAIM,
    C1_CLAIM_NOT_COMMITTED,
    C2_CLAIM_COMMITTED_UNSEEN,
    C3_CLAIMED_NOT_SENT,
    /** By the harness, when the request has arrived. */
    C4_ON_THE_WIRE,
    /** By the harness, when the deletion has happened and its answer has not left. */
    C5_DELETED_NOT_ANSWERED,
    C6_ANSWERED_NOT_RECORDED,
    C7_OUTCOME_NOT_COMMITTED,
    C8_OUTCOME_COMMITTED_UNSEEN,
    C9_RECORDED,
    C10_IN_RECOVERY,
    C11_HOLD_NOT_COMMITTED,
    C11_HOLD_COMMITTED_UNSEEN,
    C12_RUN_END_NOT_COMMITTED,
    C12_RUN_END_COMMITTED_UNSEEN,
    /** All that was written since the last seal is under no head. */
    C13_BEFORE_THE_SEAL,
    /** The head is locked, and what is to be sealed was read. */
    C13_IN_THE_SEAL,
    C13_SEAL_NOT_COMMITTED,
    C13_SEAL_COMMITTED_UNSEEN;

    /** Whether the harness kills the instance, since only it sees the moment. */
    boolean isOutside() {
        return this == C4_ON_THE_WIRE || this == C5_DELETED_NOT_ANSWERED;
    }

    /** Whether it is beside a transaction. */
    boolean isAtTheDatabase() {
        return name().endsWith("NOT_COMMITTED") || name().endsWith("COMMITTED_UNSEEN");
    }

    /** Whether it is passed again and again while deletions are sent. */
    boolean comesWithWork() {
        return ordinal() < C10_IN_RECOVERY.ordinal() || isOfSeals();
    }

    boolean isOfSeals() {
        return ordinal() >= C13_BEFORE_THE_SEAL.ordinal();
    }
}
