package dev.retention.torture;

/**
 * One thing that a run must have met before its silence means anything, and who sees to it that it happens.
 *
 * @param wanted what is counted in the journal when it has happened
 * @param by who causes it
 * @param detail what that needs to know: a crash point, what a transaction is for, what is odd, a fault
 * @param times how often it has to happen
 */
record Errand(String wanted, By by, String detail, int times) {

    Errand(String wanted, By by, String detail) {
        this(wanted, by, detail, 1);
    }

    /** Who causes it. */
    enum By {
        /** An instance that dies at the crash point. */
        DYING,
        /** An instance whose next commit for that purpose gets no answer. */
        LOSING,
        /** An instance that is frozen within its next transaction for that purpose. */
        STALLING,
        /** An instance that must do nothing. */
        ODD,
        /** The provider, which fails the next suitable deletion so. */
        FAULT,
        /** An {@link Actor}, for as long as it is open, or the fixture's rows. */
        OTHERS
    }

    static Errand dying(CrashPoint point) {
        return point.isOutside() ? others("crash " + point) : new Errand("crash " + point, By.DYING, point.name());
    }

    static Errand losing(String purpose) {
        return new Errand("commit answer lost: " + purpose, By.LOSING, purpose);
    }

    static Errand stalling(String wanted, String purpose) {
        return new Errand(wanted, By.STALLING, purpose);
    }

    static Errand odd(String wanted, Odd odd) {
        return new Errand(wanted, By.ODD, odd.name());
    }

    static Errand fault(String wanted, String fault) {
        return new Errand(wanted, By.FAULT, fault);
    }

    /** One outcome of a race, which has to be won by each side so often. */
    static Errand race(String wanted, int times) {
        return new Errand(wanted, By.OTHERS, "", times);
    }

    static Errand others(String wanted) {
        return new Errand(wanted, By.OTHERS, "");
    }
}
