package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.internal.support.Ticker;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SweepTest {

    private final World world = new World();

    @Test
    void deletesWhatIsDueAndNothingElse() {
        world.repository.put(
                EngineRow.of("older", "key-older", World.CUTOFF.minusNanos(1000)),
                EngineRow.of("at-cutoff", "key-at-cutoff", World.CUTOFF),
                EngineRow.of("younger", "key-younger", World.CUTOFF.plusNanos(1000)));
        world.storage.put("key-older", "key-at-cutoff", "key-younger");

        SweepReport report = world.sweeper().sweep();

        assertThat(world.deletedKeys()).containsExactly("key-older");
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(report.checked()).isEqualTo(1);
        assertThat(report.cutoffs()).containsEntry("default", World.CUTOFF);
        assertThat(world.row("older").deletionReason()).isEqualTo("retention_policy");
        assertThat(world.row("older").deleted()).isNotNull();
        assertThat(world.isSoftDeleted("at-cutoff")).isFalse();
        assertThat(world.isSoftDeleted("younger")).isFalse();
    }

    @Test
    void leavesEvidence() {
        world.due("a").young("y");

        world.sweeper().sweep();

        LedgerEntry entry = world.entry("a");
        assertThat(entry.state()).isEqualTo(DeletionState.DELETED);
        assertThat(entry.outcome()).isEqualTo(DeletionOutcome.DELETED);
        assertThat(entry.evidence()).isEqualTo("fake: DELETED fake deleted it");
        assertThat(entry.policy()).isEqualTo("default");
        assertThat(entry.cutoff()).isEqualTo(World.CUTOFF);
        assertThat(entry.storageKey()).isEqualTo("key-a");
        assertThat(entry.deletedAt()).isEqualTo(world.row("a").deleted());
        assertThat(entry.claimedAt()).isBeforeOrEqualTo(entry.deletedAt());
        assertThat(entry.owner()).isNotBlank();
        assertThat(world.ledger.find("y")).isEmpty();
    }

    @Test
    void reportsEveryDueRecordingInExactlyOneCount() {
        world.due("ok", "held", "flagged", "broken", "unknown", "unfinished", "empty", "refused", "gone")
                .young("young");
        world.repository.put(
                world.row("flagged").withFlaggedHeld(true),
                world.row("broken").withStorageKey("../x"),
                EngineRow.of("no-key", null, World.CUTOFF.minusSeconds(1)),
                EngineRow.of("undated", "key-undated", null),
                EngineRow.of("future", "key-future", World.NOW.plusSeconds(3600)),
                EngineRow.of("not-yet", "key-x", World.CUTOFF.minusSeconds(1))
                        .withRetainUntil(World.NOW.plusSeconds(3600)),
                EngineRow.of("was-kept", "key-was-kept", World.CUTOFF.minusSeconds(1))
                        .withRetainUntil(World.NOW.minusSeconds(1)));
        world.storage.put("key-was-kept");
        world.holds.place("case-1", List.of("held"), "dpo", "litigation", null);
        world.storage
                .answer("key-unknown", DeletionResult.notFound())
                .answer("key-unfinished", DeletionResult.notYet("in progress"))
                .answer("key-empty", DeletionResult.nothingStored("absent"))
                .answer("key-refused", DeletionResult.refused("no"))
                .answer("key-gone", DeletionResult.alreadyGone("shown as deleted"));

        SweepReport report = world.sweeper().sweep();

        assertThat(report)
                .returns(2L, SweepReport::deleted)
                .returns(1L, SweepReport::alreadyGone)
                .returns(1L, SweepReport::nothingStored)
                .returns(0L, SweepReport::failed)
                .returns(1L, SweepReport::deferred)
                .returns(1L, SweepReport::unproven)
                .returns(2L, SweepReport::quarantined)
                .returns(2L, SweepReport::held)
                .returns(10L, SweepReport::checked)
                .returns(1L, SweepReport::withoutKey)
                .returns(0L, SweepReport::remaining)
                .returns(2L, SweepReport::undated)
                .returns(SweepEnd.COMPLETED, SweepReport::end)
                .returns(
                        "done; 7 due recordings remain: 1 unproven, 2 quarantined, 1 deferred, 2 held,"
                                + " 1 without a storage key. 1 due recordings have no storage key, so that no storage"
                                + " can be asked: no-key. Give them their key, or soft-delete the rows if nothing was"
                                + " recorded. 2 recordings have no creation time, or one in the future or too early,"
                                + " so that they are kept: future, undated. Correct their creation time",
                        SweepReport::message);
        assertThat(world.isSoftDeleted("not-yet")).isFalse();
        assertThat(world.isSoftDeleted("undated")).isFalse();
        assertThat(world.isSoftDeleted("future")).isFalse();
        assertThat(world.repository.rows().stream().filter(row -> row.deleted() != null))
                .extracting(EngineRow::id)
                .containsExactlyInAnyOrder("ok", "was-kept", "empty", "gone");
    }

    @Test
    void oneFailureStopsNoOther() {
        world.due(30).young("y");
        world.storage.answer("key-due-0013", recording -> {
            throw new IllegalStateException("boom");
        });

        SweepReport report = world.sweeper().sweep();

        assertThat(report.deleted()).isEqualTo(29);
        assertThat(report.failed()).isEqualTo(1);
        assertThat(world.isSoftDeleted("due-0013")).isFalse();
        assertThat(world.entry("due-0013"))
                .returns(DeletionState.DELETING, LedgerEntry::state)
                .returns(DeletionOutcome.TRY_LATER, LedgerEntry::outcome)
                .satisfies(entry -> assertThat(entry.cause()).asString().contains("IllegalStateException"));
    }

    @Test
    void readsPagesWithoutLosingOrRepeatingARecording() {
        world.due(123).young("y");

        SweepReport report = world.builder(world.storage).batchSize(7).build().sweep();

        assertThat(report.deleted()).isEqualTo(123);
        assertThat(world.deletedKeys()).hasSize(123).doesNotHaveDuplicates();
    }

    @Test
    void aFirstPageOfNothingButHeldRowsHidesNothing() {
        world.due(20).young("y");
        for (int i = 0; i < 10; i++) {
            world.repository.put(world.row("due-%04d".formatted(i)).withFlaggedHeld(true));
        }

        SweepReport report = world.builder(world.storage).batchSize(5).build().sweep();

        assertThat(report.held()).isEqualTo(10);
        assertThat(report.deleted()).isEqualTo(10);
    }

    @Test
    void isCarefulAtFirstAndThenAsConcurrentAsAllowed() {
        world.due(60).young("y");

        world.builder(world.storage).maxConcurrency(4).build().sweep();

        assertThat(world.storage.maxConcurrent()).isBetween(1, 4);
        World single = new World();
        single.due(10).young("y");
        single.builder(single.storage).maxConcurrency(4).build().sweep();
        assertThat(single.storage.maxConcurrent())
                .as("the first ten go one by one")
                .isEqualTo(1);
    }

    @Test
    void theLongestOfThePoliciesThatMatchGoverns() {
        Instant halfAYearOld = World.NOW.minus(Duration.ofDays(180));
        Instant twoYearsOld = World.NOW.minus(Duration.ofDays(730));
        world.repository.put(
                EngineRow.of("plain", "key-plain", halfAYearOld),
                EngineRow.of("acme", "key-acme", halfAYearOld).withAttribute("tenant", "acme"),
                EngineRow.of("acme-old", "key-acme-old", twoYearsOld).withAttribute("tenant", "acme"),
                EngineRow.of("acme-sales", "key-acme-sales", twoYearsOld)
                        .withAttribute("tenant", "acme")
                        .withAttribute("queue", "sales"),
                EngineRow.of("legal", "key-legal", twoYearsOld).withAttribute("queue", "legal"));
        world.storage.put("key-plain", "key-acme", "key-acme-old", "key-acme-sales", "key-legal");
        world.young("y");

        SweepReport report = world.builder(world.storage)
                .furtherPolicy(RetentionPolicy.ofDays(365).named("acme").matching("tenant", "acme"))
                .furtherPolicy(RetentionPolicy.ofDays(3650)
                        .named("sales")
                        .matching("tenant", "acme")
                        .matching("queue", "sales"))
                .furtherPolicy(RetentionPolicy.keep().named("legal").matching("queue", "legal"))
                .build()
                .sweep();

        assertThat(world.deletedKeys()).containsExactlyInAnyOrder("key-plain", "key-acme-old");
        assertThat(report.cutoffs()).containsOnlyKeys("default", "acme", "sales");
        assertThat(world.entry("acme-old").policy()).isEqualTo("acme");
    }

    @Test
    void aHoldThatComesBeforeTheSendKeepsTheRecording() throws Exception {
        world.due(8).young("y");
        CountDownLatch latch = new CountDownLatch(1);
        world.storage.answer("key-due-0000", recording -> {
            // Claimed, not sent: the others of the slice wait behind this one.
            assertThat(world.holds.place("h", List.of("due-0005"), "dpo", "why", null))
                    .containsEntry("due-0005", HoldAnswer.LATE);
            world.clock.advance(Duration.ofSeconds(3));
            latch.countDown();
            return DeletionResult.deleted("late");
        });

        SweepReport report = world.sweeper().sweep();

        assertThat(latch.getCount()).isZero();
        assertThat(world.deletedKeys()).doesNotContain("key-due-0005");
        assertThat(world.storage.holds("key-due-0005")).isTrue();
        assertThat(world.entry("due-0005"))
                .returns(DeletionState.ACTIVE, LedgerEntry::state)
                .returns(true, LedgerEntry::held);
        assertThat(report.held()).isEqualTo(1);
        assertThat(report.deleted()).isEqualTo(7);
    }

    @Test
    void aRetainUntilThatComesBeforeTheSendKeepsTheRecording() {
        world.due(8).young("y");
        world.storage.answer("key-due-0000", recording -> {
            world.repository.put(world.row("due-0005").withRetainUntil(World.NOW.plus(Duration.ofDays(1))));
            world.clock.advance(Duration.ofSeconds(3));
            return DeletionResult.deleted("late");
        });

        assertThat(world.sweeper().sweep().deleted()).isEqualTo(7);
        assertThat(world.storage.holds("key-due-0005")).isTrue();
        assertThat(world.state("due-0005")).isEqualTo(DeletionState.ACTIVE);
    }

    @Test
    void aReleasedHoldFreesTheRecordingForTheNextSweep() {
        world.due("a").young("y");
        world.holds.place("h1", List.of("a"), "dpo", "one", null);
        world.holds.place("h2", List.of("a"), "dpo", "two", null);
        RetentionSweeper sweeper = world.sweeper();

        assertThat(sweeper.sweep().held()).isEqualTo(1);
        assertThat(world.holds.release("h1", "dpo")).isTrue();
        assertThat(sweeper.sweep().held()).isEqualTo(1);
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.holds.release("h2", "dpo")).isTrue();
        assertThat(world.holds.release("h2", "dpo")).isFalse();
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
    }

    @Test
    void aHoldEndsByItself() {
        world.due("a").young("y");
        world.holds.place("h", List.of("a"), "dpo", "one", World.NOW.plus(Duration.ofDays(1)));
        RetentionSweeper sweeper = world.sweeper();

        world.clock.advance(Duration.ofHours(23));
        assertThat(sweeper.sweep().held()).isEqualTo(1);
        world.clock.advance(Duration.ofHours(2));
        assertThat(sweeper.sweep().deleted()).isEqualTo(1);
    }

    @Test
    void holdsAnswerForEachRecording() {
        world.due("a", "gone").young("y");
        world.repository.put(world.row("gone").withDeleted(World.NOW, "by hand"));

        assertThat(world.holds.place("h", List.of("a", "gone", "nobody"), "dpo", "why", null))
                .containsEntry("a", HoldAnswer.HELD)
                .containsEntry("gone", HoldAnswer.HELD)
                .containsEntry("nobody", HoldAnswer.UNKNOWN);
        assertThat(world.ledger.find("nobody")).isEmpty();
        assertThat(world.holds.list(0, 10)).hasSize(1).first().returns(2L, LegalHold::recordings);
        assertThatThrownBy(() -> world.holds.place("h2", List.of(), "dpo", "why", null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> world.holds.place("h2", List.of("a"), " ", "why", null))
                .hasMessageContaining("by");
        assertThatThrownBy(() -> world.holds.place("h2", List.of("a"), "dpo", "why", World.NOW))
                .hasMessageContaining("past");
    }

    @Test
    void theCapHoldsAndTheNextRunGoesOn() {
        world.due(25).young("y");
        RetentionSweeper sweeper =
                world.builder(world.storage).maxDeletions(10L).build();

        SweepReport first = sweeper.sweep();
        assertThat(first)
                .returns(10L, SweepReport::deleted)
                .returns(15L, SweepReport::remaining)
                .returns(SweepEnd.CAPPED, SweepReport::end);
        assertThat(sweeper.sweep().deleted()).isEqualTo(10);
        assertThat(sweeper.sweep())
                .returns(5L, SweepReport::deleted)
                .returns(0L, SweepReport::remaining)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
    }

    @Test
    void aCapThatIsJustEnoughIsNoCap() {
        world.due(10).young("y");

        assertThat(world.builder(world.storage).maxDeletions(10L).build().sweep())
                .returns(10L, SweepReport::deleted)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
    }

    @Test
    void aDatabaseThatWouldRefuseTheSoftDeleteIsNoticedBeforeTheFirstDelete() {
        world.due("a", "b").young("y");
        world.repository.setSoftDeleteRefused("a", true);
        world.repository.setSoftDeleteRefused("b", true);
        RetentionSweeper sweeper = world.sweeper();

        SweepReport report = sweeper.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
        assertThat(report.message()).contains("rehearsal", "nothing was sent", "sweep again");
        assertThat(world.storage.calls()).isEmpty();
        world.repository.setSoftDeleteRefused("a", false);
        world.repository.setSoftDeleteRefused("b", false);
        assertThat(sweeper.sweep().deleted()).isEqualTo(2);
    }

    @Test
    void nothingIsSentOnceHalfOfItsLeaseIsGone() {
        world.due(8).young("y");
        Duration half = Duration.ofMinutes(5);
        for (int i = 0; i < 8; i++) {
            String id = "due-%04d".formatted(i);
            world.storage.answer("key-" + id, recording -> {
                assertThat(world.entry(id).leaseUntil())
                        .isAfterOrEqualTo(world.clock.instant().plus(half));
                if (id.equals("due-0000")) {
                    world.clock.advance(Duration.ofMinutes(6));
                }
                return DeletionResult.deleted("in time");
            });
        }

        assertThat(world.builder(world.storage)
                        .lease(half.multipliedBy(2))
                        .build()
                        .sweep())
                .as("those that waited too long were released, and claimed again")
                .returns(8L, SweepReport::deleted)
                .returns(0L, SweepReport::failed);
    }

    @Test
    void theRateIsKept() {
        world.due(30).young("y");
        List<Instant> sent = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 30; i++) {
            world.storage.answer("key-due-%04d".formatted(i), recording -> {
                sent.add(world.clock.instant());
                return DeletionResult.deleted("slowly");
            });
        }

        world.builder(world.storage).maxRate(2.0).build().sweep();

        assertThat(sent).hasSize(30);
        assertThat(Duration.between(sent.get(0), sent.get(29)))
                .isBetween(Duration.ofMillis(14_400), Duration.ofSeconds(20));
    }

    /** The slow one is answered only when all others have been, whichever slice they are of. */
    @Test
    void aSlowRecordingHoldsUpNoOther() {
        world.due(60).young("y");
        CountDownLatch others = new CountDownLatch(59);
        AtomicBoolean inTime = new AtomicBoolean();
        for (int i = 0; i < 60; i++) {
            boolean isSlow = i == 15;
            world.storage.answer("key-due-%04d".formatted(i), recording -> {
                if (isSlow) {
                    inTime.set(awaited(others));
                } else {
                    others.countDown();
                }
                return DeletionResult.deleted(isSlow ? "slowly" : "at once");
            });
        }

        SweepReport report = world.builder(world.storage)
                .batchSize(10)
                .maxConcurrency(2)
                .build()
                .sweep();

        assertThat(inTime).as("all others went by").isTrue();
        assertThat(report.deleted()).isEqualTo(60);
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(World.HUNG.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void callsStoragesOnVirtualThreadsWhereTheJvmHasThem() {
        world.due(20).young("y");
        Set<Boolean> virtual = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 20; i++) {
            world.storage.answer("key-due-%04d".formatted(i), recording -> {
                virtual.add(isVirtual(Thread.currentThread()));
                return DeletionResult.deleted("asked");
            });
        }

        world.sweeper().sweep();

        assertThat(virtual).containsExactly(Runtime.version().feature() >= 21);
    }

    /** These tests are compiled for Java 17. */
    private static boolean isVirtual(Thread thread) {
        try {
            return (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    @Test
    void stopsWhenTheTimeIsUp() {
        world.due(50).young("y");
        world.storage.answer("key-due-0020", recording -> {
            world.clock.advance(Duration.ofHours(5));
            return DeletionResult.deleted("slow");
        });

        SweepReport report =
                world.builder(world.storage).maxConcurrency(1).build().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.OUT_OF_TIME);
        assertThat(report.remaining()).isPositive();
        assertThat(report.deleted() + report.remaining() + report.failed()).isEqualTo(50);
        assertThat(world.repository.runs().open()).isEmpty();
    }

    @Test
    void refusesACallersTransactionAndAClosedSweeper() {
        world.due("a").young("y");
        RetentionSweeper sweeper = world.sweeper();
        world.repository.setCallerHasTransaction(true);
        assertThatThrownBy(sweeper::sweep)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("transaction");
        assertThatThrownBy(sweeper::recover).isInstanceOf(RetentionException.class);
        world.repository.setCallerHasTransaction(false);
        sweeper.close();
        assertThatThrownBy(sweeper::sweep)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("closed");
        assertThat(world.storage.sent()).isZero();
    }

    @Test
    void clocksThatDisagreeStopBeforeTheFirstDelete() {
        world.due("a").young("y");
        for (Duration offset : List.of(Duration.ofMinutes(6), Duration.ofMinutes(-6))) {
            world.repository.setDatabaseOffset(offset);
            SweepReport report = world.sweeper().sweep();
            assertThat(report.end()).isEqualTo(SweepEnd.CLOCKS_DISAGREE);
            assertThat(report.message()).contains("clock");
            assertThat(world.sweeper().recover()).isZero();
        }
        assertThat(world.storage.sent()).isZero();
        world.repository.setDatabaseOffset(Duration.ofMinutes(4));
        assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
    }

    @Test
    void agesAreJudgedByTheEarlierClock() {
        world.repository.put(EngineRow.of("edge", "key-edge", World.CUTOFF.plusSeconds(60)));
        world.storage.put("key-edge");
        world.young("y");
        world.repository.setDatabaseOffset(Duration.ofMinutes(4));
        assertThat(world.sweeper().sweep().deleted()).isZero();
    }

    @Test
    void aSweepThatRunsIsNotStartedTwice() throws Exception {
        world.due(3).young("y");
        CountDownLatch latch = new CountDownLatch(1);
        RetentionSweeper sweeper =
                world.builder(world.storage).ticker(Ticker.SYSTEM).build();
        world.storage.blockUntil(latch);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<SweepReport> first = other.submit(() -> sweeper.sweep());
            assertThat(world.storage.awaitCalls(1, World.HUNG)).isTrue();
            assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.ALREADY_RUNNING);
            assertThat(sweeper.recover()).isZero();
            latch.countDown();
            assertThat(first.get().deleted()).isEqualTo(3);
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void closingWaitsForWhatIsInFlightAndReleasesTheRest() throws Exception {
        world.due(40).young("y");
        CountDownLatch latch = new CountDownLatch(1);
        RetentionSweeper sweeper =
                world.builder(world.storage).ticker(Ticker.SYSTEM).build();
        world.storage.blockUntil(latch);
        ExecutorService others = Executors.newFixedThreadPool(2);
        try {
            Future<SweepReport> sweep = others.submit(() -> sweeper.sweep());
            // The first call is the look-up of the account.
            assertThat(world.storage.awaitCalls(1, World.HUNG)).isTrue();
            Future<?> close = others.submit(sweeper::close);
            awaitClosed(sweeper);
            latch.countDown();
            SweepReport report = sweep.get();
            close.get();
            assertThat(report.end()).isEqualTo(SweepEnd.STOPPED);
        } finally {
            others.shutdownNow();
        }
        long deleted = world.repository.rows().stream()
                .filter(row -> row.deleted() != null)
                .count();
        assertThat(world.storage.deletes()).hasSize((int) deleted);
        assertThat(world.repository.ledger().unfinished(null, 100))
                .as("nothing is in flight")
                .isEmpty();
    }

    private static void awaitClosed(RetentionSweeper sweeper) {
        try {
            while (true) {
                sweeper.preview();
            }
        } catch (RetentionException closed) {
            assertThat(closed).hasMessageContaining("closed");
        }
    }

    @Test
    void closingIsBoundedAlsoWhenAStorageHangs() throws Exception {
        world.due(5);
        world.storage.blockUntil(new CountDownLatch(1));
        RetentionSweeper sweeper = world.builder(world.storage)
                .ticker(Ticker.SYSTEM)
                .shutdownTimeout(Duration.ofMillis(200))
                .build();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<SweepReport> sweep = other.submit(() -> sweeper.sweep());
            assertThat(world.storage.awaitCalls(1, World.HUNG)).isTrue();
            sweeper.close();
            assertThat(sweep.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).end())
                    .isEqualTo(SweepEnd.STOPPED);
        } finally {
            other.shutdownNow();
        }
        assertThat(world.repository.ledger().unfinished(null, 100))
                .as("what was sent stays in flight, the rest was released")
                .singleElement()
                .returns(DeletionState.DELETING, LedgerEntry::state);
        assertThat(world.repository.rows()).allMatch(row -> row.deleted() == null);
    }

    @Test
    void anInterruptStopsTheSweepAndIsRestored() throws Exception {
        world.due(5).young("y");
        RetentionSweeper sweeper = world.sweeper();
        Thread.currentThread().interrupt();
        try {
            assertThat(sweeper.sweep().end()).isEqualTo(SweepEnd.STOPPED);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(sweeper.sweep().deleted())
                .as("the run that was left is gone on with")
                .isEqualTo(5);
    }

    @Test
    void aSchedulesFireTimeRunsOnce() {
        world.due("a").young("y");
        Instant fireTime = World.NOW;
        SweepReport first = world.sweeper().sweep(fireTime);
        world.due("b");

        assertThat(world.sweeper().sweep(fireTime)).isEqualTo(first);
        assertThat(world.isSoftDeleted("b")).isFalse();
        assertThat(world.sweeper().sweep(fireTime.plus(Duration.ofDays(1))).deleted())
                .isEqualTo(1);
    }

    @Test
    void freedAudioIsSummed() {
        world.due("a", "b").young("y");
        world.repository.put(world.row("a").withDuration(Duration.ofSeconds(90)));

        assertThat(world.sweeper().sweep().audioFreed()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void outcomesSurviveADatabaseThatFailsForAWhile() {
        world.due(15).young("y");
        world.storage.answer("key-due-0003", recording -> {
            world.repository.failNextCommits(2);
            return DeletionResult.deleted("then the database fails");
        });

        assertThat(world.sweeper().sweep())
                .returns(15L, SweepReport::deleted)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
    }

    @Test
    void anOutcomeWhoseCommitWasAnsweredWithAnErrorIsNotRecordedTwice() {
        world.due(3).young("y");
        world.storage.answer("key-due-0001", recording -> {
            world.repository.loseAnswerOfNextCommit();
            return DeletionResult.deleted("and the commit's answer is lost");
        });

        assertThat(world.sweeper().sweep().deleted()).isEqualTo(3);
        assertThat(world.entry("due-0001").evidence()).contains("answer is lost");
    }

    @Test
    void aRowThatIsLiveAgainIsSoftDeletedAnewUnlessItNamesAnotherRecording() {
        world.due("stale", "reused").young("y");
        RetentionSweeper sweeper = world.sweeper();
        sweeper.sweep();
        world.repository.put(
                EngineRow.of("stale", "key-stale", World.CUTOFF.minus(Duration.ofDays(10))),
                EngineRow.of("reused", "key-other", World.CUTOFF.minus(Duration.ofDays(10))));
        world.storage.put("key-other");

        SweepReport report = sweeper.sweep();

        assertThat(world.isSoftDeleted("stale")).isTrue();
        assertThat(world.isSoftDeleted("reused")).isFalse();
        assertThat(world.storage.holds("key-other")).isTrue();
        assertThat(report.remaining()).isEqualTo(1);
        assertThat(world.deletedKeys()).hasSize(2);
    }
}
