package dev.retention.internal.deletion;

import dev.retention.internal.settings.SweepSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a recording waits for its next attempt.
 *
 * @param initial after the first attempt
 * @param longest never longer than this
 */
public record Backoff(Duration initial, Duration longest) {

    /** What can't be deleted now for a reason that lasts. */
    static final Duration LATER = Duration.ofHours(1);

    private static final int MOST_DOUBLINGS = 40;

    static Backoff of(SweepSettings settings) {
        return new Backoff(settings.initialBackoff(), settings.maxBackoff());
    }

    /** Doubles with each attempt. Spread by up to a tenth, so that what failed together is not tried again together. */
    Duration after(int attempt, String recordingId) {
        int doublings = Math.min(attempt - 1, MOST_DOUBLINGS);
        double spread = 1 + Math.floorMod(recordingId.hashCode(), 100) / 1000.0;
        double seconds = initial.toMillis() / 1000.0 * Math.pow(2, doublings) * spread;
        double bound = longest.toMillis() / 1000.0;
        return Duration.ofMillis((long) (Math.min(seconds, bound) * 1000));
    }

    /** At least the wait that the storage requested. */
    Duration after(int attempt, String recordingId, @Nullable Duration requested) {
        Duration own = after(attempt, recordingId);
        return shorter(requested == null ? own : longer(requested, own), longest);
    }

    /** Unfinished recordings count no attempts, so that their backoff would not grow; they are tried rarely instead. */
    Duration untilFinished(int attempt, String recordingId) {
        return shorter(longer(after(attempt, recordingId), LATER), longest);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
