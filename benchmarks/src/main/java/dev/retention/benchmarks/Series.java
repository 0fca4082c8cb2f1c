package dev.retention.benchmarks;

/**
 * Recordings at equal distances, number 1 the newest.
 *
 * @param newestSecond one distance after the creation of the first, in seconds since 1970
 */
record Series(long newestSecond, long stepMicros, long count) {

    private static final long MICROS = 1_000_000;

    static final Series NONE = new Series(0, 1, 0);

    /** As {@link Sids#SQL} writes it. */
    String sid(long number) {
        long micros = newestSecond * MICROS - number * stepMicros;
        return String.format("RE%016x%016x", Math.floorDiv(micros + MICROS / 2, MICROS), number);
    }

    /** The number of the newest that was created at this second or before. */
    long newestUntil(long second) {
        return Math.max(1, -Math.floorDiv((second - newestSecond) * MICROS, stepMicros));
    }

    /** The number of the oldest that was created at this second or after. */
    long oldestSince(long second) {
        return Math.min(count, Math.floorDiv((newestSecond - second) * MICROS, stepMicros));
    }
}
