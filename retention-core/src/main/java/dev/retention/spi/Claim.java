package dev.retention.spi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One sweeper's right to delete one recording, until its lease runs out.
 *
 * @param recording what is sent: id, key, account and creation time as they were at the first claim, attributes as they are now
 * @param token what proves the claim; drawn anew for each attempt
 * @param runId the run that it belongs to; null for an erasure
 * @param attempt 1 for the first attempt
 * @param inDoubt whether an earlier attempt may have been applied, so that a look-up must come first
 * @param late whether a hold lies on the recording: it may be looked up but not deleted
 * @param leaseUntil by the database's time
 * @param policy the policy under which it was claimed
 * @param cutoff the cutoff of that policy then
 * @param evidence what storages have proven so far; null when none has
 * @param failingSince since when attempts have been failing; null when none has
 * @param reason what the engine's row will name as the reason
 * @param duration how long the audio is, where known
 */
public record Claim(
        Recording recording,
        String token,
        @Nullable String runId,
        int attempt,
        boolean inDoubt,
        boolean late,
        Instant leaseUntil,
        String policy,
        Instant cutoff,
        @Nullable String evidence,
        @Nullable Instant failingSince,
        String reason,
        @Nullable Duration duration) {

    /** The recording's id. */
    public String id() {
        return recording.id();
    }
}
