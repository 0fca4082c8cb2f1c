package dev.retention;

import dev.retention.internal.policy.NamedPolicy;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.Map;

/**
 * How long recordings are kept, and which recordings it applies to. (This is not
 * {@link java.lang.annotation.RetentionPolicy}, which an IDE may offer first.)
 *
 * <p>Of the policies that match a recording, the one that keeps it longest governs it. The sweeper's default policy
 * governs recordings that no other policy matches. Implementations must be immutable, must not block and must have no
 * side effects; the sweeper calls them from any thread.
 */
public interface RetentionPolicy {

    /** The period of the default policy, in days of 24 hours, unless another one is set. */
    int RECORDING_RETENTION_DAYS = 90;

    /** The longest period, in years; anything longer is treated as a typing error. */
    int MAX_YEARS = 100;

    /**
     * The name in reports, the ledger and metrics: 1 to 60 of letters, digits, {@code . _ -}; unique among the policies
     * of one sweeper.
     */
    String name();

    /**
     * The instant that divides recordings by age: those created strictly before it are due. {@link Instant#MIN} keeps
     * recordings permanently. A later {@code now} must not give an earlier cutoff.
     *
     * @param now the instant by which a run judges ages
     */
    Instant cutoff(Instant now);

    /** The attribute values that a recording must all have for this policy to match it; empty to match all. */
    default Map<String, String> match() {
        return Map.of();
    }

    /**
     * The same policy under another name.
     *
     * @throws IllegalArgumentException for a name that is not 1 to 60 of letters, digits, {@code . _ -}
     */
    default RetentionPolicy named(String name) {
        return new NamedPolicy(name, match(), this::cutoff);
    }

    /**
     * The same policy, only for recordings whose attribute has this value as well.
     *
     * @param attribute the attribute, by the name under which it is mapped
     * @param value the value, compared character by character
     * @throws IllegalArgumentException if the policy already matches another value of this attribute
     */
    default RetentionPolicy matching(String attribute, String value) {
        Map<String, String> both = new java.util.HashMap<>(match());
        String before = both.put(attribute, value);
        if (before != null && !before.equals(value)) {
            throw new IllegalArgumentException("policy '" + name() + "' can't match " + attribute + "='" + before
                    + "' and '" + value + "'; give one value, or a further policy for the other");
        }
        return new NamedPolicy(name(), both, this::cutoff);
    }

    /**
     * Keeps recordings for a number of days of 24 hours.
     *
     * @throws IllegalArgumentException for less than a day or more than {@value #MAX_YEARS} years
     */
    static RetentionPolicy ofDays(int days) {
        return NamedPolicy.ofDays(days);
    }

    /**
     * Keeps recordings for a calendar period, counted back in a zone. Seven years are seven calendar years, with their
     * leap days.
     *
     * @throws IllegalArgumentException for a period that is zero, has a negative part, or is longer than
     *     {@value #MAX_YEARS} years
     */
    static RetentionPolicy of(Period period, ZoneId zone) {
        return NamedPolicy.of(period, zone);
    }

    /** Keeps recordings permanently. */
    static RetentionPolicy keep() {
        return NamedPolicy.keep();
    }
}
