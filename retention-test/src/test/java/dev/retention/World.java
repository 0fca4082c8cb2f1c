package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.policy.Policies;
import dev.retention.internal.support.Ticker;
import dev.retention.spi.Candidate;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.RecordingStorage;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A database, a storage and a clock that is moved by hand, with rows that are due and rows that are not. */
final class World {

    static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
    static final Instant CUTOFF = NOW.minus(Duration.ofDays(90));

    private static final Policies POLICIES = new Policies(RetentionPolicy.ofDays(90), List.of());

    /** Only what hangs takes so long. */
    static final Duration HUNG = Duration.ofMinutes(3);

    final MutableClock clock = new MutableClock(NOW);
    final InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
    final FakeRecordingStorage storage = new FakeRecordingStorage();
    final LegalHolds holds = LegalHolds.of(repository);
    final DeletionLedger ledger = DeletionLedger.of(repository);

    /** A recording of the storage that is due, the older the smaller its number. */
    World due(String... ids) {
        return rows(CUTOFF.minus(Duration.ofDays(10)), ids);
    }

    World due(int count) {
        for (int i = 0; i < count; i++) {
            due("due-%04d".formatted(i));
        }
        return this;
    }

    /** A recording of the storage that is ten days short of being due. */
    World young(String... ids) {
        return rows(CUTOFF.plus(Duration.ofDays(10)), ids);
    }

    private World rows(Instant created, String... ids) {
        for (String id : ids) {
            repository.put(EngineRow.of(id, "key-" + id, created));
            storage.put("key-" + id);
        }
        return this;
    }

    /** A run that another instance opens now, under the policy that a sweeper has by default. */
    SweepRun opened(String key, String owner) {
        Instant now = clock.instant();
        String latest = repository.runs().latest().map(SweepRun::id).orElse(null);
        return repository
                .runs()
                .joinOrOpenAfter(
                        latest,
                        new RunRequest(
                                key,
                                owner,
                                now,
                                now,
                                now.plus(Duration.ofHours(4)),
                                Policies.text(POLICIES.at(now)),
                                null))
                .orElseThrow();
    }

    /** Claims as an instance does that is killed right afterwards. */
    SweepRun claimAndDie(String... ids) {
        Instant now = clock.instant();
        SweepRun run = opened("key", "dead");
        List<Candidate> candidates = repository.recordings().find(List.of(ids));
        assertThat(repository
                        .gate()
                        .claim(new ClaimRequest(
                                run.id(),
                                "dead",
                                now.plus(Duration.ofMinutes(10)),
                                POLICIES.at(now).under(confirmed()),
                                "retention_policy",
                                candidates))
                        .claims())
                .hasSize(ids.length);
        return run;
    }

    /** What claims need, once anything was swept. */
    private @Nullable String confirmed() {
        Control confirmed = repository.controls().all().get(Controls.FINGERPRINT);
        return confirmed == null ? null : confirmed.setting();
    }

    RetentionSweeper.Builder builder(RecordingStorage... storages) {
        return RetentionSweeper.builder(repository, storages).clock(clock).ticker(ticker());
    }

    RetentionSweeper sweeper() {
        return builder(storage).build();
    }

    Ticker ticker() {
        return new HandMovedTicker(clock);
    }

    EngineRow row(String id) {
        return repository.row(id).orElseThrow();
    }

    boolean isSoftDeleted(String id) {
        return row(id).deleted() != null;
    }

    LedgerEntry entry(String id) {
        return ledger.find(id).orElseThrow();
    }

    @Nullable
    DeletionState state(String id) {
        return ledger.find(id).map(LedgerEntry::state).orElse(null);
    }

    String causeCode(LedgerEntry entry) {
        return Objects.requireNonNull(entry.cause()).code();
    }

    List<String> deletedKeys() {
        return storage.deletes().stream()
                .map(recording -> String.valueOf(recording.storageKey()))
                .toList();
    }

    /** Monotonic time that does not advance while an answer is on its way, and advances at once while none is. */
    private record HandMovedTicker(MutableClock clock) implements Ticker {

        @Override
        public long nanos() {
            return Duration.between(NOW, clock.instant()).toNanos();
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, long nanos, boolean expected) throws InterruptedException {
            if (expected && nanos > 0) {
                return Objects.requireNonNull(
                        queue.poll(HUNG.toSeconds(), TimeUnit.SECONDS), "the answer that was on its way");
            }
            T head = queue.poll();
            if (head == null) {
                clock.advance(Duration.ofNanos(nanos));
            }
            return head;
        }
    }
}
