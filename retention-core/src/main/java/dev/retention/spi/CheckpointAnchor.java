package dev.retention.spi;

import java.util.Optional;

/**
 * A place outside of the database that keeps heads of the evidence log: who changes or cuts the log later can't change
 * the heads there. Implementations must only ever add.
 *
 * <p>It is called outside of transactions, on threads of the library, one call at a time within an instance; several
 * instances may anchor the same head. A head that could not be anchored is tried again, or a newer one in its place, so
 * implementations need not repeat anything. They must return within seconds, since a run ends after its head was
 * anchored.
 */
public interface CheckpointAnchor {

    /** The longest name, in characters. */
    int MAX_NAME_LENGTH = 100;

    /**
     * The name under which the database keeps what was anchored: 1 to {@value #MAX_NAME_LENGTH} characters, different
     * for each anchor and the same after a restart.
     */
    String name();

    /**
     * Keeps a head.
     *
     * @param checkpoint a checkpoint in a signed note (c2sp.org/tlog-checkpoint), to be kept as it is
     * @return what shows that it is kept
     * @throws RuntimeException if it may not be kept; the message is for operators
     */
    AnchorReceipt anchor(String checkpoint);

    /**
     * The newest head that it keeps, if it can be read back. By it, a database that was restored from an old backup is
     * noticed.
     *
     * @throws RuntimeException if it could not be read now
     */
    default Optional<String> newest() {
        return Optional.empty();
    }
}
