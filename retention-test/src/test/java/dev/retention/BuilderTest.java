package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BuilderTest {

    private final World world = new World();

    @Test
    void everyFaultIsNamedAtOnce() {
        assertThatThrownBy(() -> RetentionSweeper.builder(world.repository)
                        .batchSize(0)
                        .maxConcurrency(-1)
                        .maxRate(0.0)
                        .lease(Duration.ofSeconds(1))
                        .policy(RetentionPolicy.ofDays(6))
                        .build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("batchSize is 0")
                .hasMessageContaining("maxConcurrency is -1")
                .hasMessageContaining("maxRate is 0.0")
                .hasMessageContaining("lease is PT1S")
                .hasMessageContaining("no storage")
                .hasMessageContaining("shortest period allowed");
    }

    @Test
    void theFloorIsLoweredOnlyByWhoSaysSo() {
        world.builder(world.storage).policy(RetentionPolicy.ofDays(7)).build();
        world.builder(world.storage)
                .policy(RetentionPolicy.ofDays(2))
                .minimumPeriod(Duration.ofDays(1))
                .build();
    }

    @Test
    void policiesAndStoragesNeedNamesOfTheirOwn() {
        assertThatThrownBy(() -> world.builder(world.storage, new FakeRecordingStorage())
                        .furtherPolicy(RetentionPolicy.ofDays(30).matching("a", "b"))
                        .furtherPolicy(RetentionPolicy.ofDays(30).named("all"))
                        .build())
                .hasMessageContaining("two storages are named 'fake'")
                .hasMessageContaining("two policies are named 'default'")
                .hasMessageContaining("policy 'all' matches every recording");
    }

    @Test
    void ninetyDaysUnlessSomebodySaysOtherwise() {
        world.due("a").young("y");
        assertThat(world.sweeper().preview().cutoffs()).containsEntry("default", World.CUTOFF);
    }
}
