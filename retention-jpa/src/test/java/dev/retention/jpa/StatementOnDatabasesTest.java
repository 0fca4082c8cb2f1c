package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.EvidenceStatement;
import dev.retention.EvidenceStatement.Counts;
import dev.retention.EvidenceStatement.Group;
import dev.retention.FirstRun;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statements while sweeps delete and the engine changes its rows, on real databases. What must add up is counted. */
class StatementOnDatabasesTest {

    /** More than a page. */
    private static final int DUE = 1_100;

    private static final int YOUNG = 100;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path directory;

    private static String id(int n) {
        return String.format("00000000-0000-0000-0000-%012d", n);
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void addsUpWhateverIsCommittedMeanwhile(TestDatabase database) throws Exception {
        Engine engine = new Engine(database, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant cutoff = now.minus(Duration.ofDays(90));
        FakeRecordingStorage storage = new FakeRecordingStorage();
        List<EngineRow> rows = new ArrayList<>();
        for (int n = 0; n < DUE + YOUNG; n++) {
            Instant created = n < DUE ? cutoff.minusSeconds(7200L + n) : cutoff.plusSeconds(90_000L + n);
            rows.add(EngineRow.of(id(n), "key-" + n, created));
            storage.put("key-" + n);
        }
        engine.insert(rows);
        JpaRecordingRepository repository = engine.builder().build();
        RetentionEvidence evidence = RetentionEvidence.builder(repository).build();
        RetentionSweeper sweeper = RetentionSweeper.builder(repository, storage)
                .firstRun(FirstRun.TRUST)
                .maxShare(1)
                .evidence(evidence)
                .build();
        Instant from = now.minus(Duration.ofDays(200));
        Instant to = now.plus(Duration.ofDays(30));
        List<EvidenceStatement> statements = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<SweepReport> sweep = threads.submit(() -> sweeper.sweep());
            // Rows that move from behind a reader to before it, and back, would be read twice, or never.
            Future<?> moving = threads.submit(() -> {
                for (int i = 0; !over.get(); i++) {
                    EngineRow row = rows.get(DUE + i % YOUNG);
                    engine.update(row.withCreated(cutoff.plusSeconds(i / YOUNG % 2 == 0 ? 86_400L : 9_000_000L)));
                }
                return null;
            });
            while (!sweep.isDone()) {
                statements.add(evidence.statement(from, to));
            }
            over.set(true);
            moving.get();
            assertThat(sweep.get().deleted()).isEqualTo(DUE);
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        statements.add(evidence.statement(from, to));

        assertThat(statements).allSatisfy(statement -> {
            Counts counts = statement.counts();
            assertThat(counts.recordings()).isEqualTo(DUE + YOUNG);
            assertThat(counts.of(Group.DELETED) + counts.of(Group.IN_FLIGHT) + counts.of(Group.OVERDUE))
                    .isEqualTo(DUE);
            assertThat(counts.of(Group.NOT_DUE) + counts.of(Group.UNDATED)).isEqualTo(YOUNG);
        });
        assertThat(statements.get(statements.size() - 1).counts().of(Group.DELETED))
                .isEqualTo(DUE);
        Path folder = directory.resolve(database.name());
        evidence.export(folder, from, to);
        Process verifier = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        folder.resolve("Verify.java").toString(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(database + ".out").toFile())
                .start();
        verifier.waitFor();
        assertThat(Files.readString(directory.resolve(database + ".out")))
                .contains("kind statement " + (statements.size() + 1))
                // The days from which rows were moved have shrunk.
                .doesNotContain("STATEMENT_DIFFERS", "TREE_BROKEN", "MALFORMED");
    }
}
