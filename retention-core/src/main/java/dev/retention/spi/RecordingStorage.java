package dev.retention.spi;

import java.util.List;

/**
 * A place where recordings lie. An implementation deletes one recording and says what it knows afterwards.
 *
 * <p><b>Threads.</b> Called from many threads at once, one recording per call, never twice at once for the same recording.
 *
 * <p><b>Transactions.</b> None is open during a call.
 *
 * <p><b>Repetition.</b> The same recording may be passed again after a crash or after an answer that left the outcome open;
 * deleting what is gone already must be harmless. It need not look the same: say {@link DeletionResult#alreadyGone} only where
 * the storage shows that the recording was there and is deleted, or where its absence is certain, and
 * {@link DeletionResult#notFound()} otherwise.
 *
 * <p><b>Time.</b> A call must come back within a bound of its own, less than half of the sweeper's lease, and must honour an
 * interrupt.
 *
 * @see RecordingLookup
 */
public interface RecordingStorage {

    /**
     * The storage's name in evidence, logs and metrics. Stable over releases and restarts, since it is stored with what the storage
     * answered; unique among the storages of one sweeper; 1 to 40 of {@code a-z 0-9 . _ -}.
     */
    String name();

    /**
     * What it deletes from, for a person to recognise: an account, a bucket, a folder. Together with the database it is what a person confirms before the
     * first sweep, and what stops a copy of the configuration elsewhere: another target needs another text. No secrets, at most 200 characters.
     */
    default String target() {
        return name();
    }

    /**
     * Deletes the recording, or says why not. Values of the recording are as they were when it was claimed.
     *
     * <p>Nothing may be sent for a key that can't be one of this storage's: answer {@link DeletionResult#refusedUnsent}. An
     * exception that leaves this method counts as {@link DeletionResult#tryLater} with an unknown outcome.
     */
    DeletionResult delete(Recording recording);

    /**
     * The same, for a storage that asks something else before it deletes: it must make sure that the permit still lasts right before it sends the deletion, and answer
     * {@link DeletionResult#tryLater} with nothing applied where it does not. This is what the sweeper calls.
     */
    default DeletionResult delete(Recording recording, DeletionPermit permit) {
        return delete(recording);
    }

    /**
     * Tells which recordings come next, oldest first, before any of them is passed to {@link #delete}; not all of them will be. Whoever can learn
     * something about all of them from a few may use it. Called by the thread that sweeps: it must neither ask the storage nor wait.
     */
    default void announce(List<Recording> recordings) {}

    /**
     * Whether this storage holds the media that another one answers {@link DeletionResult#keptElsewhere} for, such as the customer's
     * own bucket that a provider records into. Only then does its own deletion settle such an answer.
     */
    default boolean coversExternalMedia() {
        return false;
    }
}
