package dev.retention.spi;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recording as the engine's own table describes it.
 *
 * @param id the engine's own id as text; 1 to {@value #MAX_ID_LENGTH} characters, compared character by character
 * @param storageKey the key by which the storage finds it, such as a Twilio recording SID, as it is in the row: nothing
 *     has validated it; null if the row has none
 * @param account the storage's account that holds it; null for the storage's only account
 * @param created when it was made; its age is counted from here
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

    /**
     * A recording.
     *
     * @throws IllegalArgumentException for an id that is empty or too long
     */
    public Recording {
        if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
            throw new IllegalArgumentException(
                    "recording id of " + id.length() + " characters; it must have 1 to " + MAX_ID_LENGTH);
        }
        attributes = Map.copyOf(attributes);
    }

    /** Only the id, since this is written to logs: keys are not validated, and attributes may be personal data. */
    @Override
    public String toString() {
        return "Recording[" + id + "]";
    }
}
