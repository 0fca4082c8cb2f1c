package dev.retention.spi;

/**
 * What allows a deletion to be sent. It grows old: a hold, a pause or a changed row must stop what was not sent yet.
 *
 * @see RecordingStorage#delete(Recording, DeletionPermit)
 */
@FunctionalInterface
public interface DeletionPermit {

    /**
     * Whether the deletion may still be sent, now. Quick while the last check of the database is fresh, else it asks the database. Called on the thread that
     * called the storage, right before the request that deletes. After false nothing may be sent.
     */
    boolean lasts();
}
