package dev.retention.torture;

import dev.retention.RetentionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * I17: an auditor who gets an export, and every head that was ever handed out, finds nothing; and the export says all
 * that the provider has seen and what the ledger says, whoever died when.
 */
final class AuditCheck {

    private static final int MOST_LINES = 20;
    /** A finding; the counts and the last line are none. */
    private static final Pattern CODE = Pattern.compile("(?!FINDINGS)[A-Z_]{4,}\\b");

    private final World world;
    private final Evidence evidence;
    private final Findings findings;

    AuditCheck(World world, Evidence evidence, Findings findings) {
        this.world = world;
        this.evidence = evidence;
        this.findings = findings;
    }

    void check(Connection connection) throws SQLException, IOException, InterruptedException {
        Path export = world.audit.export();
        String key;
        try {
            key = world.desk().export(export);
        } catch (RetentionException e) {
            findings.violated("I17", "nothing can be exported: " + e.getMessage());
            return;
        }
        verify(export, key);
        AuditedEntries entries = AuditedEntries.read(export.resolve("entries.jsonl"));
        sealed(entries, connection);
        claims(entries);
        ledger(entries);
        deletions(entries);
        same(
                "runs that began",
                entries.runsBegun(),
                new TreeSet<>(evidence.dump.runs().keySet()));
        same("runs that ended", entries.runsEnded(), runsEnded());
        same("events", entries.events(), events(connection));
    }

    /** As an auditor does it, in a process that has nothing but the export and the heads. */
    private void verify(Path export, String key) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "Verify.java",
                        ".",
                        "--key",
                        key,
                        world.audit.heads().toString(),
                        world.audit.shown(world.journal.heads()).toString())
                .directory(export.toFile())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        boolean good = process.waitFor() == 0 && lines.contains("OK");
        boolean named = lines.stream().anyMatch(line -> CODE.matcher(line).lookingAt());
        List<String> wrong = lines.stream()
                .filter(line -> named ? CODE.matcher(line).lookingAt() && !isOfTheEngine(line) : !good)
                .toList();
        wrong.stream().limit(MOST_LINES).forEach(line -> findings.violated("I17-VERIFY", line));
        world.journal.count("export verified");
    }

    /**
     * The engine changes and removes rows, in flight too: then a row differs from what was deleted, and after midnight
     * a day has fewer than it had. An auditor must see that; it is none of the library's.
     */
    private boolean isOfTheEngine(String finding) {
        if (finding.startsWith("STATEMENT_DIFFERS") && finding.contains("ROW_DIFFERS")) {
            Matcher id = Pattern.compile(" id=(\\d+) ").matcher(finding);
            Row row = id.find() ? evidence.fixture.byId(id.group(1)) : null;
            return row != null && evidence.fixture.life(row).isChanged();
        }
        return finding.startsWith("CENSUS_SHRANK")
                && evidence.fixture.rows().stream()
                        .map(evidence.fixture::life)
                        .filter(Life::isChanged)
                        .flatMap(life -> life.versions().stream())
                        .map(Life.Version::row)
                        .anyMatch(row -> row != null
                                && row.created() != null
                                && finding.contains(row.created().toString().substring(0, "2000-01-01".length())));
    }

    /** No entry that was ever committed was left out. */
    private void sealed(AuditedEntries entries, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select (select count(*) from retention_evidence),"
                        + " (select max(tree_size) from retention_seal), (select sum(entries) from retention_leaf)")) {
            row.next();
            for (int column = 1; column <= 3; column++) {
                if (row.getLong(column) != entries.size()) {
                    findings.violated(
                            "I17-LEFT-OUT",
                            "there are " + row.getLong(1) + " entries, the tree has " + row.getLong(2) + ", in "
                                    + row.getLong(3) + " leaves, and the export " + entries.size());
                    return;
                }
            }
        }
    }

    /** What an instance has told of its claims was committed, and so was the entry. */
    private void claims(AuditedEntries entries) {
        Map<String, Integer> told = new HashMap<>();
        for (Journal.Claimed claim : evidence.journal.claims()) {
            told.merge(AuditedEntries.claim(claim.run(), claim.id(), claim.attempt()), 1, Integer::sum);
        }
        told.forEach((claim, times) -> {
            if (entries.claims(claim) < times) {
                findings.violated("I17", times + " claims " + claim + " have " + entries.claims(claim) + " entries");
            }
        });
    }

    /** Who reads the entries in their order knows what the ledger knows. */
    private void ledger(AuditedEntries entries) {
        Map<String, AuditedEntries.Read> read = new TreeMap<>(entries.recordings());
        evidence.dump.gates().forEach((id, gate) -> {
            AuditedEntries.Read said = read.remove(id);
            String state = said == null ? "ACTIVE" : said.state;
            boolean deleted = gate.state().equals("DELETED");
            if (!state.equals(gate.state())
                    || said != null
                            && deleted
                            && !(Objects.equals(said.outcome, gate.outcome())
                                    && Objects.equals(said.key, gate.key()))) {
                findings.violated("I17", "the ledger says of " + id + " " + gate + ", and the entries " + said);
            }
        });
        read.forEach((id, said) -> {
            if (!said.state.equals("ACTIVE")) {
                findings.violated("I17", "the ledger does not know " + id + ", and the entries say " + said);
            }
        });
        entries.impossible().forEach(text -> findings.violated("I17", text));
    }

    /** Each deletion that the provider has done was claimed, and has come to an end. */
    private void deletions(AuditedEntries entries) {
        for (Request request : evidence.requests) {
            if (!request.isDelete() || request.appliedSeq == 0 || request.sid == null) {
                continue;
            }
            List<AuditedEntries.Read> claimed = entries.claimed(request.sid);
            if (claimed.isEmpty()) {
                findings.violated("I17", "no entry of a claim: " + request);
            } else if (claimed.stream().noneMatch(AuditedEntries.Read::hasOutcome)) {
                findings.violated("I17", "no entry of an outcome: " + request);
            }
        }
    }

    private TreeSet<String> runsEnded() {
        TreeSet<String> ended = new TreeSet<>();
        evidence.dump.runs().forEach((id, run) -> {
            if (run.end() != null) {
                ended.add(id);
            }
        });
        return ended;
    }

    private static Map<String, Long> events(Connection connection) throws SQLException {
        Map<String, Long> events = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select kind, count(*) from retention_event group by kind")) {
            while (row.next()) {
                events.put(row.getString(1), row.getLong(2));
            }
        }
        return events;
    }

    private void same(String what, Object said, Object is) {
        if (!said.equals(is)) {
            findings.violated("I17", what + ": the entries say " + said + ", and the tables " + is);
        }
    }
}
