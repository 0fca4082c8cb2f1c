package dev.retention.twilio;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts recordings whose requests were refused although their account can be listed, until one is deleted. One or some
 * say something about themselves. Many in a row say that deleting is not allowed, such as by a gateway. Safe for use by
 * many threads.
 */
final class RefusedAlone {

    /** More in a row than make the sweeper identify an account again, so that it gets past some bad recordings. */
    static final int MOST_IN_A_ROW = 20;

    private final Map<String, Integer> inRow = new ConcurrentHashMap<>();

    /** One more was refused. Returns whether it may be refused alone; if not, counting starts again. */
    boolean isPossible(String account) {
        return inRow.merge(account, 1, (before, one) -> before >= MOST_IN_A_ROW ? 0 : before + one) > 0;
    }

    /** One was deleted. */
    void deleted(String account) {
        // Nearly always there is nothing to remove, and no lock is needed for that.
        if (!inRow.isEmpty()) {
            inRow.remove(account);
        }
    }
}
