package dev.retention.internal.deletion;

import dev.retention.internal.support.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many requests one sweeper may have at storages at once, and how many it may send per second, whatever it does at
 * the same time: sweep, recovery and erasures share one budget. Each account of each work has a {@link Share} of it. A
 * free slot goes to the share that has the fewest of those that wait for one, so that a slow account, or a large sweep,
 * keeps no other waiting for longer than one answer. Safe for use by several threads.
 */
final class RequestBudget {

    /** A share that has not asked again for so long is not waited for: its thread may wait for the database. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

    /** A turn of the rate that is left to others is asked for again after so long at most. */
    private static final long LONGEST_WAIT_FOR_OTHERS_NANOS =
            Duration.ofMillis(50).toNanos();

    /** The answer to a share that wants to send. */
    enum Turn {
        TAKEN,
        /** All slots are used, or are left to shares that come first. The share is woken when this changes. */
        NO_SLOT,
        /** A slot is free, but the rate allows no request yet, or leaves its turn to shares that come first. */
        TOO_EARLY
    }

    /** The part of one account of one work. All fields are guarded by the budget's lock. */
    static final class Share {

        private final Object work;
        private final Runnable wake;
        private int taken;
        private long lastTurn;
        private boolean waits;
        private boolean woken;
        private long askedNanos;

        /**
         * @param work whose account it is
         * @param wake called when there may be a slot; it must not call the budget
         */
        Share(Object work, Runnable wake) {
            this.work = work;
            this.wake = wake;
        }

        private void stopsWaiting() {
            waits = false;
            woken = false;
        }

        private boolean precedes(Share other) {
            return taken != other.taken ? taken < other.taken : lastTurn < other.lastTurn;
        }
    }

    private final int slots;
    private final @Nullable Double rate;
    private final Ticker ticker;

    private final List<Share> waiting = new ArrayList<>();
    private int taken;
    private long turns;
    private long nextSendNanos;

    /**
     * @param slots how many requests at once
     * @param rate how many per second; null for no limit
     */
    RequestBudget(int slots, @Nullable Double rate, Ticker ticker) {
        this.slots = slots;
        this.rate = rate;
        this.ticker = ticker;
        this.nextSendNanos = ticker.nanos();
    }

    /** Takes a slot and a turn of the rate. If there is none, the share waits for it. */
    synchronized Turn takeTurn(Share share) {
        long now = ticker.nanos();
        boolean early = rate != null && nextSendNanos - now > 0;
        Turn turn = take(share, now, early ? 0 : rate == null ? Integer.MAX_VALUE : 1);
        if (turn == Turn.TAKEN && rate != null) {
            nextSendNanos = Math.max(nextSendNanos, now - spacing(rate)) + spacing(rate);
        }
        return turn == Turn.NO_SLOT && rate != null && taken < slots ? Turn.TOO_EARLY : turn;
    }

    /** Takes a slot for a request that the rate does not limit. If there is none, the share waits for it. */
    synchronized Turn takeSlot(Share share) {
        return take(share, ticker.nanos(), Integer.MAX_VALUE);
    }

    private static long spacing(double rate) {
        return (long) (TimeUnit.SECONDS.toNanos(1) / rate);
    }

    private Turn take(Share share, long now, int turnsLeft) {
        int first = 0;
        for (Iterator<Share> each = waiting.iterator(); each.hasNext(); ) {
            Share other = each.next();
            if (other != share && now - other.askedNanos > PATIENCE_NANOS) {
                each.remove();
                other.stopsWaiting();
            } else if (other != share && other.precedes(share)) {
                first++;
            }
        }
        if (Math.min(slots - taken, turnsLeft) <= first) {
            share.askedNanos = now;
            share.woken = false;
            if (!share.waits) {
                share.waits = true;
                waiting.add(share);
            }
            return Turn.NO_SLOT;
        }
        stopsWaiting(share);
        taken++;
        share.taken++;
        share.lastTurn = ++turns;
        return Turn.TAKEN;
    }

    private void stopsWaiting(Share share) {
        if (share.waits) {
            waiting.remove(share);
            share.stopsWaiting();
        }
    }

    /** Returns a slot. */
    synchronized void give(Share share) {
        taken--;
        share.taken--;
        wakeOthers(share.work);
    }

    /** Returns a slot and the turn of the rate that was taken with it: no request was sent. */
    synchronized void giveBackTurn(Share share) {
        if (rate != null) {
            nextSendNanos -= spacing(rate);
        }
        give(share);
    }

    /** Returns all slots of a share: nobody waits for its requests any more. */
    synchronized void giveAll(Share share) {
        taken -= share.taken;
        share.taken = 0;
        leave(share);
    }

    /** It does not want to send any more for now. */
    synchronized void leave(Share share) {
        stopsWaiting(share);
        wakeOthers(share.work);
    }

    /** Not those of the same work: its thread has a message anyway, or is here itself. */
    private void wakeOthers(Object work) {
        for (Share share : waiting) {
            if (share.work != work && !share.woken) {
                share.woken = true;
                share.wake.run();
            }
        }
    }

    /**
     * How long a share that was told {@link Turn#TOO_EARLY} waits before it asks again; endless if there is no rate.
     */
    synchronized long nanosToNextTurn() {
        if (rate == null) {
            return Long.MAX_VALUE;
        }
        long left = nextSendNanos - ticker.nanos();
        return left > 0 ? left : Math.min(spacing(rate), LONGEST_WAIT_FOR_OTHERS_NANOS);
    }

    /** How many slots are taken. */
    synchronized int taken() {
        return taken;
    }
}
