package dev.retention.torture;

/**
 * Keeps one slot filled: starts an instance whenever the one before it is dead, or has nothing more to do while
 * something waits for a new one.
 */
final class Keeper implements Actor {

    /** After so many sweeps, an instance that must do nothing was refused, and has shown that nothing else happens. */
    private static final int ODD_SWEEPS = 3;

    private final int slot;

    Keeper(int slot) {
        this.slot = slot;
    }

    @Override
    public String name() {
        return "keeper-" + slot;
    }

    @Override
    public void act(World world, BadTime time) throws Exception {
        while (time.isOn()) {
            ChildInstance child = world.instances.startInBadTime(slot);
            while (time.isOn() && child.isAlive()) {
                Thread.sleep(20);
                boolean shown = child.isOdd() && child.sweeps() >= ODD_SWEEPS;
                if (shown || !child.isOdd() && world.deck.isDone(child.number)) {
                    child.kill();
                }
            }
            if (time.isOn()) {
                child.awaitEnd(60);
                world.instances.buried(child);
                time.sleep(50 + world.draw.below(200));
            }
        }
    }
}
