package dev.retention.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All is healed and two hours have passed: now everything must come to its end. */
final class GoodTime {

    private static final Logger log = LoggerFactory.getLogger(GoodTime.class);

    /** It is over when nothing got done in so many sweeps of each instance: not after any time. */
    private static final int SWEEPS_IN_VAIN = 100;

    private static final int SWEEPS_IN_VAIN_SABOTAGED = 25;

    private final World world;
    private final Journal journal;
    private boolean settled;

    GoodTime(World world) {
        this.world = world;
        this.journal = world.journal;
    }

    /** Returns the report of a sweep that began when all was done; null if there was none. */
    @Nullable
    String pass() throws Exception {
        log.info("healing; deaths={} requests={}", world.instances.deaths(), journal.size());
        journal.healed();
        heal();
        restart();
        int sweepsInVain =
                world.settings.instances() * (world.isSabotaged() ? SWEEPS_IN_VAIN_SABOTAGED : SWEEPS_IN_VAIN);
        int deletions = -1;
        int sweeps = 0;
        long settledBy =
                System.nanoTime() + world.settings.atMost().multipliedBy(2).toNanos();
        do {
            Thread.sleep(world.isBig() ? 3_000 : 500);
            if (journal.deletions() != deletions) {
                deletions = journal.deletions();
                sweeps = journal.sweepsEnded();
            }
            world.desk().decide();
            world.desk().confirmShares();
        } while (!isSettled() && journal.sweepsEnded() - sweeps < sweepsInVain && System.nanoTime() < settledBy);
        // A time of its own: what there was to do may have taken all of the other.
        long most = System.nanoTime() + world.settings.atMost().toNanos();
        String last = lastReport(most);
        if (last == null) {
            noteWhatTheyDo(most);
        }
        world.instances.stop(world.instances.all());
        world.instances.end();
        return last;
    }

    /** What somebody needs who has only the result of the run. */
    private void noteWhatTheyDo(long most) {
        journal.note("no sweep ends: settled=" + settled + " time left=" + (most > System.nanoTime()) + " sweeps ended="
                + journal.sweepsEnded());
        world.instances.all().forEach(child -> {
            journal.note(child.name() + " alive=" + child.isAlive() + " sweeps=" + child.sweeps() + " last="
                    + child.lastSweep());
            child.stacks().forEach(stack -> journal.note(child.name() + " " + stack));
        });
    }

    private boolean isSettled() throws SQLException {
        settled = Checker.isSettled(world.evidence());
        return settled;
    }

    private void heal() throws InterruptedException {
        world.network.heal();
        world.faults.heal();
        world.provider.doom(null);
        world.fixture.complete(world.twilio);
        // One is stopped as an operator would stop it, and the others die.
        List<ChildInstance> first = new ArrayList<>(world.instances.all());
        first.removeIf(child -> child.slot != 0 || !child.isReady());
        world.instances.stop(first);
        world.instances.end();
    }

    private void restart() throws Exception {
        try (Connection connection = world.database.getConnection()) {
            world.tables.heal(connection);
        }
        world.twilio.applyLate();
        world.clock.move(Instances.AFTERWARDS);
        for (Hold hold : journal.holds()) {
            // Every second one remains.
            if (hold.holdId.hashCode() % 2 == 0) {
                world.desk().release(hold);
            }
        }
        for (int slot = 0; slot < world.settings.instances(); slot++) {
            world.instances.startHealed(slot);
        }
    }

    private @Nullable String lastReport(long most) throws InterruptedException {
        Map<Integer, Integer> before = new HashMap<>();
        world.instances.all().forEach(child -> before.put(child.number, child.sweeps()));
        int ended = journal.sweepsEnded();
        // The one that was under way may have begun before; of those that fail, no report comes.
        int enough = 10 * before.size();
        while (System.nanoTime() < most && journal.sweepsEnded() - ended < enough) {
            for (ChildInstance child : world.instances.all()) {
                if (child.sweeps() - before.getOrDefault(child.number, 0) >= 2) {
                    return child.lastSweep();
                }
            }
            Thread.sleep(50);
        }
        return null;
    }
}
