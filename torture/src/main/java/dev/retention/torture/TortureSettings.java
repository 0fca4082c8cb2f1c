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
 * @param recordings rows in the engine's table
 * @param instances processes at once
 * @param faults how long faults are injected at least
 * @param atMost how long faults are injected at most, if the numbers below take longer
 * @param kills processes to be killed, crash points included
 * @param restarts database restarts
 * @param share of the provider's requests that fail
 * @param maxDeletions the budget of each run
 * @param gate whether the run fails when something was not exercised
 * @param sabotage the guard that is broken on purpose, if any
 */
record TortureSettings(
        long seed,
        Kind kind,
        int recordings,
        int instances,
        Duration faults,
        Duration atMost,
        int kills,
        int restarts,
        double share,
        long maxDeletions,
        boolean gate,
        Sabotage sabotage) {

    /** The databases. */
    enum Kind {
        POSTGRESQL,
        MARIADB
    }

    static TortureSettings ofShort(long seed) {
        return new TortureSettings(
                seed,
                Kind.POSTGRESQL,
                3_000,
                3,
                Duration.ofSeconds(40),
                Duration.ofSeconds(150),
                12,
                1,
                0.2,
                400,
                true,
                Sabotage.NONE);
    }

    static TortureSettings ofMariaDb(long seed) {
        return new TortureSettings(
                seed,
                Kind.MARIADB,
                800,
                2,
                Duration.ofSeconds(20),
                Duration.ofSeconds(22),
                5,
                1,
                0.2,
                200,
                false,
                Sabotage.NONE);
    }

    static TortureSettings ofLong(long seed) {
        return new TortureSettings(
                seed,
                Kind.POSTGRESQL,
                100_000,
                4,
                Duration.ofMinutes(9),
                Duration.ofMinutes(18),
                200,
                10,
                0.2,
                20_000,
                true,
                Sabotage.NONE);
    }

    static TortureSettings ofSabotage(long seed, Sabotage sabotage) {
        return new TortureSettings(
                seed,
                Kind.POSTGRESQL,
                800,
                2,
                Duration.ofSeconds(15),
                Duration.ofSeconds(180),
                3,
                0,
                0.3,
                200,
                false,
                sabotage);
    }

    /** Reads {@code --form=short|mariadb|long} and whatever overrides it, such as {@code --seed=7 --recordings=50000}. */
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
        String kind = given.remove("database");
        String sabotage = given.remove("sabotage");
        String share = given.remove("share");
        String gate = given.remove("gate");
        TortureSettings settings = new TortureSettings(
                seed,
                kind == null ? base.kind : Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
                (int) number(given.remove("recordings"), base.recordings),
                (int) number(given.remove("instances"), base.instances),
                Duration.ofSeconds(number(given.remove("seconds"), base.faults.toSeconds())),
                Duration.ofSeconds(number(given.remove("at-most"), base.atMost.toSeconds())),
                (int) number(given.remove("kills"), base.kills),
                (int) number(given.remove("restarts"), base.restarts),
                share == null ? base.share : Double.parseDouble(share),
                number(given.remove("max-deletions"), base.maxDeletions),
                gate == null ? base.gate : Boolean.parseBoolean(gate),
                sabotage == null ? base.sabotage : Sabotage.valueOf(sabotage.toUpperCase(Locale.ROOT)));
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + given.keySet());
        }
        return settings;
    }

    private static long number(@Nullable String text, long otherwise) {
        return text == null ? otherwise : Long.parseLong(text);
    }
}
