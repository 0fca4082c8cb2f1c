package dev.retention.torture;

import dev.retention.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an instance is told when it is started, as {@code name=value} arguments, and what is the same for all. */
final class InstanceSettings {

    static final Duration LEASE = Duration.ofSeconds(10);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);
    static final int MAX_ATTEMPTS = 12;
    static final String ERASURE = "asked_to_be_forgotten";
    static final String ENVIRONMENT = "torture";
    /** Fewer due recordings than this are never too many; the share that is usual is the library's own. */
    static final long MAX_SHARE_FLOOR = 10;

    private final Map<String, String> given = new HashMap<>();

    InstanceSettings(String[] args) {
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            given.put(parts[0], parts[1]);
        }
    }

    boolean has(String name) {
        return given.containsKey(name);
    }

    String text(String name) {
        String value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return value;
    }

    String text(String name, String otherwise) {
        return given.getOrDefault(name, otherwise);
    }

    int number(String name, int otherwise) {
        String value = given.get(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    Duration seconds(String name, int otherwise) {
        return Duration.ofSeconds(number(name, otherwise));
    }

    /** Of the engine's version. */
    Class<?> entity() {
        return has("later") ? LaterEngineCall.class : EngineCall.class;
    }

    Sabotage sabotage() {
        return Sabotage.valueOf(text("sabotage", "NONE"));
    }

    @Nullable
    CrashPoint crashPoint() {
        return has("crash") ? CrashPoint.valueOf(text("crash")) : null;
    }

    RetentionPolicy policy() {
        if (has("policy")) {
            return new ShortAtTimes();
        }
        if (has("months")) {
            return RetentionPolicy.of(Period.ofMonths(number("months", 0)), ZoneOffset.UTC);
        }
        return has("days") ? RetentionPolicy.ofDays(number("days", 0)) : policy(sabotage());
    }

    /** Keeps as long as the others in every other moment, and for two days in between. */
    private static final class ShortAtTimes implements RetentionPolicy {

        @Override
        public String name() {
            return policy(Sabotage.NONE).name();
        }

        @Override
        public Instant cutoff(Instant now) {
            boolean isShort = now.getEpochSecond() / 4 % 2 == 0;
            return now.minus(isShort ? Duration.ofDays(2) : Fixture.PERIOD);
        }
    }

    static RetentionPolicy policy(Sabotage sabotage) {
        int days = (int) Fixture.PERIOD.toDays();
        return RetentionPolicy.ofDays(sabotage == Sabotage.CUTOFF_TOO_EARLY ? days - 10 : days);
    }

    static RetentionPolicy longPolicy() {
        return RetentionPolicy.ofDays(Fixture.LONG_DAYS).named("long").matching("tenant", Fixture.LONG_TENANT);
    }
}
