package dev.retention.internal.support;

import java.time.Duration;
import java.util.Collection;

/** Checks texts from people, and makes texts for them. */
public final class Texts {

    /** The longest id of a hold, name of a person and reason, in characters. */
    public static final int MAX_LENGTH = 200;

    private static final int MOST_NAMED = 10;

    private Texts() {}

    public static void require(String name, String value) {
        if (value.isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(name + " has " + value.length() + " characters or is blank; use 1 to "
                    + MAX_LENGTH + " characters");
        }
    }

    /**
     * A duration as people read it, in its two largest units: {@code 3 d 4 h}, {@code 7 min}, {@code 1.6 s}. The rest
     * is cut off.
     */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        long seconds = duration.toSeconds();
        if (seconds >= 86_400) {
            return units(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h");
        }
        if (seconds >= 3_600) {
            return units(seconds / 3_600, "h", seconds % 3_600 / 60, "min");
        }
        if (seconds >= 60) {
            return units(seconds / 60, "min", seconds % 60, "s");
        }
        long tenths = duration.toMillis() / 100;
        if (tenths == 0 && !duration.isZero()) {
            return duration.toMillis() + " ms";
        }
        return tenths % 10 == 0 ? seconds + " s" : tenths / 10 + "." + tenths % 10 + " s";
    }

    private static String units(long large, String unit, long small, String smallUnit) {
        return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    /** The first ten of these, in their order, and whether there are more. */
    public static String named(Collection<String> ids) {
        String first = String.join(", ", ids.stream().limit(MOST_NAMED).toList());
        return ids.size() > MOST_NAMED ? first + ", …" : first;
    }
}
