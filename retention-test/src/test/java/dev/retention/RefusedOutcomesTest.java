package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retention.internal.support.Ticker;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.ClaimOutcome.Step;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionGate.Recorded;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A row whose outcome the database refuses, or that is locked, costs its own retries, and the others nothing. */
class RefusedOutcomesTest {

    private static final int DUE = 500;
    private static final String POISON = "due-0100";
    private static final Duration EACH = Duration.ofMillis(10);

    /** How long it is tried to record an outcome that the database refuses. */
    private static final Duration RETRIES = Duration.ofSeconds(3);

    /** How long that is tried while another transaction has locked the row. */
    private static final Duration LOCKED = Duration.ofMinutes(1);

    private final World world = new World();
    private final List<Recording> recordings = new ArrayList<>();

    /** One call that records outcomes, at the time when it ended, and how many deletions were sent by then. */
    private record Recording(Instant at, Collection<ClaimOutcome> outcomes, Recorded recorded, int sent) {

        List<String> ids() {
            return outcomes.stream().map(outcome -> outcome.claim().id()).toList();
        }

        long taken() {
            return outcomes.size()
                    - recorded.refused().size()
                    - recorded.locked().size();
        }

        boolean keepsTheProof() {
            return outcomes.stream()
                    .anyMatch(outcome -> outcome.claim().id().equals(POISON) && outcome.step() == Step.RETRY);
        }
    }

    @SuppressWarnings("unchecked")
    private RecordingRepository watched() {
        DeletionGate gate = InterceptedPort.of(DeletionGate.class, world.repository.gate(), (method, args, call) -> {
            Object result = call.run();
            if (method.getName().equals("record")) {
                recordings.add(new Recording(
                        world.clock.instant(),
                        (Collection<ClaimOutcome>) args[0],
                        (Recorded) result,
                        world.storage.deletes().size()));
            }
            return result;
        });
        return InterceptedPort.withGate(world.repository, gate);
    }

    /** One deletion goes whenever the sweeping thread waits, and takes its time by the clock. */
    private final Semaphore turns = new Semaphore(0);

    private final class OneByOne implements Ticker {

        private final Ticker hand = world.ticker();

        @Override
        public long nanos() {
            return hand.nanos();
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException {
            turns.drainPermits();
            turns.release();
            return hand.poll(queue, nanos, expected);
        }
    }

    private SweepReport sweep(Runnable atEach) {
        return sweep(Duration.ofHours(4), atEach);
    }

    private SweepReport sweep(Duration maxDuration, Runnable atEach) {
        world.due(DUE).young("y");
        for (EngineRow row : world.repository.rows()) {
            world.storage.answer(String.valueOf(row.storageKey()), recording -> {
                turns.acquireUninterruptibly();
                world.clock.advance(EACH);
                atEach.run();
                return DeletionResult.deleted("after a while");
            });
        }
        return RetentionSweeper.builder(watched(), world.storage)
                .clock(world.clock)
                .ticker(new OneByOne())
                .maxConcurrency(1)
                .maxDuration(maxDuration)
                .build()
                .sweep();
    }

    private int sentBetween(Instant from, Instant to) {
        return sentAt(to) - sentAt(from);
    }

    private int sentAt(Instant time) {
        return recordings.stream()
                .filter(each -> !each.at.isAfter(time))
                .mapToInt(Recording::sent)
                .max()
                .orElse(0);
    }

    private long takenBetween(Instant from, Instant to) {
        return recordings.stream()
                .filter(each -> each.at.isAfter(from) && !each.at.isAfter(to))
                .filter(each -> !each.keepsTheProof())
                .mapToLong(Recording::taken)
                .sum();
    }

    @Test
    void asManyAreSentAndRecordedMeanwhileAsWithoutIt() {
        world.repository.setSoftDeleteRefused(POISON, true);
        SweepReport report = sweep(() -> {});
        Recording first = recordings.stream()
                .filter(each -> each.ids().contains(POISON))
                .findFirst()
                .orElseThrow();
        Recording last =
                recordings.stream().filter(Recording::keepsTheProof).findFirst().orElseThrow();
        int sent = sentBetween(first.at, last.at);
        long taken = takenBetween(first.at, last.at);

        RefusedOutcomesTest twin = new RefusedOutcomesTest();
        SweepReport without = twin.sweep(() -> {});

        assertThat(Duration.between(first.at, last.at)).isBetween(RETRIES, RETRIES.plusSeconds(1));
        assertThat(sent)
                .as("sent while its outcome was tried to be recorded")
                .isGreaterThan(200)
                .isCloseTo(twin.sentBetween(first.at, last.at), within(30));
        assertThat(taken)
                .as("recorded meanwhile")
                .isGreaterThan(200)
                .isCloseTo(twin.takenBetween(first.at, last.at), within(30L));
        assertThat(report).returns(DUE - 1L, SweepReport::deleted).returns(1L, SweepReport::failed);
        assertThat(without).returns((long) DUE, SweepReport::deleted).returns(0L, SweepReport::failed);
        assertThat(world.storage.deletes()).hasSameSizeAs(twin.world.storage.deletes());
    }

