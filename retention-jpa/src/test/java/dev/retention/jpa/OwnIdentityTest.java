package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A name for the database in place of the server's own identifier. */
class OwnIdentityTest {

    private final List<String> warnings = new ArrayList<>();
    private final Thread testing = Thread.currentThread();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ServerIdentity.class);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel() == Level.WARN && Thread.currentThread() == testing) {
                warnings.add(event.getFormattedMessage());
            }
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
    }

    private static Engine engine(TestDatabase database) {
        return new Engine(database, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void replacesTheServersIdentifierAndNothingElse(TestDatabase database) {
        Engine engine = engine(database);
        String byServer = engine.builder().build().identity().text();
        String byName =
                engine.builder().identity("voice-production").build().identity().text();

        String address = byServer.replaceFirst(" server .*", "");
        assertThat(byName).isEqualTo(address + " identity voice-production");
        assertThat(byServer.contains(" server ")).isEqualTo(database != TestDatabase.H2);
        assertThat(engine.builder().identity("copy").build().identity().text()).isNotEqualTo(byName);
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void isAskedForOnceWhereTheServersIdentifierMoves(TestDatabase database) {
        Engine engine = engine(database);
        JpaRecordingRepository repository = engine.builder().build();
        assertThat(repository.identity()).isEqualTo(repository.identity());
        assertThat(warnings).hasSize(database.isOfMySqlFamily() ? 1 : 0);
        assertThat(warnings).allMatch(line -> line.contains("retention.identity"));
        warnings.clear();
        assertThat(engine.builder().identity("voice").build().identity()).isNotNull();
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = TestDatabase.class, names = "H2", mode = EnumSource.Mode.EXCLUDE)
    void isConfirmedOnceAndAnotherIsRefused(TestDatabase database) {
        Engine engine = engine(database);
        engine.insert(List.of(EngineRow.of("1", "key-1", Instant.now().minus(Duration.ofDays(100)))));
        FakeRecordingStorage storage = new FakeRecordingStorage().put("key-1");
        RetentionSweeper production = RetentionSweeper.builder(
                        engine.builder().identity("production").build(), storage)
                .maxShare(1)
                .build();
        assertThat(production.sweep().end()).isEqualTo(SweepEnd.REFUSED);
        RetentionOperations operations = RetentionOperations.of(production);
        operations.confirm(operations.plans().get(0).id(), "operator");

        SweepReport copy = RetentionSweeper.builder(
                        engine.builder().identity("copy").build(), storage)
                .maxShare(1)
                .build()
                .sweep();
        assertThat(copy.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(copy.message()).contains("identity copy", "identity production");
        assertThat(storage.calls()).isEmpty();

        assertThat(production.sweep().deleted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a\nb", "ü"})
    void hasOnlyCharactersThatAreReadTheSameEverywhere(String name) {
        JpaRecordingRepository.Builder builder = engine(TestDatabase.H2).builder();
        assertThatThrownBy(() -> builder.identity(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
