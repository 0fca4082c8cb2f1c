package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What the sweeper makes of each answer of a storage. */
class AnswersTest {

    private final World world = new World();

    @Test
    void anUnknownOneIsLeftAloneAndNotAskedForAgain() {
        world.due("lost", "ok").young("y");
        world.storage.answer("key-lost", DeletionResult.notFound());
        RetentionSweeper sweeper = world.sweeper();

        assertThat(sweeper.sweep()).returns(1L, SweepReport::unproven).returns(1L, SweepReport::deleted);
        world.clock.advance(Duration.ofDays(1));
        world.storage.clearJournal();
        assertThat(sweeper.sweep()).returns(1L, SweepReport::unproven).returns(0L, SweepReport::deleted);
        sweeper.recover();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.isSoftDeleted("lost")).isFalse();
        assertThat(world.entry("lost"))
                .returns(DeletionState.QUARANTINED, LedgerEntry::state)
                .returns(DeletionOutcome.UNPROVEN, LedgerEntry::outcome);
    }

    @Test
    void aWrongAccountIsNoticedBeforeTheFirstDelete() {
        world.due(30).young("y1", "y2");
        FakeRecordingStorage wrongAccount = new FakeRecordingStorage();

        SweepReport report = world.builder(wrongAccount).build().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(report.message()).contains("none of 2 recent recordings").contains("Check the account");
        assertThat(wrongAccount.deletes()).isEmpty();
        assertThat(report.remaining()).isEqualTo(30);
        assertThat(world.repository.rows()).allMatch(row -> row.deleted() == null);
        assertThat(world.repository.ledger().unfinished(null, 100))
                .as("claims were released")
                .isEmpty();
    }

    @Test
    void anAccountWithoutRecentRecordingsIsStoppedAfterTenUnknownOnesInARow() {
        world.due(30);
        FakeRecordingStorage wrongAccount = new FakeRecordingStorage();

        SweepReport report = world.builder(wrongAccount).build().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(wrongAccount.deletes()).hasSize(10);
        assertThat(report.unproven()).isEqualTo(10);
        assertThat(report.remaining()).isEqualTo(20);
        assertThat(world.repository.ledger().unfinished(null, 100))
                .hasSize(10)
                .allMatch(entry -> entry.state() == DeletionState.DELETING);
    }

    @Test
    void fewUnknownOnesOfAnUntestedAccountAreLeftAlone() {
        world.due("lost-1", "lost-2", "ok");
        world.storage.answer("key-lost-1", DeletionResult.notFound()).answer("key-lost-2", DeletionResult.notFound());

        assertThat(world.sweeper().sweep())
                .returns(2L, SweepReport::unproven)
                .returns(1L, SweepReport::deleted)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.state("lost-1")).isEqualTo(DeletionState.QUARANTINED);
    }

    @Test
    void nobodyWaitsForUnknownOnesOfAnUntestedAccount() {
        world.due("lost-1", "lost-2");
        world.storage.answer("key-lost-1", DeletionResult.notFound()).answer("key-lost-2", DeletionResult.notFound());

        assertThat(world.sweeper().sweep())
                .returns(2L, SweepReport::unproven)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.clock.instant()).isBefore(World.NOW.plusSeconds(30));
        assertThat(world.state("lost-1")).isEqualTo(DeletionState.QUARANTINED);
    }

    @Test
    void unknownOnesOfAnUntestedAccountAreAskedForOnceHoweverLongTheRun() {
        world.due(40).due("lost-1", "lost-2");
        for (EngineRow row : world.repository.rows()) {
            boolean lost = row.id().startsWith("lost");
            Instant created = World.CUTOFF.minus(Duration.ofDays(lost ? 20 : 10));
            world.repository.put(row.withAccount(lost ? "AC-lost" : "AC-slow").withCreated(created));
            world.storage.answer(String.valueOf(row.storageKey()), recording -> {
                world.clock.advance(Duration.ofMinutes(1));
                return recording.id().startsWith("lost") ? DeletionResult.notFound() : DeletionResult.deleted("slowly");
            });
        }

        assertThat(world.builder(world.storage).maxConcurrency(1).build().sweep())
                .returns(2L, SweepReport::unproven)
                .returns(40L, SweepReport::deleted)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.deletedKeys()).filteredOn(key -> key.contains("lost")).hasSize(2);
    }

    @Test
    void keysThatCanBeNoneStopTheRunWhenTheFirstTenAreLikeThat() {
        world.due(30).young("y");
        // Mapped on the wrong attribute, all of them look like that.
        world.repository.rows().forEach(row -> world.repository.put(row.withStorageKey("../" + row.id())));
        RetentionSweeper sweeper = world.sweeper();

        SweepReport report = sweeper.sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.STORAGE_KEY_SUSPECTED);
        assertThat(report.message()).contains("mapped as the storage key");
        assertThat(report.quarantined()).isEqualTo(10);
        assertThat(report.deleted()).isZero();
        assertThat(world.storage.deletes()).hasSize(10);
    }

    @Test
    void aFirstPageOfBadKeysDelaysNothingWhereRecentRecordingsAreKnown() {
        world.due(600).young("y");
        for (int i = 0; i < 510; i++) {
            world.repository.put(world.row("due-%04d".formatted(i)).withStorageKey("../" + i));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report)
                .returns(SweepEnd.COMPLETED, SweepReport::end)
                .returns(510L, SweepReport::quarantined)
                .returns(90L, SweepReport::deleted);
    }

    @Test
    void aKeyThatCanBeNoneIsJudgedAnewOnceItChanged() {
        world.due("ok", "bad").young("y");
        world.repository.put(world.row("bad").withStorageKey("../bad"));
        RetentionSweeper sweeper = world.sweeper();

        assertThat(sweeper.sweep()).returns(1L, SweepReport::quarantined).returns(1L, SweepReport::deleted);
        assertThat(world.entry("bad"))
                .returns(DeletionState.ACTIVE, LedgerEntry::state)
                .returns(DeletionOutcome.REFUSED_UNSENT, LedgerEntry::outcome);
        world.storage.clearJournal();
        assertThat(sweeper.sweep().quarantined()).isEqualTo(1);
        assertThat(world.storage.deletes())
                .as("the same key is not judged again")
                .isEmpty();

        world.repository.put(world.row("bad").withStorageKey("key-bad"));
        assertThat(sweeper.sweep()).returns(0L, SweepReport::quarantined).returns(1L, SweepReport::deleted);
    }

    @Test
    void aKeyOfAMegabyteIsNoKey() {
        world.due("ok", "huge").young("y");
        world.repository.put(world.row("huge").withStorageKey("k".repeat(1 << 20)));
        RetentionSweeper sweeper = world.sweeper();

        assertThat(sweeper.sweep()).returns(1L, SweepReport::quarantined).returns(1L, SweepReport::deleted);
        assertThat(world.deletedKeys()).containsExactly("key-ok");
        assertThat(world.entry("huge").cause()).asString().contains("1048576");
    }

    @Test
    void refusedCredentialsStopTheRunAndBlameNoRecording() {
        world.due(30).young("y");
        world.storage.answerNext(DeletionResult.deleted("one"), DeletionResult.stop("401"));

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.message()).contains("401");
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(report.failed()).isEqualTo(1);
        assertThat(report.remaining()).isEqualTo(28);
        assertThat(world.storage.deletes()).hasSize(2);
    }

    @Test
    void oneAccountsRefusalLeavesTheOthersAlone() {
        world.due("a1", "a2", "b1", "b2", "b3").young("ya", "yb");
        for (EngineRow row : world.repository.rows()) {
            world.repository.put(row.withAccount(row.id().contains("a") ? "AC-a" : "AC-b"));
        }
        for (String key : List.of("key-a1", "key-a2")) {
            world.storage.answer(key, DeletionResult.stop("suspended"));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.message()).contains("AC-a").doesNotContain("AC-b");
        assertThat(report.deleted()).isEqualTo(3);
    }

    @Test
    void aFailureIsTriedAgainAfterItsWaitAndNotBefore() {
        world.due("a", "b").young("y");
        world.storage.answer("key-a", DeletionResult.tryLater("503", null, false));
        RetentionSweeper sweeper = world.sweeper();
        assertThat(sweeper.sweep()).returns(1L, SweepReport::failed).returns(1L, SweepReport::deleted);
        Instant next = world.entry("a").nextAttempt();
        world.storage.answerNormally();
        world.storage.clearJournal();

        world.clock.set(next.minusSeconds(1));
        assertThat(sweeper.recover()).isZero();
        world.clock.set(next.plusSeconds(1));
        assertThat(sweeper.recover()).isEqualTo(1);

        assertThat(world.storage.lookUps()).as("it may have been applied").isNotEmpty();
        assertThat(world.deletedKeys()).containsExactly("key-a");
        assertThat(world.isSoftDeleted("a")).isTrue();
        assertThat(world.ledger.events("a")).extracting(LedgerEvent::kind).contains("ATTEMPT");
    }

    @Test
    void whatWasSurelyNotAppliedIsNotLookedUp() {
        world.due("a", "b").young("y");
        world.storage.answer("key-a", DeletionResult.tryLater("429", Duration.ofMinutes(5), true));
        RetentionSweeper sweeper = world.sweeper();
        sweeper.sweep();
        Instant next = world.entry("a").nextAttempt();
        assertThat(next).as("as long as the storage asked for").isAfterOrEqualTo(World.NOW.plus(Duration.ofMinutes(5)));
        world.storage.answerNormally();
        world.storage.clearJournal();

        world.clock.set(next.plusSeconds(1));
        sweeper.recover();

        assertThat(world.storage.lookUps()).extracting("storageKey").doesNotContain("key-a");
        assertThat(world.deletedKeys()).containsExactly("key-a");
    }

    @Test
    void aRequestThatWasAppliedWithoutAnAnswerIsProvenByTheLookUp() {
        world.due("a", "b").young("y");
        world.storage.deleteButAnswer("key-a", DeletionResult.tryLater("timed out", null, false));
        RetentionSweeper sweeper = world.sweeper();
        assertThat(sweeper.sweep().failed()).isEqualTo(1);
        assertThat(world.isSoftDeleted("a")).isFalse();
        world.storage.clearJournal();

        world.clock.advance(Duration.ofMinutes(5));
        sweeper.recover();

        assertThat(world.storage.deletes()).isEmpty();
        assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.ALREADY_GONE);
        assertThat(world.isSoftDeleted("a")).isTrue();
    }

    @Test
    void afterItsLastAttemptItWaitsForAPerson() {
        world.due("a", "b").young("y");
        world.storage.answer("key-a", DeletionResult.tryLater("500", null, false));
        RetentionSweeper sweeper = world.builder(world.storage)
                .retry(3, Duration.ofMinutes(1), Duration.ofHours(1))
                .build();
        sweeper.sweep();
        for (int i = 0; i < 10; i++) {
            world.clock.advance(Duration.ofHours(2));
            sweeper.recover();
        }

        assertThat(world.deletedKeys()).filteredOn("key-a"::equals).hasSize(3);
        assertThat(world.entry("a"))
                .returns(DeletionState.QUARANTINED, LedgerEntry::state)
                .returns(DeletionOutcome.ATTEMPTS_USED_UP, LedgerEntry::outcome)
                .satisfies(entry -> assertThat(entry.failingSince()).isBefore(World.NOW.plus(Duration.ofMinutes(1))));
        assertThat(sweeper.sweep().quarantined()).isEqualTo(1);
    }

    @Test
    void anOutageIsWaitedForWithProbesAndTheRunGoesOn() {
        world.due(100).young("y");
        Instant back = World.NOW.plus(Duration.ofMinutes(20));
        for (EngineRow row : world.repository.rows()) {
            String key = row.storageKey();
            world.storage.answer(
                    String.valueOf(key),
                    recording -> world.clock.instant().isBefore(back)
                            ? DeletionResult.tryLater("503", null, false)
                            : DeletionResult.deleted("back again"));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted())
                .as("also those that had failed, once their wait was over")
                .isGreaterThan(50);
        assertThat(world.storage.deletes()).as("probes, no hammering").hasSizeLessThan(160);
        assertThat(world.repository.rows().stream().filter(row -> row.id().startsWith("due") && row.deleted() == null))
                .allMatch(row -> world.state(row.id()) == DeletionState.DELETING);
    }

    @Test
    void anOutageThatLastsEndsTheRunAsSuchAndKeepsTheQueueOutOfTheDoor() {
        world.due(200).young("y");
        for (EngineRow row : world.repository.rows()) {
            world.storage.answer(String.valueOf(row.storageKey()), DeletionResult.tryLater("503", null, false));
        }

        SweepReport report = world.builder(world.storage)
                .maxDuration(Duration.ofHours(1))
                .build()
                .sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.PROVIDER_DOWN);
        assertThat(report.deleted()).isZero();
        assertThat(report.remaining()).isGreaterThan(50);
        assertThat(report.remaining() + report.failed()).isEqualTo(200);
        assertThat(world.storage.deletes()).hasSizeLessThan(150);
    }

    @Test
    void aStorageThatThrowsAnErrorHoldsNothingUp() {
        world.due(15).young("y");
        world.storage.answer("key-due-0003", recording -> {
            throw new StackOverflowError();
        });

        assertThat(world.sweeper().sweep())
                .returns(14L, SweepReport::deleted)
                .returns(1L, SweepReport::failed)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(world.entry("due-0003").cause()).asString().contains("StackOverflowError");
    }

    @Test
    void aThrottledOneIsSentAgainAndCountsNoAttempt() {
        world.due(50).young("y");
        Map<String, Integer> asked = new ConcurrentHashMap<>();
        for (int i = 0; i < 50; i++) {
            String key = "key-due-%04d".formatted(i);
            boolean busy = i % 5 == 0;
            world.storage.answer(
                    key,
                    recording -> asked.merge(recording.id(), 1, Integer::sum) < 4 && busy
                            ? DeletionResult.throttled("429", null)
                            : DeletionResult.deleted("yes"));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report).returns(50L, SweepReport::deleted).returns(0L, SweepReport::failed);
        assertThat(asked).containsEntry("due-0000", 4).containsEntry("due-0001", 1);
        assertThat(world.repository.rows().stream()
                        .filter(row -> row.deleted() != null)
                        .map(row -> world.entry(row.id()).attempts()))
                .containsOnly(1);
    }

    @Test
    void whatIsThrottledForGoodIsAnOutageAndNobodysFault() {
        world.due(30).young("y");
        for (int i = 0; i < 30; i++) {
            world.storage.answer("key-due-%04d".formatted(i), DeletionResult.throttled("429", null));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report).returns(30L, SweepReport::failed).returns(0L, SweepReport::quarantined);
        assertThat(world.storage.holds("key-due-0000")).isTrue();
    }

    @Test
    void aThrottledOneWaitsAsLongAsItWasAskedTo() {
        world.due("a", "b").young("y");
        world.storage.answerNext(DeletionResult.throttled("429", Duration.ofMinutes(3)));
        Instant before = world.clock.instant();
        assertThat(world.sweeper().sweep().deleted()).isEqualTo(2);
        assertThat(Duration.between(before, world.clock.instant())).isGreaterThanOrEqualTo(Duration.ofMinutes(3));
    }

    @Test
    void aThrottledOneThatShallWaitForAMomentKeepsItsClaim() {
        world.due("a", "b").young("y");
        world.storage.answerNext(DeletionResult.throttled("429", Duration.ofSeconds(2)));
        Instant before = world.clock.instant();

        assertThat(world.sweeper().sweep().deleted()).isEqualTo(2);
        assertThat(Duration.between(before, world.clock.instant()))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(5));
        assertThat(world.entry("a").attempts()).isEqualTo(1);
        assertThat(world.entry("b").attempts()).isEqualTo(1);
    }

    @Test
    void notYetIsAskedForSeldom() {
        world.due("a").young("y");
        world.storage.answer("key-a", DeletionResult.notYet("in progress"));
        RetentionSweeper sweeper = world.sweeper();
        sweeper.sweep();
        int asked = world.storage.calls().size();
        world.clock.advance(Duration.ofMinutes(59));
        sweeper.recover();
        assertThat(world.storage.calls()).hasSize(asked);

        world.clock.advance(Duration.ofMinutes(8));
        sweeper.recover();
        assertThat(world.storage.calls().size()).isGreaterThan(asked);
    }

    @Test
    void notYetIsDeferredAndCountsNoAttempt() {
        world.due("a", "b").young("y");
        world.storage.answer("key-a", DeletionResult.notYet("in progress"));
        RetentionSweeper sweeper = world.builder(world.storage)
                .retry(2, Duration.ofMinutes(1), Duration.ofMinutes(1))
                .build();
        for (int i = 0; i < 5; i++) {
            assertThat(sweeper.sweep()).returns(1L, SweepReport::deferred).returns(0L, SweepReport::failed);
            world.clock.advance(Duration.ofMinutes(5));
        }
        world.storage.answerNormally();
        assertThat(sweeper.sweep().deferred()).isZero();
        assertThat(world.isSoftDeleted("a")).isTrue();
    }

    @Test
    void mediaThatIsKeptElsewhereIsNotReportedAsDeleted() {
        world.due("a", "b").young("y");
        world.storage.answer("key-a", DeletionResult.keptElsewhere("s3.example.com"));

        SweepReport report = world.sweeper().sweep();

        assertThat(report.failed()).isEqualTo(1);
        assertThat(world.isSoftDeleted("a")).isFalse();
        assertThat(world.entry("a").cause()).asString().contains("s3.example.com");
    }
}
