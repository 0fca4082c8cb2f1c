package dev.retention.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time in which faults are injected. It ends when everything was met that the run must have met: no errand is open,
 * and there were as many deaths, restarts and requests as the settings say. How long that takes is the machine's
 * business; only {@code at-most} ends it before.
 */
final class BadTime {

    private static final Logger log = LoggerFactory.getLogger(BadTime.class);

    /** Of a sabotaged run: then what is only seen afterwards has happened often enough. */
    private static final int ENOUGH_REQUESTS = 500;

    private static final int ENOUGH_SWEEPS = 40;

    private final World world;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean on = true;
    /** A fault of the harness itself, so that nobody waits for what this actor should do. */
    private volatile @Nullable RuntimeException failed;

    BadTime(World world) {
        this.world = world;
    }

    boolean isOn() {
        return on;
    }

    /** Sleeps in pieces, so that the end is seen. Returns whether the time goes on. */
    boolean sleep(long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        while (on && System.nanoTime() < until) {
            Thread.sleep(Math.min(50, Math.max(1, millis)));
        }
        return on;
    }

    /** Waits for it, and returns whether the time goes on. */
    boolean await(BooleanSupplier event) throws InterruptedException {
        while (on && !event.getAsBoolean()) {
            Thread.sleep(20);
        }
        return on;
    }

    /** Waits for this part of the deaths that the run wants. */
    boolean awaitDeaths(double share) throws InterruptedException {
        return await(() -> world.instances.deaths() >= share * world.settings.kills());
    }

    /**
     * Returns when it is over.
     *
     * @return what the requests alone showed of a guard that is broken on purpose; empty without
     */
    Findings pass() throws Exception {
        Cast.of(world.settings).forEach(this::begin);
        long most = System.nanoTime() + world.settings.atMost().toNanos();
        long shown = System.nanoTime();
        Findings caught = new Findings();
        List<Request> before = List.of();
        while (System.nanoTime() < most && caught.isEmpty() && failed == null && !hadEnough()) {
            sleep(world.isBig() ? 5_000 : 500);
            if (world.isSabotaged()) {
                // Those of the last time: what their senders told before them has been heard since.
                caught = Checker.ofRequests(Evidence.of(world, before));
                before = world.journal.requests();
            }
            countBudgets();
            if (System.nanoTime() - shown > Duration.ofSeconds(30).toNanos()) {
                shown = System.nanoTime();
                log.info(
                        "deaths={} requests={} open={}",
                        world.instances.deaths(),
                        world.journal.size(),
                        world.deck.missing());
            }
        }
        on = false;
        for (Thread thread : threads) {
            thread.join(Duration.ofMinutes(5).toMillis());
            if (thread.isAlive()) {
                throw new IllegalStateException(thread.getName() + " does not end");
            }
        }
        if (failed != null) {
            throw new IllegalStateException("what an actor should have done was not done", failed);
        }
        return caught;
    }

    private void countBudgets() {
        if (world.deck.isOpen("budget used up")) {
            Budgets.claimsByRun(world.journal).values().forEach(claims -> {
                if (claims >= world.settings.maxDeletions()) {
                    world.journal.count("budget used up");
                }
            });
        }
    }

    private boolean hadEnough() {
        Journal journal = world.journal;
        if (world.settings.sabotage().isSeenAtOnce()) {
            // When, is a matter of chance: the engine goes on recording until then.
            return false;
        }
        if (world.isSabotaged()) {
            return journal.size() > ENOUGH_REQUESTS || journal.sweepsEnded() > ENOUGH_SWEEPS;
        }
        return world.instances.deaths() >= world.settings.kills()
                && journal.size() > world.settings.recordings() / 3
                && journal.counted("database restart") >= world.settings.restarts()
                && world.deck.missing().isEmpty();
    }

    private void begin(Actor actor) {
        Thread thread = new Thread(() -> act(actor), actor.name());
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private void act(Actor actor) {
        try {
            actor.act(world, this);
        } catch (Exception e) {
            world.journal.note("actor " + actor.name() + " failed: " + e);
            log.error("actor {} failed", actor.name(), e);
            if (e instanceof RuntimeException fault) {
                failed = fault;
            }
        }
    }
}
