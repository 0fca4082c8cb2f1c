package dev.retention.jpa;

import dev.retention.jpa.EntityMapping.Path;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.RecordingMapping.Part;
import java.time.LocalDateTime;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Describes a mapping for the person who confirms it: for each part the path that the user gave, its type, and the zone
 * if the type has none of its own. Paths are not those of queries, whose aliases depend on other paths.
 */
final class MappingDescription {

    /** What the storage key's text says of a statement that a person has to confirm. */
    private static final String UNIQUE = ", stated to be unique";

    private final Zones zones;
    private final boolean uniqueKeys;
    private final Map<Part, String> parts = new EnumMap<>(Part.class);
    private final Map<String, String> attributes = new HashMap<>();

    /** @param uniqueKeys whether it is stated that no two rows name one storage key */
    MappingDescription(String entity, Zones zones, boolean uniqueKeys) {
        this.zones = zones;
        this.uniqueKeys = uniqueKeys;
        parts.put(Part.ENTITY, entity);
    }

    MappingDescription with(Part part, @Nullable String name, Optional<Path> found) {
        String stated = part == Part.STORAGE_KEY && uniqueKeys ? UNIQUE : "";
        found.ifPresent(path -> parts.put(part, described(name, path) + stated));
        return this;
    }

    void withAttribute(String attribute, String name, Path found) {
        attributes.put(attribute, described(name, found));
    }

    private String described(@Nullable String name, Path found) {
        Class<?> type = found.type();
        String typeName = type.isEnum() ? "enum" : type.getSimpleName();
        boolean needsZone = type == LocalDateTime.class || TimeType.isReadInZoneOfDriver(type);
        return name + " " + typeName + (needsZone ? " in " + zones.of(type) : "");
    }

    RecordingMapping mapping() {
        return new RecordingMapping(parts, attributes);
    }
}
