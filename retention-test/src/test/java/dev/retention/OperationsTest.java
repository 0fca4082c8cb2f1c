package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person does: pausing, deciding about what waits, erasing. */
class OperationsTest {

    @RegisterExtension
    final CapturedLog log = new CapturedLog("dev.retention.internal.deletion");

    private final World world = new World();

    private RetentionOperations operations() {
        return RetentionOperations.of(world.sweeper());
    }

    private List<String> events(String id) {
        return world.ledger.events(id).stream().map(LedgerEvent::kind).toList();
    }

    @Nested
    class APause {

        @Test
        void keepsEverythingUntilItEnds() {
            world.due("a");
            assertThat(operations().pause("ops", "audit")).isTrue();
            assertThat(operations().paused()).hasValueSatisfying(pause -> {
                assertThat(pause.by()).isEqualTo("ops");
                assertThat(pause.reason()).isEqualTo("audit");
                assertThat(pause.since()).isEqualTo(World.NOW);
            });

            assertThat(world.sweeper().sweep().end()).isEqualTo(SweepEnd.PAUSED);
            assertThat(world.storage.calls()).isEmpty();

            assertThat(operations().resume("ops")).isTrue();
            assertThat(operations().paused()).isEmpty();
            assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
        }

        @Test
        void endsASweepThatHasNothingToClaim() {
            operations().pause("ops", "audit");
            assertThat(world.sweeper().sweep().end()).isEqualTo(SweepEnd.PAUSED);

            operations().resume("ops");
            assertThat(world.sweeper().sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        }

        /** A recovery during a pause looks up what is in flight, and must not send it away for an hour. */
        @Test
        void whoseEndMakesDueAtOnceWhatItKept() {
            world.due("paused").young("y");
            world.claimAndDie("paused");
            world.clock.advance(Duration.ofMinutes(11));
            operations().pause("ops", "audit");
            world.sweeper().recover();
            assertThat(world.entry("paused"))
                    .returns(DeletionOutcome.KEPT, LedgerEntry::outcome)
                    .returns("PAUSED", world::causeCode);
            assertThat(log.lines(Level.WARN, "recording=paused "))
                    .containsExactly("recording=paused is not deleted and remains claimed: cause=PAUSED deleting is"
                            + " paused. It continues when deleting is resumed. Recovery looks it up later");
            world.sweeper().recover();
            assertThat(world.storage.deletes()).isEmpty();

            operations().resume("ops");
            world.sweeper().recover();

            assertThat(world.isSoftDeleted("paused")).isTrue();
        }

        @Test
        void whoseEndDoesNotHurryWhatSomethingElseKeeps() {
            world.due("later").young("y");
            world.claimAndDie("later");
            world.repository.put(world.row("later").withRetainUntil(World.NOW.plus(Duration.ofDays(9))));
            world.clock.advance(Duration.ofMinutes(11));
            world.sweeper().recover();
            operations().pause("ops", "audit");
            operations().resume("ops");
            world.storage.clearJournal();

            world.sweeper().recover();

            assertThat(world.storage.calls()).isEmpty();
            assertThat(world.entry("later")).returns("NOT_DUE", world::causeCode);
        }

        @Test
        void thatStandsIsNotReplaced() {
            operations().pause("ops", "audit");
            assertThat(operations().pause("other", "other")).isFalse();
            assertThat(operations().paused().orElseThrow().by()).isEqualTo("ops");
        }

        @Test
        void thatDoesNotStandCanNotEnd() {
            assertThat(operations().resume("ops")).isFalse();
        }

        @Test
        void inTheMiddleOfASweepLetsNoFurtherSliceBeSent() {
            world.due(100);
            AtomicInteger sent = new AtomicInteger();
            CountDownLatch paused = new CountDownLatch(1);
            RetentionOperations operations = operations();
            for (int i = 0; i < 100; i++) {
                world.storage.answer("key-due-%04d".formatted(i), recording -> {
                    int count = sent.incrementAndGet();
                    if (count == 12) {
                        operations.pause("ops", "wrong policy");
                        world.clock.advance(Duration.ofSeconds(3));
                        paused.countDown();
                    } else if (count > 12) {
                        awaitUninterruptibly(paused);
                    }
                    return DeletionResult.deleted("yes");
                });
            }

            SweepReport report = world.sweeper().sweep();

            assertThat(report.end()).isEqualTo(SweepEnd.PAUSED);
            // Those that were under way at that moment, and no more.
            assertThat(sent.get()).isBetween(12, 12 + RetentionSweeper.Builder.DEFAULT_MAX_CONCURRENCY);
            assertThat(report.deleted()).isEqualTo(sent.get());
            assertThat(world.repository.rows().stream()
                            .filter(row -> row.deleted() == null)
                            .map(EngineRow::id)
                            .map(world::state))
                    .allMatch(state -> state == null || state == DeletionState.ACTIVE);
        }
    }

