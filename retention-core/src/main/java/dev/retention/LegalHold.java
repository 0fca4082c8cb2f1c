package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A legal hold in the register. Times are the database's.
 *
 * @param id the id that its placer chose
 * @param placedBy who placed it
 * @param reason why
 * @param placedAt when it was placed first
 * @param until when it expires; null for a hold that lasts until it is released
 * @param releasedBy who released it, or {@code expiry} if it expired; null while it lasts
 * @param releasedAt when it ended; null while it lasts
 * @param recordings how many recordings it applies to, or applied to when it ended; of a hold by attribute, those that
 *     it held so far
 * @param attribute the attribute's name for a hold by attribute; null for a hold by recording
 * @param value the attribute's value for a hold by attribute; null for a hold by recording
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
        @Nullable String value) {

    /** Starts building a hold. What is not set is null, zero or empty. */
    public static Builder builder(String id, String placedBy, String reason, Instant placedAt) {
        return new Builder(id, placedBy, reason, placedAt);
    }

    /** Builds a hold. Not thread-safe. */
    public static final class Builder {
        private final String id;
        private final String placedBy;
        private final String reason;
        private final Instant placedAt;
        private @Nullable Instant until;
        private @Nullable String releasedBy;
        private @Nullable Instant releasedAt;
        private long recordings;
        private @Nullable String attribute;
        private @Nullable String value;

        private Builder(String id, String placedBy, String reason, Instant placedAt) {
            this.id = id;
            this.placedBy = placedBy;
            this.reason = reason;
            this.placedAt = placedAt;
        }

        public Builder until(@Nullable Instant until) {
            this.until = until;
            return this;
        }

        public Builder releasedBy(@Nullable String releasedBy) {
            this.releasedBy = releasedBy;
            return this;
        }

        public Builder releasedAt(@Nullable Instant releasedAt) {
            this.releasedAt = releasedAt;
            return this;
        }

        public Builder recordings(long recordings) {
            this.recordings = recordings;
            return this;
        }

        public Builder attribute(@Nullable String attribute) {
            this.attribute = attribute;
            return this;
        }

        public Builder value(@Nullable String value) {
            this.value = value;
            return this;
        }

        public LegalHold build() {
            return new LegalHold(
                    id, placedBy, reason, placedAt, until, releasedBy, releasedAt, recordings, attribute, value);
        }
    }
}
