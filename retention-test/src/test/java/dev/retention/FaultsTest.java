package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.retention.internal.support.Ticker;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource;
import dev.retention.spi.RecordingStorage;
import dev.retention.spi.SweepRuns;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong around a sweep: a database that is slow or away, a storage that breaks its contract, one bad account
 * or recording.
 */
class FaultsTest {

    private final World world = new World();

    /** The world's repository, which tells the method's name to the hook before each call of a port's method. */
    private RecordingRepository hooked(Consumer<String> before) {
        return hooked(RecordingRepository.class, world.repository, before);
    }

    private static <T> T hooked(Class<T> port, Object target, Consumer<String> before) {
        return InterceptedPort.of(port, target, (method, args, call) -> {
            before.accept(method.getName());
            Object result = call.run();
            boolean isPort = List.of(DeletionGate.class, SweepRuns.class, RecordingSource.class)
                    .contains(method.getReturnType());
            return isPort ? hooked(method.getReturnType(), result, before) : result;
        });
    }

    private RetentionSweeper.Builder builder(RecordingRepository repository, RecordingStorage storage) {
        return RetentionSweeper.builder(repository, storage).clock(world.clock).ticker(world.ticker());
    }

    @Test
    void aCheckThatGrewOldWhileAnAccountWasIdentifiedIsRepeatedBeforeTheSend() {
        world.due("a").young("y");
        AtomicInteger identifications = new AtomicInteger();
        RecordingRepository slow = hooked(method -> {
            if (method.equals("recentNotDue") && identifications.getAndIncrement() == 0) {
                world.repository.remove("y");
                world.holds.place("h", List.of("a"), "dpo", "why", null);
                world.clock.advance(Duration.ofMinutes(1));
            }
        });

        SweepReport report = builder(slow, world.storage).build().sweep();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(report.held()).isEqualTo(1);
    }

    /** Looks before it deletes, and takes its time over it. */
    private static final class SlowLooker implements RecordingStorage {

        private final RecordingStorage storage;
        private final Consumer<Recording> look;

        SlowLooker(RecordingStorage storage, Consumer<Recording> look) {
            this.storage = storage;
            this.look = look;
        }

        @Override
        public String name() {
            return storage.name();
        }

        @Override
        public DeletionResult delete(Recording recording) {
            throw new AssertionError("without a permit");
        }

        @Override
        public DeletionResult delete(Recording recording, DeletionPermit permit) {
            look.accept(recording);
            return permit.lasts()
                    ? storage.delete(recording)
                    : DeletionResult.tryLater("not allowed any more", null, true);
        }
    }

    @Test
    void whatAStorageAsksBeforeItDeletesDoesNotOutliveTheCheck() {
        world.due("a", "b", "c").young("y");
        RecordingStorage slow = new SlowLooker(world.storage, recording -> {
            if (recording.id().equals("b")) {
                assertThat(world.holds.place("h", List.of("b"), "dpo", "dispute", null))
                        .containsEntry("b", HoldAnswer.LATE);
                world.clock.advance(Duration.ofSeconds(3));
            } else {
                world.clock.advance(Duration.ofSeconds(recording.id().equals("a") ? 1 : 3));
            }
        });

        world.builder(slow).build().sweep();

        assertThat(world.deletedKeys()).containsExactly("key-a", "key-c");
        assertThat(world.isSoftDeleted("b")).isFalse();
        assertThat(world.state("b")).as("nothing of it was ever sent").isEqualTo(DeletionState.ACTIVE);
        assertThat(world.holds.place("h2", List.of("b"), "dpo", "dispute", null))
                .containsEntry("b", HoldAnswer.HELD);
    }

