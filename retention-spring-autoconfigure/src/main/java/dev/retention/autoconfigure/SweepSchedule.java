package dev.retention.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/**
 * When sweeps start. It only computes: the caller's thread must ask it again after {@link #untilNextLook()}. All but
 * {@link #next()} is for one thread.
 */
final class SweepSchedule {

    /** The cron expression for no sweeps at all. */
    static final String NEVER = "-";

    /** The longest wait until a look at the clock, which may have been set while the machine slept. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** How far back the last fire time is searched for. */
    private static final List<Duration> LOOKS_BACK =
            List.of(Duration.ofDays(2), Duration.ofDays(32), Duration.ofDays(366));

    private final @Nullable FireTimes fireTimes;
    private final Clock clock;
    private final Duration maxDuration;
    private volatile @Nullable Instant next;

    /**
     * A schedule that begins now.
     *
     * @param maxDuration how long it is tried to start a run that can't be started at once
     */
    SweepSchedule(String cron, ZoneId zone, Clock clock, Duration maxDuration) {
        this.fireTimes = cron.equals(NEVER) ? null : new FireTimes(CronExpression.parse(cron), zone);
        this.clock = clock;
        this.maxDuration = maxDuration;
        this.next = after(clock.instant());
    }

    /** The fire time that has come since the last call, if any, however long ago. Of several the latest. */
    Optional<Instant> due() {
        Instant now = clock.instant();
        Instant first = next;
        if (first == null || first.isAfter(now)) {
            return Optional.empty();
        }
        next = after(now);
        return last().or(() -> Optional.of(first));
    }

    /** Until when it is tried to start a run of this fire time: later rather than never. */
    Instant latestStart(Instant fireTime) {
        Instant now = clock.instant();
        return (now.isAfter(fireTime) ? now : fireTime).plus(maxDuration);
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

    /** The last fire time before now, however long ago within a year. */
    Optional<Instant> last() {
        Instant now = clock.instant();
        return Stream.concat(Stream.of(maxDuration), LOOKS_BACK.stream())
                .map(back -> latest(now, back))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Instant> latest(Instant now, Duration back) {
        Instant found = null;
        Instant fire = after(now.minus(back));
        while (fire != null && !fire.isAfter(now)) {
            found = fire;
            fire = after(fire);
        }
        return Optional.ofNullable(found);
    }

    private @Nullable Instant after(Instant time) {
        return fireTimes == null ? null : fireTimes.after(time);
    }
}
