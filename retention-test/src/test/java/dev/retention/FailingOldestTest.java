package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recordings that fail are never deleted, so that they are the oldest each night. They starve none behind them. */
class FailingOldestTest {

    private static final int HEALTHY = 40;

    private final World world = new World();

    private void failing(int count) {
        List<EngineRow> rows = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            String id = "failing-%04d".formatted(n);
            rows.add(EngineRow.of(id, "key-" + id, World.CUTOFF.minus(Duration.ofDays(100))));
            world.storage.put("key-" + id);
            world.storage.answer("key-" + id, DeletionResult.tryLater("500", null, false));
        }
        world.repository.put(rows);
    }

    private long healthyLeft() {
        return world.repository.rows().stream()
                .filter(row -> row.id().startsWith("due-") && row.deleted() == null)
                .count();
    }

    @ParameterizedTest
    @CsvSource({"300, 500", "600, 250", "700, 100"})
    void hundredsOfThemStarveNoneBehindThem(int failing, int batchSize) {
        failing(failing);
        world.due(HEALTHY).young("y");

        SweepReport report = world.builder(world.storage)
                .batchSize(batchSize)
                .maxShare(1)
                .build()
                .sweep();

        assertThat(healthyLeft()).isZero();
        assertThat(report.deleted()).isEqualTo(HEALTHY);
    }

    @Test
    void inTheNextNightToo() {
        failing(300);
        world.due(HEALTHY).young("y");
        world.sweeper().sweep();
        world.clock.advance(Duration.ofDays(1));
        world.due("new-1", "new-2", "new-3");

        world.sweeper().sweep();

        assertThat(world.isSoftDeleted("new-1")).isTrue();
        assertThat(world.isSoftDeleted("new-2")).isTrue();
        assertThat(world.isSoftDeleted("new-3")).isTrue();
    }

    /** Look-ups are answered, and no deletion is. */
    @Test
    void anOutageIsStillWaitedFor() {
        failing(300);

        SweepReport report = world.young("y").sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.PROVIDER_DOWN);
        assertThat(report.deleted()).isZero();
        assertThat(report.quarantined()).isZero();
    }
}
