package dev.retention.internal.deletion;

import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.Recorded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An outcome that the database has not taken, and when it is tried again.
 *
 * @param why why not, for people
 * @param locked whether that is because another transaction had locked its row
 * @param tries how often it was tried
 * @param sinceNanos when it was tried first
 */
record NotTaken(ClaimOutcome outcome, String why, boolean locked, int tries, long sinceNanos, long nextNanos) {

    private static final Logger log = LoggerFactory.getLogger(NotTaken.class);

    /** How often the library tries to record an outcome that the database refuses. */
    static final int TRIES = 5;

    /** How long a row that another transaction has locked is tried again, before its proof is kept without it. */
    static final Duration LONGEST_LOCK = Duration.ofMinutes(1);

    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** What the database has not taken in one call. */
    static List<NotTaken> of(Recorded recorded) {
        List<NotTaken> all = new ArrayList<>();
        recorded.refused().forEach(refusal -> all.add(of(refusal.outcome(), refusal.why(), false)));
        recorded.locked().forEach(outcome -> all.add(of(outcome, "another transaction has locked its row", true)));
        return all;
    }

    private static NotTaken of(ClaimOutcome outcome, String why, boolean locked) {
        return new NotTaken(outcome, why, locked, 0, 0, 0);
    }

    NotTaken first(long now) {
        return new NotTaken(outcome, why, locked, 1, now, now + waitAfter(1));
    }

    /** @param before what it was before this try; null if this was the first one */
    NotTaken after(@Nullable NotTaken before, long now) {
        if (before == null) {
            return first(now);
        }
        int tried = before.tries + 1;
        return new NotTaken(outcome, why, locked, tried, before.sinceNanos, now + waitAfter(tried));
    }

    /** Whether it is not tried again. */
    boolean isLast(long now) {
        return locked ? now - sinceNanos >= LONGEST_LOCK.toNanos() : tries >= TRIES;
    }

    static long waitAfter(int tries) {
        long doubled = FIRST_WAIT.toNanos() << Math.min(tries - 1, 10);
        return Math.min(doubled, LONGEST_WAIT.toNanos());
    }

    /** @param kept whether the ledger has the proof */
    void logGivenUp(boolean kept) {
        String id = outcome.claim().id();
        if (locked) {
            log.warn(
                    "recording={} outcome={} could not be recorded in {} tries: {}. {}. End that transaction",
                    id,
                    outcome.step(),
                    tries,
                    why,
                    kept
                            ? "The proof is kept in the ledger, and marking the row is tried again later"
                            : "The recording remains claimed, and recovery looks it up when the lease has expired");
        } else if (kept) {
            log.error(
                    "recording={} is proven gone, but its row could not be marked as deleted in {} tries: {}. The proof"
                            + " is kept in the ledger, and marking is tried again later. Correct the row, its"
                            + " constraints or triggers, or the grants",
                    id,
                    tries,
                    why);
        } else {
            log.error(
                    "recording={} outcome={} could not be recorded in {} tries: {}. The recording remains claimed, and"
                            + " recovery looks it up when the lease has expired. Correct the row, its constraints or"
                            + " triggers, or the grants",
                    id,
                    outcome.step(),
                    tries,
                    why);
        }
    }
}
