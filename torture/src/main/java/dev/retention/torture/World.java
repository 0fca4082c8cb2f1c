package dev.retention.torture;

import com.zaxxer.hikari.HikariDataSource;
import dev.retention.test.twilio.LoopbackTwilio;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Everything that one run consists of. */
final class World implements AutoCloseable {

    final TortureSettings settings;
    final Journal journal = new Journal();
    final HarnessClock clock = new HarnessClock();
    final Pulse pulse = new Pulse();
    final Draw draw;
    final Deck deck;
    final Fixture fixture;
    final ProviderFaults faults;
    final DatabaseServer server;
    final EngineTables tables;
    /** The harness's own way to the database, without faults. */
    final HikariDataSource database;

    final LoopbackTwilio twilio;
    /** Another one, which has the accounts and none of the recordings. */
    final LoopbackTwilio elsewhere;

    final Provider provider;
    final Network network;
    final Auditor auditor;
    final Instances instances;
    final AuditFiles audit = AuditFiles.create();
    private @Nullable Desk desk;

    World(TortureSettings settings) throws IOException {
        if (!settings.inOneProcess()) {
            Launch.prepared();
        }
        this.settings = settings;
        draw = new Draw(settings.seed());
        deck = new Deck(journal, settings.errands(), new Random(settings.seed()));
        fixture = new Fixture(settings.seed(), settings.recordings());
        faults = new ProviderFaults(settings.seed(), settings.share());
        auditor = new Auditor(fixture, journal);
        server = settings.sharesServer() ? DatabaseServer.shared() : DatabaseServer.start(settings.kind());
        tables = new EngineTables(server);
        database = Engine.pool(server.url(server.port()), DatabaseServer.USER, DatabaseServer.PASSWORD, 12);
        twilio = LoopbackTwilio.start(clock);
        elsewhere = LoopbackTwilio.start(clock);
        network = new Network(settings.instances(), twilio.baseUrl().getPort(), server.port(), journal);
        instances = new Instances(this);
        provider = new Provider(this);
    }

    /** Fills database and provider, and lets the first sweep be confirmed. */
    void prepare() throws SQLException {
        List<Row> rows = fixture.rows();
        // What is confirmed first is a part of it, so that it has to be confirmed again.
        int first = rows.size() / 3;
        tables.create(rows.subList(0, first));
        fixture.fill(twilio);
        twilio.observe(provider);
        fixture.addAccounts(elsewhere);
        elsewhere.observe(new Astray(journal, fixture));
        Desk opened = new Desk(this);
        desk = opened;
        opened.confirmFirstSweep();
        try (Connection connection = database.getConnection()) {
            tables.insert(connection, rows.subList(first, rows.size()));
        }
    }

    Desk desk() {
        Desk open = desk;
        if (open == null) {
            throw new IllegalStateException("not prepared");
        }
        return open;
    }

    boolean isBig() {
        return settings.isBig();
    }

    boolean isSabotaged() {
        return settings.sabotage() != Sabotage.NONE;
    }

    /** Everything that can be told now. */
    Evidence evidence() throws SQLException {
        try (Connection connection = database.getConnection()) {
            return Evidence.of(this, Dump.read(connection, settings.kind() == TortureSettings.Kind.POSTGRESQL));
        }
    }

    @Override
    public void close() throws IOException {
        instances.killAll();
        if (desk != null) {
            desk.close();
        }
        twilio.close();
        elsewhere.close();
        database.close();
        network.close();
        server.close();
        instances.deleteLogs();
        audit.close();
    }
}
