package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What operators read in the morning. Other tests log at the same time, so each line is looked for by its run or
 * recording.
 */
class LoggingTest {

    private static final String DAY = World.NOW.toString().substring(0, 10);

    private final World world = new World();

    @RegisterExtension
    private final CapturedLog log = new CapturedLog("dev.retention");

    private List<String> lines(Level level, String... parts) {
        return log.lines(level, parts).toList();
    }

    private String run() {
        return world.repository.runs().latest().orElseThrow().id();
    }

    @Test
    void everyLineOfARunNamesItInTheLoggingContext() {
        world.due("a", "broken").young("y");
        world.storage.answer("key-broken", recording -> {
            throw new IllegalStateException("boom");
        });

        world.sweeper().sweep();

        List<ILoggingEvent> ofThisRun = log.events()
                .filter(event -> run().equals(event.getMDCPropertyMap().get("retention.run")))
                .toList();
        assertThat(ofThisRun)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anyMatch(line -> line.startsWith("sweep started"))
                .anyMatch(line -> line.startsWith("storage=fake recording=broken threw an exception"))
                .anyMatch(line -> line.startsWith("sweep ended"));
        assertThat(org.slf4j.MDC.get("retention.run")).isNull();
    }

    @Test
    void oneLineSumsASweepUp() {
        world.due(12).young("y");

        world.sweeper().sweep();

        assertThat(lines(Level.INFO, "sweep ended", run()))
                .singleElement()
                .asString()
                .contains("checked=12 deleted=12 failed=0 held=0 cutoff=" + World.CUTOFF + " end=COMPLETED");
        assertThat(lines(Level.INFO, "sweep started", run(), "due=12")).hasSize(1);
    }

    @Test
    void aPauseThatAPersonWantsIsNoError() {
        world.due("a").young("y");
        RetentionOperations.of(world.sweeper()).pause("ann", "audit");

        world.sweeper().sweep();

        assertThat(lines(Level.WARN, "sweep ended", run(), "end=PAUSED")).hasSize(1);
        assertThat(lines(Level.ERROR, run())).isEmpty();
    }

    @Test
    void eachFailureIsALineWithItsCause() {
        world.due("logged-ok", "logged-503", "logged-404").young("y");
        world.storage
                .answer("key-logged-503", DeletionResult.tryLater("answered 503", null, false))
                .answer("key-logged-404", DeletionResult.notFound());

        world.sweeper().sweep();

        assertThat(lines(Level.WARN, "recording=logged-503", "answered 503")).hasSize(1);
        assertThat(lines(Level.WARN, "recording=logged-404", "UNPROVEN")).hasSize(1);
        assertThat(lines(Level.WARN, "recording=logged-ok")).isEmpty();
        assertThat(lines(Level.WARN, "recording=logged-503"))
                .as("it names no account where there is none")
                .allSatisfy(line -> assertThat(line).startsWith("recording=logged-503 attempt=1 outcome="));
    }

    @Test
    void aLongSweepSaysHowFarItIs() {
        world.due(40).young("y");
        for (int i = 0; i < 40; i++) {
            world.storage.answer("key-due-%04d".formatted(i), recording -> {
                world.clock.advance(Duration.ofSeconds(5));
                return DeletionResult.deleted("slowly");
            });
        }

        world.builder(world.storage).maxConcurrency(1).build().sweep();

        assertThat(lines(Level.INFO, "sweep in progress", run()))
                .hasSizeBetween(3, 10)
                .anySatisfy(line -> assertThat(line).contains("due=40", "share=", "rate=", "expectedEnd="));
    }

    @Test
    void aLongSweepSaysWithItsProgressWhatKeepsItFromGettingOn() {
        Instant old = World.CUTOFF.minusSeconds(9);
        world.repository.put(
                EngineRow.of("refused", "key-refused", old.minusSeconds(9)).withAccount("AC-refused"));
        world.storage.answer("key-refused", DeletionResult.stop("status=401"));
        for (int i = 0; i < 20; i++) {
            world.repository.put(EngineRow.of("fine-" + i, "key-fine-" + i, old).withAccount("AC-fine"));
            world.storage.answer("key-fine-" + i, recording -> {
                world.clock.advance(Duration.ofSeconds(5));
                return DeletionResult.deleted("slowly");
            });
        }

        world.builder(world.storage).maxConcurrency(1).build().sweep();

        assertThat(lines(Level.WARN, "sweep makes no progress", run()))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("account=AC-refused", "status=401", "since="));
    }

    @Test
    void aSweepThatMustBeLookedAtEndsWithAnError() {
        world.due(3).young("y");
        world.storage.answerLookUp("key-y", DeletionResult.notFound());

        world.sweeper().sweep();

        assertThat(lines(Level.ERROR, "sweep ended", run(), "ACCOUNT_MISMATCH_SUSPECTED"))
                .hasSize(1);
    }

    @Test
    void aSweepThatIsHeldUpSaysByWhatAndSinceWhen() {
        world.due(3).young("y");
        world.storage.answerLookUp("key-y", DeletionResult.tryLater("answered 503", null, true));

        world.builder(world.storage).maxDuration(Duration.ofMinutes(5)).build().sweep();

        assertThat(lines(Level.WARN, "sweep makes no progress", run()))
                .hasSizeGreaterThan(5)
                .allSatisfy(line -> assertThat(line).contains("answered 503", "since=" + DAY));
    }
}
