package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.retention.LedgerEvent;
import dev.retention.RetentionException;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayName("A fire time")
class ScheduledSweepsTest {

    private static final Instant FIRE = Instant.parse("2026-11-23T03:00:00Z");
    private static final String AT_THREE = "0 0 3 * * *";
    private static final Duration OLD = Duration.ofDays(91);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final MutableClock clock = new MutableClock(FIRE.minus(Duration.ofHours(9)));
    private final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    private final FakeRecordingStorage storage = new FakeRecordingStorage();
    private final RetentionSweeper sweeper =
            RetentionSweeper.builder(repository, storage).clock(clock).build();
    private final RetentionSweeper another =
            RetentionSweeper.builder(repository, storage).clock(clock).build();
    private final RetentionOperations operations = RetentionOperations.of(sweeper);
    private final List<Instant> tries = new ArrayList<>();
    private Function<Instant, SweepReport> sweep = sweeper::sweep;
    private ScheduledSweeps sweeps = scheduled(AT_THREE);

    private final Logger logger = (Logger) LoggerFactory.getLogger(ScheduledSweeps.class);
    private final Thread testing = Thread.currentThread();
    private final List<ILoggingEvent> events = new ArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (Thread.currentThread() == testing) {
                events.add(event);
            }
        }
    };

    private ScheduledSweeps scheduled(String cron) {
        return new ScheduledSweeps(
                repository,
                new SweepSchedule(cron, ZoneId.of("UTC"), clock, Duration.ofHours(4)),
                clock,
                sweeper::hasRun,
                fireTime -> {
                    tries.add(clock.instant());
                    return sweep.apply(fireTime);
                },
                operations::plans);
    }

    @BeforeEach
    void listen() {
        appender.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        storage.put("due", "young");
        repository.put(
                EngineRow.of("due", "due", clock.instant().minus(OLD)),
                EngineRow.of("young", "young", clock.instant().minus(Duration.ofDays(1))));
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
    }

    private List<String> lines(Level level) {
        return events.stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** Lets time pass as the scheduler's thread does: from look to look. */
    private void lookUntil(Instant end) {
        while (clock.instant().isBefore(end)) {
            Instant next = clock.instant().plus(sweeps.untilNextLook());
            clock.set(next.isBefore(end) ? next : end);
            sweeps.look();
        }
    }

    private int runs() {
        return repository.runs().recent(10).size();
    }

    @Test
    void isSweptOnceAndNothingIsSaid() {
        sweeps.begin();
        lookUntil(FIRE.minusMillis(1));
        assertThat(tries).isEmpty();
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        assertThat(tries).containsExactly(FIRE);
        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(storage.holds("due")).isFalse();
        assertThat(events).isEmpty();
    }

    @Test
    void isNotLostWhenTheDatabaseIsAwayForSeconds() {
        sweeps.begin();
        repository.setUnreachable(true);
        lookUntil(FIRE.plusSeconds(4));
        assertThat(storage.calls()).isEmpty();
        assertThat(lines(Level.WARN)).singleElement().asString().contains(FIRE + " could not be done", "not answer");
        repository.setUnreachable(false);

        lookUntil(FIRE.plusSeconds(7));

        assertThat(storage.holds("due")).isFalse();
        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(runs()).isEqualTo(1);
        assertThat(lines(Level.INFO)).singleElement().asString().contains("took place after 3 failed tries");
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        assertThat(runs()).isEqualTo(1);
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void isTriedAgainWithGrowingWaits() {
        sweep = fireTime -> {
            throw RetentionException.unavailable("as the test wanted");
        };
        lookUntil(FIRE.plusSeconds(7));
        assertThat(tries).containsExactly(FIRE, FIRE.plusSeconds(1), FIRE.plusSeconds(3), FIRE.plusSeconds(7));
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        assertThat(tries).as("every five minutes at last").hasSizeBetween(50, 60);
        assertThat(tries).allMatch(time -> time.isBefore(FIRE.plus(Duration.ofHours(4))));
        assertThat(lines(Level.WARN)).hasSize(1);
        assertThat(lines(Level.ERROR)).hasSize(1);
    }

    @Test
    void isGivenUpWithAnErrorWhenItsRunWouldBeOver() {
        sweeps.begin();
        repository.setUnreachable(true);
        lookUntil(FIRE.plus(Duration.ofHours(4)).minusSeconds(1));
        assertThat(lines(Level.ERROR)).isEmpty();
        lookUntil(FIRE.plus(Duration.ofHours(5)));

        assertThat(lines(Level.ERROR))
                .singleElement()
                .asString()
                .contains("the sweep of " + FIRE + " did not take place", "not answer", "start a sweep");
        repository.setUnreachable(false);
        lookUntil(FIRE.plus(Duration.ofDays(1)));
        assertThat(sweeper.hasRun(FIRE.plus(Duration.ofDays(1)))).isTrue();
        assertThat(storage.holds("due")).isFalse();
    }

    @Test
    void isSaidAgainWhenTheReasonChanges() {
        sweeps.begin();
        repository.setUnreachable(true);
        lookUntil(FIRE.plusSeconds(20));
        repository.setUnreachable(false);
        repository.setDatabaseOffset(Duration.ofHours(1));
        lookUntil(FIRE.plusSeconds(100));
        assertThat(lines(Level.WARN)).hasSize(2).element(1).asString().contains("clock");
        repository.setDatabaseOffset(Duration.ZERO);
        lookUntil(FIRE.plusSeconds(300));
        assertThat(sweeper.hasRun(FIRE)).isTrue();
    }

    @Test
    void waitsForASweepThatSomebodyElseStarted() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        storage.blockUntil(answer);
        clock.set(FIRE.minusSeconds(60));
        sweeps = scheduled(AT_THREE);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<SweepReport> manual = other.submit(() -> sweeper.sweep());
            assertThat(storage.awaitCalls(1, PATIENCE)).isTrue();
            String run = repository.runs().latest().orElseThrow().id();
            lookUntil(FIRE.plusSeconds(10));
            assertThat(tries).hasSizeGreaterThan(2);
            assertThat(lines(Level.WARN)).singleElement().asString().contains(run);
            answer.countDown();
            assertThat(manual.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).deleted())
                    .isEqualTo(1);
        } finally {
            answer.countDown();
            other.shutdownNow();
        }

        lookUntil(FIRE.plusSeconds(60));

        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(runs()).isEqualTo(2);
    }

    @Test
    void isTriedAgainAfterAnException() {
        sweep = fireTime -> {
            if (tries.size() == 1) {
                throw new IllegalStateException("as the test wanted");
            }
            return sweeper.sweep(fireTime);
        };
        lookUntil(FIRE.plusSeconds(5));
        assertThat(tries).hasSize(2);
        assertThat(lines(Level.WARN)).singleElement().asString().contains("as the test wanted");
        assertThat(sweeper.hasRun(FIRE)).isTrue();
    }

    @Test
    void goesOnWithItsOwnRunThatWasLeftOpenByAFailure() {
        sweep = fireTime -> {
            if (tries.size() == 1) {
                Thread.currentThread().interrupt();
                assertThat(sweeper.sweep(fireTime).end()).isEqualTo(SweepEnd.STOPPED);
                assertThat(Thread.interrupted()).isTrue();
                throw new IllegalStateException("the run is open");
            }
            return sweeper.sweep(fireTime);
        };
        lookUntil(FIRE.plusSeconds(5));
        assertThat(tries).hasSize(2);
        assertThat(runs()).isEqualTo(1);
        assertThat(storage.holds("due")).isFalse();
        assertThat(repository.runs().open()).isEmpty();
    }

    @Test
    void needsNoRunOfItsOwnWhenAnotherHasStartedSince() {
        repository.setUnreachable(true);
        lookUntil(FIRE.plusMillis(500));
        repository.setUnreachable(false);
        another.sweep();

        lookUntil(FIRE.plusSeconds(60));

        assertThat(tries).hasSize(1);
        assertThat(runs()).isEqualTo(1);
        assertThat(lines(Level.INFO))
                .singleElement()
                .asString()
                .contains(
                        "is not started, because",
                        repository.runs().latest().orElseThrow().id());
    }

    @Test
    void isSharedWithOtherInstances() {
        clock.set(FIRE);
        SweepReport report = another.sweep(FIRE);
        sweep = fireTime -> {
            SweepReport ours = sweeper.sweep(fireTime);
            assertThat(ours).isEqualTo(report);
            return ours;
        };
        sweeps.look();
        assertThat(tries).hasSize(1);
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void thatIsRefusedIsLeftToAPerson() {
        repository.setIdentity(new DatabaseIdentity("a clone", false));
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        assertThat(tries).hasSize(1);
        assertThat(runs()).isZero();
        assertThat(lines(Level.ERROR)).as("the refusal said it").isEmpty();
    }

    private String refuseAndNamePlan() {
        repository.setIdentity(new DatabaseIdentity("moved", false));
        lookUntil(FIRE.plusSeconds(5));
        assertThat(tries).hasSize(1);
        return operations.plans().get(0).id();
    }

    @Test
    void thatWasRefusedStartsOnceItIsConfirmedAnHourLater() {
        String plan = refuseAndNamePlan();
        lookUntil(FIRE.plus(Duration.ofHours(1)));
        assertThat(tries).as("nothing has changed").hasSize(1);
        operations.confirm(plan, "operator");

        lookUntil(FIRE.plus(Duration.ofHours(1)).plusSeconds(61));

        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(storage.holds("due")).isFalse();
        assertThat(storage.holds("young")).isTrue();
        lookUntil(FIRE.plus(Duration.ofDays(1)).minusSeconds(1));
        assertThat(runs()).as("one for this civil day").isEqualTo(1);
        assertThat(lines(Level.WARN)).isEmpty();
        assertThat(lines(Level.ERROR)).isEmpty();
        lookUntil(FIRE.plus(Duration.ofDays(1)));
        assertThat(runs()).isEqualTo(2);
    }

    @Test
    void thatWasRefusedStartsOnceASqlStatementConfirmsItInTheMorning() {
        String plan = refuseAndNamePlan();
        Instant morning = FIRE.plus(Duration.ofHours(6));
        lookUntil(morning);
        LedgerEvent event = new LedgerEvent(morning, "TEST", null, null, "operator", "");
        assertThat(repository.controls().change(List.of(new Change("confirm", null, plan)), event))
                .isTrue();
        lookUntil(morning.plusSeconds(61));
        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(storage.holds("due")).isFalse();
    }

    @Test
    void thatWasRefusedStartsAlthoughTheDatabaseIsAwayWhenItIsConfirmed() {
        String plan = refuseAndNamePlan();
        lookUntil(FIRE.plus(Duration.ofHours(6)));
        operations.confirm(plan, "operator");
        repository.setUnreachable(true);
        lookUntil(FIRE.plus(Duration.ofHours(7)));
        assertThat(sweeps.attention()).isEmpty();
        repository.setUnreachable(false);
        lookUntil(FIRE.plus(Duration.ofHours(7)).plusSeconds(61));
        assertThat(sweeper.hasRun(FIRE)).isTrue();
    }

    @Test
    void thatWasRefusedStartsThoughItsPlanIsConfirmedAtThatMoment() {
        String plan = refuseAndNamePlan();
        Instant tomorrow = FIRE.plus(Duration.ofDays(1));
        sweep = fireTime -> {
            SweepReport report = sweeper.sweep(fireTime);
            if (report.end() == SweepEnd.REFUSED) {
                operations.confirm(plan, "operator");
            }
            return report;
        };
        lookUntil(tomorrow.plusSeconds(61));
        assertThat(sweeper.hasRun(tomorrow)).isTrue();
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void thatWasRefusedNeedsNoRunWhenAPersonHasSweptSince() {
        String plan = refuseAndNamePlan();
        operations.confirm(plan, "operator");
        another.sweep();
        lookUntil(FIRE.plus(Duration.ofHours(1)));
        assertThat(tries).hasSize(1);
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void thatWasRefusedGivesWayToTheNextOne() {
        refuseAndNamePlan();
        lookUntil(FIRE.plus(Duration.ofDays(1)));
        assertThat(tries).containsExactly(FIRE, FIRE.plus(Duration.ofDays(1)));
        assertThat(lines(Level.WARN))
                .singleElement()
                .asString()
                .contains(FIRE + " did not take place", "is done instead");
        assertThat(storage.calls()).isEmpty();
    }

    @Test
    void thatWasRefusedStartsAfterARestartWithTheConfirmation() {
        String plan = refuseAndNamePlan();
        clock.advance(Duration.ofHours(1));
        RetentionSweeper restarted = RetentionSweeper.builder(repository, storage)
                .clock(clock)
                .confirm(plan)
                .build();
        sweep = restarted::sweep;
        sweeps = scheduled(AT_THREE);
        sweeps.begin();
        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(storage.holds("due")).isFalse();
    }

    @Test
    void thatHasNotStartedNeedsAttentionUntilAnotherHas() {
        sweeps.begin();
        repository.setUnreachable(true);
        lookUntil(FIRE.plusSeconds(4));
        assertThat(sweeps.attention())
                .map(Attention::reason)
                .hasValueSatisfying(why -> assertThat(why).contains(FIRE + " has not started", "not answer"));
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        repository.setUnreachable(false);
        lookUntil(FIRE.plus(Duration.ofHours(6)));
        assertThat(sweeps.attention())
                .map(Attention::reason)
                .hasValueSatisfying(why -> assertThat(why).contains(FIRE + " did not take place", "not answer"));
        lookUntil(FIRE.plus(Duration.ofDays(1)));
        assertThat(sweeps.attention()).isEmpty();
    }

    @Test
    void isNotMissingWhereAPersonHasStartedARunSince() {
        sweeps.begin();
        repository.setUnreachable(true);
        lookUntil(FIRE.plusSeconds(4));
        repository.setUnreachable(false);
        clock.set(FIRE.plus(Duration.ofHours(1)));
        another.sweep();
        clock.set(FIRE.plus(Duration.ofHours(5)));
        sweeps.look();
        assertThat(sweeper.hasRun(FIRE)).isFalse();
        assertThat(lines(Level.ERROR)).isEmpty();
        assertThat(sweeps.attention()).isEmpty();
    }

    @Test
    void thatPassedWhileNoInstanceWasUpIsCaughtUpHoweverLate() {
        clock.set(FIRE.minus(Duration.ofDays(1)));
        another.sweep(clock.instant());
        clock.set(FIRE.plus(Duration.ofHours(5)));
        sweeps = scheduled(AT_THREE);
        repository.setUnreachable(true);
        sweeps.begin();
        repository.setUnreachable(false);
        lookUntil(FIRE.plus(Duration.ofHours(6)));
        assertThat(tries).hasSize(1);
        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(storage.holds("due")).isFalse();
        assertThat(lines(Level.ERROR)).isEmpty();
        assertThat(sweeps.attention()).isEmpty();
    }

    /** Such as one that is up from 08:00 to 19:00. */
    @Test
    void ofEachNightIsCaughtUpInTheMorning() {
        clock.set(FIRE.minus(Duration.ofDays(1)));
        another.sweep(clock.instant());
        for (int day = 0; day < 3; day++) {
            Instant fire = FIRE.plus(Duration.ofDays(day));
            clock.set(fire.plus(Duration.ofHours(5)));
            sweeps = scheduled(AT_THREE);
            sweeps.begin();
            lookUntil(fire.plus(Duration.ofHours(16)));
            sweeps.stop();
            assertThat(sweeper.hasRun(fire)).as("day %d", day).isTrue();
        }
        assertThat(tries).hasSize(3);
    }

    @Test
    void thatPassedWhileOnlyAnotherInstanceWasUpIsNone() {
        clock.set(FIRE);
        another.sweep(FIRE);
        clock.set(FIRE.plus(Duration.ofHours(5)));
        sweeps = scheduled(AT_THREE);
        sweeps.begin();
        assertThat(events).isEmpty();
        assertThat(sweeps.attention()).isEmpty();
    }

    @Test
    void thatWasSleptThroughIsSweptAfterwards() {
        sweeps.begin();
        clock.set(FIRE.plus(Duration.ofHours(4)));
        sweeps.look();
        sweeps.look();
        assertThat(tries).hasSize(1);
        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void thatWasSleptThroughWhileAnotherInstanceSweptIsNone() {
        sweeps.begin();
        clock.set(FIRE);
        another.sweep(FIRE);
        clock.set(FIRE.plus(Duration.ofHours(4)));
        sweeps.look();
        assertThat(lines(Level.ERROR)).isEmpty();
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void givesWayToTheNextOne() {
        sweeps = scheduled("0 0 * * * *");
        Instant first = Instant.parse("2026-11-22T19:00:00Z");
        repository.setUnreachable(true);
        lookUntil(first.plus(Duration.ofMinutes(59)));
        repository.setUnreachable(false);
        clock.set(first.plus(Duration.ofHours(1)));
        sweeps.look();
        assertThat(lines(Level.WARN))
                .hasSize(2)
                .element(1)
                .asString()
                .contains(first + " did not take place", "is done instead");
        assertThat(sweeper.hasRun(first)).isFalse();
        assertThat(sweeper.hasRun(first.plus(Duration.ofHours(1)))).isTrue();
    }

    @Test
    void beforeTheApplicationWasUpIsCaughtUpThoughTheDatabaseWasAwayAtFirst() {
        clock.set(FIRE.minus(Duration.ofDays(1)));
        repository.put(EngineRow.of("due", "due", clock.instant()));
        another.sweep(clock.instant());
        clock.set(FIRE.plusSeconds(60));
        repository.put(EngineRow.of("due", "due", clock.instant().minus(OLD)));
        sweeps = scheduled(AT_THREE);
        repository.setUnreachable(true);
        sweeps.begin();
        assertThat(lines(Level.WARN)).hasSize(1);
        repository.setUnreachable(false);

        lookUntil(FIRE.plusSeconds(70));

        assertThat(sweeper.hasRun(FIRE)).isTrue();
        assertThat(storage.holds("due")).isFalse();
    }

    @Test
    void beforeAFirstDeploymentIsNotCaughtUpThoughTheDatabaseWasAwayAtFirst() {
        clock.set(FIRE.plusSeconds(60));
        sweeps = scheduled(AT_THREE);
        repository.setUnreachable(true);
        sweeps.begin();
        repository.setUnreachable(false);
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        assertThat(tries).isEmpty();
        assertThat(runs()).isZero();
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void afterTheEndIsNobodysConcern() {
        repository.setUnreachable(true);
        lookUntil(FIRE);
        assertThat(tries).hasSize(1);
        sweeps.stop();
        lookUntil(FIRE.plus(Duration.ofHours(5)));
        assertThat(tries).hasSize(1);
        assertThat(lines(Level.ERROR)).isEmpty();
    }

    @Test
    void hasItsReportKept() {
        lookUntil(FIRE);
        assertThat(Objects.requireNonNull(
                                repository.runs().latest().orElseThrow().report())
                        .deleted())
                .isEqualTo(1);
    }
}
