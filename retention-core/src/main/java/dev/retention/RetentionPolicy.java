package dev.retention;

import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.Map;

/**
 * How long recordings are kept, and which recordings that concerns. (Not to be confused with
 * {@link java.lang.annotation.RetentionPolicy}, which an IDE may offer first.)
 *
 * <p>Of several policies that match a recording, the one that keeps it longest governs; the sweeper's default policy governs
 * what none matches. Implementations must be immutable and free of side effects; they are called from any thread.
 */
public interface RetentionPolicy {

    /** How long recordings are kept unless somebody says otherwise, in days of 24 hours. */
    int RECORDING_RETENTION_DAYS = 90;

    /** The longest period, in years: anything beyond it is taken for a slip of the keyboard. */
    int MAX_YEARS = 100;

    /** The name in reports, the ledger and metrics: 1 to 60 of letters, digits, {@code . _ -}. */
    String name();

    /**
     * A recording is due when it was created strictly before the returned instant. {@link Instant#MIN} keeps for ever. The later {@code now}, the
     * later the cutoff.
     */
    Instant cutoff(Instant now);

    /** The attribute values that a recording must all have for this policy to govern it; empty for all recordings. */
    default Map<String, String> match() {
        return Map.of();
    }

    /** The same policy under another name. */
    default RetentionPolicy named(String name) {
        return new NamedPolicy(name, match(), this::cutoff);
    }

    /** The same policy for recordings whose attribute has this value as well. */
    default RetentionPolicy matching(String attribute, String value) {
        Map<String, String> both = new java.util.HashMap<>(match());
        String before = both.put(attribute, value);
        if (before != null && !before.equals(value)) {
            throw new IllegalArgumentException(
                    "policy '" + name() + "' can't match " + attribute + "='" + before + "' and '" + value + "'");
        }
        return new NamedPolicy(name(), both, this::cutoff);
    }

    /**
     * Keeps recordings for days of 24 hours.
     *
     * @throws IllegalArgumentException for less than a day or more than {@value #MAX_YEARS} years
     */
    static RetentionPolicy ofDays(int days) {
        return NamedPolicy.ofDays(days);
    }

    /**
     * Keeps recordings for a calendar period, counted back in a zone: seven years are seven years by the calendar, whatever leap days they have.
     *
     * @throws IllegalArgumentException for a period that is zero, has a negative part, or is longer than {@value #MAX_YEARS} years
     */
    static RetentionPolicy of(Period period, ZoneId zone) {
        return NamedPolicy.of(period, zone);
    }

    /** Keeps recordings for ever. */
    static RetentionPolicy keep() {
        return NamedPolicy.keep();
    }
}
