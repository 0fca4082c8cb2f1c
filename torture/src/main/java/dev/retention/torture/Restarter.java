package dev.retention.torture;

/** Restarts the database, as a crash and gently by turns, spread over the deaths. */
final class Restarter implements Actor {

    @Override
    public void act(World world, BadTime time) throws Exception {
        int restarts = world.settings.restarts();
        for (int i = 0; i < restarts && time.awaitDeaths((i + 1.0) / (restarts + 1)); i++) {
            boolean immediate = i % 2 == 0;
            world.server.restart(immediate);
            world.journal.count("database restart");
            world.journal.count(immediate ? "database restart, immediate" : "database restart, gently");
        }
    }
}
