package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Backlog.Some;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private final World world = new World();

    private Backlog backlog() {
        return world.sweeper().backlog();
    }

    @Test
    void anEmptyTableIsSaidToBeEmptyAndOneWithAYoungRecordingIsNot() {
        assertThat(backlog()).isEqualTo(new Backlog(World.NOW, 0, Some.NONE, Some.NONE, true, Some.NONE, Map.of()));
        world.young("y");
        assertThat(backlog()).isEqualTo(new Backlog(World.NOW, 0, Some.NONE, Some.NONE, false, Some.NONE, Map.of()));
    }

    @Test
    void aRowThatCanOnlyBeCountedIsALiveRowToo() {
        world.repository.put(EngineRow.of("undated", "key", null));
        assertThat(backlog().tableIsEmpty()).isFalse();
        assertThat(backlog().undated().count()).isEqualTo(1);
    }

    @Test
    void rowsThatOnlyWithoutAKeyAreDueAreLiveRowsToo() {
        world.repository.put(EngineRow.of("no-key", null, World.CUTOFF.minusSeconds(1)));
        assertThat(backlog().tableIsEmpty()).isFalse();
        world.repository.put(EngineRow.of("undated", "key", null));
        assertThat(backlog().tableIsEmpty()).isFalse();
    }

    @Test
    void tellsSinceWhenTheOldestIsDue() {
        world.due("a").young("y");
        world.repository.put(EngineRow.of("b", "key-b", World.CUTOFF.minus(Duration.ofDays(12))));
        Backlog backlog = backlog();
        assertThat(backlog.due()).isEqualTo(2);
        assertThat(backlog.longestOverdue())
                .contains(new Backlog.Overdue(
                        "b", "default", World.CUTOFF.minus(Duration.ofDays(12)), Duration.ofDays(12)));
    }

    @Test
    void whatIsHeldIsNotOverdue() {
        world.due("a", "held", "flagged", "tenant");
        world.repository.put(
                EngineRow.of("held", "key-held", World.CUTOFF.minus(Duration.ofDays(30))),
                EngineRow.of("flagged", "key-flagged", World.CUTOFF.minus(Duration.ofDays(30)))
                        .withFlaggedHeld(true),
                EngineRow.of("tenant", "key-tenant", World.CUTOFF.minus(Duration.ofDays(30)))
                        .withAttribute("tenant", "acme"));
        world.holds.place("case", List.of("held"), "dpo", "litigation", null);
        world.holds.placeWhere("all", "tenant", "acme", "dpo", "litigation");
        assertThat(backlog().longestOverdue()).map(Backlog.Overdue::recordingId).contains("a");
        assertThat(backlog().due()).as("without the flagged one").isEqualTo(3);
        world.holds.place("case", List.of("a"), "dpo", "litigation", null);
        assertThat(backlog().longestOverdue()).isEmpty();
    }

    @Test
    void looksBehindManyHeldOnes() {
        for (int i = 0; i < 700; i++) {
            world.repository.put(EngineRow.of("held-" + i, "key", World.CUTOFF.minus(Duration.ofDays(30)))
                    .withFlaggedHeld(true));
        }
        world.due("a");
        assertThat(backlog().longestOverdue()).map(Backlog.Overdue::recordingId).contains("a");
    }

    @Test
    void aLaterRetainUntilIsWhatCounts() {
        world.repository.put(EngineRow.of("a", "key-a", World.CUTOFF.minus(Duration.ofDays(30)))
                .withRetainUntil(World.NOW.minus(Duration.ofDays(2))));
        assertThat(backlog().longestOverdue()).map(Backlog.Overdue::overdue).contains(Duration.ofDays(2));
    }

    @Test
    void eachPolicyHasItsOwnOldest() {
        RetentionSweeper sweeper = world.builder(world.storage)
                .furtherPolicy(RetentionPolicy.ofDays(365).named("year").matching("queue", "sales"))
                .furtherPolicy(RetentionPolicy.ofDays(10).named("short").matching("queue", "support"))
                .furtherPolicy(RetentionPolicy.keep().named("keep").matching("queue", "board"))
                .build();
        world.repository.put(
                row("year-due", 366, "sales"),
                row("year-not-due", 364, "sales"),
                row("short-due", 40, "support"),
                row("short-not-due", 9, "support"),
                row("kept", 5000, "board"),
                row("default-due", 95, "other"),
                row("default-not-due", 89, "other"));
        assertThat(sweeper.backlog().oldest())
                .hasEntrySatisfying("year", isOverdue("year-due", 1))
                .hasEntrySatisfying("short", isOverdue("short-due", 30))
                .hasEntrySatisfying("default", isOverdue("default-due", 5))
                .hasSize(3);
        assertThat(sweeper.backlog().longestOverdue())
                .map(Backlog.Overdue::recordingId)
                .contains("short-due");
        assertThat(sweeper.countByPolicy())
                .extracting(counts -> counts.policy() + " " + counts.due() + " of " + counts.live())
                .containsExactly("year 1 of 2", "short 1 of 2", "keep 0 of 1", "default 1 of 2");
    }

    private static EngineRow row(String id, int days, String queue) {
        return EngineRow.of(id, "key-" + id, World.NOW.minus(Duration.ofDays(days)))
                .withAttribute("queue", queue);
    }

    private static org.assertj.core.api.ThrowingConsumer<Backlog.Overdue> isOverdue(String id, int days) {
        return overdue -> assertThat(overdue)
                .returns(id, Backlog.Overdue::recordingId)
                .returns(Duration.ofDays(days), Backlog.Overdue::overdue);
    }
}