    @Nested
    class WhatWaits {

        private void unproven(String... ids) {
            for (String id : ids) {
                world.due(id);
                world.storage.answer("key-" + id, DeletionResult.notFound());
            }
            world.young("y1", "y2");
            world.sweeper().sweep();
            for (String id : ids) {
                assertThat(world.state(id)).isEqualTo(DeletionState.QUARANTINED);
            }
        }

        private void refused(String id) {
            world.due(id);
            world.storage.answer("key-" + id, DeletionResult.refused("400"));
            world.sweeper().sweep();
            assertThat(world.state(id)).isEqualTo(DeletionState.QUARANTINED);
        }

        @Test
        void isListedWithItsCausePageByPage() {
            unproven("a", "b", "c");
            List<LedgerEntry> first = operations().quarantined(null, 2);
            assertThat(first).extracting(LedgerEntry::recordingId).containsExactly("a", "b");
            assertThat(first).allSatisfy(entry -> {
                assertThat(entry.cause()).extracting(Cause::code).isEqualTo("NOT_FOUND");
                assertThat(entry.failingSince()).isNotNull();
            });
            assertThat(operations().quarantined("b", 2))
                    .extracting(LedgerEntry::recordingId)
                    .containsExactly("c");
        }

        @Test
        void isTriedAgainAfterALookUp() {
            refused("a");
            world.storage.answer("key-a", DeletionResult.deleted("yes"));
            assertThat(operations().retry(List.of("a", "nobody"), "ops"))
                    .isEqualTo(Map.of("a", ReviewAnswer.DONE, "nobody", ReviewAnswer.UNKNOWN));
            int before = world.storage.calls().size();

            world.sweeper().sweep();

            assertThat(world.state("a")).isEqualTo(DeletionState.DELETED);
            assertThat(world
                            .storage
                            .calls()
                            .subList(before, world.storage.calls().size())
                            .stream()
                            .filter(call -> call.recording().id().equals("a"))
                            .map(call -> call.operation().name()))
                    .containsExactly("LOOK_UP", "DELETE");
            assertThat(events("a")).contains("RETRY_GRANTED");
        }

        @Test
        void isNotTriedAgainWithoutAPerson() {
            refused("a");
            int before = world.storage.calls().size();
            world.clock.advance(Duration.ofDays(3));
            world.sweeper().sweep();
            world.sweeper().recover();
            assertThat(world.storage.calls()).hasSize(before);
        }

        @Test
        void hasAsManyAttemptsAsANewOneAfterARetry() {
            world.due("a");
            world.storage.answer("key-a", DeletionResult.tryLater("500", null, true));
            RetentionSweeper sweeper = world.builder(world.storage)
                    .retry(3, Duration.ofMinutes(1), Duration.ofMinutes(1))
                    .build();
            for (int i = 0; i < 5; i++) {
                sweeper.sweep();
                world.clock.advance(Duration.ofHours(1));
            }
            assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.ATTEMPTS_USED_UP);
            int deletes = world.storage.deletes().size();
            assertThat(deletes).isEqualTo(3);

            operations().retry(List.of("a"), "ops");
            for (int i = 0; i < 5; i++) {
                sweeper.sweep();
                world.clock.advance(Duration.ofHours(1));
            }
            assertThat(world.state("a")).isEqualTo(DeletionState.QUARANTINED);
            assertThat(world.storage.deletes()).hasSize(deletes + 2);
        }

        @Test
        void isNotTriedAgainUnderAHold() {
            refused("a");
            assertThat(world.holds.place("case", List.of("a"), "dpo", "dispute", null))
                    .containsEntry("a", HoldAnswer.LATE);
            assertThat(operations().retry(List.of("a"), "ops")).containsEntry("a", ReviewAnswer.HELD);
            assertThat(world.state("a")).isEqualTo(DeletionState.QUARANTINED);
        }

