package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingLookup.Introduction;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every {@link RecordingStorage} must do, as tests; and every {@link RecordingLookup}, if it is one. A storage's test class
 * extends this and supplies the hooks, which reach the place where the recordings lie <em>by another route</em> than the storage.
 *
 * <p>Tests of what a storage does not have, such as a look-up, are reported as skipped.
 */
public abstract class RecordingStorageContract {

    private static final Duration INTERRUPTED_CALL = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int THREADS = 8;
    private static final int LONGEST_TARGET = 200;

    private RecordingStorage storage;

    /** A storage on a place that is empty and that works: what {@link #hang} and {@link #faults} did before is over. */
    protected abstract RecordingStorage createStorage();

    /** Another storage object as after a restart; the place keeps what it has. By default the same object. */
    protected RecordingStorage createStorageOnTheSamePlace() {
        return storage;
    }

    /** A recording that could lie in this storage; another n, another storage key. Nothing is stored by this. */
    protected abstract Recording newRecording(int n);

    /** Puts media of the recording into the place. */
    protected abstract void store(Recording recording);

    /** Whether media of the recording lies in the place. */
    protected abstract boolean isStored(Recording recording);

    /**
     * Keys that can't be one of this storage's, by their form. Those that can be no storage's are tested anyway: none, an empty one, one of a
     * megabyte, some with line breaks, and {@code ../x}.
     */
    protected abstract Collection<String> foreignKeys();

    /** How many requests have reached the place, through whatever storage; for a place without a server, how often it was accessed. */
    protected abstract long requests();

    /** Texts that must appear in no answer, such as credentials; empty for a storage that has none. */
    protected abstract Collection<String> secrets();

    /**
     * Whether it is certain that a recording is not there when the place doesn't have it, such as in a folder that is known to be the right one. By
     * default it is not, and such an answer must prove nothing.
     */
    protected boolean absenceIsCertain() {
        return false;
    }

    /**
     * Ways in which the place can fail, by name; each is brought about by its value, for all requests until the next {@link #createStorage}. By
     * default none, which skips their test.
     */
    protected Map<String, Runnable> faults() {
        return Map.of();
    }

    /** Whether {@link #hang} and {@link #awaitHanging} work; true by default. */
    protected boolean canHang() {
        return true;
    }

    /** Lets the place answer no request until the next {@link #createStorage}. */
    protected void hang() {
        throw new UnsupportedOperationException("override this, or say that it cannot hang");
    }

    /** Waits until a request hangs. */
    protected void awaitHanging() throws InterruptedException {
        throw new UnsupportedOperationException("override this, or say that it cannot hang");
    }

    /** How long a call takes at most, as {@link #createStorage} sets the storage up: choose it short. Empty, the default, skips its test. */
    protected Optional<Duration> longestCall() {
        return Optional.empty();
    }

    @BeforeEach
    final void startEmpty() {
        storage = createStorage();
    }

    @Test
    void hasANameThatFitsEvidenceLogsAndMetrics() {
        assertThat(storage.name()).matches("[a-z0-9._-]{1,40}");
    }

    @Test
    void hasANameThatIsStable() {
        assertThat(storage.name())
                .isEqualTo(storage.name())
                .isEqualTo(createStorage().name());
    }

    @Test
    void tellsInAFewWordsWhatItDeletesFrom() {
        assertThat(storage.target()).isNotBlank().hasSizeLessThanOrEqualTo(LONGEST_TARGET);
        assertThat(storage.target()).doesNotContainPattern("\\p{Cntrl}");
        assertHasNoSecrets(storage.target());
    }

    @Test
    void deletesFromTheSameAfterARestart() {
        assertThat(storage.target())
                .isEqualTo(storage.target())
                .isEqualTo(createStorageOnTheSamePlace().target());
    }

