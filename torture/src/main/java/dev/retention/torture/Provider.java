package dev.retention.torture;

import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioObserver;
import dev.retention.test.twilio.TwilioRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes each request down as it arrives, looks at its gate row then, chooses its fault, and kills who sent it where
 * that was asked for.
 */
final class Provider implements TwilioObserver {

    private static final Duration DATABASE_AWAY = Duration.ofSeconds(15);

    private final World world;
    private final Journal journal;
    private final Fixture fixture;
    private final Map<Long, Request> underWay = new ConcurrentHashMap<>();
    private final Map<Long, Request> late = new ConcurrentHashMap<>();

    /** The next deletion that arrives dies so. */
    private final AtomicReference<@Nullable CrashPoint> doomed = new AtomicReference<>();

    Provider(World world) {
        this.world = world;
        this.journal = world.journal;
        this.fixture = world.fixture;
    }

    /** Kills the sender of the next deletion; nobody for null. */
    void doom(@Nullable CrashPoint point) {
        doomed.set(point);
    }

    /** Whether nobody was killed yet. */
    boolean isDooming() {
        return doomed.get() != null;
    }

    private void killIfDoomed(CrashPoint here, Request request) {
        if (request.instance > 0 && doomed.compareAndSet(here, null)) {
            journal.count("crash " + here);
            world.instances.kill(request.instance);
        }
    }

    @Override
    public @Nullable TwilioFault received(TwilioRequest received, String user) {
        Request request = new Request(world, received, Keys.instance(user));
        journal.add(request);
        underWay.put(received.number(), request);
        if (request.isDelete() && request.sid != null) {
            request.saw(gate(request.sid, "i" + request.instance));
            killIfDoomed(CrashPoint.C4_ON_THE_WIRE, request);
        }
        ProviderFaults.Chosen chosen = world.faults.choose(received, directed(request));
        if (chosen == null) {
            return null;
        }
        request.fault = chosen.name();
        journal.count("fault " + chosen.name());
        return chosen.fault();
    }

    /** The fault that an errand wants: none by chance then. Null where no errand wants anything. */
    private @Nullable String directed(Request request) {
        String sid = request.sid;
        if (sid == null) {
            return null;
        }
        if (world.deck.isDirected(sid)) {
            return ProviderFaults.NONE;
        }
        List<Row> rows = fixture.bySid(sid);
        boolean suitable = request.isDelete() && rows.size() == 1 && rows.get(0).nature() == Nature.DUE;
        return suitable ? world.deck.faultFor(sid) : null;
    }

    @Override
    public void decided(TwilioRequest decided) {
        Request request = underWay.remove(decided.number());
        if (request == null) {
            return;
        }
        request.status = decided.status();
        if (decided.applied()) {
            request.appliedSeq = journal.next();
            journal.applied();
            killIfDoomed(CrashPoint.C5_DELETED_NOT_ANSWERED, request);
        } else if (request.isDelete() && request.fault.endsWith("later") && request.sid != null) {
            late.put(decided.number(), request);
        }
    }

    @Override
    public void appliedLate(TwilioRequest applied) {
        Request request = late.remove(applied.number());
        if (request != null) {
            request.appliedSeq = journal.next();
            journal.applied();
            journal.count("applied late");
        }
    }

    /** Through a connection of the harness's own, waiting for a database that is away. */
    private Request.@Nullable Gate gate(String sid, String sender) {
        Request.Gate found = null;
        for (Row row : fixture.bySid(sid)) {
            Request.Gate gate = gate(row);
            if (gate == null) {
                return null;
            }
            if (gate.state().equals("DELETING") && sender.equals(gate.owner())) {
                return gate;
            }
            if (found == null || !isBegun(found)) {
                found = gate;
            }
        }
        return found;
    }

    private static boolean isBegun(Request.Gate gate) {
        return !gate.state().equals("NONE") && !gate.state().equals("ACTIVE");
    }

    private Request.@Nullable Gate gate(Row row) {
        long deadline = System.nanoTime() + DATABASE_AWAY.toNanos();
        do {
            try (Connection connection = world.database.getConnection();
                    PreparedStatement query = connection.prepareStatement(
                            "select state, owner, held, lease_until from retention_deletion where recording_id = ?")) {
                query.setString(1, row.key());
                try (ResultSet result = query.executeQuery()) {
                    if (!result.next()) {
                        return new Request.Gate("NONE", null, false, 0);
                    }
                    LocalDateTime lease = result.getObject(4, LocalDateTime.class);
                    return new Request.Gate(
                            result.getString(1),
                            result.getString(2),
                            result.getBoolean(3),
                            lease == null ? 0 : lease.toInstant(ZoneOffset.UTC).toEpochMilli());
                }
            } catch (SQLException e) {
                pause();
            }
        } while (System.nanoTime() < deadline);
        return null;
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
