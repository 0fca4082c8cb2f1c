package dev.retention.torture;

import java.util.List;

/** Places one hold on all recordings of a tenant, once. */
final class TenantHolder implements Actor {

    /** Some of the tenant's recordings may be in flight then, and most are not. */
    private static final int AFTER_REQUESTS = 100;

    private static final long ANSWERED_WITHIN = 30_000;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        List<String> ids = world.fixture.rows.stream()
                .filter(row -> Fixture.SUED_TENANT.equals(row.tenant()))
                .map(Row::key)
                .toList();
        if (!time.await(() -> world.journal.size() > AFTER_REQUESTS)) {
            return;
        }
        Hold hold = new Hold("hold-tenant", ids, 0);
        world.journal.add(hold);
        while (time.isOn() && hold.answerSeq() == 0) {
            ChildInstance child = world.instances.anyReady();
            if (child == null || !child.command("holdWhere " + hold.holdId + " " + Fixture.SUED_TENANT)) {
                time.sleep(50);
                continue;
            }
            long failed = world.journal.counted("hold by attribute failed");
            long until = System.nanoTime() + ANSWERED_WITHIN * 1_000_000;
            time.await(() -> hold.answerSeq() > 0
                    || !child.isAlive()
                    || world.journal.counted("hold by attribute failed") > failed
                    || System.nanoTime() > until);
        }
    }
}
