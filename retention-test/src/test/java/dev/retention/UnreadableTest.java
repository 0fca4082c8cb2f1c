package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.retention.internal.report.BacklogReader;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("Recordings whose row or entry can't be read")
class UnreadableTest {

    @RegisterExtension
    final CapturedLog log = new CapturedLog("dev.retention.internal.run");

    private final World world = new World();

    UnreadableTest() {
        world.due("a", "b", "c", "d").young("y");
    }

    private void assertAreKeptAndNamed(SweepReport report, String... kept) {
        assertThat(report)
                .returns(4L - kept.length, SweepReport::deleted)
                .returns((long) kept.length, SweepReport::remaining)
                .returns(4L - kept.length, SweepReport::checked)
                .returns(SweepEnd.COMPLETED, SweepReport::end);
        assertThat(report.message())
                .contains(kept.length + " due recordings are kept, because this instance can't read")
                .contains(String.join(", ", kept));
        for (String id : kept) {
            assertThat(world.isSoftDeleted(id)).isFalse();
            assertThat(world.storage.keys()).contains("key-" + id);
        }
        assertThat(world.isSoftDeleted("y")).isFalse();
    }

    @Test
    void areLeftAloneByASweep() {
        world.repository.setUnreadable("a", true);
        world.repository.setUnreadable("c", true);
        assertAreKeptAndNamed(world.builder(world.storage).batchSize(1).build().sweep(), "a", "c");

        world.repository.setUnreadable("a", false);
        world.repository.setUnreadable("c", false);
        SweepReport later = world.sweeper().sweep();
        assertThat(later.deleted()).isEqualTo(2);
        assertThat(later.message()).doesNotContain("can't read");
    }

    @Test
    void areLeftAloneByASweepWhenItIsTheEntry() {
        world.holds.place("h", List.of("b"), "dpo", "dispute", null);
        world.holds.release("h", "dpo");
        world.repository.setEntryUnreadable("b");
        assertAreKeptAndNamed(world.sweeper().sweep(), "b");
        assertThat(world.state("b")).isEqualTo(DeletionState.UNREADABLE);
    }

    @Test
    void areNoneOfAPreview() {
        world.repository.setUnreadable("a", true);
        world.repository.setEntryUnreadable("b");
        SweepReport preview = world.sweeper().preview();
        assertThat(preview).returns(2L, SweepReport::deleted).returns(2L, SweepReport::remaining);
        assertThat(preview.message()).contains("2 due recordings are kept", "a, b");
    }

    @Test
    void areLeftAloneByRecovery() {
        world.claimAndDie("a", "b");
        world.repository.setEntryUnreadable("a");
        world.clock.advance(Duration.ofMinutes(11));
        world.sweeper().recover();
        assertThat(world.storage.calls())
                .noneMatch(call -> call.recording().id().equals("a"));
        assertThat(world.isSoftDeleted("a")).isFalse();
        assertThat(world.isSoftDeleted("b")).isTrue();
    }

    @Test
    void areHeldWithTheirNeighbours() {
        world.repository.setUnreadable("a", true);
        assertThat(world.holds.place("h", List.of("a", "b"), "dpo", "dispute", null))
                .containsEntry("a", HoldAnswer.HELD)
                .containsEntry("b", HoldAnswer.HELD);
        world.repository.setUnreadable("a", false);
        world.sweeper().sweep();
        assertThat(world.deletedKeys()).containsExactlyInAnyOrder("key-c", "key-d");
    }

    @Test
    void areNamedByAnErasure() {
        world.repository.setUnreadable("a", true);
        world.repository.setEntryUnreadable("b");
        assertThat(RetentionOperations.of(world.sweeper()).erase(List.of("a", "b", "c", "nobody"), "dpo", "request"))
                .containsExactly(
                        Map.entry("a", EraseAnswer.UNREADABLE),
                        Map.entry("b", EraseAnswer.UNREADABLE),
                        Map.entry("c", EraseAnswer.ERASED),
                        Map.entry("nobody", EraseAnswer.UNKNOWN));
        assertThat(world.deletedKeys()).containsExactly("key-c");
    }

    @Test
    void areCountedByTheBacklog() {
        DueCriteria criteria =
                new DueCriteria(World.NOW, List.of(), new DueCriteria.Rule("default", Map.of(), World.CUTOFF));
        world.repository.setUnreadable("a", true);
        world.repository.setEntryUnreadable("b");
        Backlog backlog = new BacklogReader(world.repository, criteria).read(World.NOW);
        assertThat(backlog)
                .returns(4L, Backlog::due)
                .returns(new Backlog.Some(2, List.of("a", "b")), Backlog::unreadable);
        assertThat(backlog.longestOverdue().orElseThrow())
                .returns("c", Backlog.Overdue::recordingId)
                .returns(Duration.ofDays(10), Backlog.Overdue::overdue);
    }

    @Test
    void areInTheLogAsSoonAsTheyAreMet() {
        world.due("odd-value-17");
        world.repository.setUnreadable("odd-value-17", true);
        List<String> logged = new CopyOnWriteArrayList<>();
        world.storage.answer("key-b", recording -> {
            log.lines(Level.WARN, "1 due recordings are kept", "odd-value-17").forEach(logged::add);
            return DeletionResult.deleted("204");
        });
        world.sweeper().sweep();
        assertThat(logged).hasSize(1);
    }
}
