package dev.retention.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that moves only when a test moves it. Safe for use by several threads. */
public final class MutableClock extends Clock {

    private final AtomicReference<Instant> instant;
    private final ZoneId zone;

    /** A clock in UTC that shows this instant. */
    public MutableClock(Instant start) {
        this(new AtomicReference<>(start), ZoneOffset.UTC);
    }

    private MutableClock(AtomicReference<Instant> instant, ZoneId zone) {
        this.instant = instant;
        this.zone = zone;
    }

    /** Shows this instant from now on, which may be earlier than the one before. */
    public void set(Instant to) {
        instant.set(to);
    }

    /** Moves on by this much, or back by a negative one. */
    public void advance(Duration by) {
        instant.updateAndGet(now -> now.plus(by));
    }

    @Override
    public Instant instant() {
        return instant.get();
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** The same clock seen from another zone: both are moved at once. */
    @Override
    public Clock withZone(ZoneId other) {
        return new MutableClock(instant, other);
    }

    @Override
    public String toString() {
        return "MutableClock[" + instant + "," + zone + "]";
    }
}
