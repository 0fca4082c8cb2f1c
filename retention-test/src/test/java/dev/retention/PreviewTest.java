package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreviewTest {

    private final World world = new World();

    @Test
    void previewsWhatASweepThenDoesAndChangesNothing() {
        world.due(20).young("y");
        world.repository.put(
                world.row("due-0003").withFlaggedHeld(true),
                EngineRow.of("no-key", null, World.CUTOFF.minusSeconds(5)));
        world.holds.place("h", List.of("due-0004"), "dpo", "why", null);
        RetentionSweeper sweeper = world.builder(world.storage).batchSize(3).build();
        List<EngineRow> before = world.repository.rows();

        SweepReport preview = sweeper.preview();

        assertThat(world.storage.calls()).isEmpty();
        assertThat(world.repository.rows()).isEqualTo(before);
        assertThat(world.repository.runs().latest()).isEmpty();
        assertThat(preview)
                .returns(18L, SweepReport::deleted)
                .returns(2L, SweepReport::held)
                .returns(1L, SweepReport::withoutKey);
        assertThat(preview.message()).contains("no storage key, so that no storage can be asked: ");
        SweepReport sweep = sweeper.sweep();
        assertThat(sweep.deleted()).isEqualTo(preview.deleted());
        assertThat(sweep.held()).isEqualTo(preview.held());
        assertThat(sweeper.preview().deleted()).isZero();
    }

    @Test
    void previewsWhatStandsInTheWay() {
        world.due("ok", "lost", "later").young("y");
        world.storage
                .answer("key-lost", DeletionResult.notFound())
                .answer("key-later", DeletionResult.tryLater("503", null, true));
        RetentionSweeper sweeper = world.sweeper();
        SweepReport sweep = sweeper.sweep();

        assertThat(sweeper.preview())
                .returns(0L, SweepReport::deleted)
                .returns(sweep.unproven(), SweepReport::unproven)
                .returns(sweep.failed(), SweepReport::failed);
    }

    @Test
    void aDryRunOnlyPreviews() {
        world.due(5).young("y");

        SweepReport report = world.builder(world.storage).dryRun(true).build().sweep();

        assertThat(report.deleted()).isEqualTo(5);
        assertThat(world.storage.calls()).isEmpty();
        assertThat(world.repository.rows()).allMatch(row -> row.deleted() == null);
        assertThat(world.ledger.find("due-0000")).isEmpty();
    }

    @Test
    void aCapShowsInThePreview() {
        world.due(5).young("y");
        RetentionSweeper sweeper = world.builder(world.storage).maxDeletions(3L).build();

        assertThat(sweeper.preview())
                .returns(3L, SweepReport::deleted)
                .returns(2L, SweepReport::remaining)
                .returns(SweepEnd.CAPPED, SweepReport::end);
    }
}
