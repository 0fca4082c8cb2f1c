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
    TWINS_UNSEEN("of the rows that name a recording, the last one is not seen by claims and checks");

    private final String what;

    Sabotage(String what) {
        this.what = what;
    }

    String what() {
        return what;
    }
}
