package dev.retention.internal.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.StorageOperation;
import dev.retention.SweepTracer;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a storage does becomes an answer, and each call a span. */
class StorageCallerTest {

    private static final Recording RECORDING = new Recording("r", "key", null, Fixture.NOW, Map.of());

    private final List<String> spans = new ArrayList<>();
    private boolean permitted;
    private boolean slow;
    private final StorageCaller caller = new StorageCaller(new Telemetry(List.of(), new Tracer()), null);

    private final class Tracer implements SweepTracer {
        @Override
        public Span sweepStarts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation) {
            permitted = !slow;
            return (result, failure) -> spans.add(
                    storage + " " + operation + " " + result + (failure == null ? "" : " " + failure.getMessage()));
        }
    }

    /** Does the same whatever it is asked. */
    private record Storage(Supplier<DeletionResult> does) implements RecordingLookup {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public DeletionResult delete(Recording recording) {
            throw new AssertionError("without a permit");
        }

        @Override
        public DeletionResult delete(Recording recording, DeletionPermit permit) {
            return permit.lasts() ? does.get() : DeletionResult.tryLater("no permit", null, true);
        }

        @Override
        public DeletionResult lookUp(Recording recording) {
            return does.get();
        }

        @Override
        public Identification identify(@Nullable String account) {
            DeletionResult objection = does.get();
            return objection.provesGone() ? Identification.NOTHING_KNOWN : new Identification(objection, null);
        }
    }

    private static Storage answering(DeletionResult result) {
        return new Storage(() -> result);
    }

    private static Storage throwing(Error failure) {
        return new Storage(() -> {
            throw failure;
        });
    }

    @Test
    void anAnswerIsPassedOn() {
        Storage storage = answering(DeletionResult.deleted("204"));
        assertThat(caller.delete(storage, RECORDING, () -> true)).isEqualTo(DeletionResult.deleted("204"));
        assertThat(caller.lookUp(storage, RECORDING)).isEqualTo(DeletionResult.deleted("204"));
        assertThat(caller.identify(storage, "AC1").objection()).isNull();
        assertThat(caller.identify(answering(DeletionResult.stop("401")), "AC1").objection())
                .isEqualTo(DeletionResult.stop("401"));
        assertThat(spans)
                .containsExactly(
                        "fake DELETE DELETED", "fake LOOK_UP DELETED", "fake IDENTIFY KNOWN", "fake IDENTIFY STOP");
    }

    @Test
    void aStorageIsGivenItsPermit() {
        AtomicInteger asked = new AtomicInteger();
        DeletionPermit endsMeanwhile = () -> asked.incrementAndGet() == 1;
        assertThat(caller.delete(answering(DeletionResult.deleted("204")), RECORDING, endsMeanwhile)
                        .detail())
                .isEqualTo("no permit");
    }

    @Test
    void aStorageThatNeverAsksIsNotCalledWithoutAPermit() {
        List<Recording> deleted = new ArrayList<>();
        RecordingStorage careless = new Careless(deleted);
        assertThat(caller.delete(careless, RECORDING, () -> permitted).provesGone())
                .isTrue();
        slow = true;
        DeletionResult result = caller.delete(careless, RECORDING, () -> permitted);
        assertThat(result.kind()).isEqualTo(DeletionResult.Kind.TRY_LATER);
        assertThat(result.surelyNotApplied()).isTrue();
        assertThat(deleted).as("the permit ended during a slow tracer").hasSize(1);
    }

    private record Careless(List<Recording> deleted) implements RecordingStorage {
        @Override
        public String name() {
            return "careless";
        }

        @Override
        public DeletionResult delete(Recording recording) {
            deleted.add(recording);
            return DeletionResult.deleted("204");
        }

        @Override
        public DeletionResult delete(Recording recording, DeletionPermit permit) {
            return delete(recording);
        }
    }

    @Test
    void whatIsThrownLeavesADeletionInDoubt() {
        Storage storage = throwing(new StackOverflowError("deep"));
        DeletionResult unknown = DeletionResult.tryLater("the storage threw java.lang.StackOverflowError", null, false);
        assertThat(caller.delete(storage, RECORDING, () -> true)).isEqualTo(unknown);
        assertThat(caller.lookUp(storage, RECORDING)).isEqualTo(unknown);
        assertThat(spans).containsExactly("fake DELETE FAILED deep", "fake LOOK_UP FAILED deep");
    }

    @Test
    void anIdentificationThatThrowsHasChangedNothing() {
        assertThat(caller.identify(throwing(new AssertionError("broken")), null).objection())
                .isEqualTo(DeletionResult.tryLater("the storage threw java.lang.AssertionError", null, true));
        assertThat(spans).containsExactly("fake IDENTIFY FAILED broken");
    }

    @Test
    void nullIsNoAnswer() {
        Storage storage = new Storage(StorageCallerTest::nothing);
        assertThat(caller.delete(storage, RECORDING, () -> true).kind()).isEqualTo(DeletionResult.Kind.TRY_LATER);
        assertThat(caller.delete(storage, RECORDING, () -> true).surelyNotApplied())
                .isFalse();
        assertThat(spans).allMatch("fake DELETE FAILED the storage returned null; it must return a result"::equals);
    }

    @SuppressWarnings("NullAway")
    private static DeletionResult nothing() {
        return null;
    }
}
