package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** What the contracts of a storage have in common, on the storage of a {@link StorageFixture}. */
abstract class StorageContract {

    /** Much longer than an interrupted call needs, and shorter than what ignores an interrupt takes to time out. */
    static final Duration INTERRUPTED_CALL = Duration.ofSeconds(5);

    /** Only a call that hangs needs this long. */
    static final Duration HUNG = Duration.ofMinutes(3);

    static final Duration STEP = Duration.ofMillis(10);

    final StorageFixture fixture;
    RecordingStorage storage;

    StorageContract(StorageFixture fixture) {
        this.fixture = fixture;
    }

    /** The fixture has started before this. */
    @BeforeEach
    final void takeStorage() {
        storage = fixture.storage();
    }

    final void restart() {
        storage = fixture.start();
    }

    final Recording stored(int n) {
        Recording recording = fixture.newRecording(n);
        fixture.store(recording);
        assertThat(fixture.isStored(recording)).as("the hook stored it").isTrue();
        return recording;
    }

    final Stream<@Nullable String> unusableKeys() {
        String usable = Objects.requireNonNull(
                fixture.newRecording(1).storageKey(), "newRecording must return a recording with a key");
        return Stream.concat(
                Stream.<@Nullable String>of(
                        null,
                        "",
                        " ",
                        "x".repeat(1 << 20),
                        usable + "\n",
                        usable + "\r\nX-Injected: yes",
                        "\n" + usable,
                        "../x",
                        "../" + usable),
                fixture.foreignKeys().stream());
    }

    static Recording withKey(Recording recording, @Nullable String key) {
        return new Recording(recording.id(), key, recording.account(), recording.created(), recording.attributes());
    }

    static String shown(@Nullable String key) {
        if (key == null) {
            return "no key";
        }
        String start = key.length() <= 60 ? key : key.substring(0, 60) + "… of " + key.length() + " characters";
        return "'" + start.replace("\r", "\\r").replace("\n", "\\n") + "'";
    }

    final void assertHasNoSecrets(DeletionResult result) {
        assertHasNoSecrets(result.toString());
    }

    final void assertHasNoSecrets(String text) {
        assertThat(fixture.secrets()).noneMatch(text::contains);
    }

    /** An exception proves nothing either, but its text ends up in the log. */
    final void assertProvesNothing(Callable<DeletionResult> call) {
        DeletionResult result;
        try {
            result = call.call();
        } catch (Exception e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                assertHasNoSecrets(cause.toString());
            }
            return;
        }
        assertThat(result.provesGone()).as(result.toString()).isFalse();
        assertHasNoSecrets(result);
    }

    final void assertInterruptible(Callable<DeletionResult> call) throws Exception {
        FutureTask<DeletionResult> task = new FutureTask<>(call);
        assertEnds(task, INTERRUPTED_CALL, thread -> {
            fixture.awaitHanging();
            assertThat(task.isDone()).as("it hangs").isFalse();
            thread.interrupt();
        });
        assertProvesNothing(task::get);
    }

    final void assertEnds(FutureTask<DeletionResult> task, Duration bound) throws Exception {
        assertEnds(task, bound, thread -> {});
        assertProvesNothing(task::get);
    }

    final void assertEnds(FutureTask<?> task, Duration bound, Meanwhile meanwhile) throws Exception {
        Thread thread = new Thread(task, "hanging call");
        thread.setDaemon(true);
        thread.start();
        meanwhile.with(thread);
        assertThat(endsWithin(task, bound)).as("it came back within " + bound).isTrue();
    }

    /**
     * Waits for so many steps as there are in the bound. On a machine that has no time for this thread each of them
     * takes longer, so that the other thread is given more time, too.
     */
    static boolean endsWithin(FutureTask<?> task, Duration bound) throws InterruptedException {
        long left = bound.dividedBy(STEP);
        while (left > 0 && !endsWithinAStep(task)) {
            left--;
        }
        return task.isDone();
    }

    static boolean endsWithinAStep(FutureTask<?> task) throws InterruptedException {
        try {
            task.get(STEP.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    interface Meanwhile {
        void with(Thread thread) throws Exception;
    }
}
