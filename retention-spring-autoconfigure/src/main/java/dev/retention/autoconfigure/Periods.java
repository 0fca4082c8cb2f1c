package dev.retention.autoconfigure;

import dev.retention.RetentionPolicy;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads periods from properties. Months and years are calendar periods in the zone; days have 24 hours.
 *
 * @param zone the zone of calendar periods
 * @param floor the shortest period allowed
 * @param now the instant at which periods are compared with the floor
 */
record Periods(ZoneId zone, Duration floor, Instant now) {

    private static final Pattern SIMPLE = Pattern.compile("([+-]?\\d+)\\s*(\\p{L}*)");

    /**
     * Reads the value of a property.
     *
     * @throws RetentionConfigurationException naming the property, the value and what is allowed
     */
    RetentionPolicy policy(String property, String text) {
        String value = text.strip();
        RetentionPolicy policy;
        try {
            policy = value.equalsIgnoreCase("keep") ? RetentionPolicy.keep() : parse(value);
        } catch (IllegalArgumentException e) {
            throw refused(property, text, String.valueOf(e.getMessage()));
        } catch (DateTimeException | ArithmeticException e) {
            throw refused(property, text, "this is not a period");
        }
        if (policy.cutoff(now).isAfter(now.minus(floor))) {
            throw refused(
                    property, text, "this is shorter than retention.safety.minimum-period, " + Durations.text(floor));
        }
        return policy;
    }

    private RetentionPolicy parse(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("it is blank");
        }
        Matcher simple = SIMPLE.matcher(value);
        if (simple.matches()) {
            return simple(simple.group(1), simple.group(2).toLowerCase(Locale.ROOT));
        }
        if (value.toUpperCase(Locale.ROOT).matches("[+-]?P.*T.*")) {
            throw new IllegalArgumentException("a period has whole days, without a time of day");
        }
        return ofPeriod(Period.parse(value));
    }

    private RetentionPolicy simple(String number, String unit) {
        int amount;
        try {
            amount = Integer.parseInt(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the number is too large", e);
        }
        return switch (unit) {
            case "d" -> ofPeriod(Period.ofDays(amount));
            case "w" -> ofPeriod(Period.ofWeeks(amount));
            case "y" -> ofPeriod(Period.ofYears(amount));
            case "" -> throw new IllegalArgumentException("it has no unit; write " + number + "d for days");
            case "m", "mo" ->
                throw new IllegalArgumentException(
                        "'" + unit + "' can mean minutes or months; write P" + number + "M for months");
            default -> throw new IllegalArgumentException("'" + unit + "' is not a unit of a period");
        };
    }

    private RetentionPolicy ofPeriod(Period period) {
        if (period.toTotalMonths() == 0 && period.getMonths() == 0) {
            return RetentionPolicy.ofDays(period.getDays());
        }
        return RetentionPolicy.of(period, zone);
    }

    private RetentionConfigurationException refused(String property, String text, String why) {
        return new RetentionConfigurationException(Fault.of(
                property,
                property + " is '" + shown(text) + "': " + why,
                "Allowed is a period from " + Durations.text(floor) + " to " + RetentionPolicy.MAX_YEARS
                        + " years with its unit, such as 90d, 12w, 7y, P90D, P13M or P7Y, or keep"));
    }

    private static String shown(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
