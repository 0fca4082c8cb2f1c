package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.EvidenceStatement.Counts;
import dev.retention.EvidenceStatement.Group;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a statement says of each recording of a period, and how an export shows it. */
class StatementTest {

    private static final Instant FROM = World.NOW.minus(Duration.ofDays(200));
    private static final Instant TO = World.NOW.plus(Duration.ofDays(1));
    private static final Instant DUE = World.CUTOFF.minus(Duration.ofDays(10));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final World world = new World();
    private final RetentionEvidence evidence =
            RetentionEvidence.builder(world.repository).build();
    private final RetentionSweeper sweeper =
            world.builder(world.storage).evidence(evidence).build();

    private EvidenceStatement statement() {
        return evidence.statement(FROM, TO);
    }

    /** One of each kind that a night leaves. */
    private void aNight() {
        world.due("deleted", "gone", "stuck", "odd").young("young");
        world.repository.put(world.row("deleted").withDuration(Duration.ofSeconds(150)));
        world.storage.answer("key-gone", DeletionResult.alreadyGone("404"));
        world.storage.answer("key-stuck", DeletionResult.tryLater("503", null, false));
        world.storage.answer("key-odd", DeletionResult.refused("403"));
        world.due("held");
        world.holds.place("case", List.of("held"), "dpo", "dispute", null);
        world.repository.put(
                EngineRow.of("keyless", null, DUE),
                EngineRow.of("undated", "key-undated", null),
                EngineRow.of("early", "key-early", Instant.EPOCH),
                EngineRow.of("marked", "key-marked", DUE).withDeleted(World.NOW, "by hand"));
        sweeper.sweep();
        world.due("late");
    }

    @Test
    void saysOfEachRecordingWhatBecameOfIt() {
        aNight();
        world.repository.put(EngineRow.of("before", "key", FROM.minusSeconds(1)), EngineRow.of("after", "key", TO));

        EvidenceStatement statement = statement();

        Counts counts = statement.counts();
        assertThat(statement.counts().parts(Group.DELETED)).isEqualTo(Map.of("DELETED", 1L, "ALREADY_GONE", 1L));
        assertThat(statement.counts().parts(Group.NOT_DUE)).isEqualTo(Map.of("default", 1L));
        assertThat(statement.counts().parts(Group.QUARANTINED)).hasSize(1);
        assertThat(counts.of(Group.QUARANTINED)).isEqualTo(1);
        assertThat(counts.of(Group.IN_FLIGHT)).isEqualTo(1);
        assertThat(counts.of(Group.HELD)).isEqualTo(1);
        assertThat(counts.of(Group.WITHOUT_KEY)).isEqualTo(1);
        assertThat(counts.of(Group.UNDATED)).isEqualTo(2);
        assertThat(counts.of(Group.ENGINE_DELETED)).isEqualTo(1);
        assertThat(counts.of(Group.OVERDUE)).isEqualTo(1);
        assertThat(counts.of(Group.CHANGED)).isZero();
        assertThat(counts.of(Group.UNRECORDED)).isZero();
        assertThat(counts.of(Group.UNREADABLE)).isZero();
        assertThat(counts.recordings()).isEqualTo(11);
        assertThat(counts.audioFreed()).isEqualTo(Duration.ofSeconds(150));
        assertThat(counts.durationUnknown()).isEqualTo(1);
        assertThat(statement.shrunkDays()).isEmpty();
        assertThat(statement.note())
                .startsWith("retention statement 1\nlog retention/recordings\nfrom " + FROM + "\nto " + TO + "\n")
                .contains(
                        "\nrecordings 11\ndeleted 2\n  ALREADY_GONE 1\n  DELETED 1\n",
                        "\naudio-minutes-freed 2\naudio-of-unknown-length 1\n",
                        "\n- There is evidence since " + World.NOW,
                        "\n- The period had not ended")
                .endsWith("\n\n");
    }

