package dev.retention.spi;

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
}
