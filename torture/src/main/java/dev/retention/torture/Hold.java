package dev.retention.torture;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A hold that was asked for, and what was answered. */
final class Hold {

    /** How the ids of holds on one of several rows with one recording begin. */
    static final String ON_TWIN = "twin-";

    final String holdId;
    final List<String> ids;
    /** When it ends by itself; 0 where it does not. */
    final long untilMillis;

    private final @Nullable String tenant;
    /** Nobody has asked for it before. */
    private final long askedNanos = System.nanoTime();

    private final Map<String, String> answers = new HashMap<>();
    private long answerSeq;
    private long answerNanos;
    private long releaseSeq = Long.MAX_VALUE;

    Hold(String holdId, List<String> ids, long untilMillis) {
        this(holdId, null, ids, untilMillis);
    }

    private Hold(String holdId, @Nullable String tenant, List<String> ids, long untilMillis) {
        this.tenant = tenant;
        this.holdId = holdId;
        this.ids = ids;
        this.untilMillis = untilMillis;
    }

    /** On whatever is this tenant's, or comes to be. */
    static Hold onTenant(String holdId, String tenant) {
        return new Hold(holdId, tenant, List.of(), 0);
    }

    /** Null for a hold on recordings by their ids. */
    @Nullable
    String tenant() {
        return tenant;
    }

    long askedNanos() {
        return askedNanos;
    }

    /** What the answer must have been for this one. */
    synchronized void found(String id, String answer) {
        answers.put(id, answer);
    }

    /** @param nanos when the library's call had returned */
    synchronized void answered(long seq, long nanos, Map<String, String> given) {
        if (answerSeq == 0) {
            answerSeq = seq;
            answerNanos = nanos;
            answers.putAll(given);
        }
    }

    /** From here on it may be gone, whether or not the answer ever comes. */
    synchronized void released(long seq) {
        releaseSeq = Math.min(releaseSeq, seq);
    }

    synchronized Map<String, String> answers() {
        return Map.copyOf(answers);
    }

    synchronized long answerSeq() {
        return answerSeq;
    }

    synchronized long answerNanos() {
        return answerNanos;
    }

    /** When it was first asked to be released; the largest number where it was not. */
    synchronized long releaseSeq() {
        return releaseSeq;
    }

    /** Whether it surely applied to a request that was received then. */
    boolean appliesTo(Request request) {
        return request.seq < releaseSeq() && (untilMillis == 0 || request.millis < untilMillis);
    }
}
