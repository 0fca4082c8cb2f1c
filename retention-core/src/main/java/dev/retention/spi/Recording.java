package dev.retention.spi;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recording as the engine's own table describes it.
 *
 * @param id the engine's own id as text; at most {@value #MAX_ID_LENGTH} characters, compared character by character
 * @param storageKey what the storage knows it by, such as a Twilio recording SID, as found: nothing has validated it; null where
 *     the row names none
 * @param account the storage's account that holds it, or null for the storage's only one
 * @param created when it was made; what its age is counted from
 * @param attributes further values by the names that the user gave them; an attribute without a value is absent
 */
public record Recording(
        String id,
        @Nullable String storageKey,
        @Nullable String account,
        Instant created,
        Map<String, String> attributes) {

    /** The longest id, in characters. */
    public static final int MAX_ID_LENGTH = 255;

    public Recording {
        if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
            throw new IllegalArgumentException(
                    "recording id of " + id.length() + " characters; it must have 1 to " + MAX_ID_LENGTH);
        }
        attributes = Map.copyOf(attributes);
    }

    /** The id alone: keys are unvalidated and attributes may be personal data, and this ends up in logs. */
    @Override
    public String toString() {
        return "Recording[" + id + "]";
    }
}
