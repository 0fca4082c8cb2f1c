package dev.retention.autoconfigure;

import java.time.Duration;
import java.util.List;

/** Writes durations: in the form that properties have, or as people read them. */
final class Durations {

    private static final List<String> UNITS = List.of("d", "h", "min", "s");

    private Durations() {}

    static String text(Duration duration) {
        long seconds = duration.toSeconds();
        if (duration.getNano() != 0 || seconds == 0) {
            return duration.toMillis() + "ms";
        }
        if (seconds % 86_400 == 0) {
            return duration.toDays() + "d";
        }
        if (seconds % 3_600 == 0) {
            return duration.toHours() + "h";
        }
        return seconds % 60 == 0 ? duration.toMinutes() + "m" : seconds + "s";
    }

    /** In its two largest units: {@code 3 d 4 h}, {@code 7 min}, {@code 16 s}. The rest is cut off. */
    static String readable(Duration duration) {
        if (duration.isNegative()) {
            return "-" + readable(duration.negated());
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
}
