package dev.retention.internal.policy;

import dev.retention.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** A policy whose cutoff is a function of now. */
public record NamedPolicy(String name, Map<String, String> match, UnaryOperator<Instant> term)
        implements RetentionPolicy {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,60}");
    private static final String DEFAULT_NAME = "default";

    public NamedPolicy {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "policy name '" + name + "' is not allowed: use 1 to 60 letters, digits, . _ -");
        }
        match = Map.copyOf(match);
    }

    public static RetentionPolicy ofDays(int days) {
        if (days < 1 || days > MAX_YEARS * 365) {
            throw new IllegalArgumentException(
                    "retention of " + days + " days: use 1 to " + MAX_YEARS * 365 + ", or keep() to keep permanently");
        }
        return new NamedPolicy(DEFAULT_NAME, Map.of(), now -> now.minus(Duration.ofDays(days)));
    }

    public static RetentionPolicy of(Period period, ZoneId zone) {
        boolean negative = period.getYears() < 0 || period.getMonths() < 0 || period.getDays() < 0;
        if (period.isZero() || negative || period.toTotalMonths() + period.getDays() / 31 > MAX_YEARS * 12L) {
            throw new IllegalArgumentException(
                    "retention of " + period + ": use more than zero, no negative part, and at most " + MAX_YEARS
                            + " years, or keep() to keep permanently");
        }
        return new NamedPolicy(
                DEFAULT_NAME, Map.of(), now -> now.atZone(zone).minus(period).toInstant());
    }

    public static RetentionPolicy keep() {
        return new NamedPolicy(DEFAULT_NAME, Map.of(), now -> Instant.MIN);
    }

    @Override
    public Instant cutoff(Instant now) {
        return term.apply(now);
    }

    @Override
    public String toString() {
        return name + (match.isEmpty() ? "" : match);
    }
}