    @Test
    void nothingIsSentUnderAPauseByRecoveryEither() {
        world.due("a").young("y");
        world.claimAndDie("a");
        world.repository.setPaused(true);
        world.clock.advance(Duration.ofMinutes(11));
        RetentionSweeper sweeper = world.sweeper();

        sweeper.recover();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.state("a")).isEqualTo(DeletionState.DELETING);
        world.repository.setPaused(false);
        world.clock.advance(Duration.ofHours(2));
        sweeper.recover();
        assertThat(world.isSoftDeleted("a")).isTrue();
    }

    @Test
    void aPauseConcernsWhatWasClaimedBeforeItAndNotSentYet() {
        world.due(8).young("y");
        world.storage.answer("key-due-0000", recording -> {
            world.repository.setPaused(true);
            world.clock.advance(Duration.ofSeconds(3));
            return DeletionResult.deleted("the one under way");
        });

        SweepReport report = world.sweeper().sweep();

        assertThat(world.deletedKeys()).containsExactly("key-due-0000");
        assertThat(report).returns(7L, SweepReport::remaining).returns(SweepEnd.PAUSED, SweepReport::end);
    }

    @Test
    void aStorageThatThrowsWhatNobodyDeclaresStopsNothing() {
        world.due("a", "b", "c").young("y");
        world.storage.answer("key-a", recording -> {
            throw new AssertionError("boom");
        });
        world.storage.answer("key-b", recording -> sneaky(new java.io.IOException("undeclared")));

        SweepReport report =
                assertTimeoutPreemptively(World.HUNG, () -> world.sweeper().sweep());

        assertThat(report).returns(2L, SweepReport::failed).returns(1L, SweepReport::deleted);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> DeletionResult sneaky(Throwable e) throws E {
        throw (E) e;
    }

    @Test
    void aRowThatTheDatabaseRefusesToMarkStopsNoOther() {
        world.due(30).young("y");
        world.repository.setSoftDeleteRefused("due-0013", true);

        SweepReport report = world.sweeper().sweep();

        assertThat(report)
                .returns(29L, SweepReport::deleted)
                .returns(1L, SweepReport::failed)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(Duration.between(report.started(), report.ended())).isLessThan(Duration.ofMinutes(1));
        assertThat(world.entry("due-0013"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns("fake: DELETED fake deleted it", LedgerEntry::evidence)
                .satisfies(entry -> assertThat(entry.cause()).asString().contains("could not be marked"));
        world.repository.setSoftDeleteRefused("due-0013", false);
        world.storage.clearJournal();
        world.clock.advance(Duration.ofHours(1));
        world.sweeper().recover();
        assertThat(world.isSoftDeleted("due-0013")).isTrue();
        assertThat(world.storage.calls())
                .as("what is proven is not asked for again")
                .isEmpty();
    }

    @Test
    void aFirstRowThatCanNotBeMarkedIsLeftAloneAndStopsNoOther() {
        world.due(30).young("y");
        world.repository.setSoftDeleteRefused("due-0000", true);

        SweepReport report = world.sweeper().sweep();

        assertThat(report)
                .returns(29L, SweepReport::deleted)
                .returns(1L, SweepReport::remaining)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.storage.holds("key-due-0000")).isTrue();
    }

    @Test
    void rowsThatCanNotBeMarkedAtAllRefuseTheRunBeforeAnythingIsSent() {
        world.due(30).young("y");
        for (EngineRow row : world.repository.rows()) {
            world.repository.setSoftDeleteRefused(row.id(), true);
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report).returns(SweepEnd.REFUSED, SweepReport::end).returns(30L, SweepReport::remaining);
        assertThat(world.storage.sent()).isZero();
    }

    @Test
    void aDatabaseThatIsAwayForAWhileEndsNoRunAndLosesNoAnswer() {
        world.due(30).young("y");
        Instant back = World.NOW.plusSeconds(25);
        world.storage.answer("key-due-0015", recording -> {
            world.repository.setUnreachable(true);
            return DeletionResult.deleted("while the database was away");
        });
        Ticker ticker = new Ticker() {
            private final Ticker hand = world.ticker();

            @Override
            public long nanos() {
                return hand.nanos();
            }

            @Override
            public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected)
                    throws InterruptedException {
                T head = hand.poll(queue, nanos, expected);
                if (world.clock.instant().isAfter(back)) {
                    world.repository.setUnreachable(false);
                }
                return head;
            }
        };

        SweepReport report = world.builder(world.storage)
                .maxConcurrency(1)
                .ticker(ticker)
                .build()
                .sweep();

        assertThat(report).returns(30L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.entry("due-0015").evidence()).contains("while the database was away");
    }

    @Test
    void theRefusalOfRecordingsWithoutAnAccountLeavesThoseWithOneAlone() {
        world.due("a1", "a2", "b1", "b2", "b3").young("ya", "yb");
        for (EngineRow row : world.repository.rows()) {
            world.repository.put(row.id().contains("a") ? row : row.withAccount("AC-b"));
        }
        for (String key : List.of("key-a1", "key-a2")) {
            world.storage.answer(key, DeletionResult.stop("suspended"));
        }

        SweepReport report = world.builder(world.storage).batchSize(2).build().sweep();

        assertThat(report).returns(3L, SweepReport::deleted).returns(SweepEnd.CREDENTIALS_REFUSED, SweepReport::end);
    }

    @Test
    void anAccountThatDoesNotAnswerDoesNotStarveTheOthersBehindItsPages() {
        world.due(60).young("ya");
        for (EngineRow row : world.repository.rows()) {
            world.repository.put(row.withAccount("AC-down"));
            world.storage.answer(String.valueOf(row.storageKey()), DeletionResult.tryLater("503", null, true));
        }
        for (String id : List.of("x1", "x2", "x3", "xy")) {
            Instant created = id.equals("xy") ? World.NOW : World.CUTOFF.minusSeconds(60);
            world.repository.put(EngineRow.of(id, "key-" + id, created).withAccount("AC-up"));
            world.storage.put("key-" + id);
        }

        SweepReport report = world.builder(world.storage)
                .batchSize(5)
                .maxDuration(Duration.ofMinutes(10))
                .build()
                .sweep();

        assertThat(report).returns(3L, SweepReport::deleted).returns(SweepEnd.PROVIDER_DOWN, SweepReport::end);
        assertThat(report.failed() + report.remaining()).isEqualTo(60);
        assertThat(world.row("x3").deleted()).isBefore(World.NOW.plus(Duration.ofMinutes(2)));
    }

    @Test
    void anOutageAtTheVeryStartIsWaitedFor() {
        world.due(5).young("y");
        Instant back = World.NOW.plus(Duration.ofMinutes(5));
        world.storage.answerLookUp(
                "key-y",
                recording -> world.clock.instant().isBefore(back)
                        ? DeletionResult.tryLater("503", null, false)
                        : DeletionResult.stillThere());

        assertThat(world.sweeper().sweep())
                .returns(5L, SweepReport::deleted)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
    }

    @Test
    void oneFailureOfTheDatabaseLosesNoPageOfTheRun() {
        for (String method : List.of("page", "advance", "find", "claim", "reclaim", "rehearse", "verify", "now")) {
            for (int nth = 1; nth <= 4; nth++) {
                World fresh = new World();
                fresh.due(5).young("y");
                AtomicInteger left = new AtomicInteger(nth);
                RetentionSweeper[] sweeper = new RetentionSweeper[1];
                RecordingRepository failing = hooked(RecordingRepository.class, fresh.repository, called -> {
                    boolean inSweep = StackWalker.getInstance()
                            .walk(frames -> frames.anyMatch(
                                    frame -> frame.getMethodName().equals("round")));
                    if (inSweep && called.equals(method) && left.decrementAndGet() == 0) {
                        throw RetentionException.unavailable("the database hiccups, as the test wanted");
                    }
                });
                sweeper[0] = RetentionSweeper.builder(failing, fresh.storage)
                        .clock(fresh.clock)
                        .ticker(fresh.ticker())
                        .build();

                assertThat(sweeper[0].sweep())
                        .as("call %d of %s failed", nth, method)
                        .returns(5L, SweepReport::deleted)
                        .returns(SweepEnd.COMPLETED, SweepReport::end);
            }
        }
    }

    @Test
    void aLostAnswerOfACommitLosesNoPageOfTheRun() {
        world.due(5).young("y");
        AtomicInteger advances = new AtomicInteger();
        RecordingRepository losing = hooked(method -> {
            if (method.equals("advance") && advances.getAndIncrement() == 0) {
                world.repository.loseAnswerOfNextCommit();
            }
        });

        assertThat(builder(losing, world.storage).build().sweep()).returns(5L, SweepReport::deleted);
    }

    @Test
    void aPassThatAnotherInstanceHasBegunIsNotTakenForTheEnd() {
        world.due(3).young("y");
        AtomicInteger calls = new AtomicInteger();
        RecordingRepository together = hooked(method -> {
            if (method.equals("hasLiveClaims") && calls.getAndIncrement() == 0) {
                world.due("more");
                SweepRun run = world.repository.runs().open().orElseThrow();
                world.repository.runs().nextPass(run, world.clock.instant());
            }
        });

        assertThat(builder(together, world.storage).build().sweep())
                .returns(4L, SweepReport::deleted)
                .returns(0L, SweepReport::remaining);
    }

    @Test
    void aRecordingInTheDoorWhoseRowIsFlaggedAsHeldIsCountedOnce() {
        world.due("a", "b").young("y");
        world.storage.answer("key-a", DeletionResult.tryLater("503", null, false));
        RetentionSweeper sweeper = world.sweeper();
        sweeper.sweep();
        world.repository.put(world.row("a").withFlaggedHeld(true));

        assertThat(sweeper.sweep())
                .returns(1L, SweepReport::checked)
                .returns(1L, SweepReport::held)
                .returns(0L, SweepReport::remaining);
    }

    @Test
    void unknownOnesOfAnUntestedAccountDoNotDelayTheEndOfTheRun() {
        world.due("lost-1", "lost-2");
        FakeRecordingStorage empty = new FakeRecordingStorage();

        SweepReport report = world.builder(empty).build().sweep();

        assertThat(report).returns(2L, SweepReport::unproven).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(Duration.between(report.started(), report.ended())).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void monotonicTimeMayBeNegative() {
        world.due(3).young("y");
        Ticker negative = new Ticker() {
            private final Ticker hand = world.ticker();

            @Override
            public long nanos() {
                return hand.nanos() - Duration.ofDays(10_000).toNanos();
            }

            @Override
            public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected)
                    throws InterruptedException {
                return hand.poll(queue, nanos, expected);
            }
        };

        assertThat(world.builder(world.storage).ticker(negative).build().sweep().deleted())
                .isEqualTo(3);
    }

    @Test
    void aClockFinerThanTheDatabasesChangesNoCutoff() {
        world.due(3).young("y");
        Instant fine = World.NOW.minusNanos(1);
        SweepReport report = RetentionSweeper.builder(world.repository, world.storage)
                .clock(Clock.fixed(fine, java.time.ZoneOffset.UTC))
                .ticker(world.ticker())
                .build()
                .sweep();

        assertThat(report.cutoffs().get("default")).isEqualTo(World.CUTOFF.minusNanos(1000));
    }

    @Test
    void anInterruptBoundsTheWaitForAStorageThatHangs() throws Exception {
        world.due(3);
        world.storage.blockUntil(new CountDownLatch(1));
        RetentionSweeper sweeper = world.builder(world.storage)
                .ticker(Ticker.SYSTEM)
                .shutdownTimeout(Duration.ofMillis(200))
                .build();
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<SweepReport> sweep = other.submit(() -> sweeper.sweep());
        assertThat(world.storage.awaitCalls(1, World.HUNG)).isTrue();

        other.shutdownNow();

        assertThat(sweep.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).end()).isEqualTo(SweepEnd.STOPPED);
    }

    @Test
    void closingIsBoundedAlsoWhenTheDatabaseHangs() throws Exception {
        world.due(3).young("y");
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch reached = new CountDownLatch(1);
        RecordingRepository hanging = hooked(method -> {
            if (method.equals("page")) {
                reached.countDown();
                awaitUninterruptibly(hangs);
            }
        });
        RetentionSweeper sweeper = RetentionSweeper.builder(hanging, world.storage)
                .clock(world.clock)
                .shutdownTimeout(Duration.ofMillis(200))
                .build();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<?> sweep = other.submit(() -> sweeper.sweep());
            assertThat(reached.await(World.HUNG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertTimeoutPreemptively(World.HUNG, sweeper::close);
            assertThat(sweep).isNotDone();
        } finally {
            hangs.countDown();
            other.shutdownNow();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
