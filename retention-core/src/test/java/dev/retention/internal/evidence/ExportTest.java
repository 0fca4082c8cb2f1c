package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.RetentionException;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.SealStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Exports, and what the two verifiers say of them when somebody has changed them, or the log before. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportTest {

    private static final Instant FROM = EvidenceStory.NIGHT.minus(Duration.ofDays(1));
    private static final Instant TO = EvidenceStory.NIGHT.plus(Duration.ofDays(9));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path directory;

    @SuppressWarnings("NullAway.Init")
    private Verifiers verifiers;

    @SuppressWarnings("NullAway.Init")
    private TreeSealing sealing;

    private final List<EvidenceEntry> story = EvidenceStory.whole();

    @BeforeAll
    void prepare() throws Exception {
        verifiers = Verifiers.compile(Files.createDirectory(directory.resolve("verifiers")));
        sealing = sealing("key");
    }

    @Test
    void aWholeExportIsFoundWhole() throws Exception {
        Path folder = export(story);
        assertFindings(folder);
        Verifiers.Answer answer = verifiers.java(folder);
        assertThat(answer.output()).contains("entries " + story.size(), "kind claim ", "deleted DELETED ", "OK");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "entries.jsonl",
                            "checkpoint",
                            "checkpoints",
                            "key.vkey",
                            "deletions.csv",
                            "holds.csv",
                            "runs.csv",
                            "open.csv",
                            "report.html",
                            "README.txt",
                            "Verify.java",
                            "export.txt");
        }
    }

    @Test
    void theVerifierRunsFromTheFolderAlone() throws Exception {
        Path folder = export(story);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                folder.resolve("Verify.java").toString(),
                folder.toString(),
                "--key",
                key(sealing)));
        assertThat(Verifiers.run(command)).returns(0, Verifiers.Answer::exit);
        edit(folder, "entries.jsonl", lines -> lines.set(3, lines.get(3).replace("}", ",\"x\":1}")));
        Verifiers.Answer changed = Verifiers.run(command);
        assertThat(changed.exit()).isEqualTo(1);
        assertThat(changed.output()).contains("TREE_BROKEN leaf=0 ");
    }

    @Test
    void anUnsignedExportIsVerifiedByItsTree() throws Exception {
        TreeSealing unsigned = new TreeSealing("example.com/log", null);
        Path folder = export(story, unsigned);
        assertFindings(folder);
        assertThat(folder.resolve("key.vkey")).doesNotExist();
        assertFindings(folder, List.of("SIGNATURE", "SIGNATURE leaf=20"), "--key", key(sealing));
        edit(folder, "entries.jsonl", lines -> Collections.swap(lines, 21, 22));
        assertThat(verifiers.java(folder).findings()).contains("TREE_BROKEN leaf=20");
    }

    @Test
    void tablesSayWhatHappenedInThePeriod() throws Exception {
        Path folder = export(story);
        String deletions = Files.readString(folder.resolve("deletions.csv"));
        assertThat(deletions)
                .contains(",'=1+1-0,RE=1+1-0,", ",\"a,b-0\",", ",\"a\"\"b-0\",", ",\"a\nb-0\",", ",'@x-2,")
                .contains(",tried-0,REtried-0,AC1,")
                .contains("ACCEPTED_UNPROVEN");
        assertThat(Files.readAllLines(folder.resolve("runs.csv"))).hasSize(4);
        assertThat(Files.readString(folder.resolve("holds.csv")))
                .contains(",hold,held-1,case 7", ",expiry,freed-2,case 8");
        assertThat(Files.readString(folder.resolve("open.csv")))
                .contains(",quarantined-1,", ",QUARANTINED,UNPROVEN,NOT_FOUND", ",open-0,", ",flight-2,", ",late-1,")
                .doesNotContain("unsent", "stopped", "plain", "accepted");
        assertThat(Files.readString(folder.resolve("report.html")))
                .contains("<td>ACCEPTED_UNPROVEN</td><td class=\"n\">3</td>", "example.com/log", key(sealing))
                .doesNotContain("<script");

        Path one = new Exporting(sealing).with(story).to(EvidenceStory.NIGHT.plus(Duration.ofDays(1)));
        assertFindings(one);
        assertThat(Files.readAllLines(one.resolve("runs.csv"))).hasSize(2);
        assertThat(Files.readString(one.resolve("deletions.csv")))
                .contains("plain0-0")
                .doesNotContain("plain0-1");
    }

    @Test
    void changedEntriesBreakTheTree() throws Exception {
        List<Consumer<List<String>>> changes = List.of(
                // edit
                lines -> lines.set(45, lines.get(45).replace("case 7", "case 6")),
                // swap
                lines -> Collections.swap(lines, 45, 46),
                // backdate
                lines -> lines.set(45, lines.get(45).replace("\"at\":\"2026-03", "\"at\":\"2026-02")));
        for (Consumer<List<String>> change : changes) {
            Path folder = export(story);
            edit(folder, "entries.jsonl", change);
            assertThat(agreed(folder)).contains("TREE_BROKEN leaf=40");
        }
    }

    @Test
    void anEntryThatWasAddedOrTakenOutBreaksTheTree() throws Exception {
        Path deleted = export(story);
        edit(deleted, "entries.jsonl", lines -> lines.remove(45));
        assertThat(agreed(deleted)).contains("TREE_BROKEN leaf=40", "TRUNCATED leaf=" + (story.size() - 1));
        Path inserted = export(story);
        edit(inserted, "entries.jsonl", lines -> lines.add(45, lines.get(45)));
        assertThat(agreed(inserted)).contains("TREE_BROKEN leaf=40", "TREE_BROKEN leaf=" + story.size());
        Path hold = export(story);
        edit(hold, "entries.jsonl", lines -> lines.removeIf(line -> line.contains("held-1")));
        assertThat(agreed(hold)).anyMatch(finding -> finding.startsWith("TREE_BROKEN"));
    }

    @Test
    void aCutTailIsNoticed() throws Exception {
        Path folder = export(story);
        edit(
                folder,
                "entries.jsonl",
                lines -> lines.subList(story.size() - 3, story.size()).clear());
        assertThat(agreed(folder)).contains("TRUNCATED leaf=" + (story.size() - 3));
    }

    @Test
    void anotherKeyIsNoticedByWhoHasTheFirst() throws Exception {
        Path old = export(story);
        Path folder = export(story, sealing("other"));
        assertFindings(folder);
        assertThat(agreed(folder, "--key", key(sealing))).contains("SIGNATURE");
        assertThat(agreed(folder, checkpoint(old))).contains("SIGNATURE leaf=" + story.size());
        // Only the key was exchanged.
        Files.writeString(old.resolve("key.vkey"), key(sealing("third")) + "\n");
        assertThat(agreed(old)).contains("SIGNATURE leaf=" + story.size());
    }

    /** Whoever has the key and the database can write another log. It is not the one that was seen before. */
    @Test
    void aForkIsNoticedByWhoHasAnOldCheckpoint() throws Exception {
        Path old = export(story.subList(0, 60));
        assertFindings(export(story), List.of(), checkpoint(old));
        List<EvidenceEntry> withoutHold = new ArrayList<>(story);
        withoutHold.removeIf(entry -> "held-0".equals(entry.recordingId()));
        Path folder = export(withoutHold);
        assertFindings(folder);
        assertFindings(folder, List.of("FORK leaf=40"), checkpoint(old));
    }

    @Test
    void aRestoredDatabaseIsNoticedByWhoHasAnOldCheckpoint() throws Exception {
        Path folder = export(story.subList(0, 60));
        assertFindings(folder);
        assertFindings(folder, List.of("TRUNCATED leaf=60"), checkpoint(export(story)));
    }

    /** The file to which heads are anchored can be given as it is. */
    @Test
    void anAnchorFileIsReadWhateverItContains() throws Exception {
        Path old = export(story.subList(0, 60));
        Path anchor = directory.resolve("anchor");
        String head = Files.readString(old.resolve("checkpoint"));
        Files.writeString(anchor, head.substring(0, 40) + "\nrubbish\n" + head);
        assertFindings(export(story), List.of(), anchor.toString());
        List<EvidenceEntry> changed = new ArrayList<>(story);
        changed.remove(5);
        assertThat(agreed(export(changed), anchor.toString())).contains("FORK leaf=40");
        String foreign = head.replace("example.com/log", "example.com/other");
        assertThat(agreed(export(story), Files.writeString(anchor, foreign).toString()))
                .contains("FORK");
    }

    @Test
    void editedTablesDiffer() throws Exception {
        for (String table : List.of("deletions.csv", "holds.csv", "runs.csv", "open.csv")) {
            Path edited = export(story);
            edit(edited, table, lines -> lines.set(1, lines.get(1).replaceFirst("\\d", "9")));
            assertFindings(edited, List.of("CSV_DIFFERS"));
            Path shortened = export(story);
            edit(shortened, table, lines -> lines.remove(lines.size() - 1));
            assertFindings(shortened, List.of("CSV_DIFFERS"));
            Path extended = export(story);
            edit(extended, table, lines -> lines.add(lines.get(lines.size() - 1)));
            assertFindings(extended, List.of("CSV_DIFFERS"));
        }
    }

    @Test
    void aDeletionWithoutAClaimIsFound() throws Exception {
        assertFindings(
                export(new EvidenceStory()
                        .deleted("none")
                        .due("twice")
                        .deleted("twice")
                        .deleted("twice")
                        .due("back")
                        .released("back")
                        .deleted("back")
                        .deletedWith("other", "nobody")
                        .event("ACCEPTED_UNPROVEN", "accepted", "gone")
                        .retry("tried")
                        .entries()),
                List.of(
                        "OUTCOME_WITHOUT_CLAIM leaf=0 id=none",
                        "OUTCOME_WITHOUT_CLAIM leaf=3 id=twice",
                        "OUTCOME_WITHOUT_CLAIM leaf=6 id=back",
                        "OUTCOME_WITHOUT_CLAIM leaf=7 id=other",
                        "OUTCOME_WITHOUT_CLAIM leaf=8 id=accepted",
                        "OUTCOME_WITHOUT_CLAIM leaf=9 id=tried"));
    }

    @Test
    void aDeletionUnderAHoldIsFound() throws Exception {
        assertFindings(
                export(new EvidenceStory()
                        .event("HOLD_PLACED", "a", "case 1")
                        .event("HOLD_PLACED", "a", "case 2")
                        .event("HOLD_RELEASED", "a", "case 1")
                        .due("a")
                        .event("HOLD_EXPIRED", "a", "case 2")
                        .due("a")
                        .event("HOLD_PLACED", "b", "case 1")
                        .due("c")
                        .deleted("c")
                        .deletedWith("b", "c")
                        .entries()),
                List.of("DELETED_UNDER_HOLD leaf=3 id=a", "DELETED_UNDER_HOLD leaf=9 id=b"));
    }

    /** The request for the other recording may have been sent before the hold. A claim that came later may not. */
    @Test
    void aHoldThatWasPlacedAfterTheClaimOfTheOtherRecordingWasLate() throws Exception {
        assertFindings(
                export(new EvidenceStory()
                        .due("a")
                        .event("HOLD_PLACED", "late", "case 1")
                        .deleted("a")
                        .deletedWith("late", "a")
                        .due("b")
                        .event("HOLD_PLACED", "held", "case 1")
                        .released("b")
                        .due("b")
                        .deleted("b")
                        .deletedWith("held", "b")
                        .entries()),
                List.of("DELETED_UNDER_HOLD leaf=9 id=held"));
    }

    /** A retry lets a claim follow its row to another recording, which is looked up and only deleted if it is due. */
    @Test
    void aFurtherClaimOfWhatIsNotDueIsNoDeletion() throws Exception {
        assertFindings(
                export(new EvidenceStory()
                        .due("kept")
                        .quarantined("kept")
                        .again("kept", EvidenceStory.CUTOFF)
                        .quarantined("kept")
                        .due("sent")
                        .quarantined("sent")
                        .again("sent", EvidenceStory.CUTOFF)
                        .deleted("sent")
                        .due("due")
                        .retry("due")
                        .again("due", EvidenceStory.CUTOFF.minusNanos(1_000))
                        .deleted("due")
                        .entries()),
                List.of("DELETED_EARLY leaf=7 id=sent"));
    }

    @Test
    void aDeletionBeforeItsTimeIsFound() throws Exception {
        assertFindings(
                export(new EvidenceStory()
                        .claim("due", EvidenceStory.CUTOFF.minusNanos(1_000), "default")
                        .claim("young", EvidenceStory.CUTOFF, "default")
                        .claim("erased", EvidenceStory.NIGHT, "erasure")
                        .entries()),
                List.of("DELETED_EARLY leaf=1 id=young"));
    }

    /** Rows of the engine that were removed, or moved to another day. */
    @Test
    void aDayThatShrankIsFound() throws Exception {
        assertFindings(
                export(new EvidenceStory()
                        .census("2026-01-01", 10, 5)
                        .census("2026-01-03", 7, 0)
                        .census("2026-01-01", 10, 6)
                        .census("2026-01-01", 9, 6)
                        .census("2026-01-03", 7, 2)
                        .census("2026-01-02", 0, 6)
                        .entries()),
                // From 10 to 9, from 6 to none, and from 7 to 6.
                List.of("CENSUS_SHRANK leaf=3", "CENSUS_SHRANK leaf=5"));
    }

    @Test
    void aStatementHasTheDeletionsThatTheEntriesHave() throws Exception {
        EvidenceStory before = new EvidenceStory()
                .due("a")
                .deleted("a")
                .due("b")
                .quarantined("b")
                .event("ACCEPTED_UNPROVEN", "b", "gone")
                .due("c")
                .deleted("c")
                .deletedWith("d", "c")
                // Not of the period.
                .claim("old", EvidenceStory.CUTOFF.minus(Duration.ofDays(9)), "default")
                .deleted("old")
                .due("open");
        Map<String, Long> all = Map.of("DELETED", 2L, "ALREADY_GONE", 1L, "ACCEPTED_UNPROVEN", 1L);
        assertFindings(export(before.statement(11, 1, all, 0)
                // What was recorded between the reading and the entry may have been seen.
                .deleted("open")
                .statement(11, 1, all, 0)
                .statement(11, 0, Map.of("DELETED", 3L, "ALREADY_GONE", 1L, "ACCEPTED_UNPROVEN", 1L), 0)
                // A row that says something else is still one of the deletions.
                .statement(14, 0, Map.of("DELETED", 2L, "ALREADY_GONE", 1L, "ACCEPTED_UNPROVEN", 1L), 1)
                .entries()));
        assertFindings(
                export(before.statement(15, 1, all, 0)
                        .statement(15, 0, Map.of("DELETED", 4L, "ALREADY_GONE", 1L, "ACCEPTED_UNPROVEN", 1L), 0)
                        .statement(15, 1, Map.of("DELETED", 4L, "ALREADY_GONE", 1L), 0)
                        .statementThatDoesNotAddUp(3)
                        .statement(99, 0, Map.of("DELETED", 3L, "ALREADY_GONE", 1L, "ACCEPTED_UNPROVEN", 1L), 0)
                        .entries()),
                List.of(
                        // One deletion too few, one too many, an outcome that is missing, and more of another one.
                        "STATEMENT_DIFFERS leaf=16",
                        "STATEMENT_DIFFERS leaf=17",
                        "STATEMENT_DIFFERS leaf=18",
                        "STATEMENT_DIFFERS leaf=19",
                        "STATEMENT_DIFFERS leaf=20"));
    }

    @Test
    void whatCantBeReadIsNamed() throws Exception {
        Path another = export(story);
        edit(another, "entries.jsonl", lines -> lines.set(0, lines.get(0).replace("\"v\":1", "\"v\":2")));
        assertThat(agreed(another)).contains("MALFORMED leaf=0", "TREE_BROKEN leaf=0");
        assertThat(verifiers.java(another).output()).contains("an entry of the format 2; this verifier reads 1");
        Path format = export(story);
        edit(format, "export.txt", lines -> lines.set(0, "format 2"));
        assertFindings(format, List.of("MALFORMED"));
        Path unfinished = export(story);
        Files.createFile(unfinished.resolve("INCOMPLETE"));
        assertFindings(unfinished, List.of("MALFORMED"));
        Path headless = export(story);
        Files.writeString(headless.resolve("checkpoint"), "no checkpoint\n\n\n\n\n");
        assertThat(agreed(headless)).contains("MALFORMED");
    }

    @Test
    void onlyAnEmptyFolderIsWrittenTo() throws Exception {
        Path folder = Files.createTempDirectory(directory, "full");
        Files.writeString(folder.resolve("mine"), "kept");
        assertThatThrownBy(() -> new Exporting(sealing).with(story).export(folder, TO))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("is not empty, so nothing was exported");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
        assertThatThrownBy(() -> new Exporting(sealing).export(directory.resolve("nothing"), TO))
                .hasMessageContaining("no sealed entry yet");
        assertThat(directory.resolve("nothing")).doesNotExist();
    }

    /** As after a failure in the middle: here, entries are missing in the database. */
    @Test
    void anExportThatFailedIsMarked() throws Exception {
        Path folder = directory.resolve("failed");
        FakeEvidenceLog lossy = new FakeEvidenceLog() {
            @Override
            public List<Leaf> leaves(long from, int limit) {
                return super.leaves(from, limit).stream()
                        .filter(leaf -> leaf.number() != 33)
                        .toList();
            }
        };
        assertThatThrownBy(() -> new Exporting(sealing, lossy).with(story).export(folder, TO))
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("lacks entry 33");
        assertThat(folder.resolve("INCOMPLETE")).exists();
        assertThat(verifiers.java(folder).findings()).containsExactly("MALFORMED");
    }

    @Test
    void aReceiptIsVerifiedAlone() throws Exception {
        FakeEvidenceLog log = new Exporting(sealing).with(story).log;
        String checkpoint = log.newestSeal().orElseThrow().checkpoint();
        TreeProofs proofs = new TreeProofs(log::hashes);
        Path file = directory.resolve("receipt.tlog-proof");
        for (int leaf : new int[] {0, 33, story.size() - 1}) {
            TlogProof proof =
                    new TlogProof(story.get(leaf).bytes(), leaf, proofs.inclusion(leaf, story.size()), checkpoint);
            Files.writeString(file, proof.text());
            Verifiers.Answer whole = verifiers.java(file, "--key", key(sealing));
            assertThat(whole.exit()).as(whole.output()).isZero();
            assertThat(whole.output()).contains("entry " + story.get(leaf).line());
            assertThat(verifiers
                            .java(file, "--key", key(sealing("other-" + leaf)))
                            .findings())
                    .containsExactly("SIGNATURE leaf=" + story.size());
            byte[] other = story.get(leaf == 0 ? 1 : 0).bytes();
            Files.writeString(file, new TlogProof(other, leaf, proof.hashes(), checkpoint).text());
            assertThat(verifiers.java(file).findings()).containsExactly("TREE_BROKEN leaf=" + leaf);
        }
        Files.writeString(file, "no receipt\n");
        assertThat(verifiers.java(file).findings()).containsExactly("MALFORMED");
    }

    /** A log that is sealed after each 20 entries. */
    private final class Exporting {

        private final FakeEvidenceLog log;
        private final TreeSealing with;

        Exporting(TreeSealing with) {
            this(with, new FakeEvidenceLog());
        }

        Exporting(TreeSealing with, FakeEvidenceLog log) {
            this.with = with;
            this.log = log;
        }

        Exporting with(List<EvidenceEntry> entries) {
            log.append(entries);
            SealStep step = with;
            while (log.seal(20, step).isPresent()) {
                // Until all is sealed.
            }
            return this;
        }

        Path to(Instant to) throws IOException {
            Path folder = Files.createTempDirectory(directory, "export").resolve("new");
            export(folder, to);
            return folder;
        }

        void export(Path folder, Instant to) {
            assertThat(new Export(log, with, null).write(folder, FROM, to))
                    .isEqualTo(log.head().size());
        }
    }

    private Path export(List<EvidenceEntry> entries) throws IOException {
        return export(entries, sealing);
    }

    private Path export(List<EvidenceEntry> entries, TreeSealing with) throws IOException {
        return new Exporting(with).with(entries).to(TO);
    }

    private void assertFindings(Path folder) throws Exception {
        assertFindings(folder, List.of());
    }

    private void assertFindings(Path folder, List<String> findings, String... arguments) throws Exception {
        List<String> found = agreed(folder, arguments);
        if (findings.stream().anyMatch(finding -> finding.startsWith("SIGNATURE"))) {
            assertThat(found).containsAll(findings);
        } else {
            assertThat(found)
                    .containsExactlyElementsOf(findings.stream().sorted().toList());
        }
    }

    /** The findings of both verifiers, which must be the same. */
    private List<String> agreed(Path folder, String... arguments) throws Exception {
        Verifiers.Answer java = verifiers.java(folder, arguments);
        assertThat(java.exit()).as(java.output()).isEqualTo(java.findings().isEmpty() ? 0 : 1);
        verifiers
                .python(folder, arguments)
                .ifPresent(python -> assertThat(python.findings())
                        .as(java.output() + python.output())
                        .isEqualTo(java.findings()));
        return java.findings();
    }

    private static void edit(Path folder, String name, Consumer<List<String>> change) {
        try {
            Path file = folder.resolve(name);
            List<String> lines = new ArrayList<>(List.of(Files.readString(file).split("\n")));
            change.accept(lines);
            Files.writeString(file, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String checkpoint(Path folder) {
        return folder.resolve("checkpoint").toString();
    }

    private static String key(TreeSealing sealing) {
        return String.valueOf(sealing.key());
    }

    private TreeSealing sealing(String name) throws Exception {
        byte[] key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        Path file = Files.createTempFile(directory, name, ".pem");
        Files.write(
                file,
                ("-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(key)
                                + "\n-----END PRIVATE KEY-----\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return new TreeSealing("example.com/log", SigningKey.read("example.com/log", file));
    }
}
