package dev.retention.torture;

import java.sql.Connection;
import java.sql.SQLException;

/** Lets the {@link Auditor} look at the library's tables again and again. */
final class Eyewitness implements Actor {

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        while (time.sleep(world.isBig() ? 10_000 : 700)) {
            try (Connection connection = world.database.getConnection()) {
                world.auditor.look(connection);
            } catch (SQLException e) {
                world.journal.count("audit without database");
            }
        }
    }
}
