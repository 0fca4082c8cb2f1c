package dev.retention.internal.account;

import dev.retention.spi.DeletionResult;
import java.time.Duration;

/**
 * The circuit of an account. It opens after several failures in a row; then one request at a time probes the account,
 * with waits that double. It also enforces a wait that the storage requested. Used by its account alone, which locks
 * it.
 */
final class Circuit {

    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration LONGEST_REQUESTED_WAIT = Duration.ofMinutes(10);
    private static final Duration MOMENT = Duration.ofSeconds(2);
    /** So many failed probes may say more about their recordings than about the account. */
    private static final int STUCK = 3;

    private int failuresInRow;
    private int failedProbes;
    private boolean open;
    private boolean probing;
    private long openedNanos;
    private boolean waits;
    private boolean waitsLonger;
    private long closedUntilNanos;
    private Duration wait = FIRST_WAIT;

    boolean isOpen() {
        return open;
    }

    /** Whether several probes have failed, so that the next one should be of quite another recording. */
    boolean isStuck() {
        return open && failedProbes >= STUCK;
    }

    /** Whether a probe is in flight, so that nothing else may be sent. */
    boolean isProbing() {
        return open && probing;
    }

    /** Nanoseconds until the account may be asked again; zero when it may. */
    long waitNanos(long nowNanos) {
        // Monotonic time may be negative, so no value can mean "never".
        return waits ? Math.max(0, closedUntilNanos - nowNanos) : 0;
    }

    /** Whether it has to wait, and the wait was for longer than a moment when it began. */
    boolean waitsForLong(long nowNanos) {
        return waitsLonger && waitNanos(nowNanos) > 0;
    }

    void sent() {
        probing |= open;
    }

    /** Whether the request was in flight when the circuit opened, so that its failure says nothing new. */
    boolean wasSentBeforeItOpened(long sentNanos) {
        return open && sentNanos - openedNanos < 0;
    }

    /** A request was answered, whatever the answer. */
    void answered() {
        probing = false;
    }

    /**
     * An answer was of no use.
     *
     * @return whether the failure counts against its recording: not while the circuit is open or opens by it
     */
    boolean failed(DeletionResult result, long nowNanos) {
        failuresInRow++;
        waitAsRequested(result, nowNanos);
        if (!open && failuresInRow < AccountState.IN_A_ROW) {
            return true;
        }
        failedProbes = open ? failedProbes + 1 : 0;
        openedNanos = open ? openedNanos : nowNanos;
        open = true;
        waitFor(wait, nowNanos);
        wait = shorter(wait.multipliedBy(2), LONGEST_WAIT);
        return false;
    }

    /** It answers. */
    void close() {
        failuresInRow = 0;
        open = false;
        probing = false;
        wait = FIRST_WAIT;
    }

    /** Waits as long as the storage requested, if it did. */
    void waitAsRequested(DeletionResult result, long nowNanos) {
        Duration requested = result.after();
        if (requested != null) {
            waitFor(shorter(requested, LONGEST_REQUESTED_WAIT), nowNanos);
        }
    }

    private void waitFor(Duration duration, long nowNanos) {
        long until = nowNanos + duration.toNanos();
        if (!waits || until - closedUntilNanos > 0 || closedUntilNanos - nowNanos <= 0) {
            waits = true;
            waitsLonger = duration.compareTo(MOMENT) > 0;
            closedUntilNanos = until;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
