package dev.retention.torture;

/**
 * An instance is frozen within a transaction, right before its commit, for longer than the server may wait for it: what
 * is counted then.
 */
final class Stall {

    /** Longer than the server lets a transaction of the library be idle, by three seconds. */
    static final long MILLIS = 8_000;

    /** Others have claimed meanwhile. */
    static final String OTHERS_CLAIMED = "claimed beside a frozen transaction";

    private static final String COMMITTED = "frozen within a transaction, which took effect: ";

    private Stall() {}

    /** The server has ended the transaction, as it must. */
    static String undone(String purpose) {
        return "frozen within a transaction, which was undone: " + purpose;
    }

    static String committed(String purpose) {
        return COMMITTED + purpose;
    }

    static boolean isCommitted(String counted) {
        return counted.startsWith(COMMITTED);
    }
}
