package dev.retention.torture;

import java.io.IOException;

/**
 * Stops an instance in the middle of its work for longer than its lease, and lets it go on where it was. In a short run
 * once: a stopped instance does no errand.
 */
final class Freezer implements Actor {

    private static final long MILLIS = InstanceSettings.LEASE.toMillis() + 2_000;
    /** In parts of the deaths that are wanted. */
    private static final int TIMES = 10;

    @Override
    public void act(World world, BadTime time) throws IOException, InterruptedException {
        for (int times = 0; time.isOn() && (world.isBig() || world.deck.isOpen("freeze")); ) {
            if (!time.awaitDeaths((double) times / TIMES)) {
                return;
            }
            ChildInstance child = world.instances.any(ChildInstance::isAtWork);
            if (child == null) {
                time.sleep(50);
                continue;
            }
            freeze(child, time);
            if (child.isAlive()) {
                world.journal.count("freeze");
                times++;
            }
        }
    }

    private static void freeze(ChildInstance child, BadTime time) throws IOException, InterruptedException {
        child.freeze();
        try {
            long until = System.nanoTime() + MILLIS * 1_000_000;
            time.await(() -> !child.isAlive() || System.nanoTime() > until);
        } finally {
            child.thaw();
        }
    }
}