    private RetentionEvidence signing() throws Exception {
        Path pem = Files.writeString(
                directory.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getEncoder()
                                .encodeToString(java.security.KeyPairGenerator.getInstance("Ed25519")
                                        .generateKeyPair()
                                        .getPrivate()
                                        .getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        Files.setPosixFilePermissions(pem, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        return RetentionEvidence.builder(world.repository)
                .origin("example.com/log")
                .signingKey(pem)
                .build();
    }

    @Test
    void theMinutesAreInThePreviewTheReportAndTheStatement() {
        world.due("a", "b").young("c");
        world.repository.rows().forEach(row -> world.repository.put(row.withDuration(Duration.ofMinutes(7))));
        assertThat(sweeper.preview().audioFreed()).isEqualTo(Duration.ofMinutes(14));
        assertThat(statement().counts().audioFreed()).isZero();
        assertThat(sweeper.sweep().audioFreed()).isEqualTo(Duration.ofMinutes(14));
        assertThat(statement().counts().audioFreed()).isEqualTo(Duration.ofMinutes(14));
        assertThat(statement().note()).contains("\naudio-minutes-freed 14\naudio-of-unknown-length 0\n");
    }

    @Test
    void isSignedAndHasAnEntry() throws Exception {
        RetentionEvidence signing = signing();
        aNight();
        world.builder(world.storage).evidence(signing).build();

        EvidenceStatement statement = signing.statement(FROM, TO);

        assertThat(statement.note()).contains("\n\n\u2014 example.com/log ");
        signing.seal();
        String line = statementEntries().get(0);
        String text = statement.note().substring(0, statement.note().lastIndexOf("\n\n") + 1);
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        assertThat(line)
                .contains("\"recordings\":11,\"deleted\":{\"ALREADY_GONE\":1,\"DELETED\":1},\"unrecorded\":0,")
                .endsWith("\"sha256\":\"" + hash + "\"}");
    }

    private List<String> statementEntries() {
        return world.repository.evidence().leaves(0, 1_000).stream()
                .map(Leaf::entry)
                .map(entry -> new String(entry, StandardCharsets.US_ASCII))
                .filter(entry -> entry.contains("\"kind\":\"statement\""))
                .toList();
    }

    /** A person edits rows of the engine's table, or removes them. */
    @Test
    void saysWhichRowsContradictTheirDeletion() throws Exception {
        world.due("live", "moved", "rekeyed", "removed", "fine");
        sweeper.sweep();
        world.repository.put(world.row("live").withDeleted(null, null));
        world.repository.put(world.row("moved").withCreated(TO.plusSeconds(60)));
        world.repository.put(world.row("rekeyed").withStorageKey("another"));
        world.repository.remove("removed");

        EvidenceStatement statement = statement();

        assertThat(statement.counts().parts(Group.CHANGED))
                .isEqualTo(Map.of("ROW_LIVE", 1L, "ROW_DIFFERS", 2L, "ROW_GONE", 1L));
        assertThat(statement.counts().parts(Group.DELETED)).isEqualTo(Map.of("DELETED", 1L));
        assertThat(statement.counts().recordings()).isEqualTo(5);
        LocalDate day = LocalDate.ofInstant(DUE, ZoneOffset.UTC);
        assertThat(statement.shrunkDays()).isEqualTo(Map.of(day, 2L));
        assertThat(statement.note()).contains("\ndays-that-shrank 1\n  " + day + " -2\n");
        Path folder = export();
        assertThat(Files.readAllLines(folder.resolve("statement.csv")))
                .containsExactlyInAnyOrder(
                        "group,detail,id",
                        "changed,ROW_LIVE,live",
                        "changed,ROW_DIFFERS,moved",
                        "changed,ROW_DIFFERS,rekeyed",
                        "changed,ROW_GONE,removed");
    }

    private Path export() {
        Path folder = directory.resolve("export");
        evidence.export(folder, FROM, TO);
        return folder;
    }

    @Test
    void listsWhatNeedsAnExplanation() throws Exception {
        aNight();
        Path folder = export();
        assertThat(Files.readAllLines(folder.resolve("statement.csv")))
                .hasSize(9)
                .contains(
                        "held,,held",
                        "in-flight,,stuck",
                        "without-key,,keyless",
                        "undated,,undated",
                        "undated,,early",
                        "engine-deleted,,marked",
                        "overdue,,late");
        assertThat(Files.readString(folder.resolve("statement.txt"))).startsWith("retention statement 1\n");
        assertThat(Files.readString(folder.resolve("report.html")))
                .contains("<td>all recordings</td><td class=\"n\">11</td>", "<td>minutes of audio freed</td>");
        assertThat(statementEntries()).as("sealed, and exported").hasSize(1);
        assertThat(Files.readString(folder.resolve("entries.jsonl")))
                .contains(statementEntries().get(0));
    }

    @Test
    void whatWasDeletedWithoutEvidenceIsSaid() {
        world.due("before");
        world.repository.setEvidence(false);
        assertThatThrownBy(this::statement).hasMessageContaining("no evidence is written");
        sweeper.sweep();
        world.repository.setEvidence(true);
        world.due("then");
        sweeper.sweep();

        EvidenceStatement statement = statement();

        assertThat(statement.counts().of(Group.DELETED)).isEqualTo(1);
        assertThat(statement.counts().of(Group.UNRECORDED)).isEqualTo(1);
    }

    @Test
    void aPeriodBeforeTheLogBeganSaysSinceWhenThereIsEvidence() {
        EvidenceStatement early = evidence.statement(FROM.minusSeconds(60), FROM);
        assertThat(early.counts().recordings()).isZero();
        assertThat(early.note()).contains("There is no sealed evidence yet").doesNotContain("had not ended");
        evidence.seal();
        assertThat(evidence.statement(FROM.minusSeconds(60), FROM).note())
                .contains("There is evidence since " + World.NOW);
        assertThatThrownBy(() -> evidence.statement(FROM, FROM)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withoutASweeperNobodyKnowsThePolicies() throws Exception {
        RetentionEvidence alone = RetentionEvidence.builder(world.repository).build();
        assertThatThrownBy(() -> alone.statement(FROM, TO)).hasMessageContaining("build one with RetentionSweeper");
        world.due("a");
        sweeper.sweep();
        Path folder = directory.resolve("alone");
        alone.export(folder, FROM, TO);
        assertThat(folder.resolve("statement.txt")).doesNotExist();
    }

    @Test
    void unreadableRowsAndEntriesAreCounted() {
        world.due("a", "b").young("c");
        sweeper.sweep();
        world.repository.setUnreadable("c", true);
        world.repository.setUnreadable("a", true);
        world.repository.setEntryUnreadable("b");

        assertThat(statement().counts().of(Group.UNREADABLE)).isEqualTo(3);
        assertThat(statement().counts().recordings()).isEqualTo(3);
    }

    @Test
    void aHoldByAttributeKeepsWhatNoClaimHasMet() {
        world.due("a");
        world.repository.put(world.row("a").withAttribute("tenant", "acme"));
        world.holds.placeWhere("case", "tenant", "acme", "dpo", "dispute");
        world.due("b").young("c");
        world.repository.put(
                world.row("b").withAttribute("tenant", "acme"), world.row("c").withAttribute("tenant", "other"));
        assertThat(statement().counts().of(Group.HELD)).isEqualTo(2);
        InMemoryRecordingRepository other = world.repository.withoutAttribute("tenant");
        RetentionEvidence elsewhere = RetentionEvidence.builder(other).build();
        RetentionSweeper.builder(other, world.storage)
                .clock(world.clock)
                .evidence(elsewhere)
                .build();
        assertThat(elsewhere.statement(FROM, TO).note()).contains("does not map may apply");
        assertThat(statement().note()).doesNotContain("does not map may apply");
    }

    /** Each statement has each recording once, whatever a sweep does meanwhile. */
    @Test
    void addsUpWhileASweepDeletes() throws Exception {
        world.due(400).young("young");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<SweepReport> sweep = thread.submit(() -> sweeper.sweep());
            List<EvidenceStatement> statements = new ArrayList<>();
            while (!sweep.isDone()) {
                statements.add(statement());
            }
            statements.add(statement());
            assertThat(sweep.get().deleted()).isEqualTo(400);
            assertThat(statements).allSatisfy(statement -> {
                Counts counts = statement.counts();
                assertThat(counts.recordings()).isEqualTo(401);
                assertThat(counts.of(Group.DELETED) + counts.of(Group.IN_FLIGHT) + counts.of(Group.OVERDUE))
                        .isEqualTo(400);
            });
            assertThat(statements.get(statements.size() - 1).counts().of(Group.DELETED))
                    .isEqualTo(400);
        } finally {
            thread.shutdownNow();
        }
    }

    // ------------------------------------------------------------------------ what the verifiers say of an export

    private static final Path PYTHON =
            Path.of("../retention-core/src/test/resources/dev/retention/internal/evidence/verify.py");

    /** Both verifiers find exactly this: each line begins with one of these, and each of these begins a line. */
    private static void assertFindings(Path folder, String... findings) throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        folder.resolve("Verify.java").toString(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        assertFindings(java, findings);
        if (Files.exists(Path.of("/usr/bin/python3")) && Files.exists(PYTHON)) {
            assertFindings(
                    new ProcessBuilder("python3", PYTHON.toString(), folder.toString())
                            .redirectErrorStream(true)
                            .start(),
                    findings);
        }
    }

    private static void assertFindings(Process verifier, String... findings) throws Exception {
        String output = new String(verifier.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<String> found = output.lines()
                .filter(line -> line.matches("[A-Z]+_[A-Z_]+ .*|SIGNATURE.*|MALFORMED.*|.*Error.*|.*Exception.*"))
                .map(line -> line.replaceFirst(" leaf=\\d+", "").replaceFirst("( id=\\S+)?( .*)?$", "$1"))
                .distinct()
                .sorted()
                .toList();
        assertThat(found).as(output).containsExactlyInAnyOrder(findings);
        assertThat(verifier.waitFor()).isEqualTo(findings.length == 0 ? 0 : 1);
    }

    @Test
    void aWholeExportIsFoundWhole() throws Exception {
        aNight();
        world.due("=1+1", "a\"b,c\nd").young("x");
        world.clock.advance(Duration.ofDays(1));
        sweeper.sweep();
        world.due("=2+2", "e\"f,g\nh");
        statement();
        assertFindings(export());
    }

    @Test
    void anEditedRowOfADeletedRecordingIsFound() throws Exception {
        world.due("live", "moved", "rekeyed", "fine");
        sweeper.sweep();
        world.repository.put(world.row("live").withDeleted(null, null));
        world.repository.put(world.row("moved").withCreated(DUE.plusSeconds(60)));
        world.repository.put(world.row("rekeyed").withStorageKey("another"));
        assertFindings(
                export(), "STATEMENT_DIFFERS id=live", "STATEMENT_DIFFERS id=moved", "STATEMENT_DIFFERS id=rekeyed");
    }

    @Test
    void removedRowsOfACountedDayAreFound() throws Exception {
        world.due("deleted").young("young", "other");
        sweeper.sweep();
        world.repository.remove("young");
        assertFindings(export(), "CENSUS_SHRANK");
    }

    @Test
    void aRemovedRowOfADeletedRecordingIsFound() throws Exception {
        world.due("deleted");
        sweeper.sweep();
        world.repository.remove("deleted");
        assertFindings(export(), "CENSUS_SHRANK", "STATEMENT_DIFFERS id=deleted");
    }

    @Test
    void aStatementThatTheKeyHasNotSignedIsFound() throws Exception {
        RetentionEvidence signing = signing();
        try (RetentionSweeper signed =
                world.due("a").builder(world.storage).evidence(signing).build()) {
            signed.sweep();
        }
        Path folder = directory.resolve("signed");
        signing.export(folder, FROM, TO);
        assertFindings(folder);
        Path text = folder.resolve("statement.txt");
        String note = Files.readString(text);
        Files.writeString(text, note.substring(0, note.indexOf("\u2014")));
        assertFindings(folder, "SIGNATURE");
    }

    @Test
    void anEditedStatementIsFound() throws Exception {
        aNight();
        Path folder = export();
        Path text = folder.resolve("statement.txt");
        String note = Files.readString(text);
        Files.writeString(text, note.replace("\nheld 1\n", "\nheld 0\n"));
        assertFindings(folder, "STATEMENT_DIFFERS");
        Files.writeString(text, note);
        assertFindings(folder);
        Path list = folder.resolve("statement.csv");
        String rows = Files.readString(list);
        Files.writeString(list, rows.replace("held,,held\n", ""));
        assertFindings(folder, "STATEMENT_DIFFERS");
        Files.delete(list);
        assertFindings(folder, "STATEMENT_DIFFERS");
    }
}
