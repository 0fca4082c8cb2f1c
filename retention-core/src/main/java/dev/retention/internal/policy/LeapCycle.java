package dev.retention.internal.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The days of four years, one of which is a leap year. A calendar period is as long on a day of any other such years as
 * on the same day of these, so that it can be compared on each of them.
 */
final class LeapCycle {

    static final int DAYS = 1_461;

    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");

    /** The midnight that begins each day, in UTC. */
    static final List<Instant> MIDNIGHTS = LongStream.range(0, DAYS)
            .mapToObj(day -> START.plus(Duration.ofDays(day)))
            .toList();

    private LeapCycle() {}

    /** The day, from 0, that this instant is on, or whose counterpart it is on in other years. */
    static int dayOf(Instant instant) {
        long days = Math.floorDiv(
                Duration.between(START, instant).toSeconds(), Duration.ofDays(1).toSeconds());
        return Math.floorMod(days, DAYS);
    }
}
