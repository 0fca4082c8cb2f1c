package dev.retention.model;

import static dev.retention.model.Property.HELD_IS_ABSOLUTE;
import static dev.retention.model.Property.HELD_IS_HONEST;
import static dev.retention.model.Property.LATE_IS_HONEST;
import static dev.retention.model.Property.NOTHING_FALSELY_RECORDED;
import static dev.retention.model.Property.NOTHING_STUCK;
import static dev.retention.model.Property.NOTHING_UNRECORDED;
import static dev.retention.model.Property.ONE_WAY_DOOR;
import static dev.retention.model.Property.QUARANTINE_WAITS;
import static dev.retention.model.Property.SENT_BY_RIGHT;

import java.util.Set;

/** A mistake that somebody could make, and what it breaks; the last two break nothing. */
enum Mutant {
    /** Deletes what is due without claiming it. */
    NO_CLAIM(NOTHING_UNRECORDED),
    /** Reads that the row is due and not held, and later claims it unconditionally. */
    CHECK_THEN_ACT(HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Gives a row back after any failure. */
    RELEASE_ON_FAILURE(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Takes a request without an answer for one that was not applied. */
    TIMEOUT_IS_FAILURE(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Takes "not found" for a proof. */
    NOT_FOUND_IS_SUCCESS(NOTHING_FALSELY_RECORDED),
    /** Takes "not found" for a proof when the account turns out to be the right one a moment later. */
    NOT_FOUND_PLUS_LATER_ACCOUNT_PROBE(NOTHING_FALSELY_RECORDED),
    /** Answers HELD for what is in the door. */
    HOLD_ON_DELETING(HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** A database that loses a committed claim: an assumption that the design can't do without. */
    FAILOVER_LOSES_CLAIM(NOTHING_UNRECORDED, ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Gives back whatever attempt has not sent anything itself. */
    GIVE_BACK_OF_A_SECOND_ATTEMPT(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Gives back a first attempt that was sent. */
    GIVE_BACK_OF_WHAT_WAS_SENT(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Gives a first attempt back that another worker has taken over. */
    GIVE_BACK_OF_AN_OUTDATED_ATTEMPT(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Clears the mark of a hold when a claim is given back. */
    GIVE_BACK_LOSES_THE_HOLD(HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Leaves a hold LATE when a claim is given back. */
    GIVE_BACK_KEEPS_LATE(LATE_IS_HONEST),
    /** Sends a further attempt without a check. */
    NO_CHECK(LATE_IS_HONEST, SENT_BY_RIGHT),
    /** Deletes a held row that is in the door again. */
    LATE_DELETES_AGAIN(LATE_IS_HONEST),
    /** A check that does not see a pause. */
    CHECK_IGNORES_PAUSE(SENT_BY_RIGHT),
    /** A check that does not see that the attempt was taken over. */
    CHECK_IGNORES_TOKEN(SENT_BY_RIGHT),
    /** Deletes again without looking the recording up: what a lost request has deleted is never proven. */
    NO_LOOK_UP(NOTHING_STUCK),
    /** The same after a person's retry only. */
    RETRY_DELETES_WITHOUT_LOOK_UP(NOTHING_STUCK),
    /** A person can't free a recording that was held once. */
    RELEASE_LEAVES_THE_MARK(NOTHING_STUCK),
    /** Recovery takes up what waits for a person. */
    RECOVERY_TAKES_UP_QUARANTINED(QUARANTINE_WAITS),
    /** A person accepts a recording as gone on which a hold lies. */
    ACCEPTANCE_OF_A_HELD_ONE(LATE_IS_HONEST),
    /** A person accepts a recording as gone that the storage knows. */
    ACCEPTANCE_OF_A_REFUSED_ONE(NOTHING_FALSELY_RECORDED),
    /** An acceptance looks like a proof. */
    ACCEPTANCE_WITHOUT_LABEL(NOTHING_FALSELY_RECORDED),
    /** After a look-up that found the recording, a person puts the row back, while a request is still under way. */
    PERSON_PUTS_BACK_TO_ACTIVE(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** A person's retry counts the attempts anew from nought, so that the next one may be given back. */
    RETRY_STARTS_WITH_A_FIRST_ATTEMPT(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** A first attempt that was sent and surely not applied does not count, so that the next one may be given back. */
    FIRST_ATTEMPT_UNCOUNTED(ONE_WAY_DOOR),
    /**
     * Records the failure of an attempt that was taken over, or was recorded before: the attempts are counted down twice, and the next one may be given
     * back.
     */
    NO_FENCE(ONE_WAY_DOOR, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** The same, but such a failure does not touch the count: harmless, since the way back is a first attempt's alone. */
    NO_FENCE_WITHOUT_COUNTING_DOWN,
    /** A person lets a held recording be tried again: harmless, since it is only looked up. */
    RETRY_OF_A_HELD_ONE;

    private final Set<Property> broken;

    Mutant(Property... broken) {
        this.broken = Set.of(broken);
    }

    /** What it must be caught by; where everything is explored, it breaks nothing else. */
    Set<Property> broken() {
        return broken;
    }
}
