package dev.retention.spi;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a storage knows after a deletion or a look-up. Only the first three kinds let a row be recorded as deleted.
 *
 * <p>Texts become part of the ledger and the log: they must hold no credentials, phone numbers or media URLs. Control characters
 * are replaced and texts longer than {@value #MAX_DETAIL_LENGTH} characters cut.
 */
public final class DeletionResult {

    /** The longest evidence or cause that is kept, in characters. */
    public static final int MAX_DETAIL_LENGTH = 500;

    /** The kinds of answer. */
    public enum Kind {
        /** The storage said in this very answer that it deleted the recording. */
        DELETED,
        /** The storage shows it as deleted before, or is certain that it is not there. */
        ALREADY_GONE,
        /** The storage knows the recording and says that there never was any media. */
        NOTHING_STORED,
        /** The storage does not know it. A wrong account, key or region looks exactly like this. */
        NOT_FOUND,
        /** The media lies where this storage can't delete it. */
        KEPT_ELSEWHERE,
        /** A look-up found it. */
        STILL_THERE,
        /** It can't be deleted yet, since it is still being recorded or processed. */
        NOT_YET,
        /** Throttled, overloaded, timed out or unreadable: ask again later. */
        TRY_LATER,
        /** This one recording is refused for good. */
        REFUSED,
        /** The key can't be one of this storage's, and nothing was sent. */
        REFUSED_UNSENT,
        /** Credentials, account or endpoint are wrong: no recording of that account can be deleted. */
        STOP
    }

    private final Kind kind;
    private final String detail;
    private final @Nullable Duration after;
    private final boolean surelyNotApplied;
    private final boolean throttled;
    private final @Nullable Integer concurrency;

    private DeletionResult(Kind kind, String detail, @Nullable Duration after, boolean surelyNotApplied) {
        this(kind, detail, after, surelyNotApplied, false, null);
    }

    private DeletionResult(
            Kind kind,
            String detail,
            @Nullable Duration after,
            boolean surelyNotApplied,
            boolean throttled,
            @Nullable Integer concurrency) {
        this.throttled = throttled;
        this.concurrency = concurrency;
        this.kind = kind;
        this.detail = clean(detail);
        this.after = after;
        this.surelyNotApplied = surelyNotApplied;
    }

    /** Deleted by this call, as the storage's own positive answer says. */
    public static DeletionResult deleted(String evidence) {
        return new DeletionResult(Kind.DELETED, required(evidence, "evidence"), null, false);
    }

    /** Gone before this call, and the storage proves it. */
    public static DeletionResult alreadyGone(String evidence) {
        return new DeletionResult(Kind.ALREADY_GONE, required(evidence, "evidence"), null, false);
    }

    /** The storage knows the recording and says that no media was ever stored. */
    public static DeletionResult nothingStored(String evidence) {
        return new DeletionResult(Kind.NOTHING_STORED, required(evidence, "evidence"), null, false);
    }

    /** Unknown to the storage, which proves nothing. The row is left alone and reported. */
    public static DeletionResult notFound() {
        return new DeletionResult(Kind.NOT_FOUND, "the storage does not know it, which proves nothing", null, false);
    }

    /** The media lies at {@code where}, out of this storage's reach. Name a host or a bucket, not a URL. */
    public static DeletionResult keptElsewhere(String where) {
        return new DeletionResult(Kind.KEPT_ELSEWHERE, required(where, "where"), null, true);
    }

    /** A look-up found the recording. */
    public static DeletionResult stillThere() {
        return new DeletionResult(Kind.STILL_THERE, "still there", null, true);
    }

    /** Not deletable yet. The recording is asked for again, and this is no failure. */
    public static DeletionResult notYet(String cause) {
        return new DeletionResult(Kind.NOT_YET, required(cause, "cause"), null, true);
    }

    /**
     * To be tried again.
     *
     * @param after how long the storage asked to wait, or null where it did not say
     * @param surelyNotApplied true only when the storage can't have applied the request and won't later: it was never sent, or the
     *     storage said that it was not processed. False for a time-out, a reset or an unreadable answer
     */
    public static DeletionResult tryLater(String cause, @Nullable Duration after, boolean surelyNotApplied) {
        if (after != null && after.isNegative()) {
            throw new IllegalArgumentException("negative wait: " + after);
        }
        return new DeletionResult(Kind.TRY_LATER, required(cause, "cause"), after, surelyNotApplied);
    }

    /**
     * Not processed, since there were too many requests at once. The sweeper sends fewer at once, and this one again; it counts as no attempt.
     *
     * @param after how long the storage asked to wait, or null where it did not say
     */
    public static DeletionResult throttled(String cause, @Nullable Duration after) {
        DeletionResult later = tryLater(cause, after, true);
        return new DeletionResult(later.kind, later.detail, after, true, true, null);
    }

    /** The same, with how many requests the account had under way altogether, ours and those of others, as the storage said. */
    public DeletionResult atConcurrency(int requests) {
        if (requests < 0) {
            throw new IllegalArgumentException("concurrency " + requests);
        }
        return new DeletionResult(kind, detail, after, surelyNotApplied, throttled, requests);
    }

    /** Refused for good after having been sent. The recording waits for a person. */
    public static DeletionResult refused(String cause) {
        return new DeletionResult(Kind.REFUSED, required(cause, "cause"), null, true);
    }

    /** Refused by the adapter itself: the key can't be one of this storage's, and nothing was sent. */
    public static DeletionResult refusedUnsent(String cause) {
        return new DeletionResult(Kind.REFUSED_UNSENT, required(cause, "cause"), null, true);
    }

    /** Credentials, account or endpoint are wrong. Stops the run for the account; no recording is blamed. */
    public static DeletionResult stop(String cause) {
        return new DeletionResult(Kind.STOP, required(cause, "cause"), null, true);
    }

    public Kind kind() {
        return kind;
    }

    /** The evidence of a positive answer, else the cause. */
    public String detail() {
        return detail;
    }

    /** How long the storage asked to wait; null where it did not say. */
    public @Nullable Duration after() {
        return after;
    }

    /** Whether the storage can't have applied a deletion in this call and won't later. */
    public boolean surelyNotApplied() {
        return surelyNotApplied;
    }

    /** Whether the storage had too many requests at once. */
    public boolean isThrottled() {
        return throttled;
    }

    /** How many requests the account had under way altogether; null where the storage did not say. */
    public @Nullable Integer concurrency() {
        return concurrency;
    }

    /** Whether this proves that the storage holds no media of the recording. */
    public boolean provesGone() {
        return kind == Kind.DELETED || kind == Kind.ALREADY_GONE || kind == Kind.NOTHING_STORED;
    }

    private static String required(String text, String name) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a deletion result needs its " + name);
        }
        return text;
    }

    private static String clean(String text) {
        String cut = text.length() <= MAX_DETAIL_LENGTH ? text : text.substring(0, MAX_DETAIL_LENGTH - 1) + "…";
        return cut.replaceAll("\\p{Cntrl}", " ");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DeletionResult that
                && kind == that.kind
                && detail.equals(that.detail)
                && Objects.equals(after, that.after)
                && surelyNotApplied == that.surelyNotApplied
                && throttled == that.throttled
                && Objects.equals(concurrency, that.concurrency);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, detail, after, surelyNotApplied, throttled, concurrency);
    }

    @Override
    public String toString() {
        return kind + " (" + detail + ")";
    }
}
