package dev.retention.torture;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioObserver;
import dev.retention.test.twilio.TwilioRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Writes each request down as it arrives, looks at its gate row then, chooses its fault, and kills who sent it where that was asked for. */
final class Provider implements TwilioObserver {

    private final Journal journal;
    private final Fixture fixture;
    private final ProviderFaults faults;
    private final HikariDataSource database;
    private final HarnessClock clock;
    private final IntConsumer killer;
    private final Map<Long, Journal.Request> underWay = new ConcurrentHashMap<>();

    /** The next deletion that arrives dies so. */
    final AtomicReference<@Nullable CrashPoint> doomed = new AtomicReference<>();

    Provider(
            Journal journal,
            Fixture fixture,
            ProviderFaults faults,
            HikariDataSource database,
            HarnessClock clock,
            IntConsumer killer) {
        this.journal = journal;
        this.fixture = fixture;
        this.faults = faults;
        this.database = database;
        this.clock = clock;
        this.killer = killer;
    }

    @Override
    public @Nullable TwilioFault received(TwilioRequest request, String user) {
        Journal.Request noted = new Journal.Request(
                journal.next(),
                clock.millis(),
                request.method(),
                request.rawPath(),
                request.account(),
                request.sid(),
                Keys.instance(user));
        journal.add(noted);
        underWay.put(request.number(), noted);
        if (!noted.isDelete() || request.sid() == null) {
            return chosen(request, noted);
        }
        noted.gate = gate(request.sid(), "i" + noted.instance);
        if (noted.instance > 0 && doomed.compareAndSet(CrashPoint.C4_ON_THE_WIRE, null)) {
            journal.count("crash " + CrashPoint.C4_ON_THE_WIRE);
            killer.accept(noted.instance);
        }
        return chosen(request, noted);
    }

    private @Nullable TwilioFault chosen(TwilioRequest request, Journal.Request noted) {
        ProviderFaults.Chosen chosen = faults.choose(request);
        if (chosen == null) {
            return null;
        }
        noted.fault = chosen.name();
        journal.count("fault " + chosen.name());
        return chosen.fault();
    }

    @Override
    public void decided(TwilioRequest request) {
        Journal.Request noted = underWay.remove(request.number());
        if (noted == null) {
            return;
        }
        noted.status = request.status();
        if (request.applied()) {
            noted.appliedSeq = journal.next();
            journal.applied();
            if (noted.instance > 0 && doomed.compareAndSet(CrashPoint.C5_DELETED_NOT_ANSWERED, null)) {
                journal.count("crash " + CrashPoint.C5_DELETED_NOT_ANSWERED);
                killer.accept(noted.instance);
            }
        } else if (noted.isDelete() && noted.fault.endsWith("later") && noted.sid != null) {
            late.put(request.number(), noted);
        }
    }

    private final Map<Long, Journal.Request> late = new ConcurrentHashMap<>();

    @Override
    public void appliedLate(TwilioRequest request) {
        Journal.Request noted = late.remove(request.number());
        if (noted != null) {
            noted.appliedSeq = journal.next();
            journal.applied();
            journal.count("applied late");
        }
    }

    /** Through a connection of the harness's own, waiting for a database that is away. */
    private Journal.@Nullable Gate gate(String sid, String sender) {
        List<Fixture.Row> rows = fixture.bySid.getOrDefault(sid, List.of());
        Journal.Gate found = null;
        for (Fixture.Row row : rows) {
            Journal.Gate gate = gate(row);
            if (gate == null) {
                return null;
            }
            if (gate.state().equals("DELETING") && sender.equals(gate.owner())) {
                return gate;
            }
            found = gate;
        }
        return found;
    }

    private Journal.@Nullable Gate gate(Fixture.Row row) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        do {
            try (Connection connection = database.getConnection();
                    PreparedStatement query = connection.prepareStatement(
                            "select state, owner, held, lease_until from retention_deletion where recording_id = ?")) {
                query.setString(1, row.key());
                try (ResultSet result = query.executeQuery()) {
                    if (!result.next()) {
                        return new Journal.Gate("NONE", null, false, 0);
                    }
                    LocalDateTime lease = result.getObject(4, LocalDateTime.class);
                    return new Journal.Gate(
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
