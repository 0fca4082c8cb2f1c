package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Places holds on recordings that are due, not due and in flight, by whatever instance, and releases some. */
final class HoldClerk implements Actor {

    private static final long PACE_MILLIS = 80;
    private static final int MOST_AT_ONCE = 30;
    private static final long ENDS_BY_ITSELF_AFTER = 6_000;

    private int numbers;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        List<Row> candidates =
                world.fixture.of(Nature.DUE, Nature.DUE_WITHOUT_ACCOUNT, Nature.YOUNG, Nature.LATER_CHANNEL);
        List<Hold> placed = new ArrayList<>();
        while (time.sleep(PACE_MILLIS)) {
            ChildInstance child = world.instances.anyReady();
            if (child == null) {
                continue;
            }
            if (placed.size() > MOST_AT_ONCE || !placed.isEmpty() && world.draw.below(3) == 0) {
                Hold hold = placed.remove(world.draw.below(placed.size()));
                hold.released(world.journal.next());
                child.command("release " + hold.holdId);
                continue;
            }
            boolean onTwin = world.settings.sabotage() == Sabotage.TWIN_HELD_ALONE || world.draw.below(5) == 0;
            List<String> ids = onTwin ? List.of(twin(world).key()) : chosen(world, candidates);
            long until = world.draw.below(10) == 0 ? System.currentTimeMillis() + ENDS_BY_ITSELF_AFTER : 0;
            Hold hold = new Hold((onTwin ? Hold.ON_TWIN : "hold-") + ++numbers, ids, until);
            world.journal.add(hold);
            if (child.command("hold " + hold.holdId + " " + until + " " + String.join(",", ids))) {
                placed.add(hold);
            }
        }
    }

    private static List<String> chosen(World world, List<Row> candidates) {
        List<String> ids = new ArrayList<>();
        Row inFlight = world.draw.below(2) == 0 || world.deck.isOpen("hold LATE") ? inFlight(world) : null;
        if (inFlight != null) {
            ids.add(inFlight.key());
        }
        while (ids.isEmpty() || world.draw.below(3) == 0) {
            String id = world.draw.oneOf(candidates).key();
            if (!ids.contains(id)) {
                ids.add(id);
            }
        }
        return ids;
    }

    /** Of a recording that several rows name, or of one that the engine has just written a second row for. */
    private static Row twin(World world) {
        List<Row> later = world.fixture.of(Nature.TWIN_LATER);
        return !later.isEmpty() && world.draw.below(2) == 0
                ? later.get(later.size() - 1)
                : world.draw.oneOf(world.fixture.of(Nature.TWIN, Nature.TWIN_KEPT));
    }

    /** One whose deletion has failed is in flight for some time; one that was claimed lately perhaps still is. */
    private static @Nullable Row inFlight(World world) {
        List<Row> failed = world.journal.lastRequests(60).stream()
                .filter(request -> request.isDelete() && request.status >= 500 && request.appliedSeq == 0)
                .flatMap(request -> world.fixture.bySid(request.sid).stream())
                .toList();
        if (!failed.isEmpty() && world.draw.below(2) == 0) {
            return world.draw.oneOf(failed);
        }
        List<Journal.Claimed> claims = world.journal.lastClaims(20);
        return claims.isEmpty()
                ? null
                : world.fixture.byId(world.draw.oneOf(claims).id());
    }
}
