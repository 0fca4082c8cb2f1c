package dev.retention.model;

import static dev.retention.model.Property.HELD_IS_ABSOLUTE;
import static dev.retention.model.Property.HELD_IS_HONEST;
import static dev.retention.model.Property.LATE_IS_HONEST;
import static dev.retention.model.Property.NOTHING_FALSELY_RECORDED;
import static dev.retention.model.Property.NOTHING_STUCK;
import static dev.retention.model.Property.NOTHING_UNRECORDED;
import static dev.retention.model.Property.QUARANTINE_WAITS;
import static dev.retention.model.Property.SENT_BY_RIGHT;
import static dev.retention.model.Property.SENT_IS_NEVER_ACTIVE;

import java.util.Set;

/** A mistake that somebody could make, and what it breaks; the last two break nothing. */
enum Mutant {
    /** Deletes due recordings without claiming them. */
    NO_CLAIM(NOTHING_UNRECORDED),
    /** Reads that the row is due and not held, and later claims it unconditionally. */
    CHECK_THEN_ACT(HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Releases a claim after any failure. */
    RELEASE_ON_FAILURE(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Treats a request without an answer as one that was not applied. */
    TIMEOUT_IS_FAILURE(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Treats "not found" as a proof. */
    NOT_FOUND_IS_SUCCESS(NOTHING_FALSELY_RECORDED),
    /** Treats "not found" as a proof when the account turns out to be the right one a moment later. */
    NOT_FOUND_PLUS_LATER_ACCOUNT_PROBE(NOTHING_FALSELY_RECORDED),
    /** Answers HELD for a recording in flight. */
    HOLD_ON_DELETING(HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** A database that loses a committed claim: an assumption that the design can't do without. */
    FAILOVER_LOSES_CLAIM(NOTHING_UNRECORDED, SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Releases to ACTIVE any attempt that has not sent anything itself, also a further one. */
    RELEASE_OF_A_SECOND_ATTEMPT(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Releases a first attempt that was sent. */
    RELEASE_CLAIM_OF_WHAT_WAS_SENT(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Returns a row to ACTIVE when its key is refused, though an earlier attempt may have sent something. */
    REFUSED_UNSENT_OF_A_FURTHER_ATTEMPT(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** The same, though this attempt has sent something before its turn came again. */
    REFUSED_UNSENT_AFTER_ANOTHER_TURN(SENT_IS_NEVER_ACTIVE),
    /** Releases a first attempt that another worker has taken over. */
    RELEASE_CLAIM_OF_AN_OUTDATED_ATTEMPT(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Clears the mark of a hold when a claim is released. */
    RELEASE_CLAIM_LOSES_THE_HOLD(HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** Leaves a hold LATE when a claim is released. */
    RELEASE_CLAIM_KEEPS_LATE(LATE_IS_HONEST),
    /** Sends a further attempt without a check. */
    NO_CHECK(LATE_IS_HONEST, SENT_BY_RIGHT),
    /** Deletes a held recording again that is in flight. */
    LATE_DELETES_AGAIN(LATE_IS_HONEST),
    /** A check that does not see a pause. */
    CHECK_IGNORES_PAUSE(SENT_BY_RIGHT),
    /** A check that does not see that the attempt was taken over. */
    CHECK_IGNORES_TOKEN(SENT_BY_RIGHT),
    /** Deletes again without looking the recording up: what a lost request has deleted is never proven. */
    NO_LOOK_UP(NOTHING_STUCK),
    /** The same after a person's retry only. */
    RETRY_DELETES_WITHOUT_LOOK_UP(NOTHING_STUCK),
    /** The release of a hold leaves the recording held. */
    RELEASE_LEAVES_THE_MARK(NOTHING_STUCK),
    /** Recovery continues a quarantined recording, which needs a person's decision. */
    RECOVERY_TAKES_UP_QUARANTINED(QUARANTINE_WAITS),
    /** A person accepts a held recording as gone. */
    ACCEPTANCE_OF_A_HELD_ONE(LATE_IS_HONEST),
    /** A person accepts a recording as gone that the storage has not answered 404 for. */
    ACCEPTANCE_OF_A_REFUSED_ONE(NOTHING_FALSELY_RECORDED),
    /** An acceptance looks like a proof. */
    ACCEPTANCE_WITHOUT_LABEL(NOTHING_FALSELY_RECORDED),
    /** After a look-up that found the recording, a person returns the row to ACTIVE, while a request is in flight. */
    PERSON_PUTS_BACK_TO_ACTIVE(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** A person's retry sets the count of attempts to zero, so that the next one may be released. */
    RETRY_STARTS_WITH_A_FIRST_ATTEMPT(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /** A first attempt that was sent and surely not applied does not count, so that the next one may be released. */
    FIRST_ATTEMPT_UNCOUNTED(SENT_IS_NEVER_ACTIVE),
    /**
     * Records the failure of an attempt that was taken over, or was recorded before: the attempts are counted down
     * twice, and the next one may be released.
     */
    NO_FENCE(SENT_IS_NEVER_ACTIVE, HELD_IS_ABSOLUTE, HELD_IS_HONEST),
    /**
     * The same, but such a failure does not change the count: harmless, since only a first attempt returns to ACTIVE.
     */
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
