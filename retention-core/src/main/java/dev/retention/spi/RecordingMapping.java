package dev.retention.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From where a repository reads what it says of a recording. With another mapping, the same row may be due at another
 * time or be another recording, so that a person has to confirm a changed one.
 *
 * @param parts for each part that is mapped, from where it is read, as a text that differs if it is read differently,
 *     such as by another path, of another type, or in another time zone. What does not influence whether a recording is
 *     deleted is not among them
 * @param attributes the attributes that policies and holds can use, by their names, with such a text for each; null if
 *     every name can be used
 */
public record RecordingMapping(
        Map<Part, String> parts, @Nullable Map<String, String> attributes) {

    /** What is read of a recording. */
    public enum Part {
        /** The kind of thing that the rows describe, such as an entity. Its ids are unique. */
        ENTITY,
        /** The id. */
        ID,
        /** What the storage knows the recording by. */
        STORAGE_KEY,
        /** The storage's account. */
        ACCOUNT,
        /** When the recording was made. */
        CREATED,
        /** Whether the row is live. */
        DELETED,
        /** Before when the row must not be deleted. */
        RETAIN_UNTIL,
        /** Whether the row is held. */
        HOLD
    }

    public RecordingMapping {
        parts = Map.copyOf(parts);
        attributes = attributes == null ? null : Map.copyOf(attributes);
    }
}
