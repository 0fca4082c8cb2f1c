package dev.retention.internal.safety;

import dev.retention.LedgerEntry;
import dev.retention.SweepReport;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.DueStatus;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.settings.SafetySettings;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Compares how many recordings of a policy are due with how many are usual. Many more look like a mistake. */
final class DueShare {

    private static final double NEVER_ABOVE = 0.5;
    private static final double TIMES_THE_USUAL = 3;
    private static final int SLICE = 500;

    /** How many policies an objection names, since it is stored and a person reads it. */
    private static final int MOST_NAMED = 20;

    private final RecordingRepository repository;
    private final Storages storages;
    private final SafetySettings safety;

    DueShare(RecordingRepository repository, Storages storages, SafetySettings safety) {
        this.repository = repository;
        this.storages = storages;
        this.safety = safety;
    }

    /** An objection for each policy of which more recordings are due than usual. */
    List<String> objections(DueCriteria criteria, Instant now) {
        if (safety.maxShare() >= 1 || repository.recordings().count(criteria).due() <= safety.maxShareFloor()) {
            return List.of();
        }
        List<PolicyCounts> suspicious = repository.recordings().countByPolicy(criteria).stream()
                .filter(counts -> counts.due() > allowed(counts, criteria, now))
                .toList();
        if (suspicious.isEmpty()) {
            return List.of();
        }
        // Held and quarantined recordings stay due, and no sweep deletes them.
        Map<String, Long> kept = keptByPolicy(criteria);
        List<String> objections = new ArrayList<>();
        for (PolicyCounts counts : suspicious) {
            long deletable = counts.due() - counts.dueFlaggedHeld() - kept.getOrDefault(counts.policy(), 0L);
            double allowed = allowed(counts, criteria, now);
            if (deletable > allowed) {
                objections.add(objection(counts, deletable, allowed));
            }
        }
        if (objections.size() > MOST_NAMED) {
            int further = objections.size() - MOST_NAMED;
            objections.subList(MOST_NAMED, objections.size()).clear();
            objections.add("of " + further + " further policies more can be deleted than is allowed");
        }
        return objections;
    }

    private static String objection(PolicyCounts counts, long deletable, double allowed) {
        return String.format(
                Locale.ROOT,
                "of %d live recordings of policy '%s' %d can be deleted, which is %.1f %%; allowed are %.1f %%",
                counts.live(),
                counts.policy(),
                deletable,
                100.0 * deletable / counts.live(),
                100 * allowed / counts.live());
    }

    /**
     * How many recordings of a policy may be due: its share, or three times those that have reached their age since the
     * last completed sweep.
     */
    private double allowed(PolicyCounts counts, DueCriteria criteria, Instant now) {
        double usual = 0;
        Instant cutoff = Policies.cutoffs(criteria).get(counts.policy());
        SweepReport last =
                repository.runs().lastCompleted().map(SweepRun::report).orElse(null);
        if (cutoff != null && last != null) {
            double period = Duration.between(cutoff, criteria.now()).toSeconds();
            double since = Math.max(0, Duration.between(last.ended(), now).toSeconds());
            usual = Math.min(NEVER_ABOVE, TIMES_THE_USUAL * since / Math.max(1, period));
        }
        return Math.max(safety.maxShare(), usual) * counts.live();
    }

    /** How many due recordings of each policy can't be claimed. */
    private Map<String, Long> keptByPolicy(DueCriteria criteria) {
        Map<String, Long> kept = new HashMap<>();
        String after = null;
        List<LedgerEntry> page;
        do {
            page = repository.ledger().unfinished(after, SLICE);
            Map<String, LedgerEntry> entries =
                    page.stream().collect(Collectors.toMap(LedgerEntry::recordingId, entry -> entry));
            for (Candidate row : repository.recordings().find(entries.keySet())) {
                LedgerEntry entry = entries.get(row.id());
                if (entry != null && isKept(row, entry, criteria)) {
                    Rule rule = criteria.governing(row.recording().attributes());
                    kept.merge(rule.policy(), 1L, Long::sum);
                }
            }
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == SLICE);
        return kept;
    }

    private boolean isKept(Candidate row, LedgerEntry entry, DueCriteria criteria) {
        return criteria.isDue(row)
                && !row.flaggedHeld()
                && row.recording().storageKey() != null
                && DueStatus.of(row, entry, storages) != DueStatus.CLAIMABLE;
    }
}
