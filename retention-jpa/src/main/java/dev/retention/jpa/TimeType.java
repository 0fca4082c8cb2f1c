package dev.retention.jpa;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an attribute of the engine's entity writes instants.
 *
 * <p>A local time that occurs twice, when clocks are set back, is treated as the later instant. A local time that never
 * occurs, when clocks are set forward, is read with the offset before the change, which is the later instant, too. A
 * recording may so be kept an hour longer, and is never deleted an hour early.
 *
 * @param type Instant, OffsetDateTime or LocalDateTime
 * @param zone the zone of a LocalDateTime
 */
record TimeType(Class<?> type, @Nullable ZoneId zone) {

    static boolean isSupported(Class<?> type) {
        return type == Instant.class || type == OffsetDateTime.class || type == LocalDateTime.class;
    }

    @Nullable
    Instant instant(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof Instant instant) {
            return instant;
        }
        if (value instanceof OffsetDateTime time) {
            return time.toInstant();
        }
        return later((LocalDateTime) value, knownZone());
    }

    static Instant later(LocalDateTime local, ZoneId zone) {
        return ZonedDateTime.ofLocal(local, zone, null)
                .withLaterOffsetAtOverlap()
                .toInstant();
    }

    Object value(Instant instant) {
        if (type == Instant.class) {
            return instant;
        }
        return type == OffsetDateTime.class
                ? instant.atOffset(ZoneOffset.UTC)
                : LocalDateTime.ofInstant(instant, knownZone());
    }

    /** A condition that holds for the attribute values whose instant is before the limit. */
    String before(String path, Instant limit, Jpql jpql) {
        return compare(path, "<", roundedUp(limit), jpql);
    }

    /** A condition that holds for the attribute values whose instant is the limit or before it. */
    String notAfter(String path, Instant limit, Jpql jpql) {
        return compare(path, "<=", Sql.micros(limit), jpql);
    }

    private String compare(String path, String operator, Instant limit, Jpql jpql) {
        if (type != LocalDateTime.class) {
            return path + " " + operator + " " + jpql.mark(value(limit));
        }
        ZoneRules rules = knownZone().getRules();
        LocalDateTime local = LocalDateTime.ofInstant(limit, knownZone());
        ZoneOffsetTransition twice = rules.getTransition(local);
        if (twice != null && twice.isOverlap() && rules.getOffset(limit).equals(twice.getOffsetBefore())) {
            // The hour occurs twice, and its values are read as the second one.
            return path + " < " + jpql.mark(twice.getDateTimeAfter());
        }
        String upTo = path + " " + operator + " " + jpql.mark(local);
        ZoneOffsetTransition last = rules.previousTransition(limit.plusNanos(1));
        if (last == null || !last.isGap()) {
            return upTo;
        }
        Duration since = Duration.between(last.getInstant(), limit);
        if (since.compareTo(last.getDuration()) >= 0) {
            return upTo;
        }
        // Values in the gap are read as late as those that follow it.
        return "(" + upTo + " and not (" + path + (operator.equals("<") ? " >= " : " > ")
                + jpql.mark(last.getDateTimeBefore().plus(since)) + " and " + path + " < "
                + jpql.mark(last.getDateTimeAfter()) + "))";
    }

    /** Drivers round to the column's microseconds, half up. Rounded up, the limit still has all values before it. */
    private static Instant roundedUp(Instant limit) {
        Instant down = Sql.micros(limit);
        return down.equals(limit) ? limit : down.plus(1, ChronoUnit.MICROS);
    }

    Object parse(String text) {
        if (type == Instant.class) {
            return Instant.parse(text);
        }
        return type == OffsetDateTime.class ? OffsetDateTime.parse(text) : LocalDateTime.parse(text);
    }

    private ZoneId knownZone() {
        return Objects.requireNonNull(zone, "a LocalDateTime without a zone");
    }
}
