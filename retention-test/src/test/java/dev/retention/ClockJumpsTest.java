package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.test.MutableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks that jump while a sweep is under way. */
class ClockJumpsTest {

    private final World world = new World();

    private SweepReport sweepWithAtTheFifth(RetentionSweeper sweeper, Runnable event) {
        world.due(60);
        world.storage.answer("key-due-0004", recording -> {
            event.run();
            // The clocks are looked at every ten seconds.
            world.clock.advance(Duration.ofSeconds(11));
            return DeletionResult.deleted("yes");
        });
        return sweeper.sweep();
    }

    @ParameterizedTest
    @ValueSource(longs = {-91L * 86_400, -301, 301, 91L * 86_400})
    void ofTheDatabaseStopTheSweep(long seconds) {
        SweepReport report = sweepWithAtTheFifth(
                world.sweeper(), () -> world.repository.setDatabaseOffset(Duration.ofSeconds(seconds)));

        assertThat(report.end()).isEqualTo(SweepEnd.CLOCKS_DISAGREE);
        assertThat(report.message()).contains("database's clock jumped").contains("Correct the clocks");
        assertThat(world.storage.deletes().size()).isBetween(5, 15);
    }

    @ParameterizedTest
    @ValueSource(longs = {-91L * 86_400, -301, 301, 91L * 86_400})
    void ofOursStopTheSweep(long seconds) {
        MutableClock ours = new MutableClock(World.NOW);
        SweepReport report = sweepWithAtTheFifth(
                world.builder(world.storage).clock(ours).build(), () -> ours.advance(Duration.ofSeconds(seconds + 11)));

        assertThat(report.end()).isEqualTo(SweepEnd.CLOCKS_DISAGREE);
        assertThat(report.message()).contains("this instance's clock jumped");
        assertThat(world.storage.deletes().size()).isBetween(5, 15);
    }

    @ParameterizedTest
    @ValueSource(longs = {-280, 280})
    void withinWhatIsAllowedStopNothing(long seconds) {
        SweepReport report = sweepWithAtTheFifth(
                world.sweeper(), () -> world.repository.setDatabaseOffset(Duration.ofSeconds(seconds)));
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(60);
    }

    @Test
    void leaveNothingClaimedThatWasNotSent() {
        sweepWithAtTheFifth(world.sweeper(), () -> world.repository.setDatabaseOffset(Duration.ofHours(5)));
        assertThat(world.repository.rows().stream()
                        .filter(row -> row.deleted() == null)
                        .map(row -> world.state(row.id())))
                .allMatch(state -> state == null || state == DeletionState.ACTIVE);
    }
}
