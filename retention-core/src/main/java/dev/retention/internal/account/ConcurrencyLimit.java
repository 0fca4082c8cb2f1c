package dev.retention.internal.account;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be in flight at one account. The limit rises with answers, and falls with each refusal for too
 * many requests: by one for each refusal, and at most every quarter of a second by a tenth more, so that others who
 * share the account can send requests. The tenth is not subtracted if the storage reports that there are no others.
 * While answers take much longer than before, the limit does not rise. All work of an instance that uses the account
 * shares it; each method locks it.
 *
 * <p>If the storage reports how many requests the account has in flight, and the permitted concurrency is stated or was
 * learned from a refusal, a share of it is left to others. What was learned expires after two seconds. If others have
 * requests in flight, which each try to send more may cause to be refused, it expires after twice as long with each
 * failed try, up to half a minute.
 */
final class ConcurrencyLimit {

    private static final long INTERVAL_NANOS = Duration.ofMillis(250).toNanos();
    private static final long REMEMBERED_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long LONGEST_REMEMBERED_NANOS = Duration.ofSeconds(30).toNanos();
    private static final double CUT = 0.9;
    /** While the whole known concurrency is used, one request in this many may be throttled because more are tried. */
    private static final int ANSWERS_PER_TRY = 80;
    /** An answer that takes less is never slow. */
    private static final long SLOW_NANOS = Duration.ofMillis(500).toNanos();

    /** Work that has not asked again for so long is not waited for: its thread may wait for the database. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

    private static final double SLOWDOWN = 3;
    private static final int SMOOTHED_ANSWERS = 8;
    private static final int FORGOTTEN_ANSWERS = 500;

    private final int most;
    private final double headroom;

    private double limit = 1;
    /** The concurrency of the last refusal. It is not known whether more is allowed. */
    private double ceiling;

    private boolean climbing = true;
    private double step = 1;
    private boolean used;
    private int answersSinceTry;
    private boolean cutBefore;
    private long cutNanos;
    private long raisedNanos;

    private int under;
    private boolean told;
    private double others;
    private @Nullable Double allowance;
    private final boolean allowanceStated;
    private double growth = 1;
    /** When the learned concurrency expires. */
    private long learntNanos;

    private long rememberedNanos = REMEMBERED_NANOS;

    /** Work that has no request in flight, since other work uses all that the limit allows; null if there is none. */
    private @Nullable Object waiting;

    private long waitingSinceNanos;

    /** How long answers take now, and took when they were fastest. */
    private double tookNanos;

    private double fastestNanos;

    /**
     * @param most the upper limit
     * @param headroom the share of the account's allowance that is left to others, 0 to below 1
     * @param permitted how many requests the account is allowed at once; null where it was not stated
     */
    ConcurrencyLimit(int most, double headroom, @Nullable Integer permitted) {
        this.allowance = permitted == null ? null : permitted.doubleValue();
        this.allowanceStated = permitted != null;
        this.most = most;
        this.headroom = headroom;
        this.ceiling = most;
    }

    /** How many may be in flight now. */
    synchronized int current() {
        return (int) Math.max(1, Math.min(Math.min(limit, most), room()));
    }

    private double room() {
        return allowance == null ? most : Math.floor((1 - headroom) * allowance - others);
    }

    synchronized int underWay() {
        return under;
    }

    /**
     * Counts a request, if there is room for it. Room that becomes free is left to work that has waited for it and has
     * none, also by work that has none any more: where one request is allowed, its last answer has just come.
     *
     * @param work whose request it is
     * @param itsRequests how many requests of this work are in flight
     */
    synchronized boolean trySend(Object work, int itsRequests, long nowNanos) {
        if (waiting == work || nowNanos - waitingSinceNanos >= PATIENCE_NANOS) {
            waiting = null;
        }
        boolean room = under < current() - (waiting == null ? 0 : 1);
        if (room) {
            sent();
        } else if (itsRequests == 0 && waiting == null) {
            waiting = work;
            waitingSinceNanos = nowNanos;
        }
        return room;
    }

    /** Counts a request, whatever the limit. */
    synchronized void sent() {
        under++;
        used |= under >= current();
    }

