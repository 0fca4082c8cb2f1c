package dev.retention.jpa;

/** How hard work is tried that loses against other transactions. */
enum Effort {
    /** Until it succeeds, or locks have delayed it for as long as a frozen instance may keep them. */
    PATIENT(20, false),
    /** The same, for work that only reads, and sees what was committed when its transaction began. */
    SNAPSHOT(20, false),
    /** For work that can do without what is locked: it is not tried again if it waited for a lock in vain. */
    BRIEF(20, true) {
        @Override
        Waits of(Waits waits) {
            return waits.briefly();
        }
    },
    /** The same for a part of such work, which is divided again in less time than it takes to try it often. */
    SMALL(2, true) {
        @Override
        Waits of(Waits waits) {
            return waits.hardly();
        }
    };

    private final int tries;
    private final boolean endsAtLock;

    Effort(int tries, boolean endsAtLock) {
        this.tries = tries;
        this.endsAtLock = endsAtLock;
    }

    Waits of(Waits waits) {
        return waits;
    }

    /** How often it is tried. */
    int tries() {
        return tries;
    }

    /** Whether it is not tried again if it waited for a lock in vain. */
    boolean endsAtLock() {
        return endsAtLock;
    }
}
