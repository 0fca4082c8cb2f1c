package dev.retention.test;

import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingStorage;
import org.junit.jupiter.api.Nested;

/**
 * What every {@link RecordingStorage} must do, as tests; and every {@link RecordingLookup}, if it is one. A storage's
 * test class extends this and supplies the hooks of the {@link StorageFixture}.
 *
 * <p>Tests of what a storage does not have, such as a look-up, are reported as skipped.
 */
public abstract class RecordingStorageContract extends StorageFixture {

    @Nested
    class Deletion extends StorageDeletionContract {
        Deletion() {
            super(RecordingStorageContract.this);
        }
    }

    @Nested
    class LookUp extends StorageLookUpContract {
        LookUp() {
            super(RecordingStorageContract.this);
        }
    }
}
