package dev.retention.internal.evidence;

import dev.retention.EvidenceStatement;
import dev.retention.EvidenceStatement.Group;
import dev.retention.spi.EvidenceLog.Seal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The page of an export that is printed: what happened in the period, how it is verified, and what it does not say. */
final class ExportReport {

    private static final String STYLE = """
            body{font:11pt/1.45 Georgia,serif;max-width:46em;margin:2em auto;color:#111}
            h1{font-size:1.5em;margin:0}h2{font-size:1.1em;margin:1.6em 0 .4em}
            table{border-collapse:collapse;width:100%}td{padding:.2em .6em;border-bottom:1px solid #bbb}
            td.n{text-align:right;font-variant-numeric:tabular-nums}pre{font-size:9pt;white-space:pre-wrap;
            word-break:break-all;border:1px solid #bbb;padding:.6em}@media print{body{margin:0}}
            """;

    private static final String TEXT = """
            </p>
            <h2>How to verify</h2>
            <p>Run <code>java Verify.java .</code> in this folder (JDK 17 or later, nothing else), with a key and heads
            that you got on another way than this export; README.txt has the details. This page itself is not verified:
            the tables are.</p>
            <h2>What this does not say</h2>
            <p>Recordings that were deleted before the log began, or by others than this library, have no entries.
            Neither do copies, transcripts and backups that no configured storage covers. <i>DELETED</i> and the other
            outcomes are what the storages answered. <i>ACCEPTED_UNPROVEN</i> is a person's decision, without a proof.
            Entries that were not sealed yet are missing.</p>
            </body></html>
            """;

    private final TreeSealing sealing;
    private final Seal newest;
    private final Instant from;
    private final Instant to;
    private final ExportTables tables;
    private final @Nullable EvidenceStatement statement;

    ExportReport(
            TreeSealing sealing,
            Seal newest,
            Instant from,
            Instant to,
            ExportTables tables,
            @Nullable EvidenceStatement statement) {
        this.sealing = sealing;
        this.newest = newest;
        this.from = from;
        this.to = to;
        this.tables = tables;
        this.statement = statement;
    }

    void write(Path file) throws IOException {
        Files.writeString(file, page(), StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
    }

    private String page() {
        SigningKey key = sealing.key();
        StringBuilder page = new StringBuilder(4_096)
                .append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<title>Deletion of recordings: ")
                .append(escaped(sealing.origin()))
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1>Deletion of recordings</h1>\n<p>Log ")
                .append(escaped(sealing.origin()))
                .append(", from ")
                .append(from)
                .append(" to ")
                .append(to)
                .append("; sealed at ")
                .append(newest.at())
                .append(", ")
                .append(newest.head().size())
                .append(" entries in all.</p>\n");
        if (statement != null) {
            state(page, statement);
        }
        table(page, "Recorded as deleted in the period, by outcome", tables.outcomes());
        table(page, "Claimed and not ended, at the end of the log", tables.states());
        table(
                page,
                "Other tables of this export",
                new TreeMap<>(Map.of(
                        "runs that ended (runs.csv)", tables.runs(),
                        "changes of holds (holds.csv)", tables.holdEvents())));
        if (tables.unreadable() > 0) {
            page.append("<p><b>")
                    .append(tables.unreadable())
                    .append(" entries could not be read, and are in no table.</b></p>\n");
        }
        page.append("<h2>The head of the log</h2>\n<pre>")
                .append(escaped(newest.checkpoint().strip()))
                .append("</pre>\n<p>")
                .append(key == null ? "Not signed." : "Verifier key: <code>" + escaped(key.toString()) + "</code>")
                .append(TEXT);
        return page.toString();
    }

    private static void state(StringBuilder page, EvidenceStatement statement) {
        Map<String, Long> groups = new LinkedHashMap<>();
        for (Group group : Group.values()) {
            groups.put(group.text(), statement.counts().of(group));
        }
        groups.values().removeIf(count -> count == 0);
        groups.put("all recordings", statement.counts().recordings());
        groups.put("minutes of audio freed", statement.counts().audioFreed().toMinutes());
        table(page, "The recordings that were created in the period (statement.txt)", groups);
        if (!statement.shrunkDays().isEmpty()) {
            Map<String, Long> missing = new LinkedHashMap<>();
            statement.shrunkDays().forEach((day, count) -> missing.put(day.toString(), count));
            table(page, "Days with fewer recordings than were counted before: how many are missing", missing);
        }
    }

    private static void table(StringBuilder page, String title, Map<String, Long> counts) {
        page.append("<h2>").append(title).append("</h2>\n<table>");
        if (counts.isEmpty()) {
            page.append("<tr><td>none</td></tr>");
        }
        counts.forEach((name, count) -> page.append("<tr><td>")
                .append(escaped(name))
                .append("</td><td class=\"n\">")
                .append(count)
                .append("</td></tr>\n"));
        page.append("</table>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
