package dev.retention.spi;

/**
 * The permission to send one deletion. It depends on a check of the recording's rows in a committed transaction, at
 * most two seconds ago: a later hold, pause or change of the row must stop a request that was not sent yet. If the
 * permit is asked last, this is true whatever takes time before the request is sent: a queue, a rate limit, a
 * connection, its TLS handshake.
 *
 * @see RecordingStorage#delete(Recording, DeletionPermit)
 */
@FunctionalInterface
public interface DeletionPermit {

    /**
     * Whether the deletion may be sent now. Asks the database if the last check is more than two seconds old, so it may
     * take as long as the database needs. The storage calls it on the thread on which it was called itself, as the last
     * thing before the first byte of the request that deletes: when the connection is open and ready.
     *
     * @return false if the check refuses the deletion, if the database does not answer in time, if the sweeper stops,
     *     or if the rest of the claim's lease is too short. Then nothing may be sent: the storage answers
     *     {@link DeletionResult#tryLater} with {@code surelyNotApplied}, and the recording is checked again. This does
     *     not count as an attempt
     */
    boolean lasts();
}
