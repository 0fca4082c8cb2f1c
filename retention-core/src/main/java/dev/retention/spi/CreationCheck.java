package dev.retention.spi;

import dev.retention.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares when a row says that its recording was made with when its storage made it. A row that says much earlier
 * would have a recording deleted that is too young: its time is the zero of a clock, or of another time zone, or of a
 * column that means something else.
 *
 * <p>The library compares what a {@link RecordingLookup} shows. A storage that looks by itself before it deletes calls
 * {@link #objection} then.
 */
public final class CreationCheck {

    /** By so much a storage may be later: it makes a recording when a call ends, and zones differ. */
    public static final Duration TOLERANCE = Duration.ofDays(1);

    /** The {@link Cause#code()} of recordings that are refused for it. */
    public static final String CODE = "MADE_LATER";

    private CreationCheck() {}

    /**
     * The answer for a recording that its storage made more than {@link #TOLERANCE} later than its row says; empty if
     * it did not.
     *
     * @param made when the storage made the recording; null if it does not say
     */
    public static Optional<DeletionResult> objection(Recording recording, @Nullable Instant made) {
        if (made == null || !made.isAfter(latest(recording.created()))) {
            return Optional.empty();
        }
        return Optional.of(DeletionResult.refusedUnsent("the storage made the recording at " + made
                        + ", and its row says " + recording.created()
                        + ": the row's time can't be right, so that its age is not known. Correct the row, or map the"
                        + " column that has the time of the recording")
                .withCode(CODE));
    }

    private static Instant latest(Instant created) {
        return created.isAfter(Instant.MAX.minus(TOLERANCE)) ? Instant.MAX : created.plus(TOLERANCE);
    }
}
