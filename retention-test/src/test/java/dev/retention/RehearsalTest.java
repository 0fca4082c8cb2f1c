package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Rows that the database refuses to mark as deleted, among others that it does not refuse. */
class RehearsalTest {

    private final World world = new World();

    private void refuse(boolean refused, String... ids) {
        for (String id : ids) {
            world.repository.setSoftDeleteRefused(id, refused);
        }
    }

    private List<String> sentKeys() {
        return world.storage.deletes().stream()
                .map(recording -> String.valueOf(recording.storageKey()))
                .sorted()
                .toList();
    }

    @Nested
    @DisplayName("A sweep")
    class ASweep {

        @Test
        void leavesARefusedRowOutAndDeletesTheOthers() {
            world.due("a", "b", "c").young("y");
            refuse(true, "a");

            SweepReport report = world.sweeper().sweep();

            assertThat(report)
                    .returns(2L, SweepReport::deleted)
                    .returns(1L, SweepReport::remaining)
                    .returns(SweepEnd.COMPLETED, SweepReport::end);
            assertThat(sentKeys()).containsExactly("key-b", "key-c");
            assertThat(world.state("a")).isNull();
            refuse(false, "a");
            assertThat(world.sweeper().sweep().deleted()).isEqualTo(1);
        }

        @Test
        void leavesItOutAlsoWhereItIsAPageOfItsOwn() {
            world.due("a", "b", "c").young("y");
            refuse(true, "a");

            assertThat(world.builder(world.storage).batchSize(1).build().sweep())
                    .returns(2L, SweepReport::deleted)
                    .returns(SweepEnd.COMPLETED, SweepReport::end);
            assertThat(sentKeys()).containsExactly("key-b", "key-c");
        }

        /** Five nights, since the oldest rows remain the oldest. */
        @Test
        void goesRoundTheOldestOnesEachNight() {
            world.due("a", "b", "c", "d").young("y");
            refuse(true, "a", "b", "c");
            for (int night = 0; night < 5; night++) {
                world.due("night-" + night);
                assertThat(world.sweeper().sweep())
                        .returns(night == 0 ? 2L : 1L, SweepReport::deleted)
                        .returns(3L, SweepReport::remaining)
                        .returns(SweepEnd.COMPLETED, SweepReport::end);
                world.clock.advance(Duration.ofDays(1));
            }
            assertThat(sentKeys()).hasSize(6).doesNotContain("key-a", "key-b", "key-c");
            assertThat(world.state("a")).isNull();
        }

        @Test
        void isRefusedWhenNoneCanBeMarked() {
            world.due("a", "b", "c", "d").young("y");
            refuse(true, "a", "b", "c", "d");

            assertThat(world.sweeper().sweep())
                    .returns(0L, SweepReport::deleted)
                    .returns(4L, SweepReport::remaining)
                    .returns(SweepEnd.REFUSED, SweepReport::end);
            assertThat(world.storage.calls()).isEmpty();
        }

        /** Each try is a transaction, so that a missing grant must not cost one for each row of a large table. */
        @Test
        void triesNoMoreThanSoMany() {
            world.due(501).young("y");
            refuse(
                    true,
                    world.repository.rows().stream()
                            .map(EngineRow::id)
                            .filter(id -> !id.equals("due-0500"))
                            .toArray(String[]::new));

            assertThat(world.builder(world.storage).batchSize(100).build().sweep())
                    .returns(0L, SweepReport::deleted)
                    .returns(SweepEnd.REFUSED, SweepReport::end);
            refuse(false, "due-0499");
            assertThat(world.builder(world.storage)
                            .batchSize(100)
                            .build()
                            .sweep()
                            .deleted())
                    .isEqualTo(2);
        }

        @Test
        void isRefusedWhenTheOnlyOneIs() {
            world.due("a").young("y");
            refuse(true, "a");

            assertThat(world.sweeper().sweep()).satisfies(report -> {
                assertThat(report.end()).isEqualTo(SweepEnd.REFUSED);
                assertThat(report.message()).contains("refuses to update recording a", "nothing was sent");
            });
            assertThat(world.storage.calls()).isEmpty();
        }
    }

    @Nested
    @DisplayName("An erasure")
    class AnErasure {

        private Map<String, EraseAnswer> erase(List<String> ids) {
            return RetentionOperations.of(world.sweeper()).erase(ids, "dpo", "request 17");
        }

