package dev.retention.torture;

/**
 * Somebody who does something to the instances, or beside them, while the bad time lasts. Has a thread of its own. Adds
 * to {@link Cast} to take part.
 */
interface Actor {

    /** Returns when the time is over, or when there is nothing more to do. */
    void act(World world, BadTime time) throws Exception;

    default String name() {
        return getClass().getSimpleName();
    }
}
