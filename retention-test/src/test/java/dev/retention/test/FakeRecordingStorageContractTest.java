package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

class FakeRecordingStorageContractTest extends RecordingStorageContract {

    private FakeRecordingStorage fake = new FakeRecordingStorage();

    @Override
    protected RecordingStorage createStorage() {
        fake = new FakeRecordingStorage();
        return fake;
    }

    @Override
    protected Recording newRecording(int n) {
        return new Recording("rec-" + n, "RE" + n, null, Instant.parse("2026-01-01T00:00:00Z"), Map.of());
    }

    @Override
    protected void store(Recording recording) {
        fake.put(key(recording));
    }

    @Override
    protected boolean isStored(Recording recording) {
        return fake.holds(key(recording));
    }

    @Override
    protected Collection<String> foreignKeys() {
        return List.of("RE1?x=1", "/etc/passwd", "a/../../b");
    }

    @Override
    protected long requests() {
        return fake.sent() + fake.identifications().size();
    }

    @Override
    protected Collection<String> secrets() {
        return List.of("no secret of this fake");
    }

    @Override
    protected Map<String, Runnable> faults() {
        DeletionResult timedOut = DeletionResult.tryLater("timed out", null, false);
        return Map.of(
                "times out",
                () -> fake.answer("RE1", timedOut)
                        .answerLookUp("RE1", timedOut)
                        .answerIdentifications(new Identification(timedOut, null)),
                "loses the answer",
                () -> fake.deleteButAnswer("RE1", timedOut).answerLookUp("RE1", timedOut),
                "breaks",
                () -> fake.answer("RE1", recording -> {
                            throw new IllegalStateException("broken");
                        })
                        .answerLookUp("RE1", timedOut));
    }

    @Override
    protected void hang() {
        CountDownLatch never = new CountDownLatch(1);
        fake.blockUntil(never).answerIdentifications(account -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Identification(DeletionResult.tryLater("interrupted", null, true), null);
        });
    }

    @Override
    protected void awaitHanging() throws InterruptedException {
        assertThat(fake.awaitCalls(1, Duration.ofMinutes(3))).isTrue();
    }

    private static String key(Recording recording) {
        return Objects.requireNonNull(recording.storageKey());
    }
}
