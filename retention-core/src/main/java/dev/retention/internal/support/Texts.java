package dev.retention.internal.support;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks texts from people, and makes texts for them. */
public final class Texts {

    /** The longest id of a hold, name of a person and reason, in characters. */
    public static final int MAX_LENGTH = 200;

    private static final int MOST_NAMED = 10;

    private static final List<String> UNITS = List.of("d", "h", "min", "s");

    private Texts() {}

    public static void require(String name, String value) {
        if (value.isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(name + " has " + value.length() + " characters or is blank; use 1 to "
                    + MAX_LENGTH + " characters");
        }
    }

    /** A duration in its two largest units: {@code 3 d 4 h}, {@code 7 min}, {@code 16 s}. The rest is cut off. */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        long[] amounts = {duration.toDays(), duration.toHoursPart(), duration.toMinutesPart(), duration.toSecondsPart()
        };
        for (int i = 0; i < UNITS.size() - 1; i++) {
            if (amounts[i] > 0) {
                String large = amounts[i] + " " + UNITS.get(i);
                return amounts[i + 1] == 0 ? large : large + " " + amounts[i + 1] + " " + UNITS.get(i + 1);
            }
        }
        return duration.toSeconds() == 0 && !duration.isZero()
                ? duration.toMillis() + " ms"
                : duration.toSeconds() + " s";
    }

    /** A name with its value, as {@code name=value}; nothing for no value. */
    public static String pair(String name, @Nullable String value) {
        return value == null ? "" : name + "=" + value;
    }

    /** The first ten of these, in their order, and whether there are more. */
    public static String named(Collection<String> ids) {
        String first = String.join(", ", ids.stream().limit(MOST_NAMED).toList());
        return ids.size() > MOST_NAMED ? first + ", …" : first;
    }
}
