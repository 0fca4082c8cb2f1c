package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.support.Ticker;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an instance that was killed leaves behind, and instances that share a run. */
class RecoveryTest {

    private final World world = new World();

    @Test
    void aClaimOfADeadInstanceIsLeftAloneUntilItsLeaseHasRunOut() {
        world.due("a").young("y");
        world.claimAndDie("a");

        world.clock.advance(Duration.ofMinutes(9));
        assertThat(world.sweeper().recover()).isZero();
        assertThat(world.storage.calls()).isEmpty();

        world.clock.advance(Duration.ofMinutes(2));
        world.sweeper().recover();
        assertThat(world.isSoftDeleted("a")).isTrue();
    }

    @Test
    void whatADeadInstanceDeletedIsProvenAndNotDeletedAgain() {
        world.due("applied", "not-applied").young("y");
        world.claimAndDie("applied", "not-applied");
        world.storage.delete(
                world.repository.recordings().find(List.of("applied")).get(0).recording());
        world.storage.clearJournal();
        world.clock.advance(Duration.ofMinutes(11));

        world.sweeper().recover();

        assertThat(world.deletedKeys()).containsExactly("key-not-applied");
        assertThat(world.entry("applied").outcome()).isEqualTo(DeletionOutcome.ALREADY_GONE);
        assertThat(world.entry("not-applied").outcome()).isEqualTo(DeletionOutcome.DELETED);
        assertThat(world.isSoftDeleted("applied")).isTrue();
        assertThat(world.isSoftDeleted("not-applied")).isTrue();
    }

    @Test
    void recoveryGoesOnWithARunThatAllInstancesLeft() {
        world.due(20).young("y");
        SweepRun run = world.claimAndDie("due-0000", "due-0001");

        world.clock.advance(Duration.ofMinutes(11));
        world.sweeper().recover();

        assertThat(world.repository.runs().find(run.id()).orElseThrow().report())
                .isNotNull()
                .returns(20L, SweepReport::deleted)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
    }

