package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retention.spi.AdoptedLedger;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Evidence;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.SealStep.Sealing;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.spi.TreeHead;
import dev.retention.test.EngineRow;
import jakarta.persistence.EntityManager;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The evidence log where transactions overlap, are rolled back at their end, or are many. */
class EvidenceOnDatabasesTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00Z");
    private static final DueCriteria CRITERIA =
            new DueCriteria(NOW, List.of(), new Rule("default", Map.of(), NOW.minus(Duration.ofDays(90))));

    /** What an entry may take of the tables on average, without their indexes. */
    private static final long MOST_BYTES = 500;

    private static Engine engine(TestDatabase database) {
        return new Engine(database, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
    }

    /** Transactions that do something right before they are committed. */
    private record BeforeCommit(JpaTransactions transactions, Runnable last) implements JpaTransactions {

        @Override
        public <T> T inNewTransaction(Function<EntityManager, T> work) {
            return transactions.inNewTransaction(entityManager -> {
                T result = work.apply(entityManager);
                last.run();
                return result;
            });
        }

        @Override
        public boolean callerHasTransaction() {
            return false;
        }
    }

    private static EvidenceLog withLast(Engine engine, Runnable last) {
        return engine.builder()
                .transactions(new BeforeCommit(new ResourceLocalTransactions(engine.factory, Map.of()), last))
                .build()
                .evidence();
    }

    private static List<EvidenceEntry> entry(String name) {
        return List.of(EvidenceEntry.builder(EvidenceEntry.Kind.CENSUS, NOW)
                .text("day", name)
                .build());
    }

    private static Sealing unhashed(TreeHead head, List<byte[]> entries) {
        long size = head.size() + entries.size();
        byte[] hash = new byte[TreeHead.HASH_LENGTH];
        return new Sealing(
                new TreeHead(size, hash, Collections.nCopies(Long.bitCount(size), hash)),
                Collections.nCopies(entries.size(), hash),
                List.of(),
                "");
    }

    private static List<String> sealed(EvidenceLog log) {
        return log.leaves(0, 100).stream().map(EvidenceOnDatabasesTest::line).toList();
    }

    private static String line(Leaf leaf) {
        return new String(leaf.entry(), StandardCharsets.UTF_8).replaceFirst(".*\"day\":\"(.*)\"}", "$1");
    }

    /** It has drawn the lower number, and is committed after the other one was sealed. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void sealsWhatIsCommittedLate(TestDatabase database) throws Exception {
        Engine engine = engine(database);
        EvidenceLog log = engine.builder().build().evidence();
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> late = thread.submit(() -> {
                EvidenceLog slow = withLast(engine, () -> {
                    if (Thread.currentThread().getName().equals("late")) {
                        written.countDown();
                        await(goOn);
                    }
                });
                Thread.currentThread().setName("late");
                slow.append(entry("late"));
            });
            await(written);
            log.append(entry("early"));
            assertThat(log.seal(10, EvidenceOnDatabasesTest::unhashed)).isPresent();
            assertThat(log.seal(10, EvidenceOnDatabasesTest::unhashed)).isEmpty();
            assertThat(sealed(log)).containsExactly("early");

            goOn.countDown();
            late.get(3, TimeUnit.MINUTES);
            assertThat(log.seal(10, EvidenceOnDatabasesTest::unhashed)).isPresent();
            assertThat(sealed(log)).containsExactly("early", "late");
            assertThat(log.leaves(0, 10)).extracting(Leaf::number).containsExactly(0L, 1L);
        } finally {
            goOn.countDown();
            thread.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(3, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void nothingRemainsOfWhatIsRolledBackAtItsEnd(TestDatabase database) {
        Engine engine = engine(database);
        EvidenceLog log = engine.builder().build().evidence();
        boolean[] fails = {false};
        EvidenceLog failing = withLast(engine, () -> {
            if (fails[0]) {
                throw new IllegalStateException("the instance is killed");
            }
        });
        log.append(entry("first"));
        fails[0] = true;
        assertThatThrownBy(() -> failing.append(entry("lost"))).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> failing.seal(10, EvidenceOnDatabasesTest::unhashed))
                .isInstanceOf(RuntimeException.class);
        assertThat(log.unsealed().entries()).isEqualTo(1);
        assertThat(log.head()).isEqualTo(TreeHead.EMPTY);
        log.append(entry("second"));
        assertThat(log.seal(10, EvidenceOnDatabasesTest::unhashed)).isPresent();
        assertThat(sealed(log)).containsExactly("first", "second");
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void beginsWithWhatTheLedgerHadBefore(TestDatabase database) {
        Engine engine = engine(database);
        List<EngineRow> rows = IntStream.range(0, 1_203)
                .mapToObj(n -> EngineRow.of(
                        String.format("00000000-0000-0000-0000-%012d", n), "RE" + n, NOW.minus(Duration.ofDays(100))))
                .toList();
        engine.insert(rows);
        JpaRecordingRepository without = engine.builder().withoutEvidence().build();
        JpaRecordingRepository repository = engine.builder().build();
        List<String> before = rows.subList(0, 1_201).stream().map(EngineRow::id).toList();
        without.holds().place("before", before, "dpo", "dispute", null, NOW);
        assertThat(without.evidence().enabled()).isFalse();
        without.evidence().append(entry("not written"));
        assertThat(without.evidence().seal(10, EvidenceOnDatabasesTest::unhashed))
                .isEmpty();
        repository.holds().place("after", List.of(rows.get(1_202).id()), "dpo", "dispute", null, NOW);
        repository.evidence().seal(10, EvidenceOnDatabasesTest::unhashed);
        repository.evidence().append(entry("later"));
        repository.evidence().seal(10, EvidenceOnDatabasesTest::unhashed);

        AdoptedLedger expected = new AdoptedLedger();
        before.forEach(id -> expected.add(repository.ledger().find(List.of(id)).get(0)));
        List<Leaf> leaves = repository.evidence().leaves(0, 10);
        assertThat(leaves).hasSize(4);
        String first = new String(leaves.get(0).entry(), StandardCharsets.UTF_8);
        String line = expected.entry(NOW).orElseThrow().line();
        assertThat(first)
                .contains("\"states\":{\"ACTIVE\":1201},")
                .endsWith(line.substring(line.indexOf("\"states\"")));
        assertThat(repository.evidence().unsealed().entries()).isZero();
    }

    /** With ids, keys, accounts and answers as they are with Twilio. */
    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void anEntryIsSmall(TestDatabase database) throws Exception {
        assumeTrue(database != TestDatabase.H2, "its file has no size for a table");
        Engine engine = engine(database);
        JpaRecordingRepository repository = engine.builder().build();
        int count = 3_000;
        List<EngineRow> rows = IntStream.range(0, count)
                .mapToObj(n -> EngineRow.of(
                                UUID.randomUUID().toString(),
                                "RE" + UUID.randomUUID().toString().replace("-", ""),
                                NOW.minus(Duration.ofDays(100)).plusSeconds(n))
                        .withAccount("AC" + "0123456789abcdef".repeat(2)))
                .toList();
        engine.insert(rows);
        SweepRun run = repository
                .runs()
                .joinOrOpenAfter(null, new RunRequest("key", "me", NOW, NOW, NOW.plusSeconds(60), "90d", null))
                .orElseThrow();
        Evidence evidence = Evidence.NONE.with(
                "twilio",
                DeletionResult.deleted("DELETE 204, Twilio-Request-Id RQ" + "0123456789abcdef".repeat(2)
                        + ", media not looked at, 2026-11-23T03:00:00Z"));
        for (int from = 0; from < count; from += 250) {
            List<Candidate> slice = repository
                    .recordings()
                    .find(rows.subList(from, from + 250).stream()
                            .map(EngineRow::id)
                            .toList());
            List<Claim> claims = repository
                    .gate()
                    .claim(new ClaimRequest(run.id(), "me", NOW.plusSeconds(600), CRITERIA, "retention_policy", slice))
                    .claims();
            repository
                    .gate()
                    .record(claims.stream()
                            .map(claim -> ClaimOutcome.deleted(claim, evidence, NOW))
                            .toList());
        }
        EvidenceLog log = repository.evidence();
        while (log.seal(2_000, EvidenceOnDatabasesTest::unhashed).isPresent()) {
            // Until all are sealed.
        }
        long entries = log.head().size();
        assertThat(entries).isEqualTo(2 * count + 2);
        long bytes = size(engine, database, false);
        System.out.println("evidence on " + database + ": " + bytes / entries + " bytes an entry, "
                + size(engine, database, true) / entries + " with indexes");
        assertThat(bytes / entries).isLessThan(MOST_BYTES);
    }

    private static long size(Engine engine, TestDatabase database, boolean withIndexes) throws SQLException {
        List<String> tables = List.of("retention_evidence", "retention_leaf", "retention_node", "retention_seal");
        String names = "'" + String.join("', '", tables) + "'";
        String sql = database == TestDatabase.POSTGRESQL
                ? "select sum(pg_" + (withIndexes ? "total_relation" : "table")
                        + "_size(n::regclass)) from unnest(array[" + names + "]) as t (n)"
                : "select sum(data_length" + (withIndexes ? " + index_length" : "") + ") from information_schema.tables"
                        + " where table_schema = database() and table_name in (" + names + ")";
        try (Connection connection = engine.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (database != TestDatabase.POSTGRESQL) {
                statement.execute("analyze table " + String.join(", ", tables));
            }
            try (ResultSet result = statement.executeQuery(sql)) {
                result.next();
                return result.getLong(1);
            }
        }
    }
}