        @Test
        void leavesARefusedRowOutAndErasesTheOthers() {
            world.young("a", "b", "c", "y");
            refuse(true, "a");

            assertThat(erase(List.of("a", "b", "nobody", "c")))
                    .containsExactly(
                            Map.entry("a", EraseAnswer.UNMARKABLE),
                            Map.entry("b", EraseAnswer.ERASED),
                            Map.entry("nobody", EraseAnswer.UNKNOWN),
                            Map.entry("c", EraseAnswer.ERASED));

            assertThat(sentKeys()).containsExactly("key-b", "key-c");
            assertThat(world.isSoftDeleted("a")).isFalse();
            assertThat(world.state("a")).isNull();
            assertThat(world.ledger.events("a")).isEmpty();
            refuse(false, "a");
            assertThat(erase(List.of("a"))).containsEntry("a", EraseAnswer.ERASED);
        }

        @Test
        void leavesItOutAlsoWhereTheFirstPartHasNoOther() {
            List<String> ids = new ArrayList<>(List.of("a"));
            for (int n = 0; n < 60; n++) {
                ids.add("nobody-" + n);
            }
            ids.add("b");
            world.young("a", "b", "y");
            refuse(true, "a");

            assertThat(erase(ids)).containsEntry("a", EraseAnswer.UNMARKABLE).containsEntry("b", EraseAnswer.ERASED);
            assertThat(sentKeys()).containsExactly("key-b");
        }

        @Test
        void answersForEachRowThoughTheFirstThreeAreRefused() {
            world.young("a", "b", "c", "d", "y");
            refuse(true, "a", "b", "c");

            assertThat(erase(List.of("a", "b", "c", "d")))
                    .containsExactly(
                            Map.entry("a", EraseAnswer.UNMARKABLE),
                            Map.entry("b", EraseAnswer.UNMARKABLE),
                            Map.entry("c", EraseAnswer.UNMARKABLE),
                            Map.entry("d", EraseAnswer.ERASED));
            assertThat(sentKeys()).containsExactly("key-d");
        }

        @Test
        void sendsNothingIfAllAreRefused() {
            world.young("a", "y");
            refuse(true, "a");

            assertThat(erase(List.of("a"))).containsExactly(Map.entry("a", EraseAnswer.UNMARKABLE));
            assertThat(world.storage.calls()).isEmpty();
        }

        @Test
        void triesNoFurtherRowWhenFiftyAreRefused() {
            List<String> refused = new ArrayList<>();
            for (int n = 0; n < 50; n++) {
                refused.add("refused-" + n);
            }
            world.young(refused.toArray(String[]::new)).young("a", "b", "y");
            refuse(true, refused.toArray(String[]::new));
            world.repository.put(world.row("b").withDeleted(World.NOW, "by a user"));
            List<String> all = new ArrayList<>(refused);
            all.addAll(List.of("a", "nobody", "b"));

            Map<String, EraseAnswer> answers = erase(all);

            assertThat(refused).allSatisfy(id -> assertThat(answers).containsEntry(id, EraseAnswer.UNMARKABLE));
            assertThat(answers)
                    .containsEntry("a", EraseAnswer.NOT_STARTED)
                    .containsEntry("nobody", EraseAnswer.UNKNOWN)
                    .as("its row needs no mark")
                    .containsEntry("b", EraseAnswer.ERASED);
            assertThat(sentKeys()).containsExactly("key-b");
        }

        @Test
        void rehearsesEachRow() {
            world.young("a", "b", "c", "y");
            refuse(true, "b");

            assertThat(erase(List.of("a", "b", "c")))
                    .containsExactly(
                            Map.entry("a", EraseAnswer.ERASED),
                            Map.entry("b", EraseAnswer.UNMARKABLE),
                            Map.entry("c", EraseAnswer.ERASED));
            assertThat(sentKeys()).containsExactly("key-a", "key-c");
        }

        /** A row that needs no mark says nothing about those that do. */
        @Test
        void rehearsesALiveRowAlsoAfterOneThatIsSoftDeleted() {
            world.young("gone", "a", "b", "y");
            world.repository.put(world.row("gone").withDeleted(World.NOW, "by a user"));
            refuse(true, "a");

            assertThat(erase(List.of("gone", "a", "b")))
                    .containsExactly(
                            Map.entry("gone", EraseAnswer.ERASED),
                            Map.entry("a", EraseAnswer.UNMARKABLE),
                            Map.entry("b", EraseAnswer.ERASED));
        }
    }
}
