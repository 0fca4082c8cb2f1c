package dev.retention.torture;

/** Kills instances at any time, so that others take up what they had claimed. */
final class Killer implements Actor {

    private static final int EACH_OF_DEATHS = 8;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        int next = 1;
        while (time.isOn()) {
            int after = next;
            boolean goesOn = time.await(() -> world.isBig() && world.instances.deaths() >= after
                    || world.deck.isOpen("kill")
                    || world.deck.isOpen("lease taken over"));
            ChildInstance child = goesOn ? world.instances.any(ChildInstance::isAtWork) : null;
            if (child != null) {
                world.journal.count("kill");
                child.kill();
                next = world.instances.deaths() + EACH_OF_DEATHS;
                // Before anything that it had claimed is taken over, its lease has to end.
                time.sleep(2 * InstanceSettings.LEASE.toMillis());
            } else {
                time.sleep(100);
            }
        }
    }
}