        @Test
        void isNeverPutBackToActiveOnceItWasSent() {
            refused("a");
            operations().retry(List.of("a"), "ops");
            assertThat(world.state("a")).isEqualTo(DeletionState.DELETING);
            assertThat(world.holds.place("case", List.of("a"), "dpo", "dispute", null))
                    .containsEntry("a", HoldAnswer.LATE);
            int deletes = world.storage.deletes().size();
            world.clock.advance(Duration.ofDays(1));
            world.sweeper().sweep();
            assertThat(world.storage.deletes()).hasSize(deletes);
        }

        @Test
        void isAcceptedAsGoneAndLabelled() {
            unproven("a", "b");
            assertThat(operations().acceptUnproven(List.of("a", "y1"), "dpo"))
                    .isEqualTo(Map.of("a", ReviewAnswer.DONE, "y1", ReviewAnswer.UNKNOWN));

            assertThat(world.isSoftDeleted("a")).isTrue();
            assertThat(world.row("a").deletionReason()).isEqualTo("retention_policy");
            assertThat(world.entry("a").outcome()).isEqualTo(DeletionOutcome.ACCEPTED_UNPROVEN);
            assertThat(world.entry("a").evidence()).contains("dpo").contains("nothing proves it");
            assertThat(events("a")).contains("ACCEPTED_UNPROVEN");
            assertThat(world.isSoftDeleted("b")).isFalse();
        }

        @Test
        void isNotAcceptedWhenItIsNotUnproven() {
            refused("a");
            assertThat(operations().acceptUnproven(List.of("a"), "dpo")).containsEntry("a", ReviewAnswer.NOT_WAITING);
            assertThat(world.isSoftDeleted("a")).isFalse();
        }

        @Test
        void isNotAcceptedUnderAHoldOfAnyKind() {
            unproven("held", "flagged", "retained", "tenant");
            world.holds.place("case", List.of("held"), "dpo", "dispute", null);
            world.repository.put(
                    world.row("flagged").withFlaggedHeld(true),
                    world.row("retained").withRetainUntil(World.NOW.plus(Duration.ofDays(3))),
                    world.row("tenant").withAttribute("tenant", "acme"));
            world.holds.placeWhere("all", "tenant", "acme", "dpo", "litigation");

            assertThat(operations()
                            .acceptUnproven(List.of("held", "flagged", "retained", "tenant"), "dpo")
                            .values())
                    .containsOnly(ReviewAnswer.HELD);
            assertThat(world.repository.rows()).allMatch(row -> row.deleted() == null);
        }

        private Cause cause(String id) {
            return Objects.requireNonNull(world.entry(id).cause());
        }

        @Test
        void isDecidedAboutInBulkByItsCause() {
            unproven(IntStream.range(0, 450).mapToObj(n -> "u%03d".formatted(n)).toArray(String[]::new));
            refused("zz");
            Cause unproven = cause("u000");
            Cause refused = cause("zz");

            assertThat(operations().acceptAllUnproven("ANOTHER", null, null, "dpo"))
                    .isZero();
            assertThat(operations().acceptAllUnproven(unproven.code(), "another", null, "dpo"))
                    .isZero();
            assertThat(operations().acceptAllUnproven(unproven.code(), null, "AC-another", "dpo"))
                    .isZero();
            assertThat(operations().acceptAllUnproven(refused.code(), null, null, "dpo"))
                    .as("only unproven ones")
                    .isZero();
            assertThat(operations().acceptAllUnproven(unproven.code(), unproven.storage(), null, "dpo"))
                    .isEqualTo(450);
            assertThat(operations().retryAll(refused.code(), refused.storage(), null, "ops"))
                    .isEqualTo(1);
            assertThat(operations().quarantined(null, 10)).isEmpty();
            assertThat(world.isSoftDeleted("zz")).isFalse();
        }

