package dev.retention.torture;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a torture run is like.
 *
 * @param seed draws the fixture, the faults and the plan
 * @param kind which database
 * @param recordings rows in the engine's table at the beginning
 * @param instances processes at once
 * @param atMost how long faults are injected at most; reaching it means that something was not met
 * @param kills processes that have to die, crash points included
 * @param restarts database restarts
 * @param share of the provider's requests that fail
 * @param maxDeletions the budget of each run
 * @param coverage what must have been met
 * @param sabotage the guard that is broken on purpose, if any
 */
record TortureSettings(
        long seed,
        Kind kind,
        int recordings,
        int instances,
        Duration atMost,
        int kills,
        int restarts,
        double share,
        long maxDeletions,
        Coverage coverage,
        Sabotage sabotage) {

    /** The databases. */
    enum Kind {
        POSTGRESQL,
        MARIADB
    }

    private static final Duration SHORT_AT_MOST = Duration.ofMinutes(10);
    private static final Duration LONG_AT_MOST = Duration.ofMinutes(40);

    static TortureSettings ofShort(long seed) {
        return new TortureSettings(
                seed, Kind.POSTGRESQL, 1_000, 3, SHORT_AT_MOST, 12, 1, 0.2, 100, Coverage.ALL, Sabotage.NONE);
    }

    static TortureSettings ofMariaDb(long seed) {
        return new TortureSettings(
                seed, Kind.MARIADB, 400, 2, SHORT_AT_MOST, 5, 1, 0.2, 100, Coverage.DATABASE, Sabotage.NONE);
    }

    static TortureSettings ofLong(long seed) {
        return new TortureSettings(
                seed, Kind.POSTGRESQL, 100_000, 4, LONG_AT_MOST, 200, 10, 0.2, 20_000, Coverage.ALL, Sabotage.NONE);
    }

    static TortureSettings ofSabotage(long seed, Sabotage sabotage) {
        return new TortureSettings(
                seed, Kind.POSTGRESQL, 800, 2, SHORT_AT_MOST, 3, 0, 0.3, 200, Coverage.NONE, sabotage);
    }

    /**
     * Reads {@code --form=short|mariadb|long} and whatever overrides it, such as {@code --seed=7 --recordings=50000}.
     */
    static TortureSettings parse(String... args) {
        Map<String, String> given = new HashMap<>();
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            if (!parts[0].startsWith("--") || parts.length != 2) {
                throw new IllegalArgumentException("not --name=value: " + arg);
            }
            given.put(parts[0].substring(2), parts[1]);
        }
        long seed = number(given.remove("seed"), System.nanoTime() & 0xffffff);
        String form = given.getOrDefault("form", "short");
        given.remove("form");
        TortureSettings base = switch (form) {
            case "short" -> ofShort(seed);
            case "mariadb" -> ofMariaDb(seed);
            case "long" -> ofLong(seed);
            case "sabotage" -> ofSabotage(seed, Sabotage.NONE);
            default -> throw new IllegalArgumentException("--form=" + form + ": use short, mariadb, long or sabotage");
        };
        String share = given.remove("share");
        TortureSettings settings = new TortureSettings(
                seed,
                word(given.remove("database"), base.kind, Kind.class),
                (int) number(given.remove("recordings"), base.recordings),
                (int) number(given.remove("instances"), base.instances),
                Duration.ofSeconds(number(given.remove("at-most"), base.atMost.toSeconds())),
                (int) number(given.remove("kills"), base.kills),
                (int) number(given.remove("restarts"), base.restarts),
                share == null ? base.share : Double.parseDouble(share),
                number(given.remove("max-deletions"), base.maxDeletions),
                word(given.remove("coverage"), base.coverage, Coverage.class),
                word(given.remove("sabotage"), base.sabotage, Sabotage.class));
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + given.keySet());
        }
        return settings;
    }

    private static long number(@Nullable String text, long otherwise) {
        return text == null ? otherwise : Long.parseLong(text);
    }

    private static <E extends Enum<E>> E word(@Nullable String text, E otherwise, Class<E> type) {
        return text == null ? otherwise : Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    }
}
