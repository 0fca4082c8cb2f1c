package dev.retention.internal.run;

import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.Evidence;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The claims in flight that a dry run looks up. They are read, and not claimed again: another instance can do that at
 * any time, as if there were no dry run. Their tokens are drawn here and are no row's, so that the database takes
 * nothing of their outcomes but a proof. For one thread at a time.
 */
final class DryRunClaims {

    /** A row's next attempt is not moved, so what was looked up is remembered here for so long. */
    private static final Duration LOOK_AGAIN = Duration.ofHours(1);

    private static final int MOST_REMEMBERED = 10_000;
    private static final int PAGE = 200;

    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final Map<String, Instant> lookedUp = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };
    private @Nullable String afterId;
    private boolean last;

    DryRunClaims(RecordingRepository repository, SweepSettings settings) {
        this.repository = repository;
        this.settings = settings;
    }

    /** Begins with the first claim again. */
    void beginRound() {
        afterId = null;
        last = false;
    }

    /** The next of those whose turn it is; empty at the end of the round. */
    List<Claim> next() {
        while (!last) {
            Instant now = repository.now();
            List<LedgerEntry> page = repository.ledger().unfinished(afterId, PAGE);
            last = page.size() < PAGE;
            if (!last) {
                afterId = page.get(page.size() - 1).recordingId();
            }
            List<LedgerEntry> waiting =
                    page.stream().filter(entry -> isDue(entry, now)).toList();
            List<Claim> claims = waiting.isEmpty() ? List.of() : claims(waiting, now);
            if (!claims.isEmpty()) {
                return claims;
            }
        }
        return List.of();
    }

    private boolean isDue(LedgerEntry entry, Instant now) {
        Instant before = lookedUp.get(entry.recordingId());
        return entry.state() == DeletionState.DELETING
                && isReached(entry.leaseUntil(), now)
                && isReached(entry.nextAttempt(), now)
                && (before == null || isReached(before.plus(LOOK_AGAIN), now));
    }

    private static boolean isReached(@Nullable Instant time, Instant now) {
        return time == null || !time.isAfter(now);
    }

    private List<Claim> claims(List<LedgerEntry> entries, Instant now) {
        Map<String, Map<String, String>> attributes = new HashMap<>();
        for (Candidate row : repository
                .recordings()
                .find(entries.stream().map(LedgerEntry::recordingId).toList())) {
            attributes.put(row.id(), row.recording().attributes());
        }
        List<Claim> claims = new ArrayList<>();
        for (LedgerEntry entry : entries) {
            String id = entry.recordingId();
            lookedUp.remove(id);
            lookedUp.put(id, now);
            Instant created = entry.recordingCreated();
            Instant cutoff = entry.cutoff();
            String policy = entry.policy();
            String reason = entry.reason();
            if (created != null && cutoff != null && policy != null && reason != null) {
                Recording recording = new Recording(
                        id, entry.storageKey(), entry.account(), created, attributes.getOrDefault(id, Map.of()));
                String token = UUID.randomUUID().toString();
                claims.add(Claim.builder(recording, token, now.plus(settings.lease()), policy, cutoff, reason)
                        .runId(entry.runId())
                        .attempt(Math.max(2, entry.attempts()))
                        .inDoubt(true)
                        .late(entry.held())
                        .evidence(Evidence.parse(entry.evidence()))
                        .failingSince(entry.failingSince())
                        .build());
            }
        }
        return claims;
    }
}
