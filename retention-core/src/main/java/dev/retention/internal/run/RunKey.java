package dev.retention.internal.run;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a run, the same on all instances that share it.
 *
 * @param text the key in the database
 * @param fireTime when the schedule fired; null for a sweep without a schedule
 */
public record RunKey(String text, @Nullable Instant fireTime) {

    /** A key that no other sweep has. */
    public static RunKey manual() {
        return new RunKey("manual-" + UUID.randomUUID(), null);
    }

    /** The same on all instances that fired at this time. */
    public static RunKey scheduled(Instant fireTime) {
        return new RunKey("scheduled-" + fireTime, fireTime);
    }
}
