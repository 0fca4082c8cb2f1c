package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup.Identification;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FakeRecordingStorageTest {

    private static final DeletionResult BUSY = DeletionResult.tryLater("busy", Duration.ofSeconds(5), true);

    private final FakeRecordingStorage storage = new FakeRecordingStorage().put("RE1", "RE2");

    @Test
    void answersAsItIsToldForTheNextCallsAndThenNormally() {
        storage.answerNext(BUSY, DeletionResult.notFound());

        assertThat(storage.delete(recording("RE1"))).isEqualTo(BUSY);
        assertThat(storage.delete(recording("RE2"))).isEqualTo(DeletionResult.notFound());
        assertThat(storage.keys()).containsExactlyInAnyOrder("RE1", "RE2");
        assertThat(storage.delete(recording("RE1")).kind()).isEqualTo(Kind.DELETED);
    }

    @Test
    void answersAsItIsToldForOneKeyOnly() {
        storage.answer("RE1", BUSY).answerLookUp("RE2", BUSY);

        assertThat(storage.delete(recording("RE1"))).isEqualTo(BUSY);
        assertThat(storage.delete(recording("RE1"))).isEqualTo(BUSY);
        assertThat(storage.lookUp(recording("RE1"))).isEqualTo(DeletionResult.stillThere());
        assertThat(storage.lookUp(recording("RE2"))).isEqualTo(BUSY);
        assertThat(storage.delete(recording("RE2")).kind()).isEqualTo(Kind.DELETED);

        storage.answerNormally();
        assertThat(storage.delete(recording("RE1")).kind()).isEqualTo(Kind.DELETED);
    }

    @Test
    void deletesWhatItIsToldToAnswerDeletedFor() {
        storage.answerNext(DeletionResult.deleted("by script"));

        storage.delete(recording("RE1"));

        assertThat(storage.holds("RE1")).isFalse();
        assertThat(storage.lookUp(recording("RE1")).kind()).isEqualTo(Kind.ALREADY_GONE);
    }

    @Test
    void deletesThoughItsAnswerIsAnother() {
        storage.deleteButAnswer("RE1", BUSY);

        assertThat(storage.delete(recording("RE1"))).isEqualTo(BUSY);

        assertThat(storage.holds("RE1")).isFalse();
        assertThat(storage.lookUp(recording("RE1")).kind()).isEqualTo(Kind.ALREADY_GONE);
    }

    @Test
    void throwsWhatItIsToldTo() {
        storage.answer("RE1", recording -> {
            throw new IllegalStateException("broken");
        });

        assertThatThrownBy(() -> storage.delete(recording("RE1"))).isInstanceOf(IllegalStateException.class);
        assertThat(storage.holds("RE1")).isTrue();
    }

    @Test
    void identifiesAccountsAsItIsToldAndKeepsAJournalOfThem() {
        Instant time = Instant.parse("2026-11-23T03:00:00Z");
        DeletionResult other = DeletionResult.refused("another account");
        assertThat(storage.identify(null)).isEqualTo(Identification.NOTHING_KNOWN);

        storage.answerIdentifications(
                account -> "AC2".equals(account) ? new Identification(other, null) : new Identification(null, time));

        assertThat(storage.identify("AC1")).isEqualTo(new Identification(null, time));
        assertThat(storage.identify("AC2")).isEqualTo(new Identification(other, null));
        assertThat(storage.identifications()).containsExactly(null, "AC1", "AC2");
        assertThat(storage.calls()).isEmpty();

        storage.answerIdentifications(new Identification(BUSY, time));
        assertThat(storage.identify("AC1")).isEqualTo(new Identification(BUSY, time));
        storage.answerNormally();
        assertThat(storage.identify("AC1")).isEqualTo(Identification.NOTHING_KNOWN);
        storage.clearJournal();
        assertThat(storage.identifications()).isEmpty();
    }

    @Test
    void deletesFromWhatItIsToldTo() {
        assertThat(storage.target()).isEqualTo("fake");
        assertThat(storage.setTarget("folder /calls").target()).isEqualTo("folder /calls");
    }

    @Test
    void keepsAJournalOfItsCalls() {
        storage.delete(recording("RE1"));
        storage.lookUp(recording("RE2"));
        storage.delete(recording("no key"));

        assertThat(storage.deletes()).extracting(Recording::storageKey).containsExactly("RE1", "no key");
        assertThat(storage.lookUps()).extracting(Recording::storageKey).containsExactly("RE2");
        assertThat(storage.calls())
                .extracting(FakeRecordingStorage.Call::operation)
                .containsExactly(
                        FakeRecordingStorage.Operation.DELETE,
                        FakeRecordingStorage.Operation.LOOK_UP,
                        FakeRecordingStorage.Operation.DELETE);
        assertThat(storage.sent()).isEqualTo(2);
        assertThat(storage.maxConcurrent()).isEqualTo(1);

        storage.clearJournal();
        assertThat(storage.calls()).isEmpty();
        assertThat(storage.sent()).isZero();
    }

    @Test
    void countsTheCallsThatItHoldsBack() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        storage.blockUntil(latch);
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            var first = executor.submit(() -> storage.delete(recording("RE1")));
            var second = executor.submit(() -> storage.delete(recording("RE2")));
            assertThat(storage.awaitCalls(2, Duration.ofMinutes(3))).isTrue();
            assertThat(storage.awaitCalls(3, Duration.ofMillis(1))).isFalse();
            assertThat(storage.keys()).hasSize(2);

            latch.countDown();

            assertThat(first.get(3, TimeUnit.MINUTES).kind()).isEqualTo(Kind.DELETED);
            assertThat(second.get(3, TimeUnit.MINUTES).kind()).isEqualTo(Kind.DELETED);
            assertThat(storage.maxConcurrent()).isEqualTo(2);
        } finally {
            executor.shutdownNow();
        }
    }

    private static Recording recording(String key) {
        return new Recording(key, key, null, Instant.parse("2026-01-01T00:00:00Z"), Map.of());
    }
}
