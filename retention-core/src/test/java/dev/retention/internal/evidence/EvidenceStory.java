package dev.retention.internal.evidence;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Evidence;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceEntry.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The entries of a few nights, as a repository writes them: each kind of life that a recording can have. */
final class EvidenceStory {

    static final Instant NIGHT = Instant.parse("2026-03-01T03:00:00Z");
    static final Instant CUTOFF = NIGHT.minus(Duration.ofDays(90));

    private static final Map<String, Kind> KINDS = Map.of(
            "HOLD_PLACED",
            Kind.HOLD,
            "HOLD_RELEASED",
            Kind.RELEASE,
            "HOLD_EXPIRED",
            Kind.EXPIRY,
            "ACCEPTED_UNPROVEN",
            Kind.ACCEPTANCE);

    private final List<EvidenceEntry> entries = new ArrayList<>();
    private Instant now = NIGHT;

    /** Three nights: deletions, holds, retries, a quarantine, an acceptance, an erasure, counts of days. */
    static List<EvidenceEntry> whole() {
        EvidenceStory story = new EvidenceStory();
        for (int night = 0; night < 3; night++) {
            story.night(night);
        }
        return story.entries;
    }

    /** Two days, of which one has no recordings if the number is 0. */
    EvidenceStory census(String day, long first, long second) {
        LocalDate from = LocalDate.parse(day);
        Map<LocalDate, Long> counts = new HashMap<>(Map.of(from, first, from.plusDays(1), second));
        counts.values().removeIf(count -> count == 0);
        return add(EvidenceEntry.census(from, from.plusDays(2), counts, 1L, false, now));
    }

    /**
     * A statement about all recordings that are due.
     *
     * @param sealed the entries that were sealed by then
     * @param overdue how many are not deleted
     * @param deleted how many are, by outcome
     */
    EvidenceStory statement(long sealed, long overdue, Map<String, Long> deleted, long changed) {
        long all = overdue
                + changed
                + deleted.values().stream().mapToLong(Long::longValue).sum();
        return add(statementOf(sealed, all)
                .numbers("deleted", deleted)
                .number("overdue", overdue)
                .numbers("changed", changed == 0 ? Map.of() : Map.of("ROW_LIVE", changed))
                .build());
    }

    /** One with these recordings in all, of which none is in a group. */
    EvidenceStory statementThatDoesNotAddUp(long recordings) {
        return add(statementOf(0, recordings).build());
    }

    private EvidenceEntry.Builder statementOf(long sealed, long recordings) {
        return EvidenceEntry.builder(Kind.STATEMENT, now)
                .time("from", CUTOFF.minus(Duration.ofDays(1)))
                .time("to", CUTOFF)
                .number("entries", sealed)
                .number("recordings", recordings);
    }

    EvidenceStory claim(String id, Instant created, String policy) {
        return add(EvidenceEntry.claim(claimOf(id, created, policy, 1, false), now));
    }

    EvidenceStory again(String id, Instant created) {
        return add(EvidenceEntry.claim(claimOf(id, created, "default", 2, false), now));
    }

    EvidenceStory late(String id) {
        return add(EvidenceEntry.claim(claimOf(id, CUTOFF.minusSeconds(1), "default", 2, true), now));
    }

    EvidenceStory due(String id) {
        return claim(id, CUTOFF.minusSeconds(1), "default");
    }

    EvidenceStory deleted(String id) {
        Evidence evidence = Evidence.parse("twilio: DELETED 204 \"quoted\", and a comma");
        return add(EvidenceEntry.outcome(ClaimOutcome.deleted(claim(id), evidence, now)));
    }

    EvidenceStory deletedWith(String id, String claimed) {
        Evidence evidence = Evidence.parse("twilio: ALREADY_GONE 404");
        return add(EvidenceEntry.outcomeWith(ClaimOutcome.deleted(claim(id), evidence, now), claimed));
    }

