package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.engine.TestCall;
import dev.retention.autoconfigure.engine.TestEngine;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

@DisplayName("A refused sweep of the engine's database")
class ConfirmationTest {

    private static final Pattern STATEMENT = Pattern.compile("or the statement (insert into .*?)\\. Then sweep again");

    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
    private final Logger brakes = (Logger) LoggerFactory.getLogger("dev.retention.internal.safety");
    private final AppenderBase<ILoggingEvent> collector = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel() == Level.WARN) {
                warnings.add(event.getFormattedMessage());
            }
        }
    };

    /** The ways to confirm. */
    enum Way {
        SETTING,
        ENDPOINT,
        OPERATIONS,
        STATEMENT
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({TestEngine.class, Contexts.OneStorage.class})
    static class Engine {}

    @BeforeEach
    void listen() {
        collector.start();
        brakes.addAppender(collector);
    }

    @AfterEach
    void stopListening() {
        brakes.detachAppender(collector);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void isConfirmedOnceByEachOfTheFourWays(Way way) throws SQLException {
        try (WebEngine engine = engine(90)) {
            record(engine, 10, 25, 40, 50, 60);
            assertThat(sweep(engine).end()).isEqualTo(SweepEnd.COMPLETED);
        }
        String plan;
        String statement;
        try (WebEngine engine = engine(30)) {
            SweepReport refused = sweep(engine);
            assertThat(refused.end()).isEqualTo(SweepEnd.REFUSED);
            plan = engine.bean(RetentionOperations.class).plans().get(0).id();
            statement = statementIn(refused.message());
            assertThat(refused.message())
                    .contains("keep recordings for less time", "3 due", "retention.safety.confirm=" + plan);
            assertThat(statement).contains(plan);
            assertThat(sweep(engine).message())
                    .as("the same plan until it is confirmed")
                    .contains(plan);
            assertThat(engine.bean(FakeRecordingStorage.class).calls()).isEmpty();
            if (way != Way.SETTING) {
                assertThat(confirm(way, engine, plan, statement)).isTrue();
                assertSweeps(engine, 3);
            }
        }
        if (way == Way.SETTING) {
            try (WebEngine engine = engine(30, "retention.safety.confirm=" + plan)) {
                assertSweeps(engine, 3);
            }
        }
        assertThat(warnings).noneMatch(warning -> warning.startsWith("plan=" + plan + " was not confirmed"));

        String[] setting = way == Way.SETTING ? new String[] {"retention.safety.confirm=" + plan} : new String[0];
        try (WebEngine engine = engine(20, setting)) {
            assertThat(confirm(way, engine, plan, statement)).isFalse();
            SweepReport refused = sweep(engine);
            assertThat(refused.end()).isEqualTo(SweepEnd.REFUSED);
            assertThat(engine.bean(RetentionOperations.class).plans())
                    .singleElement()
                    .satisfies(next -> assertThat(next.id()).isNotEqualTo(plan));
            assertThat(engine.bean(FakeRecordingStorage.class).calls()).isEmpty();
            assertThat(warnings).anyMatch(warning -> warning.startsWith("plan=" + plan + " was not confirmed"));
            assertThat(confirmations(engine)).isEqualTo(1);
        }
        assertThat(warnings).as("a blank setting names no plan").noneMatch(warning -> warning.startsWith("plan= "));
    }

    private WebEngine engine(int days, String... further) {
        List<String> properties = new ArrayList<>(List.of(
                "spring.datasource.url=" + url,
                "spring.jpa.hibernate.ddl-auto=update",
                "spring.jpa.open-in-view=false",
                "retention.period=" + days + "d",
                "retention.jpa.entity=" + TestCall.class.getName(),
                "retention.jpa.attributes.storage-key=sid",
                "retention.jpa.attributes.created=recorded",
                "retention.jpa.attributes.deleted=removed",
                "retention.jpa.attributes.reason=removalReason"));
        properties.addAll(further.length > 0 ? List.of(further) : List.of("retention.safety.confirm= "));
        WebEngine engine = WebEngine.start(Engine.class, properties.toArray(String[]::new));
        engine.bean(FakeRecordingStorage.class).put("RE10", "RE25", "RE40", "RE50", "RE60");
        return engine;
    }

    private static void record(WebEngine engine, int... agesInDays) {
        engine.bean(EntityManagerFactory.class).runInTransaction(entities -> {
            for (int age : agesInDays) {
                entities.persist(new TestCall("RE" + age, Instant.now().minus(Duration.ofDays(age))));
            }
        });
    }

    private static SweepReport sweep(WebEngine engine) {
        return engine.bean(RetentionSweeper.class).sweep();
    }

    private static void assertSweeps(WebEngine engine, int deleted) {
        SweepReport report = sweep(engine);
        assertThat(report.end()).as(report.message()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(deleted);
        assertThat(engine.bean(FakeRecordingStorage.class).keys()).containsExactlyInAnyOrder("RE10", "RE25");
    }

    private static String statementIn(String message) {
        Matcher matcher = STATEMENT.matcher(message);
        assertThat(matcher.find()).as(message).isTrue();
        return matcher.group(1);
    }

    /** Confirms. Whether a setting or a statement had an effect, only the next sweep shows. */
    private boolean confirm(Way way, WebEngine engine, String plan, String statement) throws SQLException {
        return switch (way) {
            case SETTING -> false;
            case ENDPOINT ->
                engine.post(Map.of("operation", "confirm", "by", "ann", "planId", plan))
                        .body()
                        .at("/answer/changed")
                        .booleanValue();
            case OPERATIONS -> engine.bean(RetentionOperations.class).confirm(plan, "ann");
            case STATEMENT -> {
                try (Connection connection = engine.bean(DataSource.class).getConnection();
                        Statement byHand = connection.createStatement()) {
                    yield byHand.executeUpdate(statement) == 1 && confirmations(engine) == 0;
                }
            }
        };
    }

    private static long confirmations(WebEngine engine) throws SQLException {
        try (Connection connection = engine.bean(DataSource.class).getConnection();
                Statement query = connection.createStatement();
                var rows = query.executeQuery("select count(*) from retention_event where kind = 'PLAN_CONFIRMED'")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
