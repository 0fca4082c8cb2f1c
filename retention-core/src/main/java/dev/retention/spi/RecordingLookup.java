package dev.retention.spi;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A storage that can tell whether a recording is there without touching it. Before a recording whose deletion was left open is
 * deleted again, it is looked up; and before the first deletion of a run some recent recordings are, to tell a wrong account
 * from missing recordings.
 */
public interface RecordingLookup extends RecordingStorage {

    /**
     * Looks the recording up and changes nothing.
     *
     * @return {@link DeletionResult#stillThere()} when it is there; {@link DeletionResult#alreadyGone} or
     *     {@link DeletionResult#nothingStored} when that is proven; {@link DeletionResult#notFound()} when the storage does not know it;
     *     otherwise why that can't be told. Never {@link DeletionResult#deleted}
     */
    DeletionResult lookUp(Recording recording);

    /**
     * Asks the storage whose account it is, and what time it has, and changes nothing. Called once a run for each account before its first deletion.
     *
     * @param account the account as recordings name it, or null for the storage's only one
     */
    default Introduction introduce(@Nullable String account) {
        return Introduction.NOTHING_KNOWN;
    }

    /**
     * What a storage says about an account.
     *
     * @param objection why nothing of the account may be deleted: {@link DeletionResult#refused} when it is another account than the one that
     *     was meant, {@link DeletionResult#stop} when it does not let us in, {@link DeletionResult#tryLater} when there was no answer; null when nothing
     *     speaks against it
     * @param time what its clock says, to be compared with ours; null when it did not tell
     */
    record Introduction(
            @Nullable DeletionResult objection, @Nullable Instant time) {

        /** Nothing speaks against it, and nothing for it. */
        public static final Introduction NOTHING_KNOWN = new Introduction(null, null);
    }
}
