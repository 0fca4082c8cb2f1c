package dev.retention;

import dev.retention.spi.DeletionResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run has learnt about one account: whether it is the right one, whether it answers, and whether it has to be left
 * alone. Several threads use it; each method locks it.
 */
final class Account {

    /** So many answers of one kind in a row at the start, or failures in a row, speak of the account and no longer of recordings. */
    static final int IN_A_ROW = 10;

    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration LONGEST_REQUESTED_WAIT = Duration.ofMinutes(10);

    /** How sure we are that this is the account where the recordings are. */
    enum Trust {
        UNKNOWN,
        BEING_ASKED,
        /** It knows recent recordings. */
        KNOWN,
        /** There was nothing to ask it for. */
        UNTESTED
    }

    private final @Nullable String name;
    private final ConcurrencyLimit limit;
    private Trust trust = Trust.UNKNOWN;
    private @Nullable SweepEnd stopped;
    private String stopCause = "";

    private boolean answered;
    private boolean proven;
    private int unsentInRow;
    private int unprovenInRow;
    private final List<Work> withheld = new ArrayList<>();

    private int failuresInRow;
    private boolean open;
    private boolean probing;
    private boolean refused;
    private long openedNanos;
    private boolean waits;
    private long closedUntilNanos;
    private Duration wait = FIRST_WAIT;

    Account(@Nullable String name, ConcurrencyLimit limit) {
        this.name = name;
        this.limit = limit;
    }

    @Nullable
    String name() {
        return name;
    }

    /** How it is called in messages. */
    String label() {
        return name == null ? "the account" : "account " + name;
    }

    synchronized Trust trust() {
        return trust;
    }

    synchronized void trust(Trust trust) {
        this.trust = trust;
    }

    synchronized boolean isStopped() {
        return stopped != null;
    }

    @Nullable
    synchronized SweepEnd stopped() {
        return stopped;
    }

    synchronized String stopCause() {
        return stopCause;
    }

    synchronized void stop(SweepEnd end, String cause) {
        if (stopped == null) {
            stopped = end;
            stopCause = cause;
        }
    }

    /** Whether its circuit is open: it did not answer usefully several times in a row. */
    synchronized boolean isOpen() {
        return open;
    }

    /** How many more requests may be under way now: none while waiting, one as a probe, what the limit leaves otherwise. */
    synchronized int allowance(long nowNanos) {
        // Whoever sweeps stops the account for it; until then nothing more goes.
        if (refused || hasToWait(nowNanos)) {
            return 0;
        }
        return open ? 1 : Math.max(0, limit.current() - limit.underWay());
    }

    /** How many requests at once its limit lets through. */
    synchronized int limit() {
        return limit.current();
    }

    /** Whether nothing may be sent for longer than until the next answer. */
    synchronized boolean hasToWait(long nowNanos) {
        return stopped != null || waitNanos(nowNanos) > 0 || open && probing;
    }

    /** Nanoseconds until it may be asked again; zero when it may. */
    synchronized long waitNanos(long nowNanos) {
        // Monotonic time may be negative, so that no value of it says "never".
        return waits ? Math.max(0, closedUntilNanos - nowNanos) : 0;
    }

    synchronized void sent() {
        limit.sent();
        if (open) {
            probing = true;
        }
    }

    /**
     * Takes an answer into account. That a look-up works says nothing about deletions: it closes no circuit.
     *
     * @return whether the attempt counts against its recording: not while the circuit is open or opens by it
     */
    synchronized boolean answered(DeletionResult result, boolean lookUp, long sentNanos, long nowNanos) {
        limit.answered(result.isThrottled(), result.concurrency(), sentNanos, nowNanos);
        boolean later = result.kind() == DeletionResult.Kind.TRY_LATER;
        if (open && later && sentNanos - openedNanos < 0) {
            // What was under way when the circuit opened says nothing new, and was no probe.
            closeAsAsked(result, nowNanos);
            return false;
        }
        if (!open && result.isThrottled() && limit.underWay() > 0) {
            // Too many at once, which fewer at once will mend.
            closeAsAsked(result, nowNanos);
            return true;
        }
        return judged(result, lookUp, nowNanos);
    }

    private void closeAsAsked(DeletionResult result, long nowNanos) {
        Duration asked = result.after();
        if (asked != null) {
            closeFor(asked.compareTo(LONGEST_REQUESTED_WAIT) < 0 ? asked : LONGEST_REQUESTED_WAIT, nowNanos);
        }
    }

    /** The same for what was sent outside of the limit. */
    synchronized boolean judged(DeletionResult result, boolean lookUp, long nowNanos) {
        probing = false;
        refused |= result.kind() == DeletionResult.Kind.STOP;
        answered |= result.kind() != DeletionResult.Kind.REFUSED_UNSENT;
        proven |= result.provesGone();
        unsentInRow = result.kind() == DeletionResult.Kind.REFUSED_UNSENT ? unsentInRow + 1 : 0;
        if (result.kind() == DeletionResult.Kind.NOT_FOUND) {
            unprovenInRow++;
        } else if (result.kind() != DeletionResult.Kind.REFUSED_UNSENT
                && result.kind() != DeletionResult.Kind.TRY_LATER) {
            unprovenInRow = 0;
        }
        if (result.kind() != DeletionResult.Kind.TRY_LATER) {
            if (!lookUp && result.kind() != DeletionResult.Kind.REFUSED_UNSENT) {
                answers();
            }
            return true;
        }
        failuresInRow++;
        closeAsAsked(result, nowNanos);
        if (open || failuresInRow >= IN_A_ROW) {
            openedNanos = open ? openedNanos : nowNanos;
            open = true;
            closeFor(wait, nowNanos);
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
            return false;
        }
        return true;
    }

    /** It answers, as a look-up of another recording showed. */
    synchronized void answers() {
        failuresInRow = 0;
        open = false;
        probing = false;
        wait = FIRST_WAIT;
    }

    /**
     * Whether only keys that can't be the storage's have been seen so far, and enough of them. Where it knows recent recordings, keys are mapped as they should
     * be, and these few are bad by themselves.
     */
    synchronized boolean suspectsStorageKey() {
        return trust != Trust.KNOWN && !answered && unsentInRow >= IN_A_ROW;
    }

    /** Whether an account that could not be tested has known nothing so far, and was asked often enough. */
    synchronized boolean suspectsMismatch() {
        return trust == Trust.UNTESTED && !proven && unprovenInRow >= IN_A_ROW;
    }

    /** Whether an unproven recording says more about the account than about itself, as long as nothing has been proven. */
    synchronized boolean withholdsUnproven() {
        return trust == Trust.UNTESTED && !proven;
    }

    synchronized void withhold(Work work) {
        withheld.add(work);
    }

    /** Whether one of those withheld was claimed before this time. */
    synchronized boolean withholdsSince(long nanos) {
        return withheld.stream().anyMatch(work -> work.claimedNanos - nanos < 0);
    }

    /** Returns the withheld ones once. */
    synchronized List<Work> takeWithheld() {
        List<Work> taken = List.copyOf(withheld);
        withheld.clear();
        return taken;
    }

    private void closeFor(Duration duration, long nowNanos) {
        long until = nowNanos + duration.toNanos();
        if (!waits || until - closedUntilNanos > 0 || closedUntilNanos - nowNanos <= 0) {
            waits = true;
            closedUntilNanos = until;
        }
    }
}
