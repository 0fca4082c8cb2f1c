package dev.retention.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.support.CronExpression;

/**
 * When sweeps are to start. Only computes: whoever has a thread asks it, at least once a {@linkplain #untilNextLook() while}. All but
 * {@link #next()} is for one thread.
 */
final class SweepSchedule {

    /** The cron expression for no sweeps at all. */
    static final String NEVER = "-";

    private static final Logger log = LoggerFactory.getLogger(SweepSchedule.class);

    /** A machine that slept, or whose clock was set, is noticed after this long. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final @Nullable CronExpression cron;
    private final ZoneId zone;
    private final Clock clock;
    private final Duration maxDuration;
    private volatile @Nullable Instant next;

    /**
     * A schedule that begins now.
     *
     * @param maxDuration how long after its fire time a run may still be started
     */
    SweepSchedule(String cron, ZoneId zone, Clock clock, Duration maxDuration) {
        this.cron = cron.equals(NEVER) ? null : CronExpression.parse(cron);
        this.zone = zone;
        this.clock = clock;
        this.maxDuration = maxDuration;
        this.next = after(clock.instant());
    }

    /** The fire time that has come since the last call, if any. Of several the latest; none when even that is too long ago. */
    Optional<Instant> due() {
        Instant now = clock.instant();
        if (next == null || next.isAfter(now)) {
            return Optional.empty();
        }
        Instant first = next;
        next = after(now);
        Optional<Instant> latest = latest(now);
        if (latest.isEmpty()) {
            log.warn("the sweep of {} is not started: it is {} and sweeps may last {}", first, now, maxDuration);
        }
        return latest;
    }

    /** The last fire time before now, if a run of it could still be going on. */
    Optional<Instant> latest() {
        return latest(clock.instant());
    }

    /** When the next sweep starts; empty for never. */
    Optional<Instant> next() {
        return Optional.ofNullable(next);
    }

    /** How long to wait before {@link #due()} is asked again. */
    Duration untilNextLook() {
        if (next == null) {
            return LONGEST_WAIT;
        }
        Duration until = Duration.between(clock.instant(), next);
        if (until.compareTo(LONGEST_WAIT) > 0) {
            return LONGEST_WAIT;
        }
        return until.isNegative() || until.isZero() ? Duration.ofMillis(1) : until;
    }

    private Optional<Instant> latest(Instant now) {
        Instant found = null;
        Instant fire = after(now.minus(maxDuration));
        while (fire != null && !fire.isAfter(now)) {
            found = fire;
            fire = after(fire);
        }
        return Optional.ofNullable(found);
    }

    private @Nullable Instant after(Instant time) {
        ZonedDateTime fire = cron == null ? null : cron.next(time.atZone(zone));
        return fire == null ? null : fire.toInstant();
    }
}
