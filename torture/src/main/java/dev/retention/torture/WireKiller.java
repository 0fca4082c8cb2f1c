package dev.retention.torture;

/** Lets the provider kill the sender of a deletion: as it arrives or was applied, by turns; in a short run once. */
final class WireKiller implements Actor {

    private static final int PART_OF_KILLS = 5;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        for (int times = 0; times < 2 || world.isBig(); times++) {
            int after = times < 2 ? 0 : times * PART_OF_KILLS;
            if (!time.await(() -> world.instances.deaths() >= after)) {
                return;
            }
            world.provider.doom(times % 2 == 0 ? CrashPoint.C4_ON_THE_WIRE : CrashPoint.C5_DELETED_NOT_ANSWERED);
            if (!time.await(() -> !world.provider.isDooming())) {
                return;
            }
        }
    }
}
