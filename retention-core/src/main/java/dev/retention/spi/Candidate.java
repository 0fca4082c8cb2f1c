package dev.retention.spi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of the engine's table as it was read, with what decides about its deletion.
 *
 * @param recording the recording
 * @param retainUntil the row's own earliest deletion, or null
 * @param flaggedHeld whether the mapped hold flag is set; a NULL flag is not
 * @param deleted when the row was soft-deleted, or null while it is live
 * @param duration how long the audio is, where mapped and known
 */
public record Candidate(
        Recording recording,
        @Nullable Instant retainUntil,
        boolean flaggedHeld,
        @Nullable Instant deleted,
        @Nullable Duration duration) {

    /** The recording's id. */
    public String id() {
        return recording.id();
    }
}
