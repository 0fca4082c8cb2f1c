package dev.retention.internal.run;

import dev.retention.Backlog.Some;
import dev.retention.LedgerEntry;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.internal.recording.DueStatus;
import dev.retention.internal.recording.LedgerEntries;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.recording.UnmappedHolds;
import dev.retention.internal.report.EvidenceNotice;
import dev.retention.internal.report.IncompleteRows;
import dev.retention.internal.report.SoftDeletedRows;
import dev.retention.internal.report.Tally;
import dev.retention.internal.safety.Brakes;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a sweep would do, by the same selection and the same checks. Changes nothing. */
final class Preview {

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final DueCriteria criteria;
    private final Brakes brakes;

    Preview(Resources resources, DueCriteria criteria, Brakes brakes) {
        this.repository = resources.repository();
        this.storages = resources.storages();
        this.settings = resources.settings();
        this.criteria = criteria;
        this.brakes = brakes;
    }

    SweepReport run() {
        Instant started = repository.now();
        Map<DueStatus, Long> standing = new EnumMap<>(DueStatus.class);
        List<Scope> scopes = repository.holds().scopes();
        Duration audio = Duration.ZERO;
        Long cap = settings.maxDeletions();
        long wouldSend = 0;
        long remaining = 0;
        UnreadableRecordings unreadable = new UnreadableRecordings();
        String cursor = null;
        do {
            Page page = DuePages.next(repository.recordings(), criteria, cursor, settings.batchSize());
            Map<String, LedgerEntry> entries = LedgerEntries.find(
                    repository, page.candidates().stream().map(Candidate::id).toList());
            Set<String> shared = repository.gate().keptForOthers(page.candidates(), criteria);
            remaining += page.unreadable().size();
            unreadable.add(page.unreadable());
            for (Candidate candidate : page.candidates()) {
                if (!criteria.isDue(candidate)) {
                    continue;
                }
                DueStatus as = DueStatus.of(candidate, entries.get(candidate.id()), storages, scopes);
                if (as.isToBeClaimed()) {
                    as = shared.contains(candidate.id()) ? DueStatus.KEY_SHARED : DueStatus.CLAIMABLE;
                }
                if (as == DueStatus.CLAIMABLE && (cap == null || wouldSend < cap)) {
                    wouldSend++;
                    Duration duration = candidate.duration();
                    audio = duration == null ? audio : audio.plus(duration);
                } else if (as == DueStatus.LIVE_AGAIN && candidate.deleted() != null) {
                    // The entry is about a recording that had the id before: counted as soft-deleted by the engine.
                    continue;
                } else if (as == DueStatus.CLAIMABLE || as == DueStatus.LIVE_AGAIN) {
                    remaining++;
                } else if (as == DueStatus.UNREADABLE) {
                    remaining++;
                    unreadable.add(Set.of(candidate.id()));
                } else {
                    standing.merge(as, 1L, Long::sum);
                }
            }
            cursor = page.next();
        } while (cursor != null && !Thread.currentThread().isInterrupted());
        SweepEnd end = cursor != null
                ? SweepEnd.STOPPED
                : cap != null && remaining > 0 && wouldSend == cap ? SweepEnd.CAPPED : SweepEnd.COMPLETED;
        Counts counts = repository.recordings().count(criteria);
        Some softDeleted = SoftDeletedRows.of(repository, criteria);
        String message = "this is a preview: nothing was deleted or claimed. 'deleted' counts the recordings that a"
                + " sweep would send"
                + objections(started)
                + (unreadable.isEmpty() ? "" : ". " + unreadable.text())
                + IncompleteRows.sentences(repository, criteria, counts).stream()
                        .map(sentence -> ". " + sentence)
                        .collect(Collectors.joining())
                + SoftDeletedRows.sentence(softDeleted, criteria)
                        .map(sentence -> ". " + sentence)
                        .orElse("");
        String full = EvidenceNotice.in(message, repository.evidence());
        return Tally.builder(standing, counts, criteria, SweepReport.builder(started, repository.now(), end, full))
                .deleted(wouldSend)
                .remaining(remaining)
                .engineDeleted(softDeleted.count())
                .audioFreed(audio)
                .build();
    }

    private String objections(Instant now) {
        List<String> objections = new ArrayList<>(brakes.objections(criteria, now));
        UnmappedHolds.objection(repository.holds()).ifPresent(objections::add);
        return objections.isEmpty() ? "" : ". A sweep would be refused: " + String.join("; ", objections);
    }
}
