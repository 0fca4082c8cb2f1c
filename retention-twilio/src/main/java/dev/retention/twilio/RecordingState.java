package dev.retention.twilio;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What Twilio says about a recording in an answer to a look-up, or in a list.
 *
 * @param status as it came, in lower case; empty when none came
 * @param elsewhere the host of media outside of Twilio, or null
 * @param created when Twilio made it, where that is readable
 */
record RecordingState(
        String status, @Nullable String elsewhere, @Nullable Instant created) {

    /** Whether it can be deleted, and its media with it. */
    boolean isCompletedAtTwilio() {
        return status.equals("completed") && elsewhere == null;
    }
}
