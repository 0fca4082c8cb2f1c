package com.example.voice.demo;

import dev.retention.DeletionLedger;
import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.SweepReport;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables of the demo. */
final class DemoTables {

    private DemoTables() {}

    static TextTable counts(SweepReport report, String deleted) {
        return new TextTable("outcome", "recordings", "")
                .row(deleted, report.deleted(), "")
                .count("already gone", report.alreadyGone(), "Twilio proves that it was deleted before")
                .count("nothing stored", report.nothingStored(), "Twilio says that there never was any audio")
                .count("held", report.held(), "kept by a hold; not a failure")
                .count("failed", report.failed(), "tried again later, or the audio is elsewhere")
                .count("deferred", report.deferred(), "not deletable yet")
                .count("unproven", report.unproven(), "not found at Twilio, which proves nothing; the row remains")
                .count("quarantined", report.quarantined(), "needs a decision, or another key")
                .count("without key", report.withoutKey(), "due, and Twilio can't be asked")
                .count("remaining", report.remaining(), "due, and left to the next run")
                .count("undated", report.undated(), "without a creation time, so kept");
    }

    static TextTable outcomes(DemoRecordings recordings, Set<String> live, DeletionLedger ledger) {
        TextTable table = new TextTable("recordings", "rows", "live", "deleted", "what the ledger says");
        recordings.groups().forEach((group, made) -> {
            List<String> ids = made.stream().map(RetentionDemo::id).toList();
            long alive = ids.stream().filter(live::contains).count();
            Map<String, Integer> said = new TreeMap<>();
            ledger.find(ids).values().forEach(entry -> said.merge(inWords(entry), 1, Integer::sum));
            String words = said.entrySet().stream()
                    .map(entry -> "%,d %s".formatted(entry.getValue(), entry.getKey()))
                    .collect(Collectors.joining(", "));
            table.row(group, made.size(), alive, made.size() - alive, words.isEmpty() ? "-" : words);
        });
        return table;
    }

    static TextTable causes(DemoRecordings recordings, DeletionLedger ledger) {
        Map<String, Integer> causes = new TreeMap<>();
        List<String> ids = recordings.all().stream().map(RetentionDemo::id).toList();
        ledger.find(ids).values().stream()
                .filter(entry -> entry.cause() != null)
                .forEach(entry -> causes.merge(
                        // The same cause has another request and another key each time.
                        String.valueOf(entry.cause())
                                .replaceAll("RQ\\w+|CA\\d+", "…")
                                .replaceAll("of \\d+ char", "of … char"),
                        1,
                        Integer::sum));
        TextTable table = new TextTable("recordings", "cause");
        causes.forEach((cause, count) -> table.row(count, cause));
        return table;
    }

    static TextTable evidence(LedgerEntry entry) {
        return new TextTable("what", "value")
                .row("recording", entry.recordingId())
                .row("key at Twilio", entry.storageKey())
                .row("created", entry.recordingCreated())
                .row("policy, cutoff", entry.policy() + ", " + entry.cutoff())
                .row("claimed", entry.claimedAt() + " by " + entry.owner())
                .row("deleted", entry.deletedAt())
                .row("evidence", entry.evidence())
                .row("run", entry.runId());
    }

    private static String inWords(LedgerEntry entry) {
        String outcome = inWords(entry.outcome());
        if (!entry.held()) {
            return outcome;
        }
        return entry.outcome() == DeletionOutcome.DELETED ? "deleted, held too late" : "held";
    }

    private static String inWords(@Nullable DeletionOutcome outcome) {
        if (outcome == null) {
            return "without an outcome";
        }
        return switch (outcome) {
            case DELETED -> "deleted";
            case ALREADY_GONE -> "proven gone before";
            case NOTHING_STORED -> "proven without audio";
            case UNPROVEN -> "not found: a person decides";
            case KEPT_ELSEWHERE -> "audio elsewhere: a person decides";
            case NOT_YET -> "not deletable yet: tried again";
            case TRY_LATER -> "no useful answer: tried again";
            case REFUSED_UNSENT -> "not Twilio's keys: nothing sent";
            default -> outcome.name();
        };
    }
}
