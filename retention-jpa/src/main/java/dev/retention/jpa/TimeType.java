package dev.retention.jpa;

import java.sql.Timestamp;
import java.time.DateTimeException;
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
import java.util.Date;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an attribute of the engine's entity writes instants.
 *
 * <p>A local time that occurs twice, when clocks are set back, is treated as the later instant. A local time that never
 * occurs, when clocks are set forward, is read with the offset before the change, which is the later instant, too. A
 * recording may so be kept an hour longer, and is never deleted an hour early. A Date or Timestamp was read from a
 * local time by the driver, which may have chosen the earlier instant.
 *
 * @param type Instant, OffsetDateTime, ZonedDateTime, LocalDateTime, Date, Timestamp, or a Long with milliseconds
 * @param zone the zone of a LocalDateTime, or the one in which the driver reads a Date or Timestamp
 */
record TimeType(Class<?> type, @Nullable ZoneId zone) {

    private static final Set<Class<?>> SUPPORTED = Set.of(
            Instant.class, OffsetDateTime.class, ZonedDateTime.class, LocalDateTime.class, Date.class, Timestamp.class);

    private static final Set<Class<?>> MILLISECONDS = Set.of(Long.class, long.class);

    /** Any number of seconds until the year 33658 is less, so that seconds are not mistaken for milliseconds. */
    private static final Instant LEAST_MILLISECONDS = Instant.ofEpochMilli(1_000_000_000_000L);

    static boolean isSupported(Class<?> type) {
        return SUPPORTED.contains(type);
    }

    static boolean isMilliseconds(Class<?> type) {
        return MILLISECONDS.contains(type);
    }

    /** Whether the driver turns the column's local time into an instant, and back. */
    static boolean isReadInZoneOfDriver(Class<?> type) {
        return type == Date.class || type == Timestamp.class;
    }

    /** @throws DateTimeException for a value that has no time of day */
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
        if (value instanceof ZonedDateTime time) {
            return time.toInstant();
        }
        if (value instanceof Long milliseconds) {
            return Instant.ofEpochMilli(milliseconds);
        }
        if (value instanceof Date date) {
            if (date instanceof java.sql.Date || date instanceof java.sql.Time) {
                throw new DateTimeException("a day alone, or a time of day alone");
            }
            return later(LocalDateTime.ofInstant(exact(date), knownZone()), knownZone());
        }
        return later((LocalDateTime) value, knownZone());
    }

    /** With all its digits, which only a Timestamp has. */
    private static Instant exact(Date date) {
        return date instanceof Timestamp timestamp ? timestamp.toInstant() : Instant.ofEpochMilli(date.getTime());
    }

    static Instant later(LocalDateTime local, ZoneId zone) {
        return ZonedDateTime.ofLocal(local, zone, null)
                .withLaterOffsetAtOverlap()
                .toInstant();
    }

    Object value(Instant instant) {
        if (type == LocalDateTime.class) {
            return LocalDateTime.ofInstant(instant, knownZone());
        }
        if (type == OffsetDateTime.class) {
            return instant.atOffset(ZoneOffset.UTC);
        }
        if (type == ZonedDateTime.class) {
            return instant.atZone(ZoneOffset.UTC);
        }
        if (isReadInZoneOfDriver(type)) {
            return Timestamp.from(instant);
        }
        return isMilliseconds(type) ? (Object) instant.toEpochMilli() : instant;
    }

    /** The earliest instant that a value of this type may be read as. */
    Instant earliest(Instant ofAnyType) {
        return isMilliseconds(type) && ofAnyType.isBefore(LEAST_MILLISECONDS) ? LEAST_MILLISECONDS : ofAnyType;
    }

    /** A condition that holds for the attribute values whose instant is before the limit. */
    String before(String path, Instant limit, Jpql jpql) {
        return compare(path, "<", isMilliseconds(type) ? roundedUpToMillis(limit) : roundedUp(limit), jpql);
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

    private static Instant roundedUpToMillis(Instant limit) {
        Instant down = limit.truncatedTo(ChronoUnit.MILLIS);
        return down.equals(limit) ? limit : down.plusMillis(1);
    }

    /** A value as text without a space, which {@link #parse} reads. */
    static String text(Object value) {
        return value instanceof Date date ? exact(date).toString() : value.toString();
    }

    Object parse(String text) {
        if (type == LocalDateTime.class) {
            return LocalDateTime.parse(text);
        }
        if (type == OffsetDateTime.class) {
            return OffsetDateTime.parse(text);
        }
        if (type == ZonedDateTime.class) {
            return ZonedDateTime.parse(text);
        }
        return isMilliseconds(type) ? Long.valueOf(text) : value(Instant.parse(text));
    }

    private ZoneId knownZone() {
        return Objects.requireNonNull(zone, "a local time without a zone");
    }
}
