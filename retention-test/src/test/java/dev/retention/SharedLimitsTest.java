package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.internal.support.Ticker;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits of a sweeper apply to all that it does at the same time: a sweep, recovery and erasures. */
class SharedLimitsTest {

    private static final int CONCURRENCY = 3;
    private static final int ERASURES = 8;
    private static final int EACH = 20;
    private static final int MANY = 500;

    private final World world = new World();
    private final Counting storage = new Counting();
    private final ExecutorService people = Executors.newCachedThreadPool();
    private final RetentionSweeper sweeper = world.builder(storage)
            .maxConcurrency(CONCURRENCY)
            .maxShare(1)
            .ticker(Ticker.SYSTEM)
            .build();

    @AfterEach
    void stop() {
        people.shutdownNow();
        sweeper.close();
    }

    /** Counts how many are there at once, and whose they are. */
    private final class Counting implements RecordingStorage {

        private final Set<String> works = new HashSet<>();
        private int now;
        private int most;
        private volatile int calls;
        private volatile long takesMillis;

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public DeletionResult delete(Recording recording) {
            enter(recording.id().replaceAll("-.*", ""));
            try {
                // Others come meanwhile, if they may.
                Thread.sleep(takesMillis);
                return world.storage.delete(recording);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                leave();
            }
        }

        private synchronized void enter(String work) {
            calls++;
            now++;
            most = Math.max(most, now);
            works.add(work);
        }

        private synchronized void leave() {
            now--;
        }
    }

    private static List<String> ids(String work) {
        List<String> ids = new ArrayList<>();
        for (int n = 0; n < EACH; n++) {
            ids.add(work + "-" + n);
        }
        return ids;
    }

    private Future<Map<String, EraseAnswer>> erase(List<String> ids) {
        return people.submit(() -> RetentionOperations.of(sweeper).erase(ids, "dpo", "request 17"));
    }

    @Test
    void concurrencyIsOneLimitForASweepAndAllErasures() throws Exception {
        List<List<String>> erased = new ArrayList<>();
        for (int n = 0; n < ERASURES; n++) {
            List<String> ids = ids("erased" + n);
            erased.add(ids);
            world.young(ids.toArray(String[]::new));
        }
        world.due(ids("swept").toArray(String[]::new)).young("y");

        List<Future<Map<String, EraseAnswer>>> answers = new ArrayList<>();
        Future<SweepReport> report = people.submit(() -> sweeper.sweep());
        erased.forEach(ids -> answers.add(erase(ids)));

        for (Future<Map<String, EraseAnswer>> each : answers) {
            assertThat(each.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).values())
                    .hasSize(EACH)
                    .containsOnly(EraseAnswer.ERASED);
        }
        assertThat(report.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).deleted())
                .isEqualTo(EACH);
        assertThat(storage.most).isLessThanOrEqualTo(CONCURRENCY).isGreaterThan(1);
        assertThat(storage.calls).isEqualTo((ERASURES + 1) * EACH);
        assertThat(storage.works).hasSize(ERASURES + 1);
    }

    /** As those of several tenants do, whose databases know nothing of each other. */
    @Test
    void concurrencyIsOneLimitForSweepersThatShareThem() throws Exception {
        World other = new World();
        other.due(ids("other").toArray(String[]::new)).young("y");
        world.due(ids("swept").toArray(String[]::new)).young("y");
        ids("other").forEach(id -> world.storage.put("key-" + id));
        storage.takesMillis = 5;
        try (RetentionSweeper second = other.builder(storage)
                .maxConcurrency(50)
                .maxShare(1)
                .ticker(Ticker.SYSTEM)
                .sharedLimits(sweeper)
                .build()) {
            Future<SweepReport> first = people.submit(() -> sweeper.sweep());

            assertThat(second.sweep().deleted()).isEqualTo(EACH);

            assertThat(first.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).deleted())
                    .isEqualTo(EACH);
            assertThat(storage.most).isLessThanOrEqualTo(CONCURRENCY).isGreaterThan(1);
            sweeper.close();
            other.due("later-1");
            world.storage.put("key-later-1");
            assertThat(second.sweep().deleted()).as("after the first is closed").isEqualTo(1);
        }
    }

    @Test
    void anErasureHasItsTurnDuringASweepOfTheSameAccount() throws Exception {
        List<String> swept = new ArrayList<>();
        for (int n = 0; n < 10 * MANY; n++) {
            swept.add("swept-" + n);
        }
        world.due(swept.toArray(String[]::new)).young("y").young(ids("erased").toArray(String[]::new));
        storage.takesMillis = 10;
        Future<SweepReport> report = people.submit(() -> sweeper.sweep());
        while (storage.calls < MANY && !report.isDone()) {
            Thread.sleep(1);
        }

        for (String id : ids("erased").subList(0, 8)) {
            int before = storage.calls;
            assertThat(erase(List.of(id))
                            .get(World.HUNG.toSeconds(), TimeUnit.SECONDS)
                            .values())
                    .containsOnly(EraseAnswer.ERASED);
            assertThat(storage.calls - before)
                    .as("requests until it was erased")
                    .isLessThan(MANY);
        }

        assertThat(report.isDone()).as("that the sweep has ended").isFalse();
        storage.takesMillis = 0;
        assertThat(report.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).deleted())
                .isEqualTo(10 * MANY);
    }

    @Test
    void theRateIsOneLimitForAllErasures() throws Exception {
        RetentionSweeper slow = world.builder(storage)
                .maxConcurrency(CONCURRENCY)
                .maxRate(200.0)
                .ticker(Ticker.SYSTEM)
                .build();
        List<Future<Map<String, EraseAnswer>>> answers = new ArrayList<>();
        long began = System.nanoTime();
        for (int n = 0; n < ERASURES; n++) {
            List<String> ids = ids("erased" + n);
            world.young(ids.toArray(String[]::new));
        }
        world.young("y");
        for (int n = 0; n < ERASURES; n++) {
            List<String> ids = ids("erased" + n);
            answers.add(people.submit(() -> RetentionOperations.of(slow).erase(ids, "dpo", "request 17")));
        }
        for (Future<Map<String, EraseAnswer>> each : answers) {
            assertThat(each.get(World.HUNG.toSeconds(), TimeUnit.SECONDS).values())
                    .containsOnly(EraseAnswer.ERASED);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        // The first may leave at once; a slow machine needs longer.
        assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis((ERASURES * EACH - 2) * 1_000L / 200));
        slow.close();
    }
}