        @Test
        void isDecidedAboutInBulkThoughEachDetailIsAnother() {
            Stream.of("a", "b", "c")
                    .forEach(id -> world.repository.put(EngineRow.of(id, "key-" + id, World.CUTOFF.minusSeconds(9))));
            world.storage.answer(
                    "key-a", DeletionResult.refused("403, request RQ1").withCode("HTTP_403"));
            world.storage.answer(
                    "key-b", DeletionResult.refused("403, request RQ2").withCode("HTTP_403"));
            world.storage.answer(
                    "key-c", DeletionResult.refused("410, request RQ3").withCode("HTTP_410"));
            world.sweeper().sweep();
            assertThat(cause("a")).isNotEqualTo(cause("b"));

            assertThat(operations().retryAll("HTTP_403", null, null, "ops")).isEqualTo(2);

            assertThat(operations().quarantined(null, 10))
                    .extracting(LedgerEntry::recordingId)
                    .containsExactly("c");
        }

        @Test
        void ofAKeyThatCanNotBeOneIsJudgedAnewAfterARetry() {
            world.repository.put(EngineRow.of("a", "../x", World.CUTOFF.minusSeconds(9)));
            world.sweeper().sweep();
            assertThat(operations().quarantined(null, 10))
                    .extracting(LedgerEntry::recordingId)
                    .containsExactly("a");
            assertThat(operations().retry(List.of("a"), "ops")).containsEntry("a", ReviewAnswer.DONE);
            assertThat(operations().quarantined(null, 10)).isEmpty();
            assertThat(world.sweeper().sweep().quarantined()).isEqualTo(1);
        }
    }

    @Nested
    class AnErasure {

        @Test
        void deletesNowWhateverTheAge() {
            world.young("young", "other");
            world.repository.put(world.row("young").withRetainUntil(World.NOW.plus(Duration.ofDays(300))));

            assertThat(operations().erase(List.of("young"), "dpo", "request 17"))
                    .isEqualTo(Map.of("young", EraseAnswer.ERASED));

            assertThat(world.deletedKeys()).containsExactly("key-young");
            assertThat(world.row("young").deletionReason()).isEqualTo("request 17");
            assertThat(world.entry("young").policy()).isEqualTo("erasure");
            assertThat(world.entry("young").evidence()).startsWith("fake: DELETED");
            assertThat(world.isSoftDeleted("other")).isFalse();
            assertThat(world.ledger.events("young")).anySatisfy(event -> {
                assertThat(event.kind()).isEqualTo("ERASURE");
                assertThat(event.actor()).isEqualTo("dpo");
                assertThat(event.detail()).isEqualTo("request 17");
            });
        }

        @Test
        void respectsEveryKindOfHoldAndNamesIt() {
            world.young("held", "flagged", "tenant", "free");
            world.holds.place("case", List.of("held"), "dpo", "dispute", null);
            world.repository.put(
                    world.row("flagged").withFlaggedHeld(true),
                    world.row("tenant").withAttribute("tenant", "acme"));
            world.holds.placeWhere("all", "tenant", "acme", "dpo", "litigation");

            Map<String, EraseAnswer> answers =
                    operations().erase(List.of("held", "flagged", "tenant", "free"), "dpo", "request");

            assertThat(answers)
                    .isEqualTo(Map.of(
                            "held", EraseAnswer.HELD,
                            "flagged", EraseAnswer.HELD,
                            "tenant", EraseAnswer.HELD,
                            "free", EraseAnswer.ERASED));
            assertThat(world.deletedKeys()).containsExactly("key-free");
            for (String kept : List.of("held", "flagged", "tenant")) {
                assertThat(world.ledger.events(kept))
                        .filteredOn(event -> event.kind().equals("ERASURE_HELD"))
                        .singleElement()
                        .returns("dpo", LedgerEvent::actor)
                        .returns("HELD: request", LedgerEvent::detail);
            }
            assertThat(world.ledger.events("free"))
                    .extracting(LedgerEvent::kind)
                    .containsExactly("ERASURE");
        }

