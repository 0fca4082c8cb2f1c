package dev.retention.torture;

/** Lets deletions have their effect that were answered before it. */
final class LateApplier implements Actor {

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        while (time.sleep(world.deck.isOpen("applied late") ? 300 : 1_000 + world.draw.below(3_000))) {
            world.twilio.applyLate();
        }
    }
}
