package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.RecordingSource.Page;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows that the engine has soft-deleted itself: {@link dev.retention.spi.RecordingSource#softDeleted}. */
abstract class SoftDeletedRowsContract extends PortContract {

    SoftDeletedRowsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void pagesSoftDeletedRowsThatNothingProvesToBeDeleted() {
        EngineRow provenByUs = insert(dueRow(1));
        record(deleted(only(claim(openRun(), provenByUs).claims())));
        EngineRow byTheEngine = insert(dueRow(2).withDeleted(NOW.minus(TICK), "asked for"));
        insert(dueRow(3));
        insert(row(4, CUTOFF).withDeleted(NOW.minus(TICK), "too young"));
        insert(dueRow(5).withStorageKey(null).withDeleted(NOW.minus(TICK), "without a key"));

        assertThat(softDeletedIds(10)).containsExactly(byTheEngine.id());
    }

    @Test
    void pagesASoftDeletedRowWhoseIdWasThatOfADeletedRecording() {
        EngineRow before = insert(dueRow(1));
        record(deleted(only(claim(openRun(), before).claims())));
        EngineRow after = before.withStorageKey("REafter").withDeleted(NOW.minus(TICK), "asked for");
        updateRow(after);
        assertThat(softDeletedIds(10)).as("another key").containsExactly(before.id());

        updateRow(before.withCreated(created(before).minus(TICK)).withDeleted(NOW.minus(TICK), "asked for"));
        assertThat(softDeletedIds(10)).as("another creation time").containsExactly(before.id());

        updateRow(before.withDeleted(NOW.minus(TICK), "asked for"));
        assertThat(softDeletedIds(10)).as("the deleted one").isEmpty();
    }

    @Test
    void pagesEverySoftDeletedRowOnceWhateverIsProvenInBetween() {
        List<EngineRow> rows = insertDue(7);
        record(deleted(only(claim(openRun(), rows.get(3)).claims())));
        rows.stream()
                .filter(row -> row != rows.get(3))
                .forEach(row -> updateRow(row.withDeleted(NOW.minus(TICK), "asked for")));

        assertThat(softDeletedIds(2))
                .hasSize(6)
                .doesNotHaveDuplicates()
                .doesNotContain(rows.get(3).id());
    }

    @Test
    void leavesOutSoftDeletedRowsThatNameALaterTime() {
        needs(Capability.RETAIN_UNTIL);
        insert(dueRow(1).withRetainUntil(NOW.plus(TICK)).withDeleted(NOW.minus(TICK), "asked for"));
        EngineRow over = insert(dueRow(2).withRetainUntil(NOW).withDeleted(NOW.minus(TICK), "asked for"));

        assertThat(softDeletedIds(10)).containsExactly(over.id());
    }

    private List<String> softDeletedIds(int limit) {
        List<String> ids = new ArrayList<>();
        String cursor = null;
        do {
            Page page = repository.recordings().softDeleted(criteria(), cursor, limit);
            page.candidates().forEach(candidate -> ids.add(candidate.id()));
            cursor = page.next();
        } while (cursor != null);
        return ids;
    }

    @Test
    void knowsRowsWithoutACreationTime() {
        needs(Capability.NULL_CREATED);
        EngineRow undated = insert(row(1, null));
        EngineRow dated = insert(dueRow(2));

        assertThat(repository.recordings().withoutCreationTime(List.of(undated.id(), dated.id(), "999")))
                .containsExactly(undated.id());
    }
}
