import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Verifies an export of the evidence log, or the receipt of one entry. It needs a JDK 17 or later, and nothing else:
 *
 * <pre>
 * java Verify.java FOLDER [--key KEY] [FILE …]      an export; each FILE has checkpoints that you got earlier
 * java Verify.java FILE.tlog-proof [--key KEY]      a receipt
 * </pre>
 *
 * KEY is the verifier key that you got on another way than the export: without it, whoever made the export has chosen
 * the key too. Prints a line for each finding, and exits with 1 if there is one: CODE leaf=N id=… what.
 */
public final class Verify {

    private static final String DASH = "\u2014 ";
    private static final byte[] KEY_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final PrintStream out;
    private final Map<String, Integer> findings = new TreeMap<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private String key;

    Verify(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        System.exit(new Verify(System.out).run(arguments));
    }

    int run(String... arguments) throws Exception {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--key") && i + 1 < arguments.length) {
                key = arguments[++i].strip();
            } else {
                files.add(Path.of(arguments[i]));
            }
        }
        if (files.isEmpty() || !Files.exists(files.get(0))) {
            out.println("usage: java Verify.java FOLDER|FILE.tlog-proof [--key KEY] [FILE_WITH_OLD_CHECKPOINTS ...]");
            return 2;
        }
        if (Files.isDirectory(files.get(0))) {
            verifyExport(files.get(0), files.subList(1, files.size()));
        } else {
            verifyReceipt(files.get(0));
        }
        counts.forEach((name, count) -> out.println(name + " " + count));
        if (key == null) {
            out.println("note: heads are not signed; compare checkpoints that you got earlier");
        }
        out.println(findings.isEmpty() ? "OK" : "FINDINGS " + findings);
        return findings.isEmpty() ? 0 : 1;
    }

    private void found(String code, long leaf, String id, String what) {
        if (findings.merge(code, 1, Integer::sum) <= 100) {
            out.println(code + (leaf < 0 ? "" : " leaf=" + leaf) + (id == null ? "" : " id=" + id) + " " + what);
        }
    }

    // ------------------------------------------------------------------------------------------------ an export

    /** A checkpoint, and where it came from. */
    private record Head(String from, boolean outside, String origin, long size, byte[] root) {}

    private void verifyExport(Path folder, List<Path> old) throws Exception {
        if (Files.exists(folder.resolve("INCOMPLETE"))) {
            found("MALFORMED", -1, null, "the export was not finished: its folder has the file INCOMPLETE");
            return;
        }
        Map<String, String> about = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve("export.txt"))) {
            about.put(line.split(" ", 2)[0], line.substring(line.indexOf(' ') + 1));
        }
        if (!"1".equals(about.get("format"))) {
            found("MALFORMED", -1, null, "an export of the format " + about.get("format") + "; this verifier reads 1");
            return;
        }
        readKey(folder.resolve("key.vkey"));
        List<Head> heads = new ArrayList<>(heads(folder.resolve("checkpoint"), false));
        if (heads.size() != 1) {
            found("MALFORMED", -1, null, "the file checkpoint has " + heads.size() + " checkpoints in place of one");
            return;
        }
        Head newest = heads.get(0);
        heads.addAll(heads(folder.resolve("checkpoints").resolve("all"), false));
        for (Path file : old) {
            heads.addAll(heads(file, true));
        }
        TreeMap<Long, List<Head>> bySize = new TreeMap<>();
        for (Head head : heads) {
            if (!head.origin().equals(newest.origin())) {
                found("FORK", -1, null, head.from() + " has a checkpoint of another log, " + head.origin());
            } else if (head.size() > newest.size()) {
                found("TRUNCATED", newest.size(), null, head.from() + " has a checkpoint of " + head.size()
                        + " entries, the export has " + newest.size());
            } else {
                bySize.computeIfAbsent(head.size(), size -> new ArrayList<>()).add(head);
            }
        }
        Replay replay = new Replay(statements(folder.resolve("entries.jsonl")));
        try (Csv csv = new Csv(folder, Instant.parse(about.get("from")), Instant.parse(about.get("to")))) {
            verifyEntries(folder.resolve("entries.jsonl"), newest, bySize, csv, replay);
        }
        verifyStatement(folder, about, replay.statements);
    }

    private void verifyEntries(Path file, Head newest, TreeMap<Long, List<Head>> heads, Csv csv, Replay replay)
            throws Exception {
        Tree tree = new Tree();
        long good = 0;
        boolean broken = false;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = line(lines); line != null; line = line(lines)) {
                long leaf = tree.size;
                tree.append(sha256(new byte[] {0}, line.getBytes(StandardCharsets.ISO_8859_1)));
                try {
                    Map<String, Object> entry = new Json(line).entry();
                    replay.entry(leaf, entry);
                    csv.entry(leaf, entry);
                } catch (RuntimeException e) {
                    found("MALFORMED", leaf, null, String.valueOf(e.getMessage()));
                }
                for (Head head : heads.getOrDefault(tree.size, List.of())) {
                    boolean same = Arrays.equals(tree.root(), head.root());
                    if (!same && head.outside() && !broken) {
                        found("FORK", good, null, "the first " + head.size() + " entries are not those of the"
                                + " checkpoint in " + head.from());
                    }
                    if (!same && !head.outside() && !broken) {
                        broken = true;
                        found("TREE_BROKEN", good, null, "entries " + good + " to " + (head.size() - 1)
                                + " do not yield the root of the checkpoint of " + head.size() + " entries");
                    }
                }
                if (!broken && heads.containsKey(tree.size)) {
                    good = tree.size;
                }
            }
        }
        if (tree.size < newest.size()) {
            found("TRUNCATED", tree.size, null, "there are " + tree.size + " entries, and the checkpoint has "
                    + newest.size());
        } else if (tree.size > newest.size()) {
            found("TREE_BROKEN", newest.size(), null, "there are " + (tree.size - newest.size())
                    + " entries more than the checkpoint has");
        }
        counts.put("entries", tree.size);
        csv.end();
    }

    /** The checkpoints in a file, one after the other. What is none is skipped in a file from outside. */
    private List<Head> heads(Path file, boolean outside) throws Exception {
        List<Head> heads = new ArrayList<>();
        if (!Files.exists(file)) {
            found("MALFORMED", -1, null, "there is no file " + file);
            return heads;
        }
        String[] lines = Files.readString(file).split("(?<=\n)");
        int at = 0;
        while (at + 4 <= lines.length) {
            int end = at + 4;
            while (end < lines.length && lines[end].startsWith(DASH)) {
                end++;
            }
            Head head = head(file, outside, lines, at);
            if (head != null) {
                heads.add(head);
                verifySignatures(head, String.join("", Arrays.asList(lines).subList(at, at + 3)), lines, at + 4, end);
                at = end;
            } else if (outside) {
                at++;
            } else {
                found("MALFORMED", -1, null, file + " line " + (at + 1) + " begins no checkpoint");
                return heads;
            }
        }
        return heads;
    }

    private static Head head(Path file, boolean outside, String[] lines, int at) {
        String size = lines[at + 1].strip();
        try {
            byte[] root = Base64.getDecoder().decode(lines[at + 2].strip());
            return lines[at + 3].equals("\n") && root.length == 32 && size.matches("0|[1-9][0-9]{0,17}")
                    ? new Head(file.toString(), outside, lines[at].strip(), Long.parseLong(size), root)
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void verifySignatures(Head head, String text, String[] lines, int from, int to) throws Exception {
        if (key == null) {
            return;
        }
        String[] parts = key.split("\\+", 3);
        if (!isSigned(text, lines, from, to)) {
            found("SIGNATURE", head.size(), null, head.from() + " has a checkpoint of " + head.size()
                    + " entries that the key " + parts[0] + "+" + parts[1] + " has not signed");
        }
    }

    private boolean isSigned(String text, String[] lines, int from, int to) throws GeneralSecurityException {
        String[] parts = key.split("\\+", 3);
        boolean signed = false;
        for (int i = from; i < to; i++) {
            String[] words = lines[i].substring(DASH.length()).strip().split(" ");
            byte[] signature = words.length == 2 ? Base64.getDecoder().decode(words[1]) : new byte[0];
            if (signature.length > 4 && words[0].equals(parts[0])
                    && HexFormat.of().formatHex(signature, 0, 4).equals(parts[1])) {
                signed = isSigned(text, Arrays.copyOfRange(signature, 4, signature.length));
                if (!signed) {
                    break;
                }
            }
        }
        return signed;
    }

    private boolean isSigned(String text, byte[] signature) throws GeneralSecurityException {
        byte[] typed = Base64.getDecoder().decode(key.split("\\+", 3)[2]);
        byte[] encoded = ByteBuffer.allocate(44).put(KEY_PREFIX).put(typed, 1, 32).array();
        Signature check = Signature.getInstance("Ed25519");
        check.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
        check.update(text.getBytes(StandardCharsets.UTF_8));
        try {
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private void readKey(Path file) throws Exception {
        if (!Files.exists(file)) {
            if (key != null) {
                found("SIGNATURE", -1, null, "the export has no key, and you gave " + key);
            }
            return;
        }
        String exported = Files.readString(file).strip();
        if (key != null && !key.equals(exported)) {
            found("SIGNATURE", -1, null, "the export was signed with the key " + exported + ", not with yours");
        }
        key = key == null ? exported : key;
        String[] parts = exported.split("\\+", 3);
        byte[] typed = parts.length == 3 ? Base64.getDecoder().decode(parts[2]) : new byte[0];
        byte[] id = typed.length == 33 && typed[0] == 1
                ? sha256((parts[0] + "\n").getBytes(StandardCharsets.UTF_8), typed)
                : new byte[4];
        if (typed.length != 33 || typed[0] != 1 || !HexFormat.of().formatHex(id, 0, 4).equals(parts[1])) {
            found("SIGNATURE", -1, null, "key.vkey is no Ed25519 verifier key: " + exported);
        }
    }

    // ------------------------------------------------------------------------------------------------ a receipt

    private void verifyReceipt(Path file) throws Exception {
        String text = Files.readString(file);
        int end = text.indexOf("\n\n");
        String[] lines = text.substring(0, Math.max(end, 0)).split("\n");
        if (end < 0 || lines.length < 3 || !lines[0].equals("c2sp.org/tlog-proof@v1")
                || !lines[1].startsWith("extra ") || !lines[2].startsWith("index ")) {
            found("MALFORMED", -1, null, file + " is no receipt");
            return;
        }
        byte[] entry = Base64.getDecoder().decode(lines[1].substring(6));
        long index = Long.parseLong(lines[2].substring(6));
        String[] note = text.substring(end + 2).split("(?<=\n)");
        Head head = note.length < 4 ? null : head(file, false, note, 0);
        if (head == null) {
            found("MALFORMED", -1, null, file + " has no checkpoint");
            return;
        }
        verifySignatures(head, String.join("", List.of(note).subList(0, 3)), note, 4, note.length);
        byte[] hash = sha256(new byte[] {0}, entry);
        long node = index;
        long last = head.size() - 1;
        boolean possible = index >= 0 && index <= last;
        for (int i = 3; i < lines.length && possible; i++) {
            byte[] sibling = Base64.getDecoder().decode(lines[i]);
            possible = last > 0;
            if ((node & 1) == 1 || node == last) {
                hash = Tree.node(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = Tree.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if (!possible || last != 0 || !Arrays.equals(hash, head.root())) {
            found("TREE_BROKEN", index, null, "the entry is not under the root of the checkpoint");
            return;
        }
        out.println("entry " + new String(entry, StandardCharsets.UTF_8));
        counts.put("entry number", index);
    }

    // --------------------------------------------------------------------------------------- what the entries say

    /** What the entries have said of a recording so far. */
    private static final class Recording {
        private static final TreeMap<String, Long> NO_HOLDS = new TreeMap<>();

        /** Each with its leaf. Most recordings never have one. */
        private TreeMap<String, Long> holds = NO_HOLDS;
        private boolean claimed;
        private boolean everClaimed;
        private Instant created;
        private String deletedAs;
        /** Since when what its key names is claimed. */
        private long claimedAt;
        private String key;
        /** The newest claim is no first one, and was not due: nothing may be sent for it. */
        private boolean early;

        void hold(String name, long leaf) {
            holds = holds == NO_HOLDS ? new TreeMap<>() : holds;
            holds.putIfAbsent(name, leaf);
        }
    }

    /** A statement's entry, and how many deletions of its period the entries before it have, by outcome. */
    private static final class Statement {

        private final long leaf;
        private final Map<String, Object> entry;
        private final Instant from;
        private final Instant to;
        private final long sealed;
        private final Map<String, Bounds> deletions = new HashMap<>();
        private long unknown;

        Statement(long leaf, Map<String, Object> entry) {
            this.leaf = leaf;
            this.entry = entry;
            this.from = Instant.parse(text(entry, "from"));
            this.to = Instant.parse(text(entry, "to"));
            this.sealed = Long.parseLong(text(entry, "entries"));
        }

        /** What was sealed by then, the statement has counted; what came between it and its entry, it may have. */
        void deletion(long at, Instant created, String outcome, int change) {
            if (at >= leaf) {
                return;
            }
            if (created == null) {
                unknown++;
            } else if (!created.isBefore(from) && created.isBefore(to)) {
                Bounds bounds = deletions.computeIfAbsent(outcome, o -> new Bounds());
                bounds.now += change;
                bounds.least = at < sealed ? bounds.now : Math.min(bounds.least, bounds.now);
                bounds.most = at < sealed ? bounds.now : Math.max(bounds.most, bounds.now);
            }
        }

        /** How many recordings a group has: a number, or numbers of its parts. */
        static long sum(Object group) {
            if (group instanceof Map<?, ?> parts) {
                return parts.values().stream().mapToLong(part -> (Long) part).sum();
            }
            return group == null ? 0 : (Long) group;
        }
    }

    private static final class Bounds {
        private long now;
        private long least;
        private long most;
    }

    /** Replays the promises: no deletion without a claim, none under a hold, none too early. */
    private final class Replay {

        private final Map<String, Recording> recordings = new HashMap<>();
        private final Map<LocalDate, Long> census = new HashMap<>();
        private final List<Statement> statements;
        private boolean adopted;

        Replay(List<Statement> statements) {
            this.statements = statements;
        }

        void entry(long leaf, Map<String, Object> entry) {
            String kind = text(entry, "kind");
            String id = text(entry, "id");
            counts.merge("kind " + kind, 1L, Long::sum);
            Recording recording = id.isEmpty() ? new Recording() : recordings.computeIfAbsent(id, i -> new Recording());
            switch (kind) {
                case "claim" -> claim(leaf, entry, id, recording);
                case "claim-release" -> recording.claimed &= !text(entry, "attempt").equals("1");
                case "outcome" -> outcome(leaf, entry, id, recording);
                case "acceptance" -> {
                    settle(leaf, id, recording, "recorded as accepted without a claim");
                    deleted(leaf, recording, "ACCEPTED_UNPROVEN");
                }
                case "hold" -> recording.hold(text(entry, "hold"), leaf);
                case "release", "expiry" -> recording.holds.remove(text(entry, "hold"));
                case "census" -> census(leaf, entry);
                case "adoption" -> adopted = true;
                case "statement" -> statements.stream()
                        .filter(statement -> statement.leaf == leaf)
                        .forEach(this::statement);
                default -> { }
            }
        }

        private void claim(long leaf, Map<String, Object> entry, String id, Recording recording) {
            if (recording.deletedAs != null) {
                // Another recording with the same id.
                statements.forEach(each -> each.deletion(leaf, recording.created, recording.deletedAs, -1));
                recording.deletedAs = null;
            }
            if (!recording.claimed || !text(entry, "key").equals(recording.key)) {
                recording.claimedAt = leaf;
                recording.key = text(entry, "key");
            }
            recording.claimed = true;
            recording.everClaimed = true;
            recording.early = false;
            recording.created = text(entry, "created").isEmpty() ? null : Instant.parse(text(entry, "created"));
            if (!recording.holds.isEmpty() && !text(entry, "late").equals("1")) {
                found("DELETED_UNDER_HOLD", leaf, id, "claimed for deletion under the holds "
                        + recording.holds.keySet());
            }
            Instant cutoff = Instant.parse(text(entry, "cutoff"));
            if (cutoff.isAfter(Instant.parse(text(entry, "at")))) {
                found("DELETED_EARLY", leaf, id, "claimed with a cutoff in the future, " + cutoff);
            }
            boolean due = !text(entry, "created").isEmpty() && Instant.parse(text(entry, "created")).isBefore(cutoff);
            if (text(entry, "policy").equals("erasure") || due) {
                return;
            }
            if (Long.parseLong(text(entry, "attempt")) > 1) {
                // A person lets a claim follow its row to what that names by now. It is looked up, not deleted.
                recording.early = true;
            } else {
                found("DELETED_EARLY", leaf, id, "created at " + text(entry, "created")
                        + ", which is not before the cutoff " + cutoff);
            }
        }

        private void outcome(long leaf, Map<String, Object> entry, String id, Recording recording) {
            String step = text(entry, "step");
            String with = text(entry, "with");
            if (!with.isEmpty()) {
                Recording other = recordings.getOrDefault(with, new Recording());
                if (!other.everClaimed) {
                    found("OUTCOME_WITHOUT_CLAIM", leaf, id, "deleted with " + with + ", which was not claimed");
                }
                // A hold that came after the claim was late.
                if (recording.holds.values().stream().anyMatch(placed -> placed < other.claimedAt)) {
                    found("DELETED_UNDER_HOLD", leaf, id, "deleted with " + with + " under the holds "
                            + recording.holds.keySet());
                }
                recording.claimed = false;
            } else if (step.equals("DELETED") || step.equals("REFUSED_UNSENT")) {
                settle(leaf, id, recording, "the outcome " + text(entry, "outcome") + " without a claim");
            } else if (!recording.claimed && !adopted) {
                found("OUTCOME_WITHOUT_CLAIM", leaf, id, "the step " + step + " without a claim");
            }
            if (step.equals("DELETED") && text(entry, "outcome").equals("DELETED") && recording.early) {
                found("DELETED_EARLY", leaf, id, "deleted although its newest claim was not due");
            }
            if (step.equals("DELETED")) {
                recording.early = false;
                recording.key = null;
                counts.merge("deleted " + text(entry, "outcome"), 1L, Long::sum);
                if (!text(entry, "created").isEmpty()) {
                    recording.created = Instant.parse(text(entry, "created"));
                }
                deleted(leaf, recording, text(entry, "outcome"));
            }
        }

        private void deleted(long leaf, Recording recording, String outcome) {
            if (recording.deletedAs != null) {
                statements.forEach(each -> each.deletion(leaf, recording.created, recording.deletedAs, -1));
            }
            recording.deletedAs = outcome;
            statements.forEach(each -> each.deletion(leaf, recording.created, outcome, 1));
        }

        /** Its numbers add up, and it has the deletions that the entries before it have. */
        private void statement(Statement statement) {
            Map<String, Object> entry = statement.entry;
            long sum = GROUPS.stream().mapToLong(group -> Statement.sum(entry.get(group))).sum();
            if (sum != Statement.sum(entry.get("recordings"))) {
                found("STATEMENT_DIFFERS", statement.leaf, null, "its groups add up to " + sum + " recordings of "
                        + entry.get("recordings"));
            }
            if (statement.sealed > statement.leaf) {
                found("STATEMENT_DIFFERS", statement.leaf, null, "it names " + statement.sealed
                        + " entries, more than precede it");
            }
            Map<?, ?> stated = entry.get("deleted") instanceof Map<?, ?> parts ? parts : Map.of();
            // These may be deleted ones whose row says something else.
            long open = Statement.sum(entry.get("changed")) + Statement.sum(entry.get("unreadable"));
            TreeSet<String> outcomes = new TreeSet<>(statement.deletions.keySet());
            stated.keySet().forEach(outcome -> outcomes.add(outcome.toString()));
            for (String outcome : outcomes) {
                long deleted = Statement.sum(stated.get(outcome));
                Bounds bounds = statement.deletions.getOrDefault(outcome, new Bounds());
                if (deleted > bounds.most + statement.unknown || deleted + open < bounds.least) {
                    found("STATEMENT_DIFFERS", statement.leaf, null, "it has " + deleted + " with the outcome "
                            + outcome + ", and the entries before it have " + bounds.least
                            + (bounds.most > bounds.least ? " to " + bounds.most : ""));
                }
            }
        }

        private void settle(long leaf, String id, Recording recording, String what) {
            if (!recording.claimed && adopted && !recording.everClaimed) {
                counts.merge("begun before the log", 1L, Long::sum);
            } else if (!recording.claimed) {
                found("OUTCOME_WITHOUT_CLAIM", leaf, id, what);
            }
            recording.claimed = false;
        }

        /** Recordings of a day can't become fewer: what is deleted keeps its row. */
        private void census(long leaf, Map<String, Object> entry) {
            Map<?, ?> days = entry.get("days") instanceof Map<?, ?> counts ? counts : Map.of();
            LocalDate to = LocalDate.parse(text(entry, "to"));
            for (LocalDate day = LocalDate.parse(text(entry, "from")); day.isBefore(to); day = day.plusDays(1)) {
                long now = days.get(day.toString()) instanceof Long count ? count : 0;
                Long before = now == 0 ? census.remove(day) : census.put(day, now);
                if (before != null && now < before) {
                    found("CENSUS_SHRANK", leaf, null, day + " had " + before + " recordings, and now " + now);
                }
            }
        }
    }

    // --------------------------------------------------------------------------------------------- the statement

    private static final List<String> GROUPS = List.of("deleted", "unrecorded", "engine-deleted", "held", "not-due",
            "in-flight", "quarantined", "key-shared", "without-key", "undated", "overdue", "changed", "unreadable");

    /** All statements of the log, which are needed before the entries that they are compared with. */
    private List<Statement> statements(Path file) throws IOException {
        List<Statement> statements = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            long leaf = 0;
            for (String line = line(lines); line != null; line = line(lines)) {
                if (line.startsWith("{\"v\":1,\"kind\":\"statement\",")) {
                    try {
                        statements.add(new Statement(leaf, new Json(line).entry()));
                    } catch (RuntimeException e) {
                        found("MALFORMED", leaf, null, "a statement that can't be read: " + e.getMessage());
                    }
                }
                leaf++;
            }
        }
        return statements;
    }

    /** Compares the statement of the export, and its list, with its entry. */
    private void verifyStatement(Path folder, Map<String, String> about, List<Statement> statements) throws Exception {
        Statement statement = null;
        for (Statement each : statements) {
            if (text(each.entry, "from").equals(about.get("from")) && text(each.entry, "to").equals(about.get("to"))) {
                statement = each;
            }
        }
        Path text = folder.resolve("statement.txt");
        Path list = folder.resolve("statement.csv");
        if (!"1".equals(about.get("statement")) && !Files.exists(text)) {
            out.println("note: the export has no statement of the period");
            return;
        }
        if (statement == null || !Files.exists(text) || !Files.exists(list)) {
            found("STATEMENT_DIFFERS", statement == null ? -1 : statement.leaf, null,
                    "the export lacks statement.txt, statement.csv, or the entry about them");
            return;
        }
        String note = Files.readString(text);
        int end = note.lastIndexOf("\n\n") + 1;
        String[] signatures = note.substring(Math.min(end + 1, note.length())).split("(?<=\n)");
        byte[] signed = note.substring(0, end).getBytes(StandardCharsets.UTF_8);
        if (!Base64.getEncoder().encodeToString(sha256(signed)).equals(text(statement.entry, "sha256"))) {
            found("STATEMENT_DIFFERS", statement.leaf, null, "statement.txt is not the text of its entry");
        }
        int lines = signatures[0].startsWith(DASH) ? signatures.length : 0;
        if (key != null && !isSigned(note.substring(0, end), signatures, 0, lines)) {
            found("SIGNATURE", statement.leaf, null, "the key has not signed statement.txt");
        }
        verifyList(list, statement);
    }

    private void verifyList(Path file, Statement statement) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Map<String, Long> listed = new TreeMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new DigestInputStream(Files.newInputStream(file), digest), StandardCharsets.UTF_8))) {
            for (List<String> row = row(reader); row != null; row = row(reader)) {
                if (row.size() == 3 && GROUPS.contains(row.get(0))) {
                    listed.merge(row.get(0), 1L, Long::sum);
                    if (row.get(0).equals("changed")) {
                        found("STATEMENT_DIFFERS", statement.leaf, row.get(2), "was deleted, and its row says something"
                                + " else: " + row.get(1));
                    }
                }
            }
        }
        if (!Base64.getEncoder().encodeToString(digest.digest()).equals(text(statement.entry, "list"))) {
            found("STATEMENT_DIFFERS", statement.leaf, null, "statement.csv is not the list of its entry");
        }
        for (String group : GROUPS) {
            long stated = Statement.sum(statement.entry.get(group));
            boolean isListed = !group.equals("deleted") && !group.equals("not-due");
            if (isListed && stated != listed.getOrDefault(group, 0L)) {
                found("STATEMENT_DIFFERS", statement.leaf, null, "statement.csv has " + listed.getOrDefault(group, 0L)
                        + " recordings that are " + group + ", and the statement has " + stated);
            }
            if (stated > 0) {
                counts.put("stated " + group, stated);
            }
        }
    }

    /** The cells of the next row of a table; null at its end. */
    private static List<String> row(BufferedReader reader) throws IOException {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int c = reader.read(); ; c = reader.read()) {
            if (c < 0 && cells.isEmpty() && cell.length() == 0) {
                return null;
            }
            if (c < 0 || !quoted && (c == ',' || c == '\n')) {
                cells.add(cell.toString());
                cell.setLength(0);
                if (c != ',') {
                    return cells;
                }
            } else if (c == '"') {
                reader.mark(1);
                // Within a quoted cell it is doubled.
                boolean doubled = quoted && reader.read() == '"';
                if (doubled) {
                    cell.append('"');
                } else {
                    quoted = !quoted;
                    reader.reset();
                }
            } else {
                cell.append((char) c);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ the tables

    /** Derives the tables from the entries, and compares them with those of the export, line by line. */
    private final class Csv implements AutoCloseable {

        private static final List<String> RUN = List.of("checked", "deleted", "already-gone", "nothing-stored",
                "failed", "deferred", "unproven", "quarantined", "held", "without-key", "remaining", "undated");

        private final Instant from;
        private final Instant to;
        private final Map<String, BufferedReader> files = new LinkedHashMap<>();
        private final Map<String, Long> lines = new HashMap<>();
        private final Map<String, Map<String, String>> open = new LinkedHashMap<>();

        Csv(Path folder, Instant from, Instant to) throws IOException {
            this.from = from;
            this.to = to;
            for (String name : List.of("deletions", "holds", "runs", "open")) {
                files.put(name, Files.newBufferedReader(folder.resolve(name + ".csv"), StandardCharsets.UTF_8));
            }
            compare("deletions", "leaf,deleted_at,id,key,account,created,claimed_at,policy,cutoff,run,outcome,evidence"
                    + ",with");
            compare("holds", "leaf,at,event,id,hold");
            compare("runs", "leaf,run,started,ended,end," + String.join(",", RUN).replace('-', '_'));
            compare("open", "leaf,claimed_at,id,key,account,created,policy,cutoff,run,state,outcome,cause");
        }

        void entry(long leaf, Map<String, Object> entry) {
            String id = text(entry, "id");
            Instant at = Instant.parse(text(entry, "at"));
            boolean listed = !at.isBefore(from) && at.isBefore(to);
            switch (text(entry, "kind")) {
                case "claim" -> claim(leaf, entry, id);
                case "claim-release" -> {
                    if (text(entry, "attempt").equals("1")) {
                        open.remove(id);
                    }
                }
                case "outcome" -> outcome(leaf, entry, id, listed);
                case "acceptance" -> deletion(leaf, entry, open.remove(id), "ACCEPTED_UNPROVEN", listed);
                case "hold", "release", "expiry" -> {
                    if (listed) {
                        row("holds", leaf, text(entry, "at"), text(entry, "kind"), id, text(entry, "hold"));
                    }
                }
                case "run-end" -> {
                    if (listed) {
                        List<Object> cells = new ArrayList<>(List.of(leaf, text(entry, "run"), text(entry, "started"),
                                text(entry, "ended"), text(entry, "end")));
                        RUN.forEach(name -> cells.add(text(entry, name)));
                        row("runs", cells.toArray());
                    }
                }
                default -> { }
            }
        }

        private void claim(long leaf, Map<String, Object> entry, String id) {
            Map<String, String> claim = new HashMap<>();
            entry.forEach((name, value) -> claim.put(name, String.valueOf(value)));
            Map<String, String> before = open.get(id);
            claim.put("leaf", before == null ? String.valueOf(leaf) : before.get("leaf"));
            claim.put("claimed", before == null ? claim.get("at") : before.get("claimed"));
            claim.put("state", "IN_FLIGHT");
            open.put(id, claim);
        }

        private void outcome(long leaf, Map<String, Object> entry, String id, boolean listed) {
            switch (text(entry, "step")) {
                case "DELETED" -> deletion(leaf, entry, open.remove(id), text(entry, "outcome"), listed);
                case "REFUSED_UNSENT" -> open.remove(id);
                case "RETRY", "QUARANTINE" -> {
                    Map<String, String> claim = open.get(id);
                    if (claim != null) {
                        claim.put("state", text(entry, "step").equals("RETRY") ? "IN_FLIGHT" : "QUARANTINED");
                        claim.put("outcome", text(entry, "outcome"));
                        claim.put("cause", text(entry, "cause"));
                    }
                }
                default -> { }
            }
        }

        private void deletion(long leaf, Map<String, Object> entry, Map<String, String> claimed, String outcome,
                boolean listed) {
            Map<String, String> claim = new HashMap<>(claimed == null ? Map.of() : claimed);
            List.of("key", "account", "created").stream()
                    .filter(name -> !text(entry, name).isEmpty())
                    .forEach(name -> claim.put(name, text(entry, name)));
            if (listed) {
                row("deletions", leaf, text(entry, "at"), text(entry, "id"), claim.get("key"), claim.get("account"),
                        claim.get("created"), claim.get("claimed"), claim.get("policy"), claim.get("cutoff"),
                        claim.get("run"), outcome, text(entry, "evidence"), text(entry, "with"));
            }
        }

        void end() {
            open.forEach((id, claim) -> row("open", claim.get("leaf"), claim.get("claimed"), id, claim.get("key"),
                    claim.get("account"), claim.get("created"), claim.get("policy"), claim.get("cutoff"),
                    claim.get("run"), claim.get("state"), claim.get("outcome"), claim.get("cause")));
            files.keySet().forEach(name -> compare(name, null));
        }

        private void row(String name, Object... cells) {
            StringBuilder row = new StringBuilder();
            for (Object cell : cells) {
                String text = cell == null ? "" : cell.toString();
                // A spreadsheet would take these for formulas.
                text = text.matches("(?s)[=+\\-@\t\r].*") ? "'" + text : text;
                boolean quoted = text.matches("(?s).*[\",\n\r].*");
                row.append(row.length() == 0 ? "" : ",")
                        .append(quoted ? "\"" + text.replace("\"", "\"\"") + "\"" : text);
            }
            compare(name, row.toString());
        }

        private void compare(String name, String expected) {
            try {
                // A quoted cell may contain line ends.
                for (String part : expected == null ? new String[] {null} : expected.split("\n", -1)) {
                    long line = lines.merge(name, 1L, Long::sum);
                    String found = line(files.get(name));
                    if (!Objects.equals(part, found)) {
                        found("CSV_DIFFERS", -1, null, name + ".csv line " + line + " is '" + found
                                + "', and the entries say '" + part + "'");
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            for (BufferedReader file : files.values()) {
                file.close();
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- small things

    private static String text(Map<String, Object> entry, String name) {
        Object value = entry.get(name);
        return value == null ? "" : value.toString();
    }

    /** A line that ends with a line feed, or with the file; a carriage return is a part of it. */
    private static String line(BufferedReader reader) throws IOException {
        StringBuilder line = new StringBuilder(400);
        for (int c = reader.read(); c != '\n'; c = reader.read()) {
            if (c < 0) {
                return line.length() == 0 ? null : line.toString();
            }
            line.append((char) c);
        }
        return line.toString();
    }

    private static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A Merkle tree (RFC 9162) of which only the right edge is kept. */
    private static final class Tree {

        private final List<byte[]> edge = new ArrayList<>();
        private long size;

        void append(byte[] leaf) {
            byte[] hash = leaf;
            for (long rest = size; (rest & 1) == 1; rest >>= 1) {
                hash = node(edge.remove(edge.size() - 1), hash);
            }
            edge.add(hash);
            size++;
        }

        byte[] root() {
            byte[] root = edge.get(edge.size() - 1);
            for (int i = edge.size() - 2; i >= 0; i--) {
                root = node(edge.get(i), root);
            }
            return root;
        }

        static byte[] node(byte[] left, byte[] right) {
            return sha256(new byte[] {1}, left, right);
        }
    }

    /** Reads an entry: an object of strings, integers and objects. */
    private static final class Json {

        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Map<String, Object> entry() {
            Map<String, Object> entry = object();
            require(at == text.length());
            if (!Long.valueOf(1).equals(entry.get("v"))) {
                throw new IllegalArgumentException("an entry of the format " + entry.get("v")
                        + "; this verifier reads 1");
            }
            return entry;
        }

        private Map<String, Object> object() {
            Map<String, Object> object = new LinkedHashMap<>();
            require(next() == '{');
            while (text.charAt(at) != '}') {
                require(object.isEmpty() || next() == ',');
                String name = string();
                require(next() == ':');
                char first = text.charAt(at);
                Object value = first == '"' ? string() : first == '{' ? object() : (Object) number();
                require(object.put(name, value) == null);
            }
            at++;
            return object;
        }

        private Long number() {
            int start = at;
            while ("-0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return Long.valueOf(text.substring(start, at));
        }

        private String string() {
            require(next() == '"');
            StringBuilder string = new StringBuilder();
            for (char c = next(); c != '"'; c = next()) {
                string.append(c == '\\' ? escaped(next()) : c);
            }
            return string.toString();
        }

        private char escaped(char c) {
            if (c == 'u') {
                at += 4;
                return (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            int index = "nrtbf\"\\/".indexOf(c);
            require(index >= 0);
            return "\n\r\t\b\f\"\\/".charAt(index);
        }

        private char next() {
            return text.charAt(at++);
        }

        private void require(boolean condition) {
            if (!condition) {
                throw new IllegalArgumentException("no entry: not the JSON that is written, at character " + at);
            }
        }
    }
}
