package dev.retention.torture;

import dev.retention.RetentionException;

/** A person who confirms, each time, that as much is due as is due. */
final class Confirmer implements Actor {

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        while (time.sleep(200)) {
            try {
                world.desk().confirmShares();
            } catch (RetentionException e) {
                // The database is away.
            }
        }
    }
}