    EvidenceStory retry(String id) {
        return add(EvidenceEntry.outcome(ClaimOutcome.retry(
                claim(id), DeletionOutcome.TRY_LATER, new Cause("TIMEOUT", "twilio", "no answer"), now, now)));
    }

    EvidenceStory quarantined(String id) {
        return add(EvidenceEntry.outcome(ClaimOutcome.quarantine(
                claim(id), DeletionOutcome.UNPROVEN, new Cause("NOT_FOUND", "twilio", "404"), now)));
    }

    EvidenceStory refusedUnsent(String id) {
        return add(EvidenceEntry.outcome(
                ClaimOutcome.refusedUnsent(claim(id), new Cause("NO_SID", "twilio", "not a SID"), now)));
    }

    EvidenceStory released(String id) {
        return add(EvidenceEntry.claimRelease(claim(id), now));
    }

    EvidenceStory event(String kind, String id, String detail) {
        return add(EvidenceEntry.builder(KINDS.get(kind), now)
                .text("event", kind)
                .recording(id)
                .text("hold", detail)
                .personal("by", "dpo")
                .build());
    }

    List<EvidenceEntry> entries() {
        return entries;
    }

    private void night(int night) {
        String n = "-" + night;
        census("2026-02-2" + (5 + night), 100 + night, 90 + night);
        String run = "run" + n;
        EvidenceEntry.runStart(SweepRun.builder(run, "k" + n, now, now, now.plusSeconds(60), "default all 90d", now)
                        .build())
                .forEach(this::add);
        for (int i = 0; i < 5; i++) {
            due("plain" + i + n);
        }
        for (int i = 0; i < 5; i++) {
            deleted("plain" + i + n);
        }
        // Ids that a table has to quote, and that a spreadsheet would take for formulas.
        for (String odd : List.of("=1+1", "a,b", "a\"b", "a\nb", "a\rb", "\u00e9\ud83d\ude00", "-7", "@x")) {
            due(odd + n).deleted(odd + n);
        }
        due("tried" + n).retry("tried" + n).due("tried" + n).deleted("tried" + n);
        due("open" + n).retry("open" + n);
        due("flight" + n);
        due("quarantined" + n).quarantined("quarantined" + n);
        due("accepted" + n).quarantined("accepted" + n).event("ACCEPTED_UNPROVEN", "accepted" + n, "gone");
        due("unsent" + n).refusedUnsent("unsent" + n);
        due("stopped" + n).released("stopped" + n);
        event("HOLD_PLACED", "held" + n, "case 7");
        event("HOLD_PLACED", "freed" + n, "case 7").event("HOLD_PLACED", "freed" + n, "case 8");
        event("HOLD_RELEASED", "freed" + n, "case 7").event("HOLD_EXPIRED", "freed" + n, "case 8");
        due("freed" + n).deleted("freed" + n);
        due("late" + n)
                .event("HOLD_PLACED", "late" + n, "case 9")
                .retry("late" + n)
                .late("late" + n);
        claim("young" + n, now, "erasure").deleted("young" + n).deletedWith("other" + n, "young" + n);
        now = now.plusSeconds(30);
        SweepReport report = SweepReport.builder(now.minusSeconds(30), now, SweepEnd.COMPLETED, "done")
                .build();
        add(EvidenceEntry.runEnd(run, report, now));
        now = now.plus(Duration.ofDays(1));
    }

    private EvidenceStory add(EvidenceEntry entry) {
        entries.add(entry);
        return this;
    }

    private Claim claim(String id) {
        return claimOf(id, CUTOFF.minusSeconds(1), "default", 1, false);
    }

    private Claim claimOf(String id, Instant created, String policy, int attempt, boolean late) {
        Recording recording = new Recording(id, "RE" + id, "AC1", created, Map.of());
        Instant cutoff = policy.equals("erasure") ? now : CUTOFF;
        return Claim.builder(recording, "token", now.plusSeconds(60), policy, cutoff, "retention_policy")
                .attempt(attempt)
                .late(late)
                .build();
    }
}
