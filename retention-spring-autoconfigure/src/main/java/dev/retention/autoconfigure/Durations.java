package dev.retention.autoconfigure;

import java.time.Duration;

/** Writes durations in the form that properties have. */
final class Durations {

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
}
