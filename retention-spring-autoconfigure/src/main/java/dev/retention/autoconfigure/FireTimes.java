package dev.retention.autoconfigure;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/**
 * The instants of a cron expression in a zone. The expression is read in local times, each of which has one instant: a
 * time that is skipped when clocks are set forward fires when they are set, and one that comes twice fires the first
 * time. So a daily expression fires once each civil day. Fire times that are skipped together fire once.
 */
final class FireTimes {

    private final CronExpression cron;
    private final ZoneId zone;

    FireTimes(CronExpression cron, ZoneId zone) {
        this.cron = cron;
        this.zone = zone;
    }

    /** The first one after this time; null if there is none. */
    @Nullable
    Instant after(Instant time) {
        LocalDateTime local = cron.next(time.atZone(zone).toLocalDateTime());
        while (local != null) {
            Instant fire = instant(local);
            // A time that comes for the second time has an earlier instant.
            if (fire != null && fire.isAfter(time)) {
                return fire;
            }
            local = cron.next(local);
        }
        return null;
    }

    /** Null if there is no such day. Never before the instant of an earlier local time. */
    private @Nullable Instant instant(LocalDateTime local) {
        ZoneOffsetTransition transition = zone.getRules().getTransition(local);
        if (transition == null || transition.isOverlap()) {
            return local.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
        }
        return isWholeDay(transition, local.toLocalDate()) ? null : transition.getInstant();
    }

    /** A zone that moves to the other side of the date line skips a day. */
    private static boolean isWholeDay(ZoneOffsetTransition gap, LocalDate day) {
        return !gap.getDateTimeBefore().isAfter(day.atStartOfDay())
                && !gap.getDateTimeAfter().isBefore(day.plusDays(1).atStartOfDay());
    }
}