    @Test
    void itIsTriedFiveTimesAndFromTheSecondTimeOnApart() {
        world.repository.setSoftDeleteRefused(POISON, true);
        sweep(() -> {});

        List<Recording> tries = recordings.stream()
                .filter(each -> each.ids().contains(POISON) && !each.keepsTheProof())
                .toList();
        assertThat(tries).hasSize(5);
        assertThat(tries.subList(1, 5))
                .allSatisfy(each -> assertThat(each.ids()).containsExactly(POISON));
        assertThat(recordings.stream().filter(Recording::keepsTheProof)).hasSize(1);
        assertThat(world.entry(POISON))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns("fake: DELETED after a while", LedgerEntry::evidence)
                .satisfies(entry -> assertThat(entry.cause())
                        .isNotNull()
                        .satisfies(cause -> assertThat(cause.code()).isEqualTo("ROW_NOT_MARKED")));
    }

    @Test
    void itIsRecordedAsSoonAsTheDatabaseTakesIt() {
        world.repository.setSoftDeleteRefused(POISON, true);
        AtomicInteger deleted = new AtomicInteger();

        // A hundred deletions after it, a second later.
        SweepReport report =
                sweep(() -> world.repository.setSoftDeleteRefused(POISON, deleted.incrementAndGet() < 200));

        assertThat(report).returns((long) DUE, SweepReport::deleted).returns(0L, SweepReport::failed);
        assertThat(recordings.stream().filter(each -> each.ids().contains(POISON)))
                .hasSizeBetween(2, 4);
    }

    /** The engine's transaction lasts longer than a refusal is tried. */
    @Test
    void aLockedRowIsRecordedWhenItsTransactionHasEnded() {
        world.repository.setRowLocked(POISON, true);
        AtomicInteger deleted = new AtomicInteger();

        // Nearly four seconds after it.
        SweepReport report = sweep(() -> world.repository.setRowLocked(POISON, deleted.incrementAndGet() < 490));

        assertThat(report).returns((long) DUE, SweepReport::deleted).returns(0L, SweepReport::failed);
        assertThat(recordings.stream().filter(each -> each.ids().contains(POISON)))
                .as("tries, which are apart from the second one on")
                .hasSizeBetween(3, 7)
                .allMatch(each -> each.recorded.locked().isEmpty() || each.taken() > 0 || each.outcomes.size() == 1);
    }

    @Test
    void aLockThatDoesNotEndLeavesTheProofInTheLedgerAfterAMinute() {
        world.repository.setRowLocked(POISON, true);

        SweepReport report = sweep(() -> {});

        Recording first = recordings.stream()
                .filter(each -> each.ids().contains(POISON))
                .findFirst()
                .orElseThrow();
        Recording last = recordings.stream()
                .filter(each -> each.ids().contains(POISON))
                .reduce((one, other) -> other)
                .orElseThrow();
        assertThat(Duration.between(first.at, last.at)).isBetween(LOCKED, LOCKED.plusSeconds(6));
        assertThat(report).returns(DUE - 1L, SweepReport::deleted).returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.entry(POISON).state()).isEqualTo(DeletionState.DELETING);
    }

    @Test
    void aLockThatDoesNotEndDoesNotDelayTheEndOfTheRun() {
        world.repository.setRowLocked(POISON, true);
        Instant begun = world.clock.instant();

        SweepReport report = sweep(Duration.ofSeconds(20), () -> {});

        assertThat(Duration.between(begun, report.ended())).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
        assertThat(report).returns(DUE - 1L, SweepReport::deleted).returns(SweepEnd.OUT_OF_TIME, SweepReport::end);
        assertThat(world.entry(POISON).state()).isEqualTo(DeletionState.DELETING);
    }
}