    /** A request that was counted as sent was not sent. */
    synchronized void withdrawn() {
        under--;
    }

    /**
     * Evaluates an answer.
     *
     * @param throttled whether it said that there were too many requests
     * @param concurrent how many requests the account had in flight, this one included; null if the storage did not say
     * @param sentNanos when it was sent
     */
    synchronized void answered(boolean throttled, @Nullable Integer concurrent, long sentNanos, long nowNanos) {
        if (concurrent != null) {
            observe(throttled, concurrent, nowNanos);
        }
        under--;
        hear(throttled, nowNanos - sentNanos);
        if (throttled) {
            lower(sentNanos, nowNanos);
        } else {
            raise(nowNanos);
        }
    }

    /** A refusal comes sooner than an answer, so it says nothing about how long answers take. */
    private void hear(boolean throttled, long took) {
        if (throttled) {
            return;
        }
        tookNanos = tookNanos == 0 ? took : tookNanos + (took - tookNanos) / SMOOTHED_ANSWERS;
        fastestNanos = fastestNanos == 0 || tookNanos < fastestNanos
                ? tookNanos
                : fastestNanos + (tookNanos - fastestNanos) / FORGOTTEN_ANSWERS;
    }

    /** Whether requests seem to wait for each other at the storage: more at once would only wait for longer. */
    private boolean isSlowedDown() {
        return tookNanos > SLOW_NANOS && tookNanos > SLOWDOWN * fastestNanos;
    }

    private void observe(boolean throttled, int concurrent, long nowNanos) {
        told = true;
        double seen = Math.max(0, concurrent - under);
        // Reduces the limit quickly and raises it slowly.
        others = seen > others ? seen : others + (seen - others) / Math.max(20, 2 * limit);
        if (allowanceStated || headroom == 0) {
            return;
        }
        if (throttled) {
            double allowed = Math.max(1, concurrent - 1);
            boolean triedInVain = allowance != null && nowNanos - learntNanos >= 0;
            allowance = allowance == null ? allowed : Math.min(allowance, allowed);
            growth = 1;
            if (isAlone()) {
                rememberedNanos = REMEMBERED_NANOS;
            } else if (triedInVain) {
                // A try may cause requests of others to be refused, too.
                rememberedNanos = Math.min(LONGEST_REMEMBERED_NANOS, 2 * rememberedNanos);
            }
            learntNanos = nowNanos + rememberedNanos;
        } else if (allowance != null && nowNanos - learntNanos >= INTERVAL_NANOS) {
            // What was learned has expired: more may be allowed by now.
            allowance += growth;
            growth *= 2;
            learntNanos = nowNanos;
            if ((1 - headroom) * allowance - others > most) {
                allowance = null;
            }
        }
    }

    private void lower(long sentNanos, long nowNanos) {
        climbing = false;
        step = 1;
        raisedNanos = nowNanos;
        boolean cut = !cutBefore || sentNanos - cutNanos > 0 && nowNanos - cutNanos >= INTERVAL_NANOS;
        if (cut) {
            ceiling = limit;
            cutBefore = true;
            cutNanos = nowNanos;
        }
        limit = Math.max(1, Math.min(limit, Math.max(1, under + 1)) - 1);
        limit = Math.max(1, cut && !isAlone() ? limit * CUT : limit);
        answersSinceTry = 0;
    }

    /** Whether the storage reports how many requests are in flight, and all of them are this instance's. */
    private boolean isAlone() {
        return told && others < 1;
    }

    private void raise(long nowNanos) {
        answersSinceTry++;
        if (!used || isSlowedDown()) {
            return;
        }
        // Never far above what was tried: otherwise all waiting requests would be sent at once when others end.
        limit = Math.min(limit, current() + 1);
        if (climbing) {
            limit = Math.min(most, limit + 1);
        } else if (nowNanos - raisedNanos >= INTERVAL_NANOS
                && (limit > ceiling || !isAlone() || answersSinceTry >= ANSWERS_PER_TRY)) {
            raisedNanos = nowNanos;
            answersSinceTry = 0;
            limit = Math.min(most, limit + step);
            step = limit > ceiling ? step * 2 : 1;
            used = false;
        }
    }
}
