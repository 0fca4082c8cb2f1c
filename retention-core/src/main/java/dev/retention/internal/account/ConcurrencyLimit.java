package dev.retention.internal.account;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be in flight at one account. The limit rises with answers, and falls with each refusal for too
 * many requests: by one for each refusal, and at most every quarter of a second by a tenth more, so that others who
 * share the account can send requests. The tenth is not subtracted if the storage reports that there are no others.
 * Used by its account alone, which locks it.
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
    int current() {
        return (int) Math.max(1, Math.min(Math.min(limit, most), room()));
    }

    private double room() {
        return allowance == null ? most : Math.floor((1 - headroom) * allowance - others);
    }

    int underWay() {
        return under;
    }

    void sent() {
        under++;
        used |= under >= current();
    }

    /** A request that was counted as sent was not sent. */
    void withdrawn() {
        under--;
    }

    /**
     * Evaluates an answer.
     *
     * @param throttled whether it said that there were too many requests
     * @param concurrent how many requests the account had in flight, this one included; null if the storage did not say
     * @param sentNanos when it was sent
     */
    void answered(boolean throttled, @Nullable Integer concurrent, long sentNanos, long nowNanos) {
        if (concurrent != null) {
            observe(throttled, concurrent, nowNanos);
        }
        under--;
        if (throttled) {
            lower(sentNanos, nowNanos);
        } else {
            raise(nowNanos);
        }
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
        if (!used) {
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
