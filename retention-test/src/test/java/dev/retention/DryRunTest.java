package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A dry-run instance on the database of a live one. Whichever comes first, the live one works as if it were alone. */
@DisplayName("A dry-run instance beside a live one")
class DryRunTest {

    private static final Duration RECOVERY_INTERVAL = Duration.ofMinutes(10);

    private final World world = new World();
    private final RetentionSweeper live = world.sweeper();
    private final List<SweepEvent> told = new CopyOnWriteArrayList<>();
    private final RetentionSweeper dry = world.builder(world.storage)
            .dryRun(true)
            .instanceName("dry")
            .listener(told::add)
            .build();

    private void dryRun() {
        dry.recover();
        dry.sweep();
        dry.sweep(world.clock.instant());
        dry.preview();
    }

    /** Everything that the dry-run instance can be asked to do by itself. */
    private void dryRunChangesNothingOf(String... ids) {
        List<LedgerEntry> before = List.of(ids).stream().map(world::entry).toList();
        List<Integer> events = eventsOf(ids);
        dryRun();
        assertThat(List.of(ids).stream().map(world::entry)).containsExactlyElementsOf(before);
        assertThat(eventsOf(ids)).isEqualTo(events);
        assertThat(world.storage.deletes()).isEmpty();
        dry.close();
        assertThat(told).noneMatch(SweepEvent.OutcomeRecorded.class::isInstance);
    }

    private List<Integer> eventsOf(String... ids) {
        return List.of(ids).stream().map(id -> world.ledger.events(id).size()).toList();
    }

    @Nested
    class WhenARetryIsDue {

        WhenARetryIsDue() {
            world.due("a").young("y");
            world.storage.answer("key-a", DeletionResult.tryLater("503", null, true));
            assertThat(live.sweep().failed()).isEqualTo(1);
            world.storage.clearJournal();
        }

        /** The account is identified by others. */
        private long lookUpsOfA() {
            return world.storage.lookUps().stream()
                    .filter(recording -> recording.id().equals("a"))
                    .count();
        }

        private Instant nextAttempt() {
            Instant next = world.entry("a").nextAttempt();
            assertThat(next).isNotNull();
            return next;
        }

        @Test
        void postponesNothingWhenItComesFirst() {
            world.storage.answer("key-a", DeletionResult.deleted("204"));
            world.clock.set(nextAttempt());
            dryRunChangesNothingOf("a");
            assertThat(lookUpsOfA()).isEqualTo(1);

            assertThat(live.recover()).isEqualTo(1);

            assertThat(world.isSoftDeleted("a")).isTrue();
            assertThat(world.isSoftDeleted("y")).isFalse();
        }

        @Test
        void asksNothingWhenTheLiveOneCameFirst() {
            world.clock.set(nextAttempt());
            assertThat(live.recover()).isEqualTo(1);
            world.storage.clearJournal();
            dryRunChangesNothingOf("a");
            assertThat(world.storage.calls()).isEmpty();
        }

        /** As the two schedulers do, for a day: each retry comes as soon as it would without the dry run. */
        @Test
        void changesNoTimeOfARetryOverADay() {
            World alone = new World();
            alone.due("a").young("y");
            alone.storage.answer("key-a", DeletionResult.tryLater("503", null, true));
            RetentionSweeper undisturbed = alone.sweeper();
            undisturbed.sweep();
            world.clock.set(alone.clock.instant());
            for (int i = 0; i < 144; i++) {
                dry.recover();
                Instant before = world.clock.instant();
                live.recover();
                undisturbed.recover();
                world.clock.set(before.plus(RECOVERY_INTERVAL));
                alone.clock.set(world.clock.instant());
            }
            assertThat(world.entry("a").attempts())
                    .isEqualTo(alone.entry("a").attempts())
                    .isGreaterThan(3);
        }

        /** No next attempt is moved in the database, so that the instance itself must not ask again and again. */
        @Test
        void looksUpOnceAnHour() {
            world.clock.set(nextAttempt());
            for (int i = 0; i < 6; i++) {
                dry.recover();
                world.clock.advance(RECOVERY_INTERVAL);
            }
            assertThat(lookUpsOfA()).isEqualTo(1);
            dry.recover();
            assertThat(lookUpsOfA()).isEqualTo(2);
        }

        @Test
        void leavesAloneWhatIsNotDueYet() {
            world.clock.set(nextAttempt().minusSeconds(1));
            dryRunChangesNothingOf("a");
            assertThat(world.storage.calls()).isEmpty();
        }
    }

    @Nested
    class WhenAnInstanceDied {

        private SweepRun claimedByADead(String... ids) {
            world.due(ids).young("y");
            SweepRun run = world.claimAndDie(ids);
            world.clock.advance(Duration.ofMinutes(11));
            return run;
        }

        @Test
        void recordsWhatIsProvenGoneAndNothingElse() {
            SweepRun run = claimedByADead("applied", "still-there", "unknown", "refused", "throttled");
            world.storage.answerLookUp("key-applied", DeletionResult.alreadyGone("404"));
            world.storage.answerLookUp("key-unknown", DeletionResult.notFound());
            world.storage.answerLookUp("key-refused", DeletionResult.refused("never"));
            world.storage.answerLookUp("key-throttled", DeletionResult.tryLater("429", null, true));
            List<LedgerEntry> before = List.of("still-there", "unknown", "refused", "throttled").stream()
                    .map(world::entry)
                    .toList();

            dryRun();

            assertThat(world.storage.deletes()).isEmpty();
            assertThat(world.state("applied")).isEqualTo(DeletionState.DELETED);
            assertThat(world.entry("applied").evidence()).contains("ALREADY_GONE");
            assertThat(world.isSoftDeleted("applied")).isTrue();
            assertThat(List.of("still-there", "unknown", "refused", "throttled").stream()
                            .map(world::entry))
                    .containsExactlyElementsOf(before);
            assertThat(world.repository.runs().open().map(SweepRun::id)).contains(run.id());
            dry.close();
            assertThat(told.stream()
                            .filter(SweepEvent.OutcomeRecorded.class::isInstance)
                            .map(event -> ((SweepEvent.OutcomeRecorded) event).recordingId()))
                    .containsExactly("applied");
        }

        @Test
        void leavesTheRestToTheLiveOne() {
            claimedByADead("still-there");
            dryRunChangesNothingOf("still-there");

            live.recover();

            assertThat(world.deletedKeys()).containsExactly("key-still-there");
            assertThat(world.isSoftDeleted("still-there")).isTrue();
            assertThat(world.isSoftDeleted("y")).isFalse();
        }

        @Test
        void leavesAClaimWhoseLeaseLastsAlone() {
            world.due("a").young("y");
            world.claimAndDie("a");
            dryRunChangesNothingOf("a");
            assertThat(world.storage.calls()).isEmpty();
        }

        @Test
        void asksNoStorageThatCannotLookUpToDelete() {
            claimedByADead("a");
            RetentionSweeper dryWithoutLookUps =
                    world.builder(new OnlyDeletes(world)).dryRun(true).build();
            LedgerEntry before = world.entry("a");
            dryWithoutLookUps.recover();
            assertThat(world.storage.calls()).isEmpty();
            assertThat(world.entry("a")).isEqualTo(before);
        }
    }

    private record OnlyDeletes(World world) implements RecordingStorage {

        @Override
        public String name() {
            return world.storage.name();
        }

        @Override
        public DeletionResult delete(Recording recording) {
            return world.storage.delete(recording);
        }
    }
}
