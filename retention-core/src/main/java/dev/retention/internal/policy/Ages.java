package dev.retention.internal.policy;

import dev.retention.internal.support.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How old recordings have to become under one policy, on each day of the {@link LeapCycle}.
 *
 * @param onDay an age for each day; null keeps permanently
 */
record Ages(List<@Nullable Duration> onDay) {

    private static final String NEVER = "never";
    private static final long SECONDS_OF_A_DAY = Duration.ofDays(1).toSeconds();

    /** Each age with the number of days for which it lasts: {@code 90d*59_89d*31}. */
    String text() {
        StringBuilder text = new StringBuilder();
        int from = 0;
        while (from < onDay.size()) {
            String age = text(onDay.get(from));
            int to = from + 1;
            while (to < onDay.size() && text(onDay.get(to)).equals(age)) {
                to++;
            }
            text.append(from == 0 ? "" : "_").append(age).append('*').append(to - from);
            from = to;
        }
        return text.toString();
    }

    /** For people: the age, or the shortest and the longest one if they differ between days. */
    String described() {
        if (onDay.stream().anyMatch(Objects::isNull)) {
            return "kept permanently";
        }
        List<Duration> sorted =
                onDay.stream().map(Objects::requireNonNull).sorted().toList();
        String shortest = Texts.duration(sorted.get(0));
        String longest = Texts.duration(sorted.get(sorted.size() - 1));
        return "kept for " + (shortest.equals(longest) ? shortest : shortest + " to " + longest);
    }

    private static String text(@Nullable Duration age) {
        if (age == null) {
            return NEVER;
        }
        if (age.getNano() == 0 && age.getSeconds() % SECONDS_OF_A_DAY == 0) {
            return age.toDays() + "d";
        }
        return age.getNano() == 0 ? age.getSeconds() + "s" : age.getSeconds() + "s" + age.getNano() + "n";
    }

    /**
     * Reads what {@link #text()} wrote.
     *
     * @throws RuntimeException for another text
     */
    static Ages parse(String text) {
        List<@Nullable Duration> ages = new ArrayList<>(LeapCycle.DAYS);
        for (String run : text.split("_", -1)) {
            String[] ageAndDays = run.split("\\*", -1);
            int days = Integer.parseInt(ageAndDays[1]);
            Duration age = age(ageAndDays[0]);
            if (days < 1 || ages.size() + days > LeapCycle.DAYS) {
                throw new IllegalArgumentException("ages of more than " + LeapCycle.DAYS + " days: " + text);
            }
            for (int day = 0; day < days; day++) {
                ages.add(age);
            }
        }
        if (ages.size() != LeapCycle.DAYS) {
            throw new IllegalArgumentException("ages of " + ages.size() + " days: " + text);
        }
        return new Ages(ages);
    }

    private static @Nullable Duration age(String text) {
        if (text.equals(NEVER)) {
            return null;
        }
        if (text.endsWith("d")) {
            return Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1)));
        }
        String[] parts = text.split("[sn]", -1);
        return Duration.ofSeconds(Long.parseLong(parts[0]), parts[1].isEmpty() ? 0 : Long.parseLong(parts[1]));
    }
}
