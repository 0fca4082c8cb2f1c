package dev.retention.internal.deletion;

import dev.retention.StorageOperation;
import dev.retention.SweepTracer.Span;
import dev.retention.internal.telemetry.Telemetry;
import dev.retention.spi.CreationCheck;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.spi.RecordingStorage;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls storages, which may be code of the engine: whatever they throw becomes an answer, and each call has a span.
 * Used on worker threads.
 */
final class StorageCaller {

    private static final Logger log = LoggerFactory.getLogger(StorageCaller.class);
    private static final String FAILED = "FAILED";
    private static final String NO_OBJECTION = "KNOWN";

    private final Telemetry telemetry;
    private final @Nullable Span sweep;

    /** @param sweep what the calls belong to in a trace; null for nothing */
    StorageCaller(Telemetry telemetry, @Nullable Span sweep) {
        this.telemetry = telemetry;
        this.sweep = sweep;
    }

    /** Asks for the permit after the tracer was called, which may be slow, since some storages never ask for it. */
    DeletionResult delete(RecordingStorage storage, Recording recording, DeletionPermit permit) {
        return call(
                storage,
                recording,
                StorageOperation.DELETE,
                () -> permit.lasts()
                        ? storage.delete(recording, permit)
                        : DeletionResult.tryLater("no longer permitted; the storage was not called", null, true));
    }

    DeletionResult lookUp(RecordingLookup storage, Recording recording) {
        return call(storage, recording, StorageOperation.LOOK_UP, () -> storage.lookUp(recording));
    }

    /** The look-up before a deletion: what the storage made much later than its row says is not deleted. */
    DeletionResult lookUpToDelete(RecordingLookup storage, Recording recording) {
        DeletionResult found = lookUp(storage, recording);
        return CreationCheck.objection(recording, found.made()).orElse(found);
    }

    private DeletionResult call(
            RecordingStorage storage, Recording recording, StorageOperation operation, Supplier<DeletionResult> call) {
        Span request = telemetry.requestStarts(sweep, storage.name(), operation);
        try {
            DeletionResult result =
                    Objects.requireNonNull(call.get(), "the storage returned null; it must return a result");
            request.end(result.kind().name(), null);
            return result;
        } catch (Throwable e) {
            request.end(FAILED, e);
            // An Error too: otherwise the run would wait for an answer that never arrives.
            log.warn(
                    "storage={} recording={} threw an exception, so the outcome is unknown. The recording is tried"
                            + " again later; correct the storage if this continues",
                    storage.name(),
                    recording.id(),
                    e);
            return threw(e, false);
        }
    }

    Identification identify(RecordingLookup storage, @Nullable String account) {
        Span request = telemetry.requestStarts(sweep, storage.name(), StorageOperation.IDENTIFY);
        try {
            Identification identification = Objects.requireNonNull(
                    storage.identify(account), "the storage returned null; it must return a result");
            DeletionResult objection = identification.objection();
            request.end(objection == null ? NO_OBJECTION : objection.kind().name(), null);
            return identification;
        } catch (Throwable e) {
            request.end(FAILED, e);
            log.warn(
                    "storage={} threw an exception when it had to identify the account. Identification is repeated;"
                            + " correct the storage if this continues",
                    storage.name(),
                    e);
            return new Identification(threw(e, true), null);
        }
    }

    private static DeletionResult threw(Throwable e, boolean surelyNotApplied) {
        return DeletionResult.tryLater("the storage threw " + e.getClass().getName(), null, surelyNotApplied);
    }
}
