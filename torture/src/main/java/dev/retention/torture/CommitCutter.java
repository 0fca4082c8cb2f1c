package dev.retention.torture;

/** Of the network's faults only commits without an answer: what is broken on purpose shall show without help. */
final class CommitCutter implements Actor {

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        while (time.sleep(5_000)) {
            ChildInstance child = world.instances.any(ChildInstance::isAtWork);
            if (child != null) {
                world.network.toDatabase(child.slot).cutNextCommit();
            }
        }
    }
}
