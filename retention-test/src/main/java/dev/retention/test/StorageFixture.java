package dev.retention.test;

import dev.retention.spi.Recording;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts of a storage need from it: a storage, and hooks that reach the place where the recordings are
 * stored <em>by another route</em> than the storage, so that a storage's mistake does not hide itself. A storage's test
 * class extends {@link RecordingStorageContract}, which is this fixture with the contracts.
 */
public abstract class StorageFixture {

    private RecordingStorage storage;

    /** A storage on a place that is empty and that works: what {@link #hang} and {@link #faults} did before is over. */
    protected abstract RecordingStorage createStorage();

    /** Another storage object as after a restart; the place keeps what it has. By default the same object. */
    protected RecordingStorage createStorageOnTheSamePlace() {
        return storage;
    }

    /** A recording that could be in this storage; another n, another storage key. Nothing is stored by this. */
    protected abstract Recording newRecording(int n);

    /** Puts media of the recording into the place. */
    protected abstract void store(Recording recording);

    /** Whether media of the recording is in the place. */
    protected abstract boolean isStored(Recording recording);

    /**
     * Keys that are not valid for this storage, by their form. Keys that are not valid for any storage are tested
     * anyway: none, an empty one, one of a megabyte, some with line breaks, and {@code ../x}.
     */
    protected abstract Collection<String> foreignKeys();

    /**
     * How many requests have reached the place, through whatever storage; for a place without a server, how often it
     * was accessed.
     */
    protected abstract long requests();

    /** Texts that must appear in no answer, such as credentials; empty for a storage that has none. */
    protected abstract Collection<String> secrets();

    /**
     * Whether it is certain that a recording is not there when the place doesn't have it, such as in a folder that is
     * known to be the right one. By default it is not, and such an answer must prove nothing.
     */
    protected boolean absenceIsCertain() {
        return false;
    }

    /**
     * Ways in which the place can fail, by name; each is brought about by its value, for all requests until the next
     * {@link #createStorage}. By default none, which skips their test.
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

    /**
     * How long a call takes at most, as {@link #createStorage} sets the storage up: choose it short. Empty, the
     * default, skips its test.
     */
    protected Optional<Duration> longestCall() {
        return Optional.empty();
    }

    @BeforeEach
    final void startEmpty() {
        storage = createStorage();
    }

    final RecordingStorage start() {
        startEmpty();
        return storage;
    }

    final RecordingStorage storage() {
        return storage;
    }
}
