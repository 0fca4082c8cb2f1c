package dev.retention.spi;

import dev.retention.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a storage can prove after a deletion or a look-up. Immutable. Only the first three kinds prove that a recording
 * is gone; no other answer lets it be recorded as deleted.
 *
 * <p>Texts become part of the ledger and the log: they must not contain credentials, phone numbers or media URLs.
 * Control characters are replaced, and texts longer than {@value #MAX_DETAIL_LENGTH} characters are cut. A text that is
 * blank is refused with {@link IllegalArgumentException}.
 */
public final class DeletionResult {

    /** The longest evidence or cause that is kept, in characters. */
    public static final int MAX_DETAIL_LENGTH = 500;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    /** The kinds of answer. */
    public enum Kind {
        /** The storage said in this answer that it deleted the recording. */
        DELETED,
        /** The storage proves that it was deleted before, or that it certainly does not exist there. */
        ALREADY_GONE,
        /** The storage has the recording, and says that there never was any media. */
        NOTHING_STORED,
        /** The storage does not find it. A wrong account, credentials or region give the same answer. */
        NOT_FOUND,
        /** The media is stored where this storage can't delete it. */
        KEPT_ELSEWHERE,
        /** A look-up found it. */
        STILL_THERE,
        /** It can't be deleted yet, since it is still being recorded or processed. */
        NOT_YET,
        /** Throttled, overloaded, timed out or unreadable: it is tried again later. */
        TRY_LATER,
        /** The storage refuses this recording permanently. */
        REFUSED,
        /** The key is not valid for this storage, and nothing was sent. */
        REFUSED_UNSENT,
        /** Credentials, account or endpoint are wrong: no recording of this account can be deleted. */
        STOP,
        /** The storage answered about another recording or account than the one in the request. */
        MISMATCH
    }

    private final Kind kind;
    private final String detail;
    private final @Nullable Duration after;
    private final boolean surelyNotApplied;
    private final boolean throttled;
    private final Seen seen;
    private final String code;

    /** What the answer shows beside its kind. */
    private record Seen(
            @Nullable Integer concurrency, @Nullable Instant made) {

        private static final Seen NOTHING = new Seen(null, null);
    }

    private DeletionResult(Kind kind, String detail, @Nullable Duration after, boolean surelyNotApplied) {
        this(kind, detail, after, surelyNotApplied, false, Seen.NOTHING, kind.name());
    }

    private DeletionResult(
            Kind kind,
            String detail,
            @Nullable Duration after,
            boolean surelyNotApplied,
            boolean throttled,
            Seen seen,
            String code) {
        this.code = code;
        this.throttled = throttled;
        this.seen = seen;
        this.kind = kind;
        this.detail = clean(detail);
        this.after = after;
        this.surelyNotApplied = surelyNotApplied;
    }

    /** Deleted by this call, as the storage's answer says. */
    public static DeletionResult deleted(String evidence) {
        return new DeletionResult(Kind.DELETED, required(evidence, "evidence"), null, false);
    }

    /** Deleted before this call, and the storage proves it. */
    public static DeletionResult alreadyGone(String evidence) {
        return new DeletionResult(Kind.ALREADY_GONE, required(evidence, "evidence"), null, false);
    }

    /** The storage has the recording, and says that no media was ever stored. */
    public static DeletionResult nothingStored(String evidence) {
        return new DeletionResult(Kind.NOTHING_STORED, required(evidence, "evidence"), null, false);
    }

    /** Not found by the storage, which proves nothing. The recording needs a decision. */
    public static DeletionResult notFound() {
        return new DeletionResult(
                Kind.NOT_FOUND, "the storage returned \"not found\", which proves nothing", null, false);
    }

    /** The media is stored at {@code where}, where this storage can't delete it. Name a host or a bucket, not a URL. */
    public static DeletionResult keptElsewhere(String where) {
        return new DeletionResult(Kind.KEPT_ELSEWHERE, required(where, "where"), null, true);
    }

    /** A look-up found the recording. */
    public static DeletionResult stillThere() {
        return new DeletionResult(Kind.STILL_THERE, "the recording still exists", null, true);
    }

    /**
     * The same, for a storage that shows when it made the recording: if that is more than a day later than its row
     * says, the recording is not deleted.
     */
    public static DeletionResult stillThere(Instant made) {
        DeletionResult found = stillThere();
        return new DeletionResult(found.kind, found.detail, null, true, false, new Seen(null, made), found.code);
    }

    /** Not deletable yet. The recording is tried again later; this is not a failure. */
    public static DeletionResult notYet(String cause) {
        return new DeletionResult(Kind.NOT_YET, required(cause, "cause"), null, true);
    }

    /**
     * To be tried again.
     *
     * @param cause what happened, for people
     * @param after the wait that the storage requested, not negative; null if it requested none
     * @param surelyNotApplied true only if the storage can't have applied the request and won't later: it was never
     *     sent, or the storage said that it was not processed. False for a time-out, a reset or an unreadable answer
     * @throws IllegalArgumentException for a negative wait or a blank cause
     */
    public static DeletionResult tryLater(String cause, @Nullable Duration after, boolean surelyNotApplied) {
        if (after != null && after.isNegative()) {
            throw new IllegalArgumentException(
                    "the wait " + after + " is negative; use null if the storage did not say how long to wait");
        }
        return new DeletionResult(Kind.TRY_LATER, required(cause, "cause"), after, surelyNotApplied);
    }

    /**
     * Not processed, since there were too many requests at once. The sweeper then sends fewer requests at once, and
     * repeats this one. It does not count as an attempt.
     *
     * @param cause what happened, for people
     * @param after the wait that the storage requested, not negative; null if it requested none
     * @throws IllegalArgumentException for a negative wait or a blank cause
     */
    public static DeletionResult throttled(String cause, @Nullable Duration after) {
        DeletionResult later = tryLater(cause, after, true);
        return new DeletionResult(later.kind, later.detail, after, true, true, Seen.NOTHING, "THROTTLED");
    }

    /**
     * The same answer, with the number of requests that the account had in progress, of all its users, as the storage
     * said.
     *
     * @throws IllegalArgumentException for a negative number
     */
    public DeletionResult atConcurrency(int requests) {
        if (requests < 0) {
            throw new IllegalArgumentException("concurrency " + requests + " is negative; use 0 or more");
        }
        return new DeletionResult(
                kind, detail, after, surelyNotApplied, throttled, new Seen(requests, seen.made), code);
    }

    /** Refused permanently after it was sent. The recording needs a decision. */
    public static DeletionResult refused(String cause) {
        return new DeletionResult(Kind.REFUSED, required(cause, "cause"), null, true);
    }

    /** Refused by the adapter itself: the key is not valid for this storage, and nothing was sent. */
    public static DeletionResult refusedUnsent(String cause) {
        return new DeletionResult(Kind.REFUSED_UNSENT, required(cause, "cause"), null, true);
    }

    /** Credentials, account or endpoint are wrong. The run stops for this account; its recordings are tried again. */
    public static DeletionResult stop(String cause) {
        return new DeletionResult(Kind.STOP, required(cause, "cause"), null, true);
    }

    /**
     * The storage answered about another recording or account than the one in the request, so none of its answers can
     * be trusted. The run stops for this account; its recordings are tried again, and a deletion that was sent is in
     * doubt.
     */
    public static DeletionResult mismatch(String cause) {
        return new DeletionResult(Kind.MISMATCH, required(cause, "cause"), null, false);
    }

    /**
     * The same answer, with a code by which recordings with the same cause are grouped, such as {@code TWILIO_20404}.
     * Unless set, the code is the name of the kind, or {@code THROTTLED}.
     *
     * @throws IllegalArgumentException if the code does not have the form of {@link Cause#code()}
     */
    public DeletionResult withCode(String code) {
        return new DeletionResult(kind, detail, after, surelyNotApplied, throttled, seen, Cause.requireCode(code));
    }

    /** The kind of answer. */
    public Kind kind() {
        return kind;
    }

    /** The code by which recordings with the same cause are grouped. */
    public String code() {
        return code;
    }

    /** The evidence if the answer proves a deletion, else the cause; for people. */
    public String detail() {
        return detail;
    }

    /** How long the storage asked to wait; null if it did not say. */
    public @Nullable Duration after() {
        return after;
    }

    /** Whether the storage can't have applied a deletion in this call and won't later. */
    public boolean surelyNotApplied() {
        return surelyNotApplied;
    }

    /** Whether the storage did not process the request since there were too many at once. */
    public boolean isThrottled() {
        return throttled;
    }

    /** How many requests the account had in progress, of all its users; null if the storage did not say. */
    public @Nullable Integer concurrency() {
        return seen.concurrency;
    }

    /** When the storage made the recording, as a look-up shows; null if it does not show that. */
    public @Nullable Instant made() {
        return seen.made;
    }

    /** Whether this proves that the storage holds no media of the recording. */
    public boolean provesGone() {
        return kind == Kind.DELETED || kind == Kind.ALREADY_GONE || kind == Kind.NOTHING_STORED;
    }

    private static String required(String text, String name) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a deletion result needs a text that is not blank: " + name);
        }
        return text;
    }

    private static String clean(String text) {
        String cut = text.length() <= MAX_DETAIL_LENGTH ? text : text.substring(0, MAX_DETAIL_LENGTH - 1) + "…";
        return CONTROL.matcher(cut).replaceAll(" ");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DeletionResult that
                && kind == that.kind
                && detail.equals(that.detail)
                && Objects.equals(after, that.after)
                && surelyNotApplied == that.surelyNotApplied
                && throttled == that.throttled
                && seen.equals(that.seen)
                && code.equals(that.code);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, detail, after, surelyNotApplied, throttled, seen, code);
    }

    @Override
    public String toString() {
        return kind + " (" + detail + ")";
    }
}
