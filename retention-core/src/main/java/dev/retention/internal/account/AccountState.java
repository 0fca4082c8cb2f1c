package dev.retention.internal.account;

import dev.retention.SweepEnd;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of one account in one work, such as a run: whether it is the right one, whether it answers, and whether the
 * work has stopped for it. Several threads use it; each method locks it.
 *
 * <p>One class, since all of its state is under one lock: what is judged together must not change in between.
 */
public final class AccountState {

    /**
     * This many answers of one kind in a row at the start, or failures in a row, indicate a fault of the account and
     * not of its recordings.
     */
    public static final int IN_A_ROW = 10;

    /** Whether this is known to be the account where the recordings are. */
    public enum Trust {
        UNKNOWN,
        BEING_ASKED,
        /** It found recent recordings. */
        KNOWN,
        /** There was no recent recording by which to identify it. */
        UNTESTED
    }

    /** What prevents requests for an account, the most serious first. */
    public enum Hindrance {
        /** The run has stopped for it. */
        STOPPED,
        /** The last identification had no usable answer. */
        UNIDENTIFIED,
        /** Its circuit is open. */
        NOT_ANSWERING,
        /** Its storage requested a wait of more than a moment. */
        WAITING,
        /** For some time each answer was that there are too many requests. */
        THROTTLED,
        /** Requests are in flight, and none has been answered for a long time. */
        SILENT
    }

    private static final long THROTTLED_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long SILENT_NANOS = Duration.ofMinutes(1).toNanos();

    private final @Nullable String name;
    private final ConcurrencyLimit limit;
    private final RunSuspicion common;
    private final Circuit circuit = new Circuit();
    private final Suspicion suspicion = new Suspicion();
    private Trust trust = Trust.UNKNOWN;
    private boolean unidentified;
    private boolean refused;
    private boolean writtenOff;
    private boolean askedForMore;
    /** Whether a person has confirmed that it is the right one, though its recordings are not found. */
    private boolean accountConfirmed;
    /** Whether a person has confirmed that its keys are right, though they are invalid for the storage. */
    private boolean keysConfirmed;

    private boolean missesRecordings;
    private boolean confirmable;
    private int throttledInRow;
    private long throttledSinceNanos;
    private long heardNanos;
    private @Nullable SweepEnd stopped;
    private String stopCause = "";

    /** Requests of this work; its limit counts those of all work. */
    private int underWay;

    /**
     * An account whose limit no other work shares.
     *
     * @param name as recordings name it; null if they name none
     * @param maxConcurrency never more requests at once than this
     * @param headroom the share of the account's allowance that is left to others, 0 to below 1
     * @param permittedConcurrency how many requests the account is allowed at once; null where it was not stated
     */
    public AccountState(
            @Nullable String name, int maxConcurrency, double headroom, @Nullable Integer permittedConcurrency) {
        this(name, new ConcurrencyLimit(maxConcurrency, headroom, permittedConcurrency), new RunSuspicion());
    }

    /**
     * @param limit which all work shares that uses the account
     * @param common what all accounts of this work show together
     */
    AccountState(@Nullable String name, ConcurrencyLimit limit, RunSuspicion common) {
        this.name = name;
        this.limit = limit;
        this.common = common;
    }

    @Nullable
    public String name() {
        return name;
    }

    /** Its name in messages. */
    public String label() {
        return name == null ? "the account" : "account " + name;
    }

    public synchronized Trust trust() {
        return trust;
    }

    /** Whether its identification has ended, with or without a recent recording. */
    public synchronized boolean isIdentified() {
        return trust == Trust.KNOWN || trust == Trust.UNTESTED;
    }

    /** Its identification has begun. */
    public synchronized void beingAsked(long nowNanos) {
        heard(nowNanos);
        trust = Trust.BEING_ASKED;
    }

    /** Storages identified it as the right account, or there was no recent recording to look up. */
    public synchronized void identified(boolean known) {
        trust = known ? Trust.KNOWN : Trust.UNTESTED;
        unidentified = false;
        suspicion.confirmed();
        if (known) {
            circuit.close();
        }
        // What a person has confirmed about one account, such as the mapping, is right for all.
        common.identified(this, known || accountConfirmed);
    }

