package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.retention.RetentionException;
import dev.retention.RetentionPolicy;
import dev.retention.RetentionSweeper;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

@DisplayName("The scheduler")
@Isolated("it looks at the threads of the whole JVM")
class RetentionSchedulerTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Instant YESTERDAY = Instant.parse("2026-11-22T03:00:00Z");
    private static final Instant TODAY = Instant.parse("2026-11-23T03:00:00Z");

    private final MutableClock clock = new MutableClock(YESTERDAY);
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final FakeRecordingStorage storage = new FakeRecordingStorage("archive");
    private final RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
            .policy(RetentionPolicy.ofDays(90))
            .clock(clock)
            .build();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ScheduledSweeps.class);
    private volatile Consumer<String> whenLogged = line -> {};
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            whenLogged.accept(event.getFormattedMessage());
        }
    };
    private RetentionScheduler scheduler = scheduler("0 0 3 * * *", Duration.ofHours(10));

    @BeforeEach
    void addADueRecording() {
        storage.put("RE1", "RE2");
        repository.put(EngineRow.of("1", "RE1", YESTERDAY.minus(Duration.ofDays(91))));
        repository.put(EngineRow.of("2", "RE2", YESTERDAY.minus(Duration.ofDays(1))));
    }

    @AfterEach
    void stop() {
        scheduler.stop();
        logger.detachAppender(appender);
    }

    private CountDownLatch countDownWhenLogged(String start) {
        CountDownLatch latch = new CountDownLatch(1);
        whenLogged = line -> {
            if (line.startsWith(start)) {
                latch.countDown();
            }
        };
        appender.start();
        logger.addAppender(appender);
        return latch;
    }

    private RetentionScheduler scheduler(String cron, @Nullable Duration recoveryInterval) {
        return new RetentionScheduler(
                sweeper,
                repository,
                new SweepSchedule(cron, ZoneId.of("UTC"), clock, Duration.ofHours(4)),
                clock,
                recoveryInterval);
    }

    @Test
    void sweepsWhenTheTimeHasCome() throws InterruptedException {
        clock.set(TODAY.minusMillis(300));
        scheduler = scheduler("0 0 3 * * *", Duration.ofHours(10));
        scheduler.start();
        assertThat(storage.deletes()).isEmpty();
        clock.set(TODAY);
        assertThat(storage.awaitCalls(2, PATIENCE))
                .as("a look-up for the identity, then the deletion")
                .isTrue();
        scheduler.stop();
        assertThat(storage.holds("RE1")).isFalse();
        assertThat(storage.holds("RE2")).isTrue();
    }

    @Test
    void startsTheSweepThatWasMissedWhileTheApplicationWasDown() throws InterruptedException {
        repository.put(EngineRow.of("1", "RE1", YESTERDAY));
        sweeper.sweep(YESTERDAY);
        repository.put(EngineRow.of("1", "RE1", YESTERDAY.minus(Duration.ofDays(91))));
        clock.set(TODAY.plus(Duration.ofHours(1)));
        scheduler = scheduler("0 0 3 * * *", Duration.ofHours(10));
        assertThat(scheduler.missed()).contains(TODAY);
        scheduler.start();
        assertThat(storage.awaitCalls(2, PATIENCE))
                .as("a look-up for the identity, then the deletion")
                .isTrue();
        scheduler.stop();
        assertThat(storage.holds("RE1")).isFalse();
        assertThat(repository.runs().latest().orElseThrow().key()).contains(TODAY.toString());
    }

    @Test
    void startsNothingAtAFirstDeployment() {
        clock.set(TODAY.plus(Duration.ofHours(1)));
        scheduler = scheduler("0 0 3 * * *", Duration.ofHours(10));
        assertThat(scheduler.missed()).isEmpty();
        scheduler.start();
        scheduler.stop();
        assertThat(storage.calls()).isEmpty();
        assertThat(repository.runs().latest()).isEmpty();
    }

    @Test
    void startsNothingWhenTodaysRunWasThere() {
        clock.set(TODAY);
        repository.put(EngineRow.of("1", "RE1", YESTERDAY));
        sweeper.sweep(TODAY);
        String run = repository.runs().latest().orElseThrow().id();
        clock.set(TODAY.plus(Duration.ofHours(1)));
        repository.put(EngineRow.of("1", "RE1", YESTERDAY.minus(Duration.ofDays(91))));
        scheduler = scheduler("0 0 3 * * *", Duration.ofHours(10));
        assertThat(scheduler.missed()).isEmpty();
        scheduler.start();
        scheduler.stop();
        assertThat(repository.runs().latest().orElseThrow().id()).isEqualTo(run);
        assertThat(storage.holds("RE1")).isTrue();
    }

    @Test
    void goesOnAfterASweepThatFailed() throws InterruptedException {
        clock.set(TODAY.minusMillis(100));
        scheduler = scheduler("* * * * * *", Duration.ofHours(10));
        repository.setUnreachable(true);
        CountDownLatch failed = countDownWhenLogged("the sweep of " + TODAY.plusSeconds(1) + " could not be done");
        scheduler.start();
        clock.set(TODAY.plusSeconds(1));
        assertThat(failed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(storage.calls()).isEmpty();
        repository.setUnreachable(false);
        clock.set(TODAY.plusSeconds(2));
        assertThat(storage.awaitCalls(2, PATIENCE))
                .as("a look-up for the identity, then the deletion")
                .isTrue();
    }

    @Test
    void startsNothingWhenItIsSwitchedOff() {
        clock.set(TODAY.minusMillis(1));
        scheduler = scheduler("* * * * * *", null);
        scheduler.start();
        assertThat(scheduler.isRunning()).isTrue();
        // Nobody is there who could start anything later.
        assertNoThreadIsThere();
    }

    @Test
    void recoversBetweenSweepsAlsoWhenThereAreNone() throws InterruptedException {
        storage.answerNext(DeletionResult.tryLater("reset", null, false));
        sweeper.sweep();
        storage.clearJournal();
        clock.set(YESTERDAY.plus(Duration.ofHours(2)));
        scheduler = scheduler("-", Duration.ofMillis(20));
        scheduler.start();
        assertThat(storage.awaitCalls(1, PATIENCE)).isTrue();
        scheduler.stop();
        assertThat(storage.lookUps()).isNotEmpty();
    }

    @Test
    void closesTheSweeperWhenItStopsSoThatNobodyElseStartsASweepEither() {
        scheduler.start();
        assertThat(sweeper.preview().deleted()).isEqualTo(1);
        scheduler.stop();
        assertThatThrownBy(sweeper::preview)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void sweepsWhenAskedToAndNotTwiceAtOnce() throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(1);
        storage.blockUntil(answered);
        assertThat(scheduler.sweepNow()).as("before it is started").isFalse();
        scheduler.start();
        assertThat(scheduler.sweepNow()).isTrue();
        assertThat(scheduler.isSweeping()).isTrue();
        assertThat(storage.awaitCalls(1, PATIENCE)).isTrue();
        assertThat(scheduler.sweepNow()).isFalse();
        answered.countDown();
        assertThat(storage.awaitCalls(2, PATIENCE)).isTrue();
        scheduler.stop();
        assertThat(storage.deletes()).hasSize(1);
        assertThat(scheduler.isSweeping()).isFalse();
        assertThat(scheduler.sweepNow()).as("after it was stopped").isFalse();
    }

    @Test
    void sweepsAgainWhenAskedToAfterASweepThatFailed() throws InterruptedException {
        repository.setUnreachable(true);
        scheduler = scheduler("-", Duration.ofHours(10));
        scheduler.start();
        assertThat(scheduler.sweepNow()).isTrue();
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (scheduler.isSweeping() && System.nanoTime() - patience < 0) {
            Thread.onSpinWait();
        }
        assertThat(scheduler.isSweeping()).isFalse();
        repository.setUnreachable(false);
        assertThat(scheduler.sweepNow()).isTrue();
        assertThat(storage.awaitCalls(2, PATIENCE)).isTrue();
    }

    @Test
    void doesNotSweepBesideAScheduledSweep() throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(1);
        storage.blockUntil(answered);
        clock.set(TODAY.minusMillis(300));
        scheduler = scheduler("0 0 3 * * *", Duration.ofHours(10));
        scheduler.start();
        assertThat(scheduler.nextSweep()).contains(TODAY);
        clock.set(TODAY);
        assertThat(storage.awaitCalls(1, PATIENCE)).isTrue();
        assertThat(scheduler.sweepNow()).isFalse();
        answered.countDown();
    }

    @Test
    void knowsNoNextSweepWhenItIsSwitchedOff() {
        assertThat(scheduler("0 0 3 * * *", null).nextSweep()).isEmpty();
        assertThat(scheduler("-", Duration.ofHours(1)).nextSweep()).isEmpty();
    }

    @Test
    void leavesNoThreadBehind() {
        scheduler.start();
        assertThat(scheduler.isRunning()).isTrue();
        scheduler.stop();
        assertThat(scheduler.isRunning()).isFalse();
        assertNoThreadIsThere();
    }

    private static void assertNoThreadIsThere() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("retention-"));
    }
}
