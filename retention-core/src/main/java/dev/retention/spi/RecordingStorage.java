package dev.retention.spi;

import java.util.List;

/**
 * A place where recordings are stored. An implementation deletes one recording and reports what it can prove
 * afterwards.
 *
 * <p><b>Threads.</b> The sweeper calls it from many threads at once, with one recording per call, and never for the
 * same recording twice at the same time. The threads may be virtual.
 *
 * <p><b>Transactions.</b> None is open during a call.
 *
 * <p><b>Repetition.</b> The same recording may be passed again after a crash, or after an answer that did not settle
 * the outcome. Deleting a recording that is already gone must do no harm. Answer {@link DeletionResult#alreadyGone}
 * only if the storage proves that the recording existed and is deleted, or if its absence is certain. Otherwise answer
 * {@link DeletionResult#notFound()}.
 *
 * <p><b>Time.</b> A call must return within a time limit of its own, less than half of the sweeper's lease, and must
 * react to an interrupt.
 *
 * @see RecordingLookup
 */
public interface RecordingStorage {

    /**
     * The storage's name in evidence, logs and metrics: 1 to 40 of {@code a-z 0-9 . _ -}, and unique among the storages
     * of one sweeper. It must never change, since it is stored with the storage's answers.
     */
    String name();

    /**
     * What it deletes from, as a text that a person recognises: an account, a bucket, a folder. A person confirms it,
     * together with the database, before the first sweep. If it changes, sweeps are refused until a person confirms it
     * again; so another target must have another text. No secrets, at most 200 characters.
     */
    default String target() {
        return name();
    }

    /**
     * Deletes the recording, or says why not. Id, key, account and creation time are those of the claim.
     *
     * <p>Nothing may be sent for a key that is not valid for this storage: answer {@link DeletionResult#refusedUnsent}.
     * An exception, or null, counts as {@link DeletionResult#tryLater} with an unknown outcome.
     */
    DeletionResult delete(Recording recording);

    /**
     * Deletes the recording, or says why not. This is the method that the sweeper calls. By default it asks whether the
     * permit lasts, and then calls {@link #delete(Recording)}.
     *
     * <p>A storage that may need time before its request is sent must implement it: one that looks something up first,
     * waits for a connection, or opens one. As the last thing before it sends the deletion it asks whether the permit
     * lasts, and if not, it sends nothing and answers {@link DeletionResult#tryLater} with {@code surelyNotApplied}.
     */
    default DeletionResult delete(Recording recording, DeletionPermit permit) {
        return permit.lasts()
                ? delete(recording)
                : DeletionResult.tryLater("the deletion was no longer permitted; nothing was sent", null, true);
    }

    /**
     * Tells the storage which recordings come next, oldest first, before any of them is passed to {@link #delete}. Not
     * all of them will be. This is a hint for a storage that can learn something about all of them from a few. Called
     * by the thread that sweeps: an implementation must neither block nor send requests. An exception is logged and
     * otherwise ignored.
     */
    default void announce(List<Recording> recordings) {}

    /**
     * Whether this storage may hold the recording, judged by its attributes alone, such as its kind. Only storages that
     * may hold a recording are asked about it, and what they prove settles it; one that no storage may hold is refused.
     * So answer false only if it is certain, and true where an attribute has no value. If the rule changes, so must
     * {@link #target()}: a person has to confirm it. An exception counts as true. By default it may hold everything.
     *
     * <p>The attributes by which it judges must not change once a recording exists: a recording that another storage
     * has proven gone counts as deleted, if this one says by a new value that it does not hold it.
     */
    default boolean mayHold(Recording recording) {
        return true;
    }

    /**
     * Whether it keeps recordings in several places, of which one may refuse an account that another one accepts, such
     * as regions. Then no account is {@linkplain dev.retention.RetentionOperations#writeOff written off}. False by
     * default.
     */
    default boolean isInSeveralPlaces() {
        return false;
    }

    /**
     * Whether this storage holds the media for which another one answers {@link DeletionResult#keptElsewhere}, such as
     * the customer's own bucket into which a provider records. Only then does its proof of deletion settle such an
     * answer.
     */
    default boolean coversExternalMedia() {
        return false;
    }
}
