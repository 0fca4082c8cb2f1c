package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionLedger;
import dev.retention.DeletionState;
import dev.retention.FirstRun;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.LegalHolds;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole sweeps by several instances on a real server, with holds that come in between. What must add up is counted. */
class SweepOnRealDatabasesTest {

    private static final int DUE = 400;
    private static final int YOUNG = 50;
    private static final int INSTANCES = 3;

    private static String id(int n) {
        return String.format("00000000-0000-0000-0000-%012d", n);
    }

    private static String key(int n) {
        return "key-" + n;
    }

    @ParameterizedTest
    @EnumSource(TestDatabase.class)
    void eachDueRecordingIsDeletedOnceAndNoHeldOneIs(TestDatabase database) throws Exception {
        Engine engine = new Engine(database, Calls.UuidCall.class, "TRANSACTION_READ_COMMITTED");
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant cutoff = now.minus(Duration.ofDays(90));
        FakeRecordingStorage storage = new FakeRecordingStorage();
        JpaRecordingRepository repository = engine.builder().build();
        List<EngineRow> rows = new ArrayList<>();
        for (int n = 0; n < DUE + YOUNG; n++) {
            Instant created = n < DUE ? cutoff.minusSeconds(7200L + n) : cutoff.plusSeconds(7200L + n);
            rows.add(EngineRow.of(id(n), key(n), created).withDuration(Duration.ofSeconds(10)));
            storage.put(key(n));
        }
        engine.insert(rows);
        storage.answer(key(7), DeletionResult.refused("no"));

        Map<String, HoldAnswer> answers = new ConcurrentHashMap<>();
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(INSTANCES + 1);
        List<Future<SweepReport>> reports = new ArrayList<>();
        try {
            for (int i = 0; i < INSTANCES; i++) {
                RetentionSweeper sweeper = RetentionSweeper.builder(
                                engine.builder().build(), storage)
                        .firstRun(FirstRun.TRUST)
                        .maxShare(1)
                        .instanceName("instance-" + i)
                        .batchSize(20)
                        .build();
                reports.add(threads.submit(() -> {
                    start.await();
                    return sweeper.sweep(now);
                }));
            }
            Future<?> holding = threads.submit(() -> {
                start.await();
                LegalHolds holds = LegalHolds.of(repository);
                // Sweeps take the oldest first. These come too late for some, and in time for others.
                long hung = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
                while (storage.deletes().isEmpty()) {
                    assertThat(System.nanoTime()).as("waiting for a deletion").isLessThan(hung);
                    Thread.onSpinWait();
                }
                for (int n = 0; n < DUE; n += 10) {
                    answers.putAll(holds.place("case-" + n, List.of(id(n)), "dpo", "litigation", null));
                }
                return null;
            });
            start.countDown();
            holding.get();
            for (Future<SweepReport> report : reports) {
                assertThat(report.get()).isEqualTo(reports.get(0).get());
            }
        } finally {
            threads.shutdownNow();
        }

        List<String> sent =
                storage.deletes().stream().map(Recording::id).sorted().toList();
        List<String> held = answers.entrySet().stream()
                .filter(answer -> answer.getValue() == HoldAnswer.HELD)
                .map(Map.Entry::getKey)
                .toList();
        assertThat(answers).hasSize(DUE / 10);
        assertThat(held).as("holds that won").isNotEmpty();
        assertThat(held).as("holds that came too late").hasSizeLessThan(answers.size());
        assertThat(sent).doesNotHaveDuplicates().doesNotContainAnyElementsOf(held);
        for (int n = DUE; n < DUE + YOUNG; n++) {
            assertThat(sent).doesNotContain(id(n));
        }
        DeletionLedger ledger = DeletionLedger.of(repository);
        Map<String, LedgerEntry> entries =
                ledger.find(rows.stream().map(EngineRow::id).toList());
        for (EngineRow before : rows) {
            EngineRow row = engine.read(before.id()).orElseThrow();
            LedgerEntry entry = entries.get(row.id());
            boolean recorded = entry != null && entry.state() == DeletionState.DELETED;
            assertThat(row.deleted() != null)
                    .as("row and ledger of %s", row.id())
                    .isEqualTo(recorded);
            assertThat(recorded)
                    .as("recorded and gone: %s", row.id())
                    .isEqualTo(!storage.holds(String.valueOf(row.storageKey())));
            assertThat(row.deletionReason()).isEqualTo(recorded ? "retention_policy" : null);
        }
        SweepReport report = reports.get(0).get();
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(sent.size() - 1);
        assertThat(report.quarantined()).isEqualTo(1);
        assertThat(report.audioFreed()).isEqualTo(Duration.ofSeconds(10L * report.deleted()));
        // A hold that came after the count of the end is in no report; none can come then, since they were awaited
        // first.
        assertThat(report.checked() + report.remaining()).isEqualTo(DUE);
        assertThat(report.held()).isGreaterThanOrEqualTo(held.size());
        assertThat(report.remaining()).isZero();
    }
}
