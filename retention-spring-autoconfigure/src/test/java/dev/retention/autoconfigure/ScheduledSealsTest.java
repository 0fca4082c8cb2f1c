package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayName("Sealing between runs")
class ScheduledSealsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration NEVER = Duration.ofDays(1);

    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(new MutableClock(NOON));
    private final CountDownLatch anchored = new CountDownLatch(1);
    private final CountDownLatch mayAnchor = new CountDownLatch(1);
    private final RetentionEvidence evidence =
            RetentionEvidence.builder(repository).anchor(new WaitingAnchor()).build();
    private ScheduledSeals seals = new ScheduledSeals(evidence, NEVER);

    private final class WaitingAnchor implements CheckpointAnchor {
        @Override
        public String name() {
            return "waiting";
        }

        @Override
        public AnchorReceipt anchor(String checkpoint) {
            anchored.countDown();
            try {
                assertThat(mayAnchor.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted", e);
            }
            return new AnchorReceipt("kept");
        }
    }

    @AfterEach
    void stop() {
        mayAnchor.countDown();
        seals.stop();
    }

    private void hold() {
        repository.put(EngineRow.of("1", "RE1", NOON));
        LegalHolds.of(repository).place("case", List.of("1"), "anna", "a case", null);
    }

    @Test
    void sealsWhatNoRunHasWritten() {
        mayAnchor.countDown();
        hold();
        assertThat(evidence.status().unsealed()).isPositive();
        seals.seal();
        assertThat(evidence.status().unsealed()).isZero();
        assertThat(evidence.status().sealed()).isPositive();
    }

    @Test
    void isDoneByItself() throws InterruptedException {
        seals = new ScheduledSeals(evidence, Duration.ofMillis(1));
        hold();
        assertThat(seals.isRunning()).isFalse();
        seals.start();
        seals.start();
        assertThat(anchored.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        assertThat(seals.isRunning()).isTrue();
        mayAnchor.countDown();
        seals.stop();
        assertThat(seals.isRunning()).isFalse();
        assertThat(evidence.status().unsealed()).isZero();
    }

    /** An interrupt would close the connection, or the file, under a seal. */
    @Test
    void aStopLetsASealEndThatIsBeingMade() throws InterruptedException {
        seals = new ScheduledSeals(evidence, Duration.ofMillis(1));
        hold();
        seals.start();
        assertThat(anchored.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        Thread stopping = new Thread(seals::stop);
        stopping.start();
        while (stopping.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        mayAnchor.countDown();
        stopping.join(PATIENCE.toMillis());
        assertThat(evidence.status().anchors()).singleElement().satisfies(anchor -> {
            assertThat(anchor.failure()).isNull();
            assertThat(anchor.size()).isEqualTo(evidence.status().sealed());
        });
    }

    @Test
    void isNotDoneWithoutAnInterval() {
        seals = new ScheduledSeals(evidence, null);
        seals.start();
        assertThat(seals.isRunning()).isFalse();
    }

    @Test
    void aFailureIsLoggedOnceAndTriedAgain() {
        Logger logger = (Logger) LoggerFactory.getLogger(ScheduledSeals.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            mayAnchor.countDown();
            hold();
            repository.setUnreachable(true);
            seals.seal();
            seals.seal();
            repository.setUnreachable(false);
            seals.seal();
            repository.setUnreachable(true);
            seals.seal();
            String thread = Thread.currentThread().getName();
            assertThat(appender.list.stream()
                            .filter(Objects::nonNull)
                            .filter(event -> event.getThreadName().equals(thread))
                            .map(ILoggingEvent::getFormattedMessage))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).contains("could not be sealed", "deletions go on"));
        } finally {
            logger.detachAppender(appender);
        }
        repository.setUnreachable(false);
        assertThat(evidence.status().unsealed()).isZero();
    }
}
