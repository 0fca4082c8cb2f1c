package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingLookup.Identification;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every {@link RecordingLookup} must do when it looks a recording up, and when it identifies an account. */
abstract class StorageLookUpContract extends StorageContract {

    StorageLookUpContract(StorageFixture fixture) {
        super(fixture);
    }

    @TestFactory
    Stream<DynamicTest> looksNothingUpForAKeyThatCannotBeOneOfItsOwn() {
        lookup();
        return unusableKeys()
                .map(key -> DynamicTest.dynamicTest(shown(key), () -> {
                    restart();
                    long before = fixture.requests();

                    DeletionResult result = lookup().lookUp(withKey(fixture.newRecording(2), key));

                    assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.REFUSED_UNSENT);
                    assertThat(fixture.requests()).isEqualTo(before);
                    assertHasNoSecrets(result);
                }));
    }

    @Test
    void honoursAnInterruptOfALookup() throws Exception {
        RecordingLookup lookup = lookup();
        assumeTrue(fixture.canHang(), "this place can't hang");
        Recording recording = stored(1);
        fixture.hang();

        assertInterruptible(() -> lookup.lookUp(recording));
    }

    @Test
    void looksUpWhatIsThereAndChangesNothing() {
        RecordingLookup lookup = lookup();
        Recording recording = stored(1);

        DeletionResult result = lookup.lookUp(recording);

        assertThat(result.kind()).as(result.toString()).isEqualTo(Kind.STILL_THERE);
        assertThat(fixture.isStored(recording)).isTrue();
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

        DeletionResult result = lookup.lookUp(fixture.newRecording(2));

        assertThat(result.kind())
                .as(result.toString())
                .isEqualTo(fixture.absenceIsCertain() ? Kind.ALREADY_GONE : Kind.NOT_FOUND);
        assertHasNoSecrets(result);
    }

    @Test
    void identifiesTheAccountOfItsRecordingsAndChangesNothing() {
        RecordingLookup lookup = lookup();
        Recording recording = stored(1);

        Identification first = lookup.identify(recording.account());
        Identification second = lookup.identify(recording.account());

        assertThat(first.objection()).as("an account that works").isNull();
        assertThat(second.objection()).isNull();
        assertThat(fixture.isStored(recording)).isTrue();
        assertThat(lookup.lookUp(recording).kind()).isEqualTo(Kind.STILL_THERE);
        assertThat(lookup.delete(recording).kind()).isEqualTo(Kind.DELETED);
    }

    @Test
    void doesNotObjectToAnAccountWithoutRecordings() {
        assertThat(lookup().identify(fixture.newRecording(1).account()).objection())
                .isNull();
    }

    @TestFactory
    Stream<DynamicTest> takesNoFailureForAnIdentification() {
        assumeTrue(!fixture.faults().isEmpty(), "this place can't be made to fail");
        lookup();
        return fixture.faults().entrySet().stream()
                .map(fault -> DynamicTest.dynamicTest(fault.getKey(), () -> {
                    restart();
                    Recording recording = stored(1);
                    fault.getValue().run();

                    assertIdentificationIsNoDeletion(() -> lookup().identify(recording.account()));
                }));
    }

    /** One that does not ask the place is back at once, whatever happens. */
    @Test
    void honoursAnInterruptOfAnIdentification() throws Exception {
        RecordingLookup lookup = lookup();
        assumeTrue(fixture.canHang(), "this place can't hang");
        Recording recording = stored(1);
        fixture.hang();
        long before = fixture.requests();
        FutureTask<Identification> task = new FutureTask<>(() -> lookup.identify(recording.account()));
        boolean[] hung = new boolean[1];

        assertEnds(task, INTERRUPTED_CALL, thread -> {
            long left = HUNG.dividedBy(STEP);
            while (left > 0 && fixture.requests() == before && !endsWithinAStep(task)) {
                left--;
            }
            hung[0] = !task.isDone();
            thread.interrupt();
        });

        assertIdentificationIsNoDeletion(task::get);
        if (hung[0]) {
            assertThat(task.get().objection())
                    .as("an answer that never came speaks against it")
                    .isNotNull();
        }
    }

    @Test
    void comesBackWithinItsBoundFromAnIdentification() throws Exception {
        RecordingLookup lookup = lookup();
        assumeTrue(fixture.canHang() && fixture.longestCall().isPresent(), "no bound of a call was given");
        Recording recording = stored(1);
        fixture.hang();
        FutureTask<Identification> task = new FutureTask<>(() -> lookup.identify(recording.account()));

        assertEnds(task, fixture.longestCall().orElseThrow(), thread -> {});

        assertIdentificationIsNoDeletion(task::get);
    }

    private RecordingLookup lookup() {
        assumeTrue(storage instanceof RecordingLookup, "this storage can't look recordings up");
        return (RecordingLookup) storage;
    }

    private void assertIdentificationIsNoDeletion(Callable<Identification> call) {
        assertProvesNothing(() -> {
            DeletionResult objection = call.call().objection();
            if (objection == null) {
                return DeletionResult.stillThere();
            }
            assertThat(objection.kind())
                    .as(objection.toString())
                    .isIn(Kind.REFUSED, Kind.MISMATCH, Kind.STOP, Kind.TRY_LATER);
            return objection;
        });
    }
}