    /** Storages gave no usable answer: the identification is repeated. */
    public synchronized void notIdentified(List<DeletionResult> noAnswers, long nowNanos) {
        trust = Trust.UNKNOWN;
        unidentified = true;
        noAnswers.forEach(result -> judged(result, true, nowNanos));
    }

    /** Too few of the recent recordings that were read have valid keys. */
    public synchronized void askForMore() {
        trust = Trust.UNKNOWN;
        askedForMore = true;
    }

    public synchronized boolean isAskedForMore() {
        return askedForMore;
    }

    /** What a person has confirmed about it. */
    public synchronized void confirmed(boolean account, boolean keys) {
        accountConfirmed = account;
        keysConfirmed = keys;
    }

    public synchronized boolean isConfirmed() {
        return accountConfirmed;
    }

    /** None of its recent recordings was found. If that stops it, a person may confirm that it is right. */
    public synchronized void missesRecordings() {
        missesRecordings = true;
    }

    /** Whether what stopped it is only a suspicion, which a person may confirm to be unfounded. */
    public synchronized boolean isStoppedBySuspicion() {
        return stopped != null && confirmable;
    }

    /** A person has written it off, and its storage refuses it: nothing is sent for it. */
    public synchronized void writeOff() {
        writtenOff = true;
        trust = Trust.UNTESTED;
        unidentified = false;
        common.identified(this, false);
    }

    /** Whether it is stopped, by itself or with all accounts. */
    public synchronized boolean isStopped() {
        return stopped() != null;
    }

    /** Whether it is stopped for a cause of its own. */
    public synchronized boolean isStoppedItself() {
        return stopped != null;
    }

    @Nullable
    public synchronized SweepEnd stopped() {
        return stopped == null ? common.stopped() : stopped;
    }

    public synchronized String stopCause() {
        return stopped == null ? common.stopCause() : stopCause;
    }

    public synchronized void stop(SweepEnd end, String cause) {
        if (stopped == null) {
            confirmable = missesRecordings || suspicion.ofMismatch(trust) || suspicion.ofStorageKeys(trust);
            stopped = end;
            stopCause = cause;
            common.stopped(this, end, cause);
        }
    }

    /** Whether nothing is lost if all that is known about it is forgotten, unless it has work. */
    synchronized boolean isForgettable(long nowNanos) {
        return stopped == null
                && !writtenOff
                && underWay == 0
                && trust != Trust.BEING_ASKED
                && !circuit.isOpen()
                && circuit.waitNanos(nowNanos) == 0;
    }

    /** Whether its circuit is open: it did not answer usefully several times in a row. */
    public synchronized boolean isOpen() {
        return circuit.isOpen();
    }

    /** Whether it is open and several probes have failed, so that the next one should be of quite another recording. */
    public synchronized boolean isStuck() {
        return circuit.isStuck();
    }

    public synchronized AccountFacts facts() {
        return new AccountFacts(
                isStopped(),
                circuit.isOpen(),
                isIdentified(),
                suspicion.withholdsUnproven(trust) && !(accountConfirmed && trust == Trust.UNTESTED),
                suspicion.withholdsRefused(trust),
                !accountConfirmed && (suspicion.ofMismatch(trust) || common.ofMismatch()),
                !keysConfirmed && (suspicion.ofStorageKeys(trust) || common.ofStorageKeys()));
    }

    /**
     * How many more requests may be sent now: none during a wait, one as a probe, otherwise as many as the limit
     * leaves.
     */
    public synchronized int allowance(long nowNanos) {
        // The sweeping thread stops the account for this reason; until then nothing more is sent.
        if (refused || hasToWait(nowNanos)) {
            return 0;
        }
        return circuit.isOpen() ? 1 : Math.max(0, limit.current() - limit.underWay());
    }

    /**
     * Whether a request may be tried. That other work uses all that the limit allows does not prevent it while this
     * work has no request in flight: only who tries is noticed, and has the next turn.
     */
    public synchronized boolean mayTry(long nowNanos) {
        return allowance(nowNanos) > 0 || underWay == 0 && !refused && !hasToWait(nowNanos);
    }

    /** How many requests at once its limit allows. */
    public synchronized int limit() {
        return limit.current();
    }

