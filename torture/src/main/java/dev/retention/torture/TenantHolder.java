package dev.retention.torture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Places one hold on all recordings of a tenant, once. */
final class TenantHolder implements Actor {

    /** Some of the tenant's recordings may be in flight then, and most are not. */
    private static final int AFTER_REQUESTS = 100;

    private static final long ANSWERED_WITHIN = 30_000;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        if (!time.await(() -> world.journal.size() > AFTER_REQUESTS)) {
            return;
        }
        Hold hold = Hold.onTenant("hold-tenant", Fixture.SUED_TENANT);
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
        while (hold.answerSeq() > 0 && !answeredForEach(world, hold) && time.sleep(50)) {
            // Until the database answers.
        }
    }

    /**
     * Only numbers are answered. What is not in flight afterwards never was, so that it is as if it had been answered
     * {@code HELD}.
     */
    private static boolean answeredForEach(World world, Hold hold) {
        try (Connection connection = world.database.getConnection();
                PreparedStatement query = connection.prepareStatement(
                        "select state from retention_deletion where recording_id = ? and state <> 'ACTIVE'")) {
            for (Row row : world.fixture.of(Nature.DUE, Nature.DUE_WITHOUT_ACCOUNT)) {
                boolean covered = world.fixture.life(row).seen(hold.askedNanos(), hold.answerNanos()).stream()
                        .allMatch(version -> version.row() != null
                                && Fixture.SUED_TENANT.equals(version.row().tenant()));
                if (!covered || world.fixture.bySid(row.sid()).size() > 1) {
                    continue;
                }
                query.setString(1, row.key());
                try (ResultSet result = query.executeQuery()) {
                    if (!result.next()) {
                        hold.found(row.key(), "HELD");
                        world.journal.count("hold by attribute HELD");
                    }
                }
            }
            return true;
        } catch (SQLException e) {
            return false;
        }
    }
}
