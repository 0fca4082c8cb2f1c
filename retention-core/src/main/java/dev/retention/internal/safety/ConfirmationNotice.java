package dev.retention.internal.safety;

import dev.retention.Cause;
import dev.retention.Obstacle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that this instance deletes nothing, because what it works with was not confirmed: in the log when that begins,
 * changes and is over, and as an obstacle in between. Used by any thread.
 */
final class ConfirmationNotice {

    private static final Logger log = LoggerFactory.getLogger(ConfirmationNotice.class);

    /** What the instance works with is not what was confirmed. */
    private static final String NOT_CONFIRMED = "NOT_CONFIRMED";

    private @Nullable Obstacle current;

    /**
     * Takes in what was found.
     *
     * @param objections why it is not confirmed; empty if it is
     */
    synchronized void found(List<String> objections, Instant now) {
        Obstacle before = current;
        if (objections.isEmpty()) {
            current = null;
            if (before != null) {
                log.info(
                        "this instance deletes again: cause={} is over",
                        before.cause().code());
            }
            return;
        }
        Cause cause = Cause.of(
                NOT_CONFIRMED,
                "no sweep, recovery or erasure of this instance deletes anything: "
                        + String.join("; ", objections)
                        + ". If this is intended, start a sweep: its message says how to confirm it. Otherwise correct"
                        + " the configuration");
        if (before == null || !before.cause().equals(cause)) {
            current = new Obstacle(null, cause, now);
            log.warn("cause={} {}", cause.code(), cause);
        }
    }

    synchronized Optional<Obstacle> current() {
        return Optional.ofNullable(current);
    }
}
