package dev.retention.internal.report;

import dev.retention.Backlog.Some;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.DueStatus;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.LedgerReader.Deleted;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the results of a run from the database: its deletions from the ledger, and the reasons why the other due
 * recordings remain from the ledger and the engine's table. Nothing is counted during the run, so a crash can't make a
 * count wrong.
 */
public final class Tally {

    private static final int SLICE = 500;

    private final RecordingRepository repository;
    private final DueCriteria criteria;
    private final Map<DeletionOutcome, Long> deleted;
    private final Duration audio;
    private final List<String> incomplete;
    private final Map<DueStatus, Long> statuses = new EnumMap<>(DueStatus.class);
    private final Counts counts;
    private final long remaining;
    /** Null until a report needs them. */
    private @Nullable Some softDeleted;

    private Tally(RecordingRepository repository, String runId, DueCriteria criteria) {
        this.repository = repository;
        this.criteria = criteria;
        Deleted byRun = repository.ledger().deletedBy(runId);
        deleted = byRun.byOutcome();
        audio = byRun.audio();
        counts = repository.recordings().count(criteria);
        incomplete = IncompleteRows.sentences(repository, criteria, counts);
        long unclaimable = counts.dueFlaggedHeld();
        count(DueStatus.HELD, counts.dueFlaggedHeld());
        String after = null;
        List<LedgerEntry> page;
        do {
            page = repository.ledger().unfinished(after, SLICE);
            unclaimable += countUnfinished(repository, page, criteria);
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == SLICE);
        remaining = Math.max(0, counts.due() - unclaimable);
    }

    public static Tally of(RecordingRepository repository, SweepRun run, DueCriteria criteria) {
        return new Tally(repository, run.id(), criteria);
    }

    public long remaining() {
        return remaining;
    }

    /**
     * How many due recordings are not deleted, by what keeps them, as a report names it; what keeps none is absent.
     * Those that the run did not process come last.
     */
    public Map<String, Long> left() {
        Map<String, Long> left = new LinkedHashMap<>();
        left.put("failed", statuses.getOrDefault(DueStatus.FAILED, 0L));
        left.put("unproven", statuses.getOrDefault(DueStatus.UNPROVEN, 0L));
        left.put("quarantined", statuses.getOrDefault(DueStatus.QUARANTINED, 0L));
        left.put("deferred", deferred(statuses));
        left.put("held", statuses.getOrDefault(DueStatus.HELD, 0L));
        left.put("without a storage key", counts.withoutKey());
        left.put("not processed", remaining);
        left.values().removeIf(count -> count == 0);
        return left;
    }

    /** What a report says about rows that no sweep can delete, or that this one was not to delete. */
    public List<String> incomplete() {
        List<String> sentences = new ArrayList<>(incomplete);
        SoftDeletedRows.sentence(softDeleted(), criteria).ifPresent(sentences::add);
        return sentences;
    }

    /** The rows that the engine has soft-deleted itself, and that are left. */
    public Some softDeleted() {
        Some known = softDeleted;
        if (known == null) {
            known = SoftDeletedRows.of(repository, criteria);
            softDeleted = known;
        }
        return known;
    }

    private static long deferred(Map<DueStatus, Long> statuses) {
        return statuses.getOrDefault(DueStatus.DEFERRED, 0L) + statuses.getOrDefault(DueStatus.KEY_SHARED, 0L);
    }

    /** The run's report, with the cutoffs of the criteria, which says so if there is no evidence. */
    public SweepReport report(Instant started, Instant ended, DueCriteria criteria, SweepEnd end, String message) {
        String full = EvidenceNotice.in(message, repository.evidence());
        return builder(statuses, counts, criteria, SweepReport.builder(started, ended, end, full))
                .deleted(deleted.getOrDefault(DeletionOutcome.DELETED, 0L))
                .alreadyGone(deleted.getOrDefault(DeletionOutcome.ALREADY_GONE, 0L))
                .nothingStored(deleted.getOrDefault(DeletionOutcome.NOTHING_STORED, 0L))
                .remaining(remaining)
                .engineDeleted(softDeleted().count())
                .audioFreed(audio)
                .build();
    }

    /** Sets the counts that do not depend on what was deleted. */
    public static SweepReport.Builder builder(
            Map<DueStatus, Long> statuses, Counts counts, DueCriteria criteria, SweepReport.Builder report) {
        return report.failed(statuses.getOrDefault(DueStatus.FAILED, 0L))
                .deferred(deferred(statuses))
                .unproven(statuses.getOrDefault(DueStatus.UNPROVEN, 0L))
                .quarantined(statuses.getOrDefault(DueStatus.QUARANTINED, 0L))
                .held(statuses.getOrDefault(DueStatus.HELD, 0L))
                .withoutKey(counts.withoutKey())
                .undated(counts.undated())
                .cutoffs(Policies.cutoffs(criteria));
    }

    /** Counts a page of entries, and returns how many of their rows are due but can't be claimed because of them. */
    private long countUnfinished(RecordingRepository repository, List<LedgerEntry> page, DueCriteria criteria) {
        Map<String, Candidate> rows = new HashMap<>();
        repository
                .recordings()
                .find(page.stream().map(LedgerEntry::recordingId).toList())
                .forEach(row -> rows.put(row.id(), row));
        long unclaimable = 0;
        for (LedgerEntry entry : page) {
            Candidate row = rows.get(entry.recordingId());
            // Flagged rows are counted as held before. Live rows of deleted recordings count as remaining, and so do
            // those whose entry can't be read.
            boolean counted = entry.state() == DeletionState.DELETED
                    || entry.state() == DeletionState.UNREADABLE
                    || row != null && row.flaggedHeld() && isDue(row, criteria);
            boolean due = !counted && isDue(row, criteria);
            if (due || !counted && entry.state() == DeletionState.DELETING) {
                count(DueStatus.of(entry), 1);
            }
            // Soft-deleted rows are not among those that were counted as due.
            if (due && row != null && row.deleted() == null) {
                unclaimable++;
            }
        }
        return unclaimable;
    }

    private static boolean isDue(@Nullable Candidate row, DueCriteria criteria) {
        return row != null && row.recording().storageKey() != null && criteria.isDue(row);
    }

    private void count(DueStatus as, long many) {
        statuses.merge(as, many, Long::sum);
    }
}
