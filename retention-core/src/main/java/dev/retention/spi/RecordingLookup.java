package dev.retention.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A storage that can look a recording up without changing it. The sweeper looks a recording up before it deletes it
 * again, if an earlier deletion may have been applied. Before an account's first deletion in a run, it looks up some
 * recent recordings, to distinguish a wrong account from missing recordings.
 *
 * <p>Threads, transactions and time limits are as in {@link RecordingStorage}.
 */
public interface RecordingLookup extends RecordingStorage {

    /**
     * Looks the recording up and changes nothing. An exception counts as {@link DeletionResult#tryLater}.
     *
     * @return {@link DeletionResult#stillThere()} if it exists; {@link DeletionResult#alreadyGone} or
     *     {@link DeletionResult#nothingStored} if that is proven; {@link DeletionResult#notFound()} if the storage does
     *     not find it; otherwise why there is no answer. Never {@link DeletionResult#deleted}
     */
    DeletionResult lookUp(Recording recording);

    /**
     * Asks the storage whose account it is and what its clock says, and changes nothing. Called for each account before
     * its first deletion in a run, and again after an answer {@link DeletionResult#tryLater}. An exception counts as
     * such an answer.
     *
     * @param account the account as recordings name it; null for the storage's only account
     * @return {@link Identification#NOTHING_KNOWN} by default
     */
    default Identification identify(@Nullable String account) {
        return Identification.NOTHING_KNOWN;
    }

    /**
     * What a storage says about an account.
     *
     * @param objection why nothing of the account may be deleted: {@link DeletionResult#refused} or
     *     {@link DeletionResult#mismatch} if it is another account, {@link DeletionResult#stop} if it refuses the
     *     credentials, {@link DeletionResult#tryLater} if there was no answer; null if there is no objection
     * @param time what its clock says, to be compared with the database's; null if it did not say
     */
    record Identification(
            @Nullable DeletionResult objection, @Nullable Instant time) {

        /** No objection, and no time. */
        public static final Identification NOTHING_KNOWN = new Identification(null, null);
    }
}
