package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.retention.FirstRun;
import dev.retention.LedgerEntry;
import dev.retention.LegalHolds;
import dev.retention.RetentionException;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.Candidate;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.h2.tools.TriggerAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * A server quotes the row that it refuses. None of that may be found in what the library logs, stores, reports or
 * throws; what the row has violated must be.
 */
class ServerDetailTest {

    /** The beginning of each caller's number; each has three digits more. */
    private static final String NUMBER = "+491511234567";

    private static final String OWN_NAME = "call_of_a_caller";

    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event.getFormattedMessage());
            if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
                said.add(printed(proxy.getThrowable()));
            }
        }
    };
    private final Logger ours = (Logger) LoggerFactory.getLogger("dev.retention");
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @BeforeEach
    void listen() {
        ours.setLevel(Level.TRACE);
        ours.setAdditive(false);
        appender.start();
        ours.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        ours.detachAppender(appender);
        ours.setAdditive(true);
        ours.setLevel(null);
    }

    /** How the server refuses to mark a row as deleted, and what must be said of it. */
    private enum Violation {
        CHECK("23", OWN_NAME + "_checked"),
        TWICE("23", OWN_NAME + "_twice"),
        MISSING("23", "required"),
        TOO_LONG("22001", ""),
        TRIGGER("", "");

        final String stateBegins;
        final String names;

        Violation(String stateBegins, String names) {
            this.stateBegins = stateBegins;
            this.names = names;
        }

        String number() {
            return NUMBER + (100 + ordinal());
        }
    }

    /** As an engine might have written it. */
    public static final class Telling extends TriggerAdapter {
        @Override
        public void fire(Connection connection, ResultSet before, ResultSet after) throws SQLException {
            String number = after.getString("phone");
            switch (String.valueOf(after.getString("call_id"))) {
                case "MISSING" -> after.updateString("required", null);
                case "TOO_LONG" -> after.updateString("phone", number + number + number);
                case "TRIGGER" -> throw new SQLException("the call of " + number + " is not settled", "45000");
                default -> {}
            }
        }
    }

    private static List<String> triggers(TestDatabase database, String table) {
        return switch (database) {
            case H2 ->
                List.of("create trigger telling before update on " + table + " for each row call '"
                        + Telling.class.getName() + "'");
            case POSTGRESQL ->
                List.of(
                        "create function telling() returns trigger language plpgsql as $$ begin"
                                + " if new.call_id = 'MISSING' then new.required := null; end if;"
                                + " if new.call_id = 'TOO_LONG' then"
                                + " new.phone := new.phone || new.phone || new.phone; end if;"
                                + " if new.call_id = 'TRIGGER' then"
                                + " raise exception 'the call of % is not settled', new.phone"
                                + " using errcode = '23514'; end if;"
                                + " return new; end $$",
                        "create trigger telling before update on " + table
                                + " for each row execute function telling()");
            case MARIADB, MYSQL ->
                List.of("create trigger telling before update on " + table + " for each row begin"
                        + " declare words varchar(100);"
                        + " if new.call_id = 'MISSING' then set new.required = null; end if;"
                        + " if new.call_id = 'TOO_LONG' then"
                        + " set new.phone = concat(new.phone, new.phone, new.phone); end if;"
                        + " if new.call_id = 'TRIGGER' then"
                        + " set words = concat('the call of ', new.phone, ' is not settled');"
                        + " signal sqlstate '45000' set message_text = words; end if; end");
        };
    }

    private Engine engine(TestDatabase database) {
        Engine engine = new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
        String table = engine.table();
        engine.execute("alter table " + table + " add phone varchar(40)");
        engine.execute("alter table " + table + " add required varchar(40) default 'x' not null");
        engine.execute("alter table " + table + " add constraint " + OWN_NAME + "_checked check (phone <> '"
                + Violation.CHECK.number() + "' or gone is null)");
        engine.execute("create unique index " + OWN_NAME + "_twice on " + table + " (phone, why)");
        return engine;
    }

    private EngineRow row(String id, int daysOld) {
        return EngineRow.of(id, "key-" + id, now.minus(Duration.ofDays(daysOld)));
    }

    /** Rows that the server refuses to mark. */
    private void insertRefused(TestDatabase database, Engine engine) {
        for (Violation violation : Violation.values()) {
            engine.insert(List.of(row(violation.name(), 100)));
            engine.execute("update " + engine.table() + " set phone = '" + violation.number() + "' where call_id = '"
                    + violation.name() + "'");
        }
        engine.insert(List.of(row("twin", 300).toBuilder()
                .deleted(now.minus(Duration.ofDays(200)), "retention_policy")
                .build()));
        engine.execute(
                "update " + engine.table() + " set phone = '" + Violation.TWICE.number() + "' where call_id = 'twin'");
        triggers(database, engine.table()).forEach(engine::execute);
    }

    private RetentionSweeper sweeper(JpaRecordingRepository repository, FakeRecordingStorage storage) {
        return RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .listener(event -> said.add(event.toString()))
                .build();
    }

    private static String printed(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    private void readOurTables(Engine engine) throws SQLException {
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : Tables.NAMES) {
                try (ResultSet rows = statement.executeQuery("select * from " + table)) {
                    while (rows.next()) {
                        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                            said.add(table + ": " + rows.getString(column));
                        }
                    }
                }
            }
        }
    }

    private void assertNoNumberWasSaid(Engine engine) throws SQLException {
        readOurTables(engine);
        assertThat(said).noneMatch(text -> text.contains(NUMBER));
    }

    private static void assertNames(TestDatabase database, Violation violation, String text) {
        boolean hasNoState = database == TestDatabase.MYSQL && violation == Violation.CHECK;
        assertThat(text.toLowerCase(Locale.ROOT))
                .contains("sqlstate " + (hasNoState ? "hy000, code 3819" : violation.stateBegins))
                .contains(violation.names);
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void aRehearsalSaysWhatIsViolatedAndByNoValue(TestDatabase database) throws SQLException {
        Engine engine = engine(database);
        JpaRecordingRepository repository = engine.builder().build();
        insertRefused(database, engine);
        FakeRecordingStorage storage = new FakeRecordingStorage();
        for (Violation violation : Violation.values()) {
            Candidate candidate =
                    repository.recordings().find(List.of(violation.name())).get(0);
            String why =
                    repository.gate().rehearse(candidate, "retention_policy").orElseThrow();
            said.add(why);
            assertNames(database, violation, why);
        }

        SweepReport report = sweeper(repository, storage).sweep(now);

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains("SQLState");
        assertThat(storage.deletes()).isEmpty();
        said.add(report.toString() + report.message());
        assertThat(said).anyMatch(text -> text.startsWith("recording=") && text.contains("SQLState"));
        assertNoNumberWasSaid(engine);
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void anOutcomeThatIsRefusedSaysWhatIsViolatedAndByNoValue(TestDatabase database) throws SQLException {
        Engine engine = engine(database);
        JpaRecordingRepository repository = engine.builder().build();
        insertRefused(database, engine);
        engine.insert(List.of(row("accepted", 200)));
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-accepted");
        Stream.of(Violation.values()).forEach(violation -> storage.put("key-" + violation.name()));

        SweepReport report = sweeper(repository, storage).sweep(now);

        assertThat(report.deleted()).isEqualTo(1);
        assertThat(storage.deletes()).hasSize(1 + Violation.values().length);
        said.add(report.toString() + report.message());
        for (Violation violation : Violation.values()) {
            LedgerEntry entry =
                    repository.ledger().find(List.of(violation.name())).get(0);
            assertNames(database, violation, String.valueOf(entry.cause()));
            assertThat(said)
                    .anyMatch(text -> text.startsWith("recording=" + violation.name() + " is proven gone")
                            && text.contains("SQLState"));
        }
        assertNoNumberWasSaid(engine);
    }

    /** An engine may add constraints of its own to our tables; what a person wrote is quoted then. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void anExceptionSaysNoValueInAnyOfItsCauses(TestDatabase database) throws SQLException {
        Engine engine = engine(database);
        LegalHolds holds = LegalHolds.of(engine.builder().build());
        engine.insert(List.of(row("1", 100)));
        engine.execute("create unique index " + OWN_NAME + "_hold on retention_hold (placed_by)");
        holds.place("first", List.of("1"), NUMBER, "dispute", null);

        Throwable thrown = catchThrowable(() -> holds.place("second", List.of("1"), NUMBER, "dispute", null));

        assertThat(thrown)
                .isInstanceOfSatisfying(
                        RetentionException.class, e -> assertThat(e.kind()).isEqualTo(RetentionException.Kind.REFUSED));
        assertThat(String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT))
                .contains("sqlstate 23")
                .contains(OWN_NAME + "_hold");
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            chain.add(cause);
        }
        assertThat(chain).as("the stack trace tells where").hasSizeGreaterThan(1);
        assertThat(printed(thrown)).contains("JpaHoldRegister").doesNotContain(NUMBER);
    }
}