        @Test
        void saysOfEachRecordingWhatBecameOfIt() {
            world.due("deleted", "refused", "unproven", "busy", "hostile").young("y");
            world.sweeper().sweep();
            world.young("y2", "unknown", "slow", "never");
            world.repository.put(
                    EngineRow.of("no-key", null, World.NOW.minusSeconds(60)),
                    EngineRow.of("bad-key", "../x", World.NOW.minusSeconds(60)));
            world.storage
                    .answer("key-unknown", DeletionResult.notFound())
                    .answer("key-slow", DeletionResult.tryLater("504", null, false))
                    .answer("key-never", DeletionResult.refused("400"));

            Map<String, EraseAnswer> answers = operations()
                    .erase(
                            List.of("deleted", "nobody", "no-key", "bad-key", "unknown", "slow", "never", "y2"),
                            "dpo",
                            "request");

            assertThat(answers)
                    .containsEntry("deleted", EraseAnswer.ALREADY_DELETED)
                    .containsEntry("nobody", EraseAnswer.UNKNOWN)
                    .containsEntry("no-key", EraseAnswer.WITHOUT_KEY)
                    .containsEntry("bad-key", EraseAnswer.QUARANTINED)
                    .containsEntry("unknown", EraseAnswer.UNPROVEN)
                    .containsEntry("slow", EraseAnswer.PENDING)
                    .containsEntry("never", EraseAnswer.QUARANTINED)
                    .containsEntry("y2", EraseAnswer.ERASED);
            assertThat(answers.keySet())
                    .containsExactly("deleted", "nobody", "no-key", "bad-key", "unknown", "slow", "never", "y2");
        }

        @Test
        void thatWasCutOffIsFinishedByRecoveryThoughNoPolicyWantsIt() {
            world.young("a", "b");
            world.storage.answer("key-a", DeletionResult.tryLater("504", null, false));
            assertThat(operations().erase(List.of("a"), "dpo", "request")).containsEntry("a", EraseAnswer.PENDING);
            world.storage.answer("key-a", DeletionResult.deleted("at last"));
            world.clock.advance(Duration.ofHours(1));

            world.sweeper().recover();

            assertThat(world.state("a")).isEqualTo(DeletionState.DELETED);
            assertThat(world.row("a").deletionReason()).isEqualTo("request");
            assertThat(world.isSoftDeleted("b")).isFalse();
        }

        @Test
        void sendsNothingWhilePausedInADryRunOrWithACallersTransaction() {
            world.young("a");
            operations().pause("ops", "audit");
            assertRefused(world.sweeper(), "paused");
            operations().resume("ops");
            assertRefused(world.builder(world.storage).dryRun(true).build(), "dry run");
            world.repository.setCallerHasTransaction(true);
            assertRefused(world.sweeper(), "transaction open");
            world.repository.setCallerHasTransaction(false);
            world.repository.setDatabaseOffset(Duration.ofHours(1));
            assertRefused(world.sweeper(), "clock");
            world.repository.setDatabaseOffset(Duration.ZERO);
            RetentionSweeper closed = world.sweeper();
            closed.close();
            assertRefused(closed, "closed");
            assertThat(world.storage.calls()).isEmpty();
        }

        @Test
        void sendsNothingWhenTheRowCanNotBeMarkedWithItsReason() {
            world.young("a");
            world.repository.setSoftDeleteRefused("a", true);
            assertThat(operations().erase(List.of("a"), "dpo", "request"))
                    .isEqualTo(Map.of("a", EraseAnswer.UNMARKABLE));
            assertThat(world.storage.deletes()).isEmpty();
        }

        private void assertRefused(RetentionSweeper sweeper, String why) {
            RetentionOperations operations = RetentionOperations.of(sweeper);
            assertThatThrownBy(() -> operations.erase(List.of("a"), "dpo", "request"))
                    .isInstanceOf(RetentionException.class)
                    .hasMessageContaining(why);
        }

        @Test
        void countsInNoRunsBudget() {
            world.due(5).young("a");
            operations().erase(List.of("a"), "dpo", "request");
            SweepReport report =
                    world.builder(world.storage).maxDeletions(5L).build().sweep();
            assertThat(report.deleted()).isEqualTo(5);
            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        }

        @Test
        void ofManyTakesThemAll() {
            List<String> ids = new ArrayList<>();
            for (int n = 0; n < 230; n++) {
                ids.add("e" + n);
            }
            world.young(ids.toArray(String[]::new)).young("other");
            assertThat(operations().erase(ids, "dpo", "request").values())
                    .hasSize(230)
                    .containsOnly(EraseAnswer.ERASED);
            assertThat(world.storage.holds("key-other")).isTrue();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aPersonsTextsAreChecked() {
        String tooLong = "x".repeat(201);
        assertThatThrownBy(() -> operations().pause(" ", "audit")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> operations().pause("ops", tooLong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reason has 201 characters");
        assertThatThrownBy(() -> operations().erase(List.of("a"), "", "why"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> operations().retry(List.of("a"), tooLong))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> operations().quarantined(null, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(operations().paused()).isEmpty();
    }
}
