package dev.retention;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Goes the way of a sweep, with the same selection and the same checks, and changes nothing. */
final class Preview {

    private final RecordingRepository repository;
    private final Storages storages;
    private final SweepSettings settings;
    private final DueCriteria criteria;
    private final Brakes brakes;

    Preview(
            RecordingRepository repository,
            Storages storages,
            SweepSettings settings,
            DueCriteria criteria,
            Brakes brakes) {
        this.brakes = brakes;
        this.repository = repository;
        this.storages = storages;
        this.settings = settings;
        this.criteria = criteria;
    }

    SweepReport run() {
        Instant started = repository.now();
        Map<Standing, Long> standing = new EnumMap<>(Standing.class);
        List<Scope> scopes = repository.holds().scopes();
        Duration audio = Duration.ZERO;
        Long cap = settings.maxDeletions();
        long wouldSend = 0;
        long remaining = 0;
        String cursor = null;
        do {
            Page page = repository.recordings().page(criteria, cursor, settings.batchSize());
            Map<String, LedgerEntry> entries = DeletionLedger.of(repository)
                    .find(page.candidates().stream().map(Candidate::id).toList());
            for (Candidate candidate : page.candidates()) {
                if (!criteria.isDue(candidate)) {
                    continue;
                }
                Standing as = Standing.of(candidate, entries.get(candidate.id()), storages, scopes);
                if (as == Standing.CLAIMABLE && (cap == null || wouldSend < cap)) {
                    wouldSend++;
                    Duration duration = candidate.duration();
                    audio = duration == null ? audio : audio.plus(duration);
                } else if (as == Standing.CLAIMABLE || as == Standing.LIVE_AGAIN) {
                    remaining++;
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
        return Tally.report(
                wouldSend,
                0,
                0,
                standing,
                counts,
                remaining,
                audio,
                started,
                repository.now(),
                criteria,
                end,
                "a preview: nothing was deleted, nothing claimed; 'deleted' is what would be sent"
                        + objections(started));
    }

    private String objections(Instant now) {
        List<String> objections = brakes.objections(criteria, now);
        return objections.isEmpty() ? "" : ". A sweep would be refused: " + String.join("; ", objections);
    }
}
