package dev.retention.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
 * @param inOneProcess whether instances are threads of the harness, on a database server that such runs share
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
        Sabotage sabotage,
        boolean inOneProcess) {

    /** The databases. */
    enum Kind {
        POSTGRESQL,
        MARIADB,
        /** Where RETENTION_MYSQL_SERVER names a program that runs it. */
        MYSQL
    }

    private static final Duration SHORT_AT_MOST = Duration.ofMinutes(20);
    private static final Duration LONG_AT_MOST = Duration.ofMinutes(40);

    static TortureSettings ofShort(long seed) {
        return new TortureSettings(
                seed, Kind.POSTGRESQL, 1_000, 3, SHORT_AT_MOST, 12, 1, 0.2, 100, Coverage.ALL, Sabotage.NONE, false);
    }

    static TortureSettings ofMariaDb(long seed) {
        return new TortureSettings(
                seed, Kind.MARIADB, 400, 2, SHORT_AT_MOST, 5, 1, 0.2, 100, Coverage.DATABASE, Sabotage.NONE, false);
    }

    static TortureSettings ofLong(long seed) {
        return new TortureSettings(
                seed,
                Kind.POSTGRESQL,
                100_000,
                4,
                LONG_AT_MOST,
                200,
                10,
                0.2,
                20_000,
                Coverage.ALL,
                Sabotage.NONE,
                false);
    }

    /** Instances are threads, which start at once: everything but what takes processes. */
    static TortureSettings ofThreads(long seed) {
        return new TortureSettings(
                seed, Kind.POSTGRESQL, 800, 3, SHORT_AT_MOST, 12, 0, 0.2, 100, Coverage.ALL, Sabotage.NONE, true);
    }

    static TortureSettings ofThreadsOnMariaDb(long seed) {
        return new TortureSettings(
                seed, Kind.MARIADB, 400, 2, SHORT_AT_MOST, 5, 1, 0.2, 100, Coverage.DATABASE, Sabotage.NONE, true);
    }

    static TortureSettings ofThreadsOnMySql(long seed) {
        return new TortureSettings(
                seed, Kind.MYSQL, 400, 2, SHORT_AT_MOST, 5, 1, 0.2, 100, Coverage.DATABASE, Sabotage.NONE, true);
    }

    /** Only what takes processes. */
    static TortureSettings ofProcesses(long seed) {
        return new TortureSettings(
                seed, Kind.POSTGRESQL, 400, 2, SHORT_AT_MOST, 5, 1, 0.2, 100, Coverage.PROCESSES, Sabotage.NONE, false);
    }

    /** What must have happened before its silence means anything. */
    List<Errand> errands() {
        List<Errand> errands = new ArrayList<>(coverage.errands());
        errands.removeIf(errand -> inOneProcess && errand.wanted().equals(Coverage.FREEZE)
                || restarts == 0 && errand.wanted().equals(Coverage.RESTART));
        if (isBig() && coverage == Coverage.ALL) {
            errands.addAll(Coverage.races());
        }
        return errands;
    }

    boolean isBig() {
        return recordings > 20_000;
    }

    /** Whether its database is one of several on a server that all such runs share. */
    boolean sharesServer() {
        return inOneProcess && kind == Kind.POSTGRESQL && restarts == 0;
    }

    static TortureSettings ofSabotage(long seed, Sabotage sabotage) {
        return new TortureSettings(
                seed,
                Kind.POSTGRESQL,
                sabotage.inOneProcess() ? 400 : 800,
                2,
                SHORT_AT_MOST,
                3,
                0,
                0.3,
                // One run has to be able to exceed it.
                sabotage == Sabotage.JOINER_OPENS ? 60 : 200,
                Coverage.NONE,
                sabotage,
                sabotage.inOneProcess());
    }

    /**
     * Reads {@code --form=short|mariadb|long|threads|threads-mariadb|threads-mysql|processes|sabotage} and whatever
     * overrides it, such as {@code --seed=7 --recordings=50000}.
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
            case "threads" -> ofThreads(seed);
            case "threads-mariadb" -> ofThreadsOnMariaDb(seed);
            case "threads-mysql" -> ofThreadsOnMySql(seed);
            case "processes" -> ofProcesses(seed);
            case "sabotage" -> ofSabotage(seed, Sabotage.NONE);
            default ->
                throw new IllegalArgumentException("--form=" + form + ": use short, mariadb, long, threads,"
                        + " threads-mariadb, threads-mysql, processes or sabotage");
        };
        String share = given.remove("share");
        Sabotage sabotage = word(given.remove("sabotage"), base.sabotage, Sabotage.class);
        if (sabotage != base.sabotage) {
            base = ofSabotage(seed, sabotage);
        }
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
                sabotage,
                base.inOneProcess);
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
