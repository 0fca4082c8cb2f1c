package dev.retention.torture;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The time of the provider and of the checker; moved by hand once, when everything is healed and nobody wants to wait.
 */
final class HarnessClock extends Clock {

    private volatile Duration ahead = Duration.ZERO;

    void move(Duration by) {
        ahead = by;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(ahead);
    }
}
