package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A sweep that meets a recovery, or a run that was judged before its fire time. No fire time is spent without a run.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TakeoverTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final World world = new World();
    private final RetentionSweeper sweeper =
            world.builder(world.storage).ticker(Ticker.SYSTEM).maxConcurrency(1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch sweepWaits = new CountDownLatch(1);
    private final CountDownLatch inFlight = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private volatile Thread sweeping = Thread.currentThread();

    @RegisterExtension
    private final CapturedLog log = new CapturedLog("dev.retention") {
        @Override
        protected void append(ILoggingEvent event) {
            super.append(event);
            if (Thread.currentThread() == sweeping
                    && event.getFormattedMessage().startsWith("the sweep waits for the recovery")) {
                sweepWaits.countDown();
            }
        }
    };

    @AfterEach
    void stop() {
        answer.countDown();
        threads.shutdownNow();
    }

    /** A run that was opened at this time by an instance that died before it had claimed more than these. */
    private SweepRun abandoned(String... ids) {
        SweepRun run = world.claimAndDie(ids);
        world.clock.advance(Duration.ofMinutes(11));
        return run;
    }

    private SweepRun latest() {
        return world.repository.runs().latest().orElseThrow();
    }

    private SweepReport report(SweepRun run) {
        return Objects.requireNonNull(
                world.repository.runs().find(run.id()).orElseThrow().report());
    }

    /** This recording is being deleted from {@link #inFlight} until {@link #answer}. */
    private void block(String id) {
        world.storage.answer("key-" + id, recording -> {
            inFlight.countDown();
            return DeletionResult.deleted(await(answer) ? "after the sweep had come" : "too late");
        });
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Future<SweepReport> sweepOnAThreadOfItsOwn(Function<RetentionSweeper, SweepReport> sweep) {
        return threads.submit(() -> {
            sweeping = Thread.currentThread();
            return sweep.apply(sweeper);
        });
    }

    private List<String> keys() {
        return world.deletedKeys();
    }

    /** What follows the blocked one is deleted only once the recovery has returned: the sweep deletes it. */
    @Test
    void aSweepTakesOverTheRunThatARecoveryGoesOnWithAndThenDoesItsOwn() throws Exception {
        world.due(20).young("y");
        SweepRun old = abandoned("due-0000");
        block("due-0005");
        CountDownLatch recoveryHasLeft = new CountDownLatch(1);
        Queue<Boolean> leftInTime = new ConcurrentLinkedQueue<>();
        for (int i = 6; i < 20; i++) {
            world.storage.answer("key-due-%04d".formatted(i), recording -> {
                leftInTime.add(await(recoveryHasLeft));
                return DeletionResult.deleted("by the sweep");
            });
        }
        Future<?> recovery = threads.submit(() -> {
            try {
                sweeper.recover();
            } finally {
                recoveryHasLeft.countDown();
            }
        });
        assertThat(await(inFlight)).isTrue();
        Instant fireTime = world.clock.instant();

        Future<SweepReport> sweep = sweepOnAThreadOfItsOwn(each -> each.sweep(fireTime));
        assertThat(await(sweepWaits)).isTrue();
        assertThat(sweeper.recover())
                .as("no recovery begins while a sweep waits")
                .isZero();
        assertThat(sweeper.sweep().end()).as("one sweep waits already").isEqualTo(SweepEnd.ALREADY_RUNNING);
        assertThat(sweep).isNotDone();
        answer.countDown();

        SweepReport report = sweep.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        recovery.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(leftInTime).isNotEmpty().containsOnly(true);
        assertThat(report(old)).returns(20L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(latest().id()).isNotEqualTo(old.id());
        assertThat(latest().judgedAt()).isEqualTo(fireTime);
        assertThat(report).isEqualTo(report(latest())).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(sweeper.hasRun(fireTime)).isTrue();
        assertThat(keys()).doesNotHaveDuplicates();
        assertThat(world.repository.rows().stream().filter(row -> row.deleted() != null))
                .hasSize(20);
        assertThat(world.repository.ledger().unfinished(null, 100)).isEmpty();
    }

    @Test
    void aSweepAlsoTakesOverWhereTheRecoveryHadClaimedAllAndSentNothing() throws Exception {
        world.due(3).young("y");
        SweepRun old = abandoned();
        world.storage.answerLookUp("key-y", recording -> {
            inFlight.countDown();
            return await(answer) ? DeletionResult.stillThere() : DeletionResult.tryLater("too late", null, true);
        });
        Future<?> recovery = threads.submit(sweeper::recover);
        assertThat(await(inFlight)).isTrue();

        Future<SweepReport> sweep = sweepOnAThreadOfItsOwn(RetentionSweeper::sweep);
        assertThat(await(sweepWaits)).isTrue();
        answer.countDown();

        assertThat(sweep.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .returns(3L, SweepReport::deleted)
                .returns(0L, SweepReport::remaining)
                .isEqualTo(report(old));
        recovery.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(latest().id()).as("nobody asked for a run of its own").isEqualTo(old.id());
    }

    @Test
    void aRecoveryOfSingleRecordingsLeavesForASweepToo() throws Exception {
        world.due(4).young("y");
        abandoned("due-0000", "due-0001");
        world.clock.advance(Duration.ofDays(1));
        block("due-0000");
        block("due-0001");
        Future<Integer> recovery = threads.submit(sweeper::recover);
        assertThat(await(inFlight)).isTrue();

        Future<SweepReport> sweep = sweepOnAThreadOfItsOwn(RetentionSweeper::sweep);
        assertThat(await(sweepWaits)).isTrue();
        answer.countDown();

        assertThat(recovery.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(2);
        SweepReport report = sweep.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(report.deleted())
                .as("what was not sent is due again in a minute")
                .isEqualTo(2);
        assertThat(keys())
                .contains("key-due-0002", "key-due-0003")
                .containsAnyOf("key-due-0000", "key-due-0001")
                .hasSize(3);
        world.clock.advance(Duration.ofMinutes(2));
        assertThat(sweeper.recover()).isEqualTo(1);
        assertThat(keys()).containsExactlyInAnyOrder("key-due-0000", "key-due-0001", "key-due-0002", "key-due-0003");
    }

    @Test
    void aSweepAfterARecoveryThatHasEndedWaitsForNothing() throws Exception {
        world.due(20).young("y");
        SweepRun old = abandoned("due-0000");
        sweeper.recover();
        assertThat(report(old).deleted()).isEqualTo(20);
        Instant fireTime = world.clock.instant();

        SweepReport report =
                sweepOnAThreadOfItsOwn(each -> each.sweep(fireTime)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(sweepWaits.getCount()).isEqualTo(1);
        assertThat(report).isEqualTo(report(latest())).returns(0L, SweepReport::checked);
        assertThat(latest().id()).isNotEqualTo(old.id());
        assertThat(sweeper.hasRun(fireTime)).isTrue();
    }

    @Test
    void theRunOfAFireTimeFollowsAnotherThatWasJudgedBefore() {
        world.due("a").young("y");
        SweepRun old = abandoned();
        // Due only by the later judgement.
        world.repository.put(dev.retention.test.EngineRow.of("b", "key-b", World.CUTOFF.plus(Duration.ofMinutes(5))));
        world.storage.put("key-b");
        Instant fireTime = world.clock.instant();

        SweepReport report = sweeper.sweep(fireTime);

        assertThat(report(old).deleted()).isEqualTo(1);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(keys()).containsExactly("key-a", "key-b");
        assertThat(sweeper.sweep(fireTime)).as("once").isEqualTo(report);
    }

    @Test
    void aRunThatWasJudgedAtTheFireTimeOrLaterIsEnough() {
        world.due("a").young("y");
        Instant fireTime = world.clock.instant();
        SweepRun old = abandoned();

        assertThat(sweeper.sweep(fireTime)).isEqualTo(report(old));

        assertThat(latest().id()).isEqualTo(old.id());
        assertThat(sweeper.hasRun(fireTime)).isFalse();
    }

    @Test
    void aSecondSweepSaysWhichRunIsInItsWay() throws Exception {
        world.due(3).young("y");
        block("due-0000");
        Future<SweepReport> first = threads.submit(() -> sweeper.sweep());
        assertThat(await(inFlight)).isTrue();

        SweepReport second = sweeper.sweep(world.clock.instant());

        assertThat(second.end()).isEqualTo(SweepEnd.ALREADY_RUNNING);
        assertThat(second.message()).contains(latest().id()).contains("sweep again");
        assertThat(log.lines(Level.WARN))
                .anySatisfy(line ->
                        assertThat(line).startsWith("sweep not started").contains("ALREADY_RUNNING", latest().id()));
        assertThat(sweeper.hasRun(world.clock.instant())).isFalse();
        answer.countDown();
        assertThat(first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).deleted()).isEqualTo(3);
    }

    @Test
    void closingEndsTheWaitForARecoveryAndStartsNoRun() throws Exception {
        world.due(3).young("y");
        SweepRun old = abandoned("due-0000");
        world.clock.advance(Duration.ofDays(1));
        block("due-0000");
        Future<?> recovery = threads.submit(sweeper::recover);
        assertThat(await(inFlight)).isTrue();
        Instant fireTime = world.clock.instant();
        Future<SweepReport> sweep = sweepOnAThreadOfItsOwn(each -> each.sweep(fireTime));
        assertThat(await(sweepWaits)).isTrue();

        Future<?> closing = threads.submit(sweeper::close);
        awaitClosed();
        answer.countDown();

        closing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        recovery.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(sweep.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).end()).isEqualTo(SweepEnd.STOPPED);
        assertThat(keys()).containsExactly("key-due-0000");
        assertThat(latest().id()).isEqualTo(old.id());
        assertThat(sweeper.hasRun(fireTime)).isFalse();
    }

    private void awaitClosed() {
        try {
            while (true) {
                sweeper.preview();
            }
        } catch (RetentionException closed) {
            assertThat(closed).hasMessageContaining("closed");
        }
    }

    @Test
    void anInterruptEndsTheWaitForARecoveryAndLaterSweepsRun() throws Exception {
        world.due(3).young("y");
        abandoned();
        block("due-0000");
        Future<?> recovery = threads.submit(sweeper::recover);
        assertThat(await(inFlight)).isTrue();
        Queue<Boolean> interrupted = new ConcurrentLinkedQueue<>();
        Future<SweepReport> sweep = sweepOnAThreadOfItsOwn(each -> {
            SweepReport report = each.sweep();
            interrupted.add(Thread.interrupted());
            return report;
        });
        assertThat(await(sweepWaits)).isTrue();

        sweeping.interrupt();

        assertThat(sweep.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).end()).isEqualTo(SweepEnd.STOPPED);
        assertThat(interrupted).containsExactly(true);
        answer.countDown();
        recovery.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(world.repository.rows().stream().filter(row -> row.deleted() != null))
                .hasSize(3);
    }
}
