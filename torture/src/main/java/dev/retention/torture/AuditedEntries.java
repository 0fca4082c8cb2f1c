package dev.retention.torture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the entries of an export say, as somebody reads them who has nothing else. */
final class AuditedEntries {

    /** Events that the table of events does not have. */
    private static final List<String> OF_WHOLE_HOLDS = List.of("HOLD_REGISTERED", "HOLD_ENDED");

    /** What the entries have said of a recording so far. */
    static final class Read {

        String state = "ACTIVE";

        @Nullable
        String outcome;

        @Nullable
        String key;

        private int attempt;
        private int outcomes;

        boolean hasOutcome() {
            return outcomes > 0;
        }

        @Override
        public String toString() {
            return state + " " + outcome + " key=" + key + " attempt=" + attempt + " outcomes=" + outcomes;
        }
    }

    private final Map<String, Read> recordings = new HashMap<>();
    private final Map<String, List<Read>> claimed = new HashMap<>();
    private final Map<String, Integer> claims = new HashMap<>();
    private final TreeSet<String> runsBegun = new TreeSet<>();
    private final TreeSet<String> runsEnded = new TreeSet<>();
    private final Map<String, Long> events = new TreeMap<>();
    private final List<String> impossible = new ArrayList<>();
    private long size;

    private AuditedEntries() {}

    static AuditedEntries read(Path file) throws IOException {
        AuditedEntries entries = new AuditedEntries();
        try (Stream<String> lines = Files.lines(file, StandardCharsets.US_ASCII)) {
            lines.forEach(entries::add);
        }
        return entries;
    }

    /** How a claim is called. */
    static String claim(@Nullable String run, String id, int attempt) {
        return (run == null || run.equals("null") ? "" : run) + " " + id + " " + attempt;
    }

    private void add(String line) {
        size++;
        String kind = value(line, "kind");
        String id = value(line, "id");
        String run = value(line, "run");
        String event = value(line, "event");
        if (event != null && !OF_WHOLE_HOLDS.contains(event)) {
            events.merge(event, 1L, Long::sum);
        }
        if (kind == null || id == null) {
            if ("run-start".equals(kind) && run != null) {
                runsBegun.add(run);
            } else if ("run-end".equals(kind) && run != null) {
                runsEnded.add(run);
            }
            return;
        }
        Read read = recordings.computeIfAbsent(id, i -> new Read());
        switch (kind) {
            case "claim" -> claimed(read, line, id, run);
            case "claim-release" -> {
                if (attempt(line) == 1) {
                    read.state = "ACTIVE";
                }
            }
            case "outcome" -> outcome(read, line);
            case "acceptance" -> {
                read.state = "DELETED";
                read.outcome = "ACCEPTED_UNPROVEN";
                read.outcomes++;
            }
            case "retry" -> read.state = "DELETING";
            default -> {
                // Of no claim.
            }
        }
    }

    private void claimed(Read read, String line, String id, @Nullable String run) {
        int attempt = attempt(line);
        claims.merge(claim(run, id, attempt), 1, Integer::sum);
        // An entry that is there twice is one of a transaction that never was.
        if (read.state.equals("DELETED") || attempt == 1 && !read.state.equals("ACTIVE")) {
            impossible.add("claimed while it was " + read + ": " + line);
        }
        read.state = "DELETING";
        read.attempt = attempt;
        read.key = value(line, "key");
        claimed.computeIfAbsent(String.valueOf(read.key), k -> new ArrayList<>())
                .add(read);
    }

    private void outcome(Read read, String line) {
        read.outcomes++;
        read.outcome = value(line, "outcome");
        String with = value(line, "with");
        if (with != null) {
            read.key = value(line, "key");
        } else if (!read.state.equals("DELETING")) {
            impossible.add("an outcome while it was " + read + ": " + line);
        }
        switch (String.valueOf(value(line, "step"))) {
            case "DELETED" -> read.state = "DELETED";
            case "QUARANTINE" -> read.state = "QUARANTINED";
            case "REFUSED_UNSENT" -> read.state = "ACTIVE";
            default -> {
                // It goes on.
            }
        }
    }

    private static int attempt(String line) {
        return Integer.parseInt(String.valueOf(value(line, "attempt")));
    }

    /** Within a text, the quotes would be escaped. */
    private static @Nullable String value(String line, String name) {
        Matcher found = Pattern.compile("[{,]\"" + name + "\":\"?([^\",}]*)").matcher(line);
        return found.find() ? found.group(1) : null;
    }

    long size() {
        return size;
    }

    Map<String, Read> recordings() {
        return recordings;
    }

    /** How many entries there are of this claim. */
    int claims(String claim) {
        return claims.getOrDefault(claim, 0);
    }

    /** The recordings that were claimed with this key. */
    List<Read> claimed(String key) {
        return claimed.getOrDefault(key, List.of());
    }

    TreeSet<String> runsBegun() {
        return runsBegun;
    }

    TreeSet<String> runsEnded() {
        return runsEnded;
    }

    Map<String, Long> events() {
        return events;
    }

    List<String> impossible() {
        return impossible;
    }
}
