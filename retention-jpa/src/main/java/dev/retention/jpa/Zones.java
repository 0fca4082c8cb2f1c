package dev.retention.jpa;

import jakarta.persistence.EntityManagerFactory;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;

/**
 * The zones of times that have none of their own.
 *
 * @param local of a LocalDateTime, as the user gave it
 * @param driver in which the driver reads and writes a Date or Timestamp
 */
record Zones(@Nullable ZoneId local, ZoneId driver) {

    private static final String DRIVER_ZONE = "hibernate.jdbc.time_zone";

    static Zones of(EntityManagerFactory factory, @Nullable ZoneId local) {
        Object set = factory.getProperties().get(DRIVER_ZONE);
        if (set instanceof ZoneId zone) {
            return new Zones(local, zone);
        }
        if (set instanceof TimeZone zone) {
            return new Zones(local, zone.toZoneId());
        }
        return new Zones(local, set == null ? ZoneId.systemDefault() : ZoneId.of(set.toString(), ZoneId.SHORT_IDS));
    }

    /** The zone of values of a type; null if they have one of their own, or none was given. */
    @Nullable
    ZoneId of(Class<?> type) {
        if (TimeType.isReadInZoneOfDriver(type)) {
            return driver;
        }
        return type == LocalDateTime.class ? local : null;
    }
}
