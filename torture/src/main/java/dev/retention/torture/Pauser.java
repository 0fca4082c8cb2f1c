package dev.retention.torture;

import dev.retention.RetentionException;

/**
 * A person pauses all deleting, once, until instances have said that they are paused, and for longer than a deletion
 * may be on its way; then lets it go on.
 */
final class Pauser implements Actor {

    private static final int SEEN_BY_SWEEPS = 2;
    /** A broken guard may keep any sweep from seeing it. */
    private static final int SWEEPS_IN_ANY_CASE = 12;

    private static final long AT_LEAST_MILLIS = 3_000;

    private interface Action {
        void run();
    }

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        if (!time.awaitDeaths(0.3)) {
            return;
        }
        Desk person = world.desk();
        insist(person::pause);
        long from = System.nanoTime();
        long seen = world.journal.counted("run PAUSED");
        int ended = world.journal.sweepsEnded();
        time.sleep(AT_LEAST_MILLIS);
        time.await(() -> world.journal.counted("run PAUSED") - seen >= SEEN_BY_SWEEPS
                || world.journal.sweepsEnded() - ended >= SWEEPS_IN_ANY_CASE);
        long to = System.nanoTime();
        insist(person::resume);
        world.journal.paused(new Journal.Pause(from, to));
        world.journal.count("pause");
    }

    /** Until the database takes it. */
    private static void insist(Action action) throws InterruptedException {
        for (int tries = 0; ; tries++) {
            try {
                action.run();
                return;
            } catch (RetentionException e) {
                if (tries == 200) {
                    throw e;
                }
                Thread.sleep(500);
            }
        }
    }
}
