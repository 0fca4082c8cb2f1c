package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every {@link RecordingStorage} must do when it deletes, and what it must report about itself. */
abstract class StorageDeletionContract extends StorageContract {

    private static final int THREADS = 8;
    private static final int LONGEST_TARGET = 200;

    StorageDeletionContract(StorageFixture fixture) {
        super(fixture);
    }

    @Test
    void hasANameThatFitsEvidenceLogsAndMetrics() {
        assertThat(storage.name()).matches("[a-z0-9._-]{1,40}");
    }

    @Test
    void hasANameThatIsStable() {
        assertThat(storage.name())
                .isEqualTo(storage.name())
                .isEqualTo(fixture.createStorage().name());
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
                .isEqualTo(fixture.createStorageOnTheSamePlace().target());
    }

    @Test
    void deletesWhatIsThereAndSaysSo() {
        Recording recording = stored(1);
        Recording other = stored(2);

        DeletionResult result = storage.delete(recording);

        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.DELETED);
        assertThat(fixture.isStored(recording)).isFalse();
        assertThat(fixture.isStored(other)).isTrue();
        assertHasNoSecrets(result);
    }

    @Test
    void sendsNothingThatIsNoLongerPermitted() {
        Recording recording = stored(1);
        AtomicInteger asked = new AtomicInteger();

        DeletionResult result = storage.delete(recording, () -> {
            asked.incrementAndGet();
            return false;
        });

        assertThat(asked).as("how often the permit was asked").hasPositiveValue();
        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.TRY_LATER);
        assertThat(result.surelyNotApplied()).isTrue();
        assertThat(fixture.isStored(recording)).isTrue();
        assertHasNoSecrets(result);
    }

    /** A permit that was asked before a look-up, or before a wait, may have ended since. */
    @Test
    void asksForThePermitAsTheLastThingBeforeItDeletes() {
        Recording recording = stored(1);
        AtomicLong before = new AtomicLong();
        AtomicBoolean storedThen = new AtomicBoolean();

        DeletionResult result = storage.delete(recording, () -> {
            before.set(fixture.requests());
            storedThen.set(fixture.isStored(recording));
            return true;
        });

        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.DELETED);
        assertThat(storedThen).as("stored when the permit was asked").isTrue();
        assertThat(fixture.requests() - before.get())
                .as("requests after the permit was asked: the deletion, and no other")
                .isLessThanOrEqualTo(1);
    }

    @Test
    void mayBeAskedToDeleteAgain() {
        Recording recording = stored(1);
        Recording other = stored(2);
        storage.delete(recording);

        DeletionResult again = storage.delete(recording);

        assertThat(again.kind()).as(again.toString()).isIn(Kind.ALREADY_GONE, Kind.NOT_FOUND);
        assertThat(fixture.isStored(other)).isTrue();
        assertHasNoSecrets(again);
    }

    @Test
    void deletesAgainWhatCameBack() {
        Recording recording = stored(1);
        storage.delete(recording);
        fixture.store(recording);

        if (storage.delete(recording).provesGone()) {
            assertThat(fixture.isStored(recording)).isFalse();
        }
    }

    @Test
    void takesNoUnknownRecordingForADeletedOne() {
        stored(1);
        Recording unknown = fixture.newRecording(2);

        DeletionResult result = storage.delete(unknown);

        assertThat(result.kind())
                .as(result.toString())
                .isEqualTo(fixture.absenceIsCertain() ? Kind.ALREADY_GONE : Kind.NOT_FOUND);
        assertHasNoSecrets(result);
    }

    @Test
    void mayBeAskedAnew() {
        Recording recording = stored(1);
        storage.delete(recording);

        DeletionResult result = fixture.createStorageOnTheSamePlace().delete(recording);

        assertThat(result.kind()).as(result.toString()).isIn(Kind.ALREADY_GONE, Kind.NOT_FOUND);
    }

    @TestFactory
    Stream<DynamicTest> sendsNothingForAKeyThatCannotBeOneOfItsOwn() {
        return unusableKeys()
                .map(key -> DynamicTest.dynamicTest(shown(key), () -> {
                    restart();
                    Recording neighbour = stored(1);
                    long before = fixture.requests();

                    DeletionResult result = storage.delete(withKey(fixture.newRecording(2), key));

                    assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.REFUSED_UNSENT);
                    assertThat(fixture.requests()).isEqualTo(before);
                    assertThat(fixture.isStored(neighbour)).isTrue();
                    assertHasNoSecrets(result);
                }));
    }

    @TestFactory
    Stream<DynamicTest> takesNoFailureForADeletion() {
        assumeTrue(!fixture.faults().isEmpty(), "this place can't be made to fail");
        return fixture.faults().entrySet().stream()
                .map(fault -> DynamicTest.dynamicTest(fault.getKey(), () -> {
                    restart();
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
                    start.await(HUNG.toSeconds(), TimeUnit.SECONDS);
                    return mine.stream().map(storage::delete).toList();
                }));
            }
            for (Future<List<DeletionResult>> future : futures) {
                assertThat(future.get(HUNG.toSeconds(), TimeUnit.SECONDS))
                        .extracting(DeletionResult::kind)
                        .containsOnly(Kind.DELETED)
                        .hasSize(5);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(recordings).noneMatch(fixture::isStored);
        assertThat(fixture.isStored(other)).isTrue();
    }

    @Test
    void honoursAnInterrupt() throws Exception {
        assumeTrue(fixture.canHang(), "this place can't hang");
        Recording recording = stored(1);
        fixture.hang();

        assertInterruptible(() -> storage.delete(recording));
    }

    @Test
    void comesBackWithinItsBound() throws Exception {
        assumeTrue(fixture.canHang() && fixture.longestCall().isPresent(), "no bound of a call was given");
        Recording recording = stored(1);
        fixture.hang();

        assertEnds(
                new FutureTask<>(() -> storage.delete(recording)),
                fixture.longestCall().orElseThrow());
    }

    @Test
    void showsNoSecretsWhenItIsPrinted() {
        assertHasNoSecrets(storage.toString());
    }
}
