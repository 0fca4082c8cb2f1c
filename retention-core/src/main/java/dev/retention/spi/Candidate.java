package dev.retention.spi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the engine's table as it was read, with the values that decide about its deletion.
 *
 * @param recording the recording
 * @param retainUntil a time before which the row must not be deleted; null if it names none
 * @param flaggedHeld whether the mapped hold flag is set; false for a NULL flag and without a mapping
 * @param deleted when the row was soft-deleted; null while it is live
 * @param duration how long the audio is; null if not mapped or not known
 */
public record Candidate(
        Recording recording,
        @Nullable Instant retainUntil,
        boolean flaggedHeld,
        @Nullable Instant deleted,
        @Nullable Duration duration) {

    /** The id of the recording. */
    public String id() {
        return recording.id();
    }
}
