package dev.retention;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be under way at one account. It rises while answers come, and falls with each that says that there are too many: each takes
 * one off, which is by how many they were too many, and every quarter of a second a tenth more, so that others who share the account find room. The tenth is
 * kept where the storage tells that there are no others.
 * Confined to its account, which locks.
 *
 * <p>Where the storage tells how many requests the account has under way altogether, and how many it allows is stated or was learnt from a refusal, a share of
 * that is left to others. What was learnt is doubted after two seconds; where others are under way, who are refused by each try as well, after twice as long with each
 * try in vain, half a minute at most.
 */
final class ConcurrencyLimit {

    private static final long INTERVAL_NANOS = Duration.ofMillis(250).toNanos();
    private static final long REMEMBERED_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long LONGEST_REMEMBERED_NANOS = Duration.ofSeconds(30).toNanos();
    private static final double CUT = 0.9;
    /** One in so many may be throttled by trying whether more are allowed, where all room that is known is used. */
    private static final int ANSWERS_PER_TRY = 80;

    private final int most;
    private final double headroom;

    private double limit = 1;
    /** Where the last refusal came. Above it is unknown ground. */
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
    /** From when on what was learnt is doubted. */
    private long learntNanos;

    private long rememberedNanos = REMEMBERED_NANOS;

    /**
     * @param most never more than this
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

    /** How many may be under way now. */
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

    /**
     * Takes an answer into account.
     *
     * @param throttled whether it said that there were too many requests
     * @param concurrent how many requests the account had under way altogether, this one included; null when it did not say
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
        // Quick to give way, slow to take it back.
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
                // Others are refused by each try too.
                rememberedNanos = Math.min(LONGEST_REMEMBERED_NANOS, 2 * rememberedNanos);
            }
            learntNanos = nowNanos + rememberedNanos;
        } else if (allowance != null && nowNanos - learntNanos >= INTERVAL_NANOS) {
            // What was learnt grows old: it may be more by now.
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

    /** Whether the storage tells how many requests are under way, and none are others'. */
    private boolean isAlone() {
        return told && others < 1;
    }

    private void raise(long nowNanos) {
        answersSinceTry++;
        if (!used) {
            return;
        }
        // Never far above what was tried: else what frees the room would let all of it go at once.
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