    @Test
    void deletesWhatIsThereAndSaysSo() {
        Recording recording = stored(1);
        Recording other = stored(2);

        DeletionResult result = storage.delete(recording);

        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.DELETED);
        assertThat(isStored(recording)).isFalse();
        assertThat(isStored(other)).isTrue();
        assertHasNoSecrets(result);
    }

    @Test
    void mayBeAskedToDeleteAgain() {
        Recording recording = stored(1);
        Recording other = stored(2);
        storage.delete(recording);

        DeletionResult again = storage.delete(recording);

        assertThat(again.kind()).as(again.toString()).isIn(Kind.ALREADY_GONE, Kind.NOT_FOUND);
        assertThat(isStored(other)).isTrue();
        assertHasNoSecrets(again);
    }

    @Test
    void deletesAgainWhatCameBack() {
        Recording recording = stored(1);
        storage.delete(recording);
        store(recording);

        if (storage.delete(recording).provesGone()) {
            assertThat(isStored(recording)).isFalse();
        }
    }

    @Test
    void takesNoUnknownRecordingForADeletedOne() {
        stored(1);
        Recording unknown = newRecording(2);

        DeletionResult result = storage.delete(unknown);

        assertThat(result.kind())
                .as(result.toString())
                .isEqualTo(absenceIsCertain() ? Kind.ALREADY_GONE : Kind.NOT_FOUND);
        assertHasNoSecrets(result);
    }

    @Test
    void mayBeAskedAnew() {
        Recording recording = stored(1);
        storage.delete(recording);

        DeletionResult result = createStorageOnTheSamePlace().delete(recording);

        assertThat(result.kind()).as(result.toString()).isIn(Kind.ALREADY_GONE, Kind.NOT_FOUND);
    }

    @TestFactory
    Stream<DynamicTest> sendsNothingForAKeyThatCannotBeOneOfItsOwn() {
        return unusableKeys()
                .map(key -> DynamicTest.dynamicTest(shown(key), () -> {
                    storage = createStorage();
                    Recording neighbour = stored(1);
                    long before = requests();

                    DeletionResult result = storage.delete(withKey(newRecording(2), key));

                    assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.REFUSED_UNSENT);
                    assertThat(requests()).isEqualTo(before);
                    assertThat(isStored(neighbour)).isTrue();
                    assertHasNoSecrets(result);
                }));
    }

    @TestFactory
    Stream<DynamicTest> looksNothingUpForAKeyThatCannotBeOneOfItsOwn() {
        lookup();
        return unusableKeys()
                .map(key -> DynamicTest.dynamicTest(shown(key), () -> {
                    storage = createStorage();
                    long before = requests();

                    DeletionResult result = lookup().lookUp(withKey(newRecording(2), key));

                    assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.REFUSED_UNSENT);
                    assertThat(requests()).isEqualTo(before);
                    assertHasNoSecrets(result);
                }));
    }

    @TestFactory
    Stream<DynamicTest> takesNoFailureForADeletion() {
        assumeTrue(!faults().isEmpty(), "this place can't be made to fail");
        return faults().entrySet().stream()
                .map(fault -> DynamicTest.dynamicTest(fault.getKey(), () -> {
                    storage = createStorage();
                    Recording recording = stored(1);
                    fault.getValue().run();

                    assertProvesNothing(() -> storage.delete(recording));
                    if (storage instanceof RecordingLookup lookup) {
                        assertProvesNothing(() -> lookup.lookUp(recording));
                    }
                }));
    }

    @Test
    void deletesDifferentRecordingsAtOnce() throws Exception {
        List<Recording> recordings =
                IntStream.range(0, THREADS * 5).mapToObj(this::stored).toList();
        Recording other = stored(THREADS * 5);
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<List<DeletionResult>>> futures = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                List<Recording> mine = recordings.subList(thread * 5, (thread + 1) * 5);
                futures.add(executor.submit(() -> {
                    start.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                    return mine.stream().map(storage::delete).toList();
                }));
            }
            for (Future<List<DeletionResult>> future : futures) {
                assertThat(future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .extracting(DeletionResult::kind)
                        .containsOnly(Kind.DELETED)
                        .hasSize(5);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(recordings).noneMatch(this::isStored);
        assertThat(isStored(other)).isTrue();
    }

    @Test
    void honoursAnInterrupt() throws Exception {
        assumeTrue(canHang(), "this place can't hang");
        Recording recording = stored(1);
        hang();

        assertInterruptible(() -> storage.delete(recording));
    }

    @Test
    void honoursAnInterruptOfALookup() throws Exception {
        RecordingLookup lookup = lookup();
        assumeTrue(canHang(), "this place can't hang");
        Recording recording = stored(1);
        hang();

        assertInterruptible(() -> lookup.lookUp(recording));
    }

    @Test
    void comesBackWithinItsBound() throws Exception {
        assumeTrue(canHang() && longestCall().isPresent(), "no bound of a call was given");
        Recording recording = stored(1);
        hang();

        assertEnds(
                new FutureTask<>(() -> storage.delete(recording)), longestCall().orElseThrow());
    }

    @Test
    void looksUpWhatIsThereAndChangesNothing() {
        RecordingLookup lookup = lookup();
        Recording recording = stored(1);

        DeletionResult result = lookup.lookUp(recording);

        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.STILL_THERE);
        assertThat(isStored(recording)).isTrue();
        assertThat(lookup.lookUp(recording)).isEqualTo(result);
        assertThat(lookup.delete(recording).kind()).isEqualTo(Kind.DELETED);
        assertHasNoSecrets(result);
    }

    @Test
    void neverSaysOnALookupThatItDeletedSomething() {
        RecordingLookup lookup = lookup();
        Recording recording = stored(1);
        lookup.delete(recording);

        DeletionResult result = lookup.lookUp(recording);

        assertThat(result.kind()).as(result.toString()).isIn(Kind.ALREADY_GONE, Kind.NOTHING_STORED, Kind.NOT_FOUND);
        assertHasNoSecrets(result);
    }

    @Test
    void takesNoUnknownRecordingForAGoneOneOnALookup() {
        RecordingLookup lookup = lookup();
        stored(1);

        DeletionResult result = lookup.lookUp(newRecording(2));

        assertThat(result.kind())
                .as(result.toString())
                .isEqualTo(absenceIsCertain() ? Kind.ALREADY_GONE : Kind.NOT_FOUND);
        assertHasNoSecrets(result);
    }

    @Test
    void introducesTheAccountOfItsRecordingsAndChangesNothing() {
        RecordingLookup lookup = lookup();
        Recording recording = stored(1);

        Introduction first = lookup.introduce(recording.account());
        Introduction second = lookup.introduce(recording.account());

        assertThat(first.objection()).as("an account that works").isNull();
        assertThat(second.objection()).isNull();
        assertThat(isStored(recording)).isTrue();
        assertThat(lookup.lookUp(recording).kind()).isEqualTo(Kind.STILL_THERE);
        assertThat(lookup.delete(recording).kind()).isEqualTo(Kind.DELETED);
    }

    @Test
    void doesNotObjectToAnAccountWithoutRecordings() {
        assertThat(lookup().introduce(newRecording(1).account()).objection()).isNull();
    }

    @TestFactory
    Stream<DynamicTest> takesNoFailureForAnIntroduction() {
        assumeTrue(!faults().isEmpty(), "this place can't be made to fail");
        lookup();
        return faults().entrySet().stream()
                .map(fault -> DynamicTest.dynamicTest(fault.getKey(), () -> {
                    storage = createStorage();
                    Recording recording = stored(1);
                    fault.getValue().run();

                    assertIntroductionIsNoDeletion(() -> lookup().introduce(recording.account()));
                }));
    }

    /** One that does not ask the place is back at once, whatever happens. */
    @Test
    void honoursAnInterruptOfAnIntroduction() throws Exception {
        RecordingLookup lookup = lookup();
        assumeTrue(canHang(), "this place can't hang");
        Recording recording = stored(1);
        hang();
        long before = requests();
        FutureTask<Introduction> task = new FutureTask<>(() -> lookup.introduce(recording.account()));
        boolean[] hung = new boolean[1];

        assertEnds(task, INTERRUPTED_CALL, thread -> {
            while (!task.isDone() && requests() == before) {
                thread.join(1);
            }
            hung[0] = !task.isDone();
            thread.interrupt();
        });

        assertIntroductionIsNoDeletion(task::get);
        if (hung[0]) {
            assertThat(task.get().objection())
                    .as("an answer that never came speaks against it")
                    .isNotNull();
        }
    }

    @Test
    void comesBackWithinItsBoundFromAnIntroduction() throws Exception {
        RecordingLookup lookup = lookup();
        assumeTrue(canHang() && longestCall().isPresent(), "no bound of a call was given");
        Recording recording = stored(1);
        hang();
        FutureTask<Introduction> task = new FutureTask<>(() -> lookup.introduce(recording.account()));

        assertEnds(task, longestCall().orElseThrow(), thread -> {});

        assertIntroductionIsNoDeletion(task::get);
    }

    @Test
    void showsNoSecretsWhenItIsPrinted() {
        assertHasNoSecrets(storage.toString());
    }

    private RecordingLookup lookup() {
        assumeTrue(storage instanceof RecordingLookup, "this storage can't look recordings up");
        return (RecordingLookup) storage;
    }

    private Recording stored(int n) {
        Recording recording = newRecording(n);
        store(recording);
        assertThat(isStored(recording)).as("the hook stored it").isTrue();
        return recording;
    }

    private Stream<@Nullable String> unusableKeys() {
        String usable =
                Objects.requireNonNull(newRecording(1).storageKey(), "a recording that could lie here has a key");
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
                foreignKeys().stream());
    }

    private static Recording withKey(Recording recording, @Nullable String key) {
        return new Recording(recording.id(), key, recording.account(), recording.created(), recording.attributes());
    }

    private static String shown(@Nullable String key) {
        if (key == null) {
            return "no key";
        }
        String start = key.length() <= 60 ? key : key.substring(0, 60) + "… of " + key.length() + " characters";
        return "'" + start.replace("\r", "\\r").replace("\n", "\\n") + "'";
    }

    private void assertHasNoSecrets(DeletionResult result) {
        assertHasNoSecrets(result.toString());
    }

    private void assertHasNoSecrets(String text) {
        assertThat(secrets()).noneMatch(text::contains);
    }

    /** An exception proves nothing either, but its text ends up in the log. */
    private void assertProvesNothing(Callable<DeletionResult> call) {
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

    private void assertIntroductionIsNoDeletion(Callable<Introduction> call) {
        assertProvesNothing(() -> {
            DeletionResult objection = call.call().objection();
            if (objection == null) {
                return DeletionResult.stillThere();
            }
            assertThat(objection.kind()).as(objection.toString()).isIn(Kind.REFUSED, Kind.STOP, Kind.TRY_LATER);
            return objection;
        });
    }

    private void assertInterruptible(Callable<DeletionResult> call) throws Exception {
        FutureTask<DeletionResult> task = new FutureTask<>(call);
        assertEnds(task, INTERRUPTED_CALL, thread -> {
            awaitHanging();
            assertThat(task.isDone()).as("it hangs").isFalse();
            thread.interrupt();
        });
        assertProvesNothing(task::get);
    }

    private void assertEnds(FutureTask<DeletionResult> task, Duration bound) throws Exception {
        assertEnds(task, bound, thread -> {});
        assertProvesNothing(task::get);
    }

    private void assertEnds(FutureTask<?> task, Duration bound, Meanwhile meanwhile) throws Exception {
        Thread thread = new Thread(task, "hanging call");
        thread.setDaemon(true);
        thread.start();
        meanwhile.with(thread);
        thread.join(bound.toMillis());
        assertThat(task.isDone()).as("it came back within " + bound).isTrue();
    }

    private interface Meanwhile {
        void with(Thread thread) throws Exception;
    }
}
