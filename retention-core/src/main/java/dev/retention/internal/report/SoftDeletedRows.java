package dev.retention.internal.report;

import dev.retention.Backlog.Some;
import dev.retention.LedgerEntry;
import dev.retention.internal.recording.LedgerEntries;
import dev.retention.internal.support.Texts;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows that the engine has soft-deleted itself, and that would be due. Nothing proves that their recordings are
 * deleted, and no hold keeps them. Reads all soft-deleted rows that have reached their age: once for each report.
 */
public final class SoftDeletedRows {

    private static final int PAGE = 1_000;

    private SoftDeletedRows() {}

    public static Some of(RecordingRepository repository, DueCriteria criteria) {
        long count = 0;
        List<String> first = new ArrayList<>();
        List<Scope> scopes = repository.holds().scopes();
        String cursor = null;
        do {
            Page page = repository.recordings().softDeleted(criteria, cursor, PAGE);
            Map<String, LedgerEntry> entries = LedgerEntries.find(
                    repository, page.candidates().stream().map(Candidate::id).toList());
            for (Candidate row : page.candidates()) {
                if (!BacklogReader.isHeld(row, entries.get(row.id()), scopes)) {
                    count++;
                    if (first.size() < Some.MOST_NAMED) {
                        first.add(row.id());
                    }
                }
            }
            count += page.unreadable().size();
            cursor = page.next();
        } while (cursor != null);
        return new Some(count, first);
    }

    /** What a report says about them, for people; empty if there are none. */
    public static Optional<String> sentence(Some rows, DueCriteria criteria) {
        if (rows.count() == 0) {
            return Optional.empty();
        }
        return Optional.of("the rows of " + rows.count()
                + " recordings were soft-deleted by the application itself, and nothing proves that their audio is"
                + " deleted: " + Texts.named(rows.first())
                + (rows.count() > rows.first().size() ? ", …" : "")
                + (criteria.softDeletedToo()
                        ? ". The next sweep tries those again that need no decision"
                        : ". Erase them, or let sweeps delete them by the setting engine-deleted"));
    }
}
