package dev.retention.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The engine goes on recording: instances never run out of work, however fast they are and however long it takes. */
final class EngineWriter implements Actor {

    private static final int UNCLAIMED = 250;
    private static final int MORE = 100;
    /** Young rows that name the recording of another row. */
    private static final int MOST_TWINS = 30;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        long due = world.fixture.rows().stream()
                .filter(world.fixture::mayBeDeleted)
                .count();
        int twins = 0;
        List<Row> unwritten = List.of();
        while (time.sleep(200)) {
            if (unwritten.isEmpty() && due - world.journal.claimed() < UNCLAIMED) {
                unwritten = world.fixture.further(MORE);
                unwritten.forEach(row -> world.fixture.fill(world.twilio, row));
                due += MORE;
            }
            Row claimed = unwritten.isEmpty() && twins < MOST_TWINS ? claimedLately(world) : null;
            if (claimed != null) {
                unwritten = List.of(world.fixture.twinOf(claimed));
                twins++;
            }
            if (write(world, unwritten)) {
                unwritten = List.of();
            }
        }
        while (!write(world, unwritten)) {
            Thread.sleep(200);
        }
    }

    /** One that is perhaps on its way, which no other row names. */
    private static @Nullable Row claimedLately(World world) {
        List<Journal.Claimed> claims = world.journal.lastClaims(20);
        Row row = claims.isEmpty()
                ? null
                : world.fixture.byId(world.draw.oneOf(claims).id());
        boolean plain = row != null
                && row.nature() == Nature.DUE
                && world.fixture.bySid(row.sid()).size() == 1;
        return plain ? row : null;
    }

    /** Whether they are in the table; not while the database is away. */
    private static boolean write(World world, List<Row> rows) {
        if (rows.isEmpty()) {
            return true;
        }
        try (Connection connection = world.database.getConnection()) {
            world.tables.insert(connection, rows);
            return written(world, rows);
        } catch (SQLException e) {
            return isWritten(world, rows.get(0)) && written(world, rows);
        }
    }

    private static boolean written(World world, List<Row> rows) {
        rows.forEach(row -> world.fixture.life(row).done());
        world.journal.count("rows added");
        return true;
    }

    /** The answer to the commit may be what was lost. */
    private static boolean isWritten(World world, Row row) {
        try (Connection connection = world.database.getConnection()) {
            return world.tables.has(connection, row);
        } catch (SQLException e) {
            return false;
        }
    }
}
