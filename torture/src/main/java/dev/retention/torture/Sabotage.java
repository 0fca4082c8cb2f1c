package dev.retention.torture;

/**
 * Guards that are broken on purpose, to see that the checker is not blind. Each is done around the ports; the library
 * has no switch for it.
 */
enum Sabotage {
    NONE("nothing is broken"),
    NO_CHECK_BEFORE_SEND("the check before each send lets everything pass"),
    NO_INTENT("claims are made up and never committed"),
    NOT_FOUND_IS_GONE("a 404 is treated as the proof of a deletion"),
    TIMEOUT_IS_DELETED("an open outcome is treated as a deletion"),
    BACK_TO_ACTIVE("a failed attempt puts the gate row back to ACTIVE"),
    HELD_FOR_LATE("a hold that came late is answered HELD"),
    NO_LOOK_UP("nothing is looked up before it is deleted again"),
    LATE_DELETED_AGAIN("recordings in flight are deleted although held"),
    CUTOFF_TOO_EARLY("the policy keeps ten days too short"),
    SOFT_DELETE_WITHOUT_PROOF("a failed attempt soft-deletes the row"),
    PROOF_NOT_RECORDED("what was proven is not written down"),
    EVENTS_DELETED("events vanish"),
    BUDGET_PER_INSTANCE("each instance adds its own budget to the run's"),
    PAUSE_IGNORED("a pause is lifted by whoever sees it"),
    SECRET_LOGGED("a secret is logged at TRACE"),
    LEASE_IGNORED("claims are taken over before their lease has run out"),
    SENT_TWICE("each deletion is sent twice"),
    FOREIGN_PATH("something else than recordings is asked for"),
    FOREIGN_COLUMN("a column of the engine's is changed that is none of ours"),
    CLOCKS_NOT_COMPARED("our clock is treated as the database's"),
    ONE_BAD_ROW_STOPS_ALL("a bad row ends the run"),
    TWINS_UNSEEN("of the rows that name a recording, the last one is not seen by claims and checks"),
    TWIN_HELD_ALONE("a hold on one of the rows that name a recording does not hold the others"),
    SCOPE_NOT_STICKY("a hold by attribute covers only what is in its scope now"),
    RECOVERY_UNCONFIRMED("recovery deletes with policies that nobody confirmed"),
    POLICIES_NOT_COMPARED("policies that keep for less time need no confirmation"),
    FLOOR_NOT_KEPT("a policy may be shorter than the minimum between two comparisons"),
    MAPPING_NOT_COMPARED("another mapping needs no confirmation"),
    PERMIT_EARLY("the permit is asked for long before the request is sent"),
    JOINER_OPENS("who was judged for joining a run opens one"),
    SERVER_DETAIL("what the database says of a row that it refuses is told as it is"),
    MEDIA_NOT_LOOKED_AT("nobody looks whether media is kept elsewhere"),
    ERASED_UNIDENTIFIED("an account is not identified before its recordings are erased"),
    UNREADABLE_STOPS_ALL("a row that can't be read ends the sweep"),
    IDLE_UNLIMITED("a transaction within which an instance is frozen lasts as long"),
    DRY_RUN_CLAIMS("a dry run claims what it looks up"),
    NO_WAY_OUT("a claim whose row names another key by now is tried again permanently"),
    OUTCOME_WITHOUT_ENTRY("outcomes have no entry in the evidence log"),
    CLAIM_WITHOUT_ENTRY("claims have no entry in the evidence log"),
    ENTRY_BY_ITSELF("entries are written in a transaction of their own"),
    SEAL_SKIPS("whoever seals leaves out what is next"),
    SEALED_BY_NUMBER("whoever seals goes on after the highest number, and leaves out what was committed late"),
    ENTRY_REWRITTEN("sealed entries are changed");

    private final String what;

    Sabotage(String what) {
        this.what = what;
    }

    /** What half of the instances are like, so that the guard has something to refuse. */
    Odd odd() {
        return switch (this) {
            case CLOCKS_NOT_COMPARED -> Odd.CLOCK;
            case RECOVERY_UNCONFIRMED, POLICIES_NOT_COMPARED -> Odd.POLICY;
            case FLOOR_NOT_KEPT -> Odd.SHORT_AT_TIMES;
            case MAPPING_NOT_COMPARED -> Odd.MAPPING;
            case ERASED_UNIDENTIFIED -> Odd.ELSEWHERE;
            case DRY_RUN_CLAIMS -> Odd.DRY_RUN;
            default -> Odd.NONE;
        };
    }

    String what() {
        return what;
    }

    /** Whether requests and claims alone show it, sooner or later; otherwise what the rows have come to does. */
    boolean isSeenAtOnce() {
        return switch (this) {
            case NO_INTENT,
                    SENT_TWICE,
                    TWINS_UNSEEN,
                    HELD_FOR_LATE,
                    SCOPE_NOT_STICKY,
                    RECOVERY_UNCONFIRMED,
                    POLICIES_NOT_COMPARED,
                    FLOOR_NOT_KEPT,
                    MAPPING_NOT_COMPARED,
                    BUDGET_PER_INSTANCE,
                    JOINER_OPENS,
                    ERASED_UNIDENTIFIED,
                    UNREADABLE_STOPS_ALL,
                    IDLE_UNLIMITED,
                    DRY_RUN_CLAIMS -> true;
            default -> false;
        };
    }

    /** Whether the ledger changes without its entries. */
    boolean isOfEntries() {
        return this == OUTCOME_WITHOUT_ENTRY || this == CLAIM_WITHOUT_ENTRY || this == ENTRY_BY_ITSELF;
    }

    /** Whether it shows without processes of their own: without signals, and without what they log. */
    boolean inOneProcess() {
        return this != SECRET_LOGGED;
    }
}