    @Test
    void aLateHoldIsLookedUpAndNeverDeleted() {
        world.due("a").young("y");
        world.claimAndDie("a");
        assertThat(world.holds.place("h", List.of("a"), "dpo", "why", null)).containsValue(HoldAnswer.LATE);
        world.clock.advance(Duration.ofMinutes(11));
        RetentionSweeper sweeper = world.sweeper();

        sweeper.recover();
        assertThat(sweeper.sweep().held()).isEqualTo(1);

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.storage.lookUps()).isNotEmpty();
        assertThat(world.state("a")).isEqualTo(DeletionState.DELETING);
        world.holds.release("h", "dpo");
        world.clock.advance(Duration.ofHours(2));
        sweeper.recover();
        assertThat(world.isSoftDeleted("a")).isTrue();
    }

    @Test
    void recoveryDoesNotDeleteWhatMustBeKeptByNow() {
        world.due("a", "b").young("y");
        world.claimAndDie("a", "b");
        world.repository.put(world.row("a").withRetainUntil(World.NOW.plus(Duration.ofDays(9))));
        world.repository.remove("b");
        world.clock.advance(Duration.ofMinutes(11));

        world.sweeper().recover();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.storage.keys()).contains("key-a", "key-b");
        assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.KEPT);
        assertThat(world.state("b")).isEqualTo(DeletionState.DELETING);
    }

    @Test
    void recoveryInADryRunOnlyRecordsWhatIsProvenGone() {
        world.due("applied", "still-there").young("y");
        world.claimAndDie("applied", "still-there");
        world.storage.delete(
                world.repository.recordings().find(List.of("applied")).get(0).recording());
        world.storage.clearJournal();
        world.clock.advance(Duration.ofMinutes(11));
        RetentionSweeper dry = world.builder(world.storage).dryRun(true).build();

        dry.recover();
        dry.sweep();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.isSoftDeleted("applied")).isTrue();
        assertThat(world.isSoftDeleted("still-there")).isFalse();
    }

    @Test
    void recoveryOfAWrongAccountBelievesNothing() {
        world.due("a").young("y");
        world.claimAndDie("a");
        world.clock.advance(Duration.ofMinutes(11));
        var wrong = new dev.retention.test.FakeRecordingStorage();

        world.builder(wrong).build().recover();

        assertThat(wrong.deletes()).isEmpty();
        assertThat(world.state("a")).isEqualTo(DeletionState.DELETING);
    }

    @Test
    void instancesShareARunAndItsBudget() throws Exception {
        world.due(200).young("y");
        // Nothing is answered before two instances have claims, so that one is not too fast for the others.
        Set<String> owners = ConcurrentHashMap.newKeySet();
        CountDownLatch shared = new CountDownLatch(1);
        for (int i = 0; i < 200; i++) {
            world.storage.answer("key-due-%04d".formatted(i), recording -> {
                owners.add(String.valueOf(world.entry(recording.id()).owner()));
                if (owners.size() > 1) {
                    shared.countDown();
                }
                awaitUninterruptibly(shared);
                return DeletionResult.deleted("yes");
            });
        }
        ExecutorService instances = Executors.newFixedThreadPool(4);
        CountDownLatch start = new CountDownLatch(1);
        try {
            List<Future<SweepReport>> reports = java.util.stream.IntStream.range(0, 4)
                    .mapToObj(i -> instances.submit(() -> {
                        start.await();
                        return world.builder(world.storage)
                                .ticker(Ticker.SYSTEM)
                                .instanceName("instance-" + i)
                                .batchSize(10)
                                .maxDeletions(150L)
                                .build()
                                .sweep(World.NOW);
                    }))
                    .toList();
            start.countDown();
            SweepReport first = reports.get(0).get();
            for (Future<SweepReport> report : reports) {
                assertThat(report.get()).isEqualTo(first);
            }
            assertThat(first)
                    .returns(150L, SweepReport::deleted)
                    .returns(50L, SweepReport::remaining)
                    .returns(SweepEnd.CAPPED, SweepReport::end);
        } finally {
            instances.shutdownNow();
        }
        assertThat(world.storage.deletes()).hasSize(150).doesNotHaveDuplicates();
        assertThat(owners).hasSizeGreaterThan(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anInstanceWithOtherPoliciesDoesNotJoin() {
        world.due("a").young("y");
        world.opened("key", "other");

        SweepReport report = world.builder(world.storage)
                .policy(RetentionPolicy.ofDays(30))
                .build()
                .sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains("other policies");
        assertThat(world.storage.sent()).isZero();
    }

    @Test
    void aRunWhoseTimeIsUpGivesWayToTheNext() {
        world.due("a", "b").young("y");
        SweepRun old = world.claimAndDie("a");
        world.clock.advance(Duration.ofDays(1));

        SweepReport report = world.sweeper().sweep();

        assertThat(world.repository.runs().find(old.id()).orElseThrow().report())
                .isNotNull()
                .returns(SweepEnd.OUT_OF_TIME, SweepReport::end);
        assertThat(report.deleted()).isEqualTo(2);
    }

    /** Such as one whose answer is more than the heap can take. */
    @Test
    void aRecordingThatEndsEachInstanceWaitsForAPerson() {
        world.due("deadly").young("y");
        world.claimAndDie("deadly");
        RetentionSweeper sweeper = world.builder(world.storage)
                .retry(4, Duration.ofMinutes(1), Duration.ofMinutes(1))
                .build();
        for (int death = 2; death <= 4; death++) {
            world.clock.advance(Duration.ofMinutes(11));
            Instant now = world.clock.instant();
            assertThat(world.repository.gate().reclaim("dead", null, now, now.plus(Duration.ofMinutes(10)), 10))
                    .hasSize(1);
        }
        world.clock.advance(Duration.ofMinutes(11));

        sweeper.recover();

        assertThat(world.entry("deadly"))
                .returns(DeletionState.QUARANTINED, LedgerEntry::state)
                .returns(DeletionOutcome.ATTEMPTS_USED_UP, LedgerEntry::outcome);
        assertThat(world.storage.deletes()).isEmpty();
    }

    @Test
    void aRunWhoseTimeIsUpIsEndedByRecoveryToo() {
        world.due("a").young("y");
        SweepRun left = world.claimAndDie("a");
        world.clock.advance(Duration.ofDays(1));

        world.sweeper().recover();

        assertThat(world.repository.runs().find(left.id()).orElseThrow().report())
                .isNotNull()
                .returns(SweepEnd.OUT_OF_TIME, SweepReport::end);
        assertThat(world.state("a")).isEqualTo(DeletionState.DELETED);
    }

    /** The database is restored from a backup: rows are due again though their recordings are gone. */
    @Test
    void whatARestoredBackupMakesDueAgainIsProvenGoneAndNothingElseIsTouched() {
        world.due("a", "b", "held").young("y");
        List<EngineRow> backup = world.repository.rows();
        world.holds.place("h", List.of("held"), "dpo", "dispute", null);
        world.sweeper().sweep();
        InMemoryRecordingRepository restored = new InMemoryRecordingRepository(world.clock);
        restored.put(backup);
        LegalHolds.of(restored).place("h", List.of("held"), "dpo", "dispute", null);

        SweepReport report = RetentionSweeper.builder(restored, world.storage)
                .clock(world.clock)
                .ticker(world.ticker())
                .build()
                .sweep();

        assertThat(report.alreadyGone()).isEqualTo(2);
        assertThat(report.held()).isEqualTo(1);
        assertThat(report.deleted()).isZero();
        assertThat(world.storage.holds("key-held")).isTrue();
        assertThat(world.storage.holds("key-y")).isTrue();
    }

    /**
     * What an account that is refused has in flight is released again at once, and is due again before the rest was
     * tried: this ended with the time of the recovery, hours later, and no sweep began meanwhile.
     */
    @Test
    void continuesEachClaimOnlyOnce() {
        world.due(120).young("y");
        world.claimAndDie(world.repository.rows().stream()
                .map(EngineRow::id)
                .filter(id -> id.startsWith("due"))
                .toArray(String[]::new));
        world.storage.answerIdentifications(account -> new Identification(DeletionResult.stop("401"), null));
        world.clock.advance(Duration.ofMinutes(11));
        AtomicInteger reclaims = new AtomicInteger();
        DeletionGate gate = InterceptedPort.of(DeletionGate.class, world.repository.gate(), (method, given, call) -> {
            if (method.getName().equals("reclaim") && reclaims.incrementAndGet() > 20) {
                throw new AssertionError("it goes on and on");
            }
            Object answer = call.run();
            if (method.getName().equals("release")) {
                world.clock.advance(Duration.ofMinutes(30));
            }
            return answer;
        });
        RetentionSweeper sweeper = RetentionSweeper.builder(
                        InterceptedPort.withGate(world.repository, gate), world.storage)
                .clock(world.clock)
                .build();

        assertThat(sweeper.recover()).as("each once").isEqualTo(120);

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.state("due-0000")).isEqualTo(DeletionState.DELETING);
        world.storage.answerIdentifications(Identification.NOTHING_KNOWN);
        world.clock.advance(Duration.ofHours(1));
        world.sweeper().recover();
        assertThat(world.isSoftDeleted("due-0000")).isTrue();
        assertThat(world.isSoftDeleted("due-0119")).isTrue();
    }
}