    /** Whether nothing may be sent even after the next answer. */
    public synchronized boolean hasToWait(long nowNanos) {
        return isStopped() || waitNanos(nowNanos) > 0 || circuit.isProbing();
    }

    /** Nanoseconds until a request may be sent for it; zero if one may be sent now. */
    public synchronized long waitNanos(long nowNanos) {
        return circuit.waitNanos(nowNanos);
    }

    /** What prevents requests or answers of this account; null while nothing does that is its own. */
    @Nullable
    public synchronized Hindrance hindrance(long nowNanos) {
        if (stopped != null) {
            return Hindrance.STOPPED;
        }
        if (unidentified) {
            return Hindrance.UNIDENTIFIED;
        }
        if (circuit.isOpen()) {
            return Hindrance.NOT_ANSWERING;
        }
        if (circuit.waitsForLong(nowNanos)) {
            return Hindrance.WAITING;
        }
        if (throttledInRow >= IN_A_ROW && nowNanos - throttledSinceNanos >= THROTTLED_NANOS) {
            return Hindrance.THROTTLED;
        }
        boolean asked = trust == Trust.BEING_ASKED || underWay > 0;
        return asked && nowNanos - heardNanos >= SILENT_NANOS ? Hindrance.SILENT : null;
    }

    /** The time without an answer is counted from now on. */
    private void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /**
     * Counts a request as sent, unless other work has used the room that the limit left. A probe needs no room.
     *
     * @return whether it was counted
     */
    public synchronized boolean trySend(long nowNanos) {
        if (circuit.isOpen()) {
            limit.sent();
        } else if (!limit.trySend(this, underWay, nowNanos)) {
            return false;
        }
        counted(nowNanos);
        return true;
    }

    /** Counts a request as sent, whatever the limit. */
    public synchronized void sent(long nowNanos) {
        limit.sent();
        counted(nowNanos);
    }

    private void counted(long nowNanos) {
        if (underWay == 0) {
            heard(nowNanos);
        }
        underWay++;
        circuit.sent();
    }

    /** A request that was counted as sent was not sent. This says nothing about the account. */
    public synchronized void withdrawn() {
        underWay--;
        limit.withdrawn();
        circuit.answered();
    }

    /** Nobody waits for the requests in flight any more: they do not count any longer. */
    public synchronized void abandon() {
        for (; underWay > 0; underWay--) {
            limit.withdrawn();
        }
    }

    /**
     * Evaluates an answer. A successful look-up says nothing about deletions, so it closes no circuit.
     *
     * @return whether the attempt counts against its recording: not while the circuit is open or opens by it
     */
    public synchronized boolean answered(DeletionResult result, boolean lookUp, long sentNanos, long nowNanos) {
        heard(nowNanos);
        underWay--;
        limit.answered(result.isThrottled(), result.concurrency(), sentNanos, nowNanos);
        if (!result.isThrottled()) {
            throttledInRow = 0;
        } else if (throttledInRow++ == 0) {
            throttledSinceNanos = nowNanos;
        }
        boolean later = result.kind() == Kind.TRY_LATER;
        if (later && circuit.wasSentBeforeItOpened(sentNanos)) {
            circuit.waitAsRequested(result, nowNanos);
            return false;
        }
        if (!circuit.isOpen() && result.isThrottled() && limit.underWay() > 0) {
            // Too many at once; the limit allows fewer from now on.
            circuit.waitAsRequested(result, nowNanos);
            return true;
        }
        return judged(result, lookUp, nowNanos);
    }

    private boolean judged(DeletionResult result, boolean lookUp, long nowNanos) {
        circuit.answered();
        refused |= result.kind() == Kind.STOP || result.kind() == Kind.MISMATCH;
        suspicion.note(result);
        if (!accountConfirmed && !keysConfirmed) {
            common.note(this, trust, result);
        }
        if (trust == Trust.KNOWN && suspicion.ofLostAccess()) {
            trust = Trust.UNKNOWN;
        }
        if (result.kind() == Kind.TRY_LATER) {
            return circuit.failed(result, nowNanos);
        }
        if (!lookUp && result.kind() != Kind.REFUSED_UNSENT) {
            circuit.close();
        }
        return true;
    }
}
