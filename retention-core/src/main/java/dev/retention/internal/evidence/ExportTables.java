package dev.retention.internal.evidence;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tables of an export. They contain nothing that the entries don't say, so that a verifier can derive them too. Of
 * all recordings, only those with an open claim are kept in memory.
 */
final class ExportTables implements Closeable {

    private static final List<String> RUN_COUNTS = List.of(
            "checked",
            "deleted",
            "already-gone",
            "nothing-stored",
            "failed",
            "deferred",
            "unproven",
            "quarantined",
            "held",
            "without-key",
            "remaining",
            "undated");

    /** A claim that has not ended, with what the last attempt said. */
    private record OpenClaim(EntryText claim, long leaf, String claimed, String state, String outcome, String cause) {}

    private final Instant from;
    private final Instant to;
    private final CsvFile deletions;
    private final CsvFile holds;
    private final CsvFile runs;
    private final CsvFile open;
    private final Map<String, OpenClaim> claims = new LinkedHashMap<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final Map<String, Long> states = new TreeMap<>();
    private long unreadable;

    ExportTables(Path folder, Instant from, Instant to) throws IOException {
        this.from = from;
        this.to = to;
        deletions = new CsvFile(
                folder.resolve("deletions.csv"),
                "leaf,deleted_at,id,key,account,created,claimed_at,policy,cutoff,run,outcome,evidence,with");
        holds = new CsvFile(folder.resolve("holds.csv"), "leaf,at,event,id,hold");
        runs = new CsvFile(
                folder.resolve("runs.csv"),
                "leaf,run,started,ended,end," + String.join(",", RUN_COUNTS).replace('-', '_'));
        open = new CsvFile(
                folder.resolve("open.csv"),
                "leaf,claimed_at,id,key,account,created,policy,cutoff,run,state,outcome,cause");
    }

    /** An entry that can't be read is in no table. */
    void entryIfReadable(long leaf, String line) throws IOException {
        EntryText entry;
        try {
            entry = EntryText.parse(line);
            Instant.parse(entry.text("at"));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            unreadable++;
            return;
        }
        entry(leaf, entry);
    }

    /** How many entries could not be read. */
    long unreadable() {
        return unreadable;
    }

    private void entry(long leaf, EntryText entry) throws IOException {
        String id = entry.text("id");
        switch (entry.text("kind")) {
            case "claim" -> claim(leaf, id, entry);
            case "claim-release" -> {
                if (entry.text("attempt").equals("1")) {
                    claims.remove(id);
                }
            }
            case "outcome" -> outcome(leaf, id, entry);
            case "acceptance" -> deletion(leaf, entry, claims.remove(id), "ACCEPTED_UNPROVEN");
            case "hold", "release", "expiry" -> {
                if (isListed(entry)) {
                    holds.row(leaf, entry.text("at"), entry.text("kind"), id, entry.text("hold"));
                }
            }
            case "run-end" -> {
                if (isListed(entry)) {
                    run(leaf, entry);
                }
            }
            default -> {
                // Other entries are in no table.
            }
        }
    }

    /** Writes what is open at the end. */
    void end() throws IOException {
        for (Map.Entry<String, OpenClaim> each : claims.entrySet()) {
            OpenClaim last = each.getValue();
            EntryText claim = last.claim();
            states.merge(last.state(), 1L, Long::sum);
            open.row(
                    last.leaf(),
                    last.claimed(),
                    each.getKey(),
                    claim.text("key"),
                    claim.text("account"),
                    claim.text("created"),
                    claim.text("policy"),
                    claim.text("cutoff"),
                    claim.text("run"),
                    last.state(),
                    last.outcome(),
                    last.cause());
        }
    }

    /** How many deletions of the period had each outcome. */
    Map<String, Long> outcomes() {
        return outcomes;
    }

    /** How many claims are open in each state. */
    Map<String, Long> states() {
        return states;
    }

    long runs() {
        return runs.rows();
    }

    long holdEvents() {
        return holds.rows();
    }

    private boolean isListed(EntryText entry) {
        Instant at = Instant.parse(entry.text("at"));
        return !at.isBefore(from) && at.isBefore(to);
    }

    private void claim(long leaf, String id, EntryText claim) {
        OpenClaim before = claims.get(id);
        claims.put(
                id,
                new OpenClaim(
                        claim,
                        before == null ? leaf : before.leaf(),
                        before == null ? claim.text("at") : before.claimed(),
                        "IN_FLIGHT",
                        "",
                        ""));
    }

    private void outcome(long leaf, String id, EntryText entry) throws IOException {
        switch (entry.text("step")) {
            case "DELETED" -> deletion(leaf, entry, claims.remove(id), entry.text("outcome"));
            case "REFUSED_UNSENT" -> claims.remove(id);
            case "RETRY" -> attempted(id, "IN_FLIGHT", entry);
            case "QUARANTINE" -> attempted(id, "QUARANTINED", entry);
            default -> {
                // One of several storages has settled its part.
            }
        }
    }

    private void attempted(String id, String state, EntryText entry) {
        claims.computeIfPresent(
                id,
                (same, last) -> new OpenClaim(
                        last.claim(), last.leaf(), last.claimed(), state, entry.text("outcome"), entry.text("cause")));
    }

    private void deletion(long leaf, EntryText entry, @Nullable OpenClaim claimed, String outcome) throws IOException {
        if (!isListed(entry)) {
            return;
        }
        outcomes.merge(outcome, 1L, Long::sum);
        EntryText claim = claimed == null ? EntryText.EMPTY : claimed.claim();
        deletions.row(
                leaf,
                entry.text("at"),
                entry.text("id"),
                either(entry, claim, "key"),
                either(entry, claim, "account"),
                either(entry, claim, "created"),
                claimed == null ? "" : claimed.claimed(),
                claim.text("policy"),
                claim.text("cutoff"),
                claim.text("run"),
                outcome,
                entry.text("evidence"),
                entry.text("with"));
    }

    /** An outcome of a row that was deleted with another one describes the recording itself. */
    private static String either(EntryText entry, EntryText claim, String key) {
        String own = entry.text(key);
        return own.isEmpty() ? claim.text(key) : own;
    }

    private void run(long leaf, EntryText entry) throws IOException {
        Object[] cells = new Object[5 + RUN_COUNTS.size()];
        cells[0] = leaf;
        cells[1] = entry.text("run");
        cells[2] = entry.text("started");
        cells[3] = entry.text("ended");
        cells[4] = entry.text("end");
        for (int i = 0; i < RUN_COUNTS.size(); i++) {
            cells[5 + i] = entry.text(RUN_COUNTS.get(i));
        }
        runs.row(cells);
    }

    @Override
    public void close() throws IOException {
        try (deletions;
                holds;
                runs;
                open) {
            // Each is closed, whatever the others throw.
        }
    }
}
