package dev.retention.internal.safety;

import dev.retention.internal.support.EncodedPairs;
import dev.retention.spi.RecordingMapping;
import dev.retention.spi.RecordingMapping.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mapping in a form that can be stored and compared with a later one: a line for each part and attribute. No other
 * class depends on the form.
 */
final class MappingText {

    private static final String ATTRIBUTE = "attribute.";

    /** A part that was not mapped before can only keep recordings. */
    private static final Set<String> ONLY_KEEPS = Set.of(Part.HOLD.name(), Part.RETAIN_UNTIL.name());

    private MappingText() {}

    static String of(RecordingMapping mapping) {
        TreeMap<String, String> lines = new TreeMap<>();
        mapping.parts().forEach((part, from) -> lines.put(part.name(), from));
        Map<String, String> attributes = mapping.attributes();
        if (attributes != null) {
            attributes.forEach((name, from) -> lines.put(ATTRIBUTE + name, from));
        }
        return EncodedPairs.join(lines, "\n");
    }

    /**
     * What has changed since a mapping was confirmed, for people. A hold flag, a retain-until or an attribute that was
     * not mapped before is no change that needs a confirmation: of itself it deletes nothing earlier.
     */
    static List<String> changes(String confirmed, String now) {
        Map<String, String> before = parsed(confirmed);
        Map<String, String> after = parsed(now);
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        List<String> changes = new ArrayList<>();
        for (String name : names) {
            String was = before.get(name);
            String is = after.get(name);
            boolean keepsMore = was == null && (name.startsWith(ATTRIBUTE) || ONLY_KEEPS.contains(name));
            if (!keepsMore && (was == null || !was.equals(is))) {
                changes.add(label(name) + " was " + described(was) + " and is " + described(is));
            }
        }
        return changes;
    }

    private static String label(String name) {
        return name.startsWith(ATTRIBUTE)
                ? "attribute '" + name.substring(ATTRIBUTE.length()) + "'"
                : name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String described(@Nullable String from) {
        return from == null ? "not mapped" : "'" + from + "'";
    }

    private static Map<String, String> parsed(String text) {
        // Of another form: then everything has changed.
        return Objects.requireNonNullElse(EncodedPairs.split(text, "\n"), Map.of());
    }
}
