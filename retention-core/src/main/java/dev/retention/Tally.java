package dev.retention;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.LedgerReader.Deleted;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts a run from what the database holds: what the run has deleted from the ledger, and what stands in the way of the rest from the
 * ledger and the engine's table together. Nothing is counted along the way, so no crash can make a count wrong.
 */
final class Tally {

    private static final int SLICE = 500;

    private final Map<DeletionOutcome, Long> deleted;
    private final Duration audio;
    private final Map<Standing, Long> standing = new EnumMap<>(Standing.class);
    private final Counts counts;
    private final long remaining;

    private Tally(RecordingRepository repository, String runId, DueCriteria criteria) {
        Deleted byRun = repository.ledger().deletedBy(runId);
        deleted = byRun.byOutcome();
        audio = byRun.audio();
        counts = repository.recordings().count(criteria);
        long unclaimable = counts.dueFlaggedHeld();
        count(Standing.HELD, counts.dueFlaggedHeld());
        String after = null;
        List<LedgerEntry> page;
        do {
            page = repository.ledger().standing(after, SLICE);
            unclaimable += countStanding(repository, page, criteria);
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == SLICE);
        remaining = Math.max(0, counts.due() - unclaimable);
    }

    static Tally of(RecordingRepository repository, SweepRun run, DueCriteria criteria) {
        return new Tally(repository, run.id(), criteria);
    }

    long remaining() {
        return remaining;
    }

    SweepReport report(Instant started, Instant ended, DueCriteria criteria, SweepEnd end, String message) {
        return report(
                deleted.getOrDefault(DeletionOutcome.DELETED, 0L),
                deleted.getOrDefault(DeletionOutcome.ALREADY_GONE, 0L),
                deleted.getOrDefault(DeletionOutcome.NOTHING_STORED, 0L),
                standing,
                counts,
                remaining,
                audio,
                started,
                ended,
                criteria,
                end,
                message);
    }

    static SweepReport report(
            long deleted,
            long alreadyGone,
            long nothingStored,
            Map<Standing, Long> standing,
            Counts counts,
            long remaining,
            Duration audio,
            Instant started,
            Instant ended,
            DueCriteria criteria,
            SweepEnd end,
            String message) {
        long failed = standing.getOrDefault(Standing.FAILED, 0L);
        long deferred = standing.getOrDefault(Standing.DEFERRED, 0L);
        long unproven = standing.getOrDefault(Standing.UNPROVEN, 0L);
        long quarantined = standing.getOrDefault(Standing.QUARANTINED, 0L);
        long held = standing.getOrDefault(Standing.HELD, 0L);
        return new SweepReport(
                deleted + alreadyGone + nothingStored + failed + deferred + unproven + quarantined + held,
                deleted,
                alreadyGone,
                nothingStored,
                failed,
                deferred,
                unproven,
                quarantined,
                held,
                counts.withoutKey(),
                remaining,
                counts.undated(),
                Policies.cutoffs(criteria),
                audio,
                started,
                ended,
                end,
                message);
    }

    /** Counts a page of entries, and returns how many of them are due rows that can't be claimed for it. */
    private long countStanding(RecordingRepository repository, List<LedgerEntry> page, DueCriteria criteria) {
        Map<String, Candidate> rows = new HashMap<>();
        repository
                .recordings()
                .find(page.stream().map(LedgerEntry::recordingId).toList())
                .forEach(row -> rows.put(row.id(), row));
        long unclaimable = 0;
        for (LedgerEntry entry : page) {
            Candidate row = rows.get(entry.recordingId());
            // Flagged rows are counted as held by their flag, and live rows of what is deleted are what remains.
            boolean counted =
                    entry.state() == DeletionState.DELETED || row != null && row.flaggedHeld() && isDue(row, criteria);
            boolean due = !counted && isDue(row, criteria);
            if (due || !counted && entry.state() == DeletionState.DELETING) {
                count(Standing.of(entry), 1);
            }
            if (due) {
                unclaimable++;
            }
        }
        return unclaimable;
    }

    private static boolean isDue(@Nullable Candidate row, DueCriteria criteria) {
        return row != null && row.recording().storageKey() != null && criteria.isDue(row);
    }

    private void count(Standing as, long many) {
        standing.merge(as, many, Long::sum);
    }
}
