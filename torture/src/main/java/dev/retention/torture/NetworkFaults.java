package dev.retention.torture;

/** Disturbs the connections of one instance after another. */
final class NetworkFaults implements Actor {

    /** For how long nothing is carried, or how much later each piece. */
    private record Slowness(long muteMillis, long latencyMillis) {}

    private static final Slowness DATABASE = new Slowness(1_500, 15);
    private static final Slowness PROVIDER = new Slowness(2_500, 150);

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        while (time.sleep(world.isBig() ? 2_500 : 1_500)) {
            ChildInstance child = world.instances.any(ChildInstance::isAtWork);
            if (child == null) {
                continue;
            }
            TcpProxy database = world.network.toDatabase(child.slot);
            TcpProxy provider = world.network.toProvider(child.slot);
            if (world.deck.isOpen("commit answer lost: network")) {
                database.cutNextCommit();
                continue;
            }
            switch (world.draw.below(10)) {
                case 0, 1, 2, 3 -> database.cutNextCommit();
                case 4 -> database.resetAll();
                case 5 -> muteOrSlow(world, time, database, "database", DATABASE);
                case 6 -> database.cutAfter(world.draw.below(20_000));
                case 7 -> provider.resetAll();
                case 8 -> {
                    long now = System.nanoTime();
                    long until = now + 2 * PROVIDER.muteMillis() * 1_000_000;
                    world.journal.heldBack(new Journal.HeldBack(child.number, now, until));
                    muteOrSlow(world, time, provider, "provider", PROVIDER);
                }
                default -> provider.cutAfter(world.draw.below(2_000));
            }
        }
    }

    private static void muteOrSlow(World world, BadTime time, TcpProxy proxy, String name, Slowness how)
            throws InterruptedException {
        if (world.draw.below(2) == 0) {
            world.journal.count(name + " black hole");
            proxy.blackHole(how.muteMillis());
        } else {
            world.journal.count(name + " slow");
            proxy.latency(how.latencyMillis());
            time.sleep(1_000);
            proxy.latency(0);
        }
    }
}
