package dev.retention.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The engine corrects, keeps and deletes what it has recorded: rows that are due, of which half are perhaps on their
 * way.
 */
final class EngineChanger implements Actor {

    /** What it does, by turns. Each is an errand. */
    enum Change {
        KEPT_BY_POLICY((row, world) -> row.ofTenant(Fixture.LONG_TENANT)),
        COMES_UNDER_HOLD((row, world) -> row.ofTenant(Fixture.SUED_TENANT)),
        /** Of a tenant whose recordings are held. */
        LEAVES_HOLD((row, world) -> row.ofTenant("tenant-0")),
        OTHER_KEY((row, world) -> row.named(world.fixture.furtherSid())),
        OTHER_ACCOUNT((row, world) ->
                row.at(world.fixture.accounts.get((world.fixture.accounts.indexOf(row.account()) + 1) % 3))),
        YOUNGER((row, world) -> row.madeAt(now().minus(Duration.ofDays(30)))),
        RETAINED((row, world) -> row.retainedUntil(now().plus(Duration.ofDays(30)))),
        FLAGGED((row, world) -> row.flagged()),
        SOFT_DELETED((row, world) -> row.deletedAt(now())),
        GONE((row, world) -> null);

        private final BiFunction<Row, World, @Nullable Row> to;

        Change(BiFunction<Row, World, @Nullable Row> to) {
            this.to = to;
        }

        String wanted() {
            return "engine " + this;
        }

        private static Instant now() {
            return Clock.systemUTC().instant().truncatedTo(ChronoUnit.MICROS);
        }
    }

    private static final long PACE_MILLIS = 100;
    /** So many times each. */
    private static final int ROUNDS = 6;

    @Override
    public void act(World world, BadTime time) throws InterruptedException {
        int rounds = world.isBig() ? 20 * ROUNDS : ROUNDS;
        int done = 0;
        int owed = 0;
        while (time.sleep(PACE_MILLIS)) {
            Row inFlight = owed > 0 ? chosen(world, Change.OTHER_KEY) : null;
            if (inFlight != null) {
                owed -= change(world, inFlight, Change.OTHER_KEY) ? 1 : 0;
                continue;
            }
            // What is held comes late, and few recordings are.
            Change change = done < rounds * Change.values().length
                    ? Change.values()[done % Change.values().length]
                    : Change.LEAVES_HOLD;
            boolean early = change == Change.LEAVES_HOLD && world.journal.counted("hold by attribute") == 0;
            Row row = early ? null : chosen(world, change);
            owed += row == null && change == Change.OTHER_KEY ? 1 : 0;
            if (row == null || change(world, row, change)) {
                done++;
            }
        }
    }

    private static @Nullable Row chosen(World world, Change change) {
        List<Row> plain = switch (change) {
            case LEAVES_HOLD -> ofTenant(world);
            // Its deletion has failed, so that it is surely in flight for some time. It is waited for.
            case OTHER_KEY -> failed(world);
            default -> claimed(world);
        };
        plain = plain.stream()
                .filter(row -> isAlone(world, row)
                        && (change == Change.LEAVES_HOLD
                                || !world.fixture.life(row).isChanged()))
                .toList();
        if (plain.isEmpty() && change != Change.LEAVES_HOLD && change != Change.OTHER_KEY) {
            plain = world.fixture.of(Nature.DUE).stream()
                    .filter(row -> isAlone(world, row)
                            && !world.fixture.life(row).isChanged()
                            && !Fixture.SUED_TENANT.equals(row.tenant()))
                    .toList();
        }
        return plain.isEmpty() ? null : world.draw.oneOf(plain);
    }

    private static List<Row> ofTenant(World world) {
        return world.fixture.of(Nature.DUE).stream()
                .filter(row -> Fixture.SUED_TENANT.equals(row.tenant()))
                .toList();
    }

    /** Of every second one nothing was sent yet, perhaps. */
    private static List<Row> claimed(World world) {
        if (world.draw.below(2) == 0) {
            return List.of();
        }
        return world.journal.lastClaims(30).stream()
                .map(claim -> world.fixture.byId(claim.id()))
                .filter(row -> row != null && row.nature() == Nature.DUE)
                .toList();
    }

    private static List<Row> failed(World world) {
        return world.journal.lastRequests(60).stream()
                .filter(request -> request.isDelete() && request.status >= 500 && request.appliedSeq == 0)
                .flatMap(request -> world.fixture.bySid(request.sid).stream())
                .filter(row -> row.nature() == Nature.DUE)
                .toList();
    }

    /** One whose recording no other row names. */
    private static boolean isAlone(World world, Row row) {
        return row.account() != null
                && row.deleted() == null
                && !world.fixture.life(row).isGone()
                && world.fixture.bySid(row.sid()).size() == 1;
    }

    /** Whether it was done. */
    private static boolean change(World world, Row row, Change change) throws InterruptedException {
        Row to = change.to.apply(row, world);
        Life life = world.fixture.changing(row, to);
        if (change == Change.OTHER_KEY && to != null) {
            world.fixture.fill(world.twilio, to);
        }
        boolean inFlight = world.journal.lastClaims(1000).stream()
                .anyMatch(claim -> claim.id().equals(row.key()));
        boolean done = write(world, row, to);
        if (done) {
            life.done();
            world.journal.count(change.wanted());
            world.journal.count(change.wanted() + (inFlight ? " in flight" : " before"));
        } else {
            life.undone();
        }
        return done;
    }

    private static boolean write(World world, Row row, @Nullable Row to) throws InterruptedException {
        try (Connection connection = world.database.getConnection()) {
            return world.tables.change(connection, row, to);
        } catch (SQLException e) {
            // The database was away: it may have been done all the same.
        }
        while (true) {
            try (Connection connection = world.database.getConnection()) {
                return world.tables.isNow(connection, row, to);
            } catch (SQLException e) {
                Thread.sleep(200);
            }
        }
    }
}
