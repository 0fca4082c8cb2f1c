package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A legal hold in the register. Times are the database's.
 *
 * @param id the name that its placer gave it
 * @param placedBy who placed it
 * @param reason why
 * @param placedAt when it was placed first
 * @param until when it ends by itself; null for one that lasts until it is released
 * @param releasedBy who released it, {@code expiry} where it ended by itself; null while it lasts
 * @param releasedAt when it ended; null while it lasts
 * @param recordings how many recordings it lies on, or lay on when it ended; of a hold by attribute those that were due or in the door meanwhile
 * @param attribute for a hold by attribute its name, else null
 * @param value for a hold by attribute the value, else null
 */
public record LegalHold(
        String id,
        String placedBy,
        String reason,
        Instant placedAt,
        @Nullable Instant until,
        @Nullable String releasedBy,
        @Nullable Instant releasedAt,
        long recordings,
        @Nullable String attribute,
        @Nullable String value) {}
