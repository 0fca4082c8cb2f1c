package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;

/** Wants recordings erased now that are not due: they are young or retained. */
final class Eraser implements Actor {

    private static final int AT_ONCE = 3;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        List<Row> young = world.fixture.of(Nature.YOUNG, Nature.RETAINED);
        while (!young.isEmpty() && time.sleep(world.deck.isOpen("erase ERASED") ? 1_000 : 3_000)) {
            ChildInstance child = world.instances.any(ChildInstance::isAtWork);
            if (child == null) {
                continue;
            }
            boolean alone = world.deck.isOpen("erase SHARED");
            List<String> ids = new ArrayList<>();
            if (alone || world.draw.below(4) == 0) {
                ids.addAll(twins(world, alone));
            }
            while (ids.size() < AT_ONCE) {
                String id = world.draw.oneOf(young).key();
                if (!ids.contains(id)) {
                    ids.add(id);
                }
            }
            ids.forEach(world.journal::erasing);
            ChildInstance elsewhere = world.instances.any(one -> one.isReady() && one.odd == Odd.ELSEWHERE);
            (elsewhere == null ? child : elsewhere).command("erase " + String.join(",", ids));
        }
    }

    /** A row that must be kept though another one with its recording is due, alone or with all that name it. */
    private static List<String> twins(World world, boolean alone) {
        // Of the first ones, each may be held or erased by now; the engine goes on writing later ones.
        Nature[] natures = alone ? new Nature[] {Nature.TWIN_KEPT, Nature.TWIN_LATER} : new Nature[] {Nature.TWIN_KEPT};
        List<Row> kept = world.fixture.of(natures).stream()
                // The audio of one without an account is at another account.
                .filter(row -> row.account() != null && !row.frozen())
                .toList();
        if (kept.isEmpty()) {
            return List.of();
        }
        Row row = world.draw.oneOf(kept);
        return (alone ? List.of(row) : world.fixture.bySid(row.sid()))
                .stream().map(Row::key).toList();
    }
}
