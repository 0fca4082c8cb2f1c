package dev.retention.model;

import org.jspecify.annotations.Nullable;

/** A guard left out, and the promise that breaks without it. */
enum Mutant {
    /** Sends without a committed claim. */
    NO_CLAIM(Machine.RECORDED),
    /** Claims by what was read before, whatever has become of the row, and sends without a check. */
    CLAIM_BY_WHAT_WAS_READ_AND_NO_CHECK(Machine.HELD),
    /** A failed attempt puts the row back. */
    FAILURE_PUTS_BACK(Machine.HELD),
    /** A time-out counts as not applied, and puts the row back. */
    TIME_OUT_PUTS_BACK(Machine.HELD),
    /** A 404 counts as a proof. */
    NOT_FOUND_IS_PROOF(Machine.TRUE),
    /** A 404 counts as a proof if the account is right a moment later. */
    NOT_FOUND_IS_PROOF_IF_THE_ACCOUNT_IS_RIGHT_LATER(Machine.TRUE),
    /** A hold on what is in the door is answered HELD. */
    HELD_IN_THE_DOOR(Machine.HELD),
    /** The database loses the claim that it committed. */
    FAILOVER_LOSES_THE_CLAIM(Machine.RECORDED),
    /** Any attempt that has sent nothing itself may give the row back. */
    ANY_ATTEMPT_GIVES_BACK(Machine.HELD),
    /** An attempt may give the row back after it has sent. */
    SENT_ONES_ARE_GIVEN_BACK(Machine.HELD),
    /** The check before the send takes no notice of holds. */
    CHECK_IGNORES_HOLDS(Machine.CHECKED),
    /** The check before the send takes no notice of a pause. */
    CHECK_IGNORES_PAUSE(Machine.CHECKED),
    /** A hold that was late stays late though the row is given back. */
    GIVEN_BACK_STAYS_LATE(Machine.HONEST),
    /** A person may accept what is held. */
    HELD_ONES_ARE_ACCEPTED(Machine.CHECKED),
    /** What a person accepts is not labelled. */
    ACCEPTED_WITHOUT_LABEL(Machine.TRUE),
    /** A person may accept what was never unproven. */
    REFUSED_ONES_ARE_ACCEPTED_AS_DELETED(Machine.TRUE),
    /** A person puts a row back once a look-up has found the recording still there. */
    A_PERSON_PUTS_BACK_WHAT_IS_STILL_THERE(Machine.HELD),
    /** What was refused before it was sent is put back, whatever an earlier attempt has sent. */
    REFUSED_UNSENT_PUTS_BACK_ANY_ATTEMPT(Machine.HELD),
    /** Nobody takes up what a dead instance left in the door. */
    NO_RECOVERY(Machine.NEVER_STUCK),

    /** An outdated claim may record what became of it: one that was refused unsent then puts back what another has sent. */
    OUTDATED_CLAIMS_RECORD_FAILURES(Machine.HELD),

    /** Claims by what was read before. The check before the send catches it. */
    CLAIM_BY_WHAT_WAS_READ(null),
    /** A further attempt deletes without looking. Costs requests, breaks nothing as long as 404 proves nothing. */
    NO_LOOK_UP(null);

    private final @Nullable String breaks;

    Mutant(@Nullable String breaks) {
        this.breaks = breaks;
    }

    /** The promise that it breaks; null for one that breaks none. */
    @Nullable
    String breaks() {
        return breaks;
    }
}
