package dev.retention.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Measures all scenarios, or those that are named, and writes a table in Markdown to standard output and to a file.
 *
 * <p>Arguments: {@code --quick} for a few seconds each, {@code --no-peers} for sweeps alone, {@code --only=a,b} for
 * some scenarios, {@code --backlogs=10000,1000000} for other backlogs, {@code --file=results.md}, {@code --list}.
 */
public final class Benchmarks {

    private Benchmarks() {}

    /** See the README of this module. */
    public static void main(String[] args) throws IOException {
        boolean quick = Arrays.asList(args).contains("--quick");
        Path file = Path.of(option(args, "file", "target/benchmarks.md"));
        String only = option(args, "only", "");
        long[] backlogs = Arrays.stream(option(args, "backlogs", quick ? "10000,100000" : "10000,1000000,10000000")
                        .split(","))
                .mapToLong(Long::parseLong)
                .toArray();
        Path logs = Path.of("target", "benchmarks");
        List<String> lines = new ArrayList<>(machine(quick));
        try (Postgres postgres = Postgres.start()) {
            Map<String, Supplier<List<Row>>> all = scenarios(
                    new Scenarios(postgres, logs, quick, !Arrays.asList(args).contains("--no-peers")), backlogs);
            if (Arrays.asList(args).contains("--list")) {
                all.keySet().forEach(System.out::println);
                return;
            }
            List<String> chosen = only.isEmpty() ? List.copyOf(all.keySet()) : List.of(only.split(","));
            lines.add("");
            lines.add("| what | measured against | measured | must reach | reached |");
            lines.add("|---|---|---|---|---|");
            for (String name : chosen) {
                Supplier<List<Row>> scenario = all.get(name);
                if (scenario == null) {
                    throw new IllegalArgumentException(
                            "there is no scenario " + name + "; use some of " + all.keySet());
                }
                System.err.println(Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + name + " …");
                for (Row row : rows(name, scenario)) {
                    System.err.println(row.markdown());
                    lines.add(row.markdown());
                }
            }
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.write(file, lines);
        lines.forEach(System.out::println);
        for (Path details : Scenarios.details(logs)) {
            System.out.println("Details: " + details);
        }
        System.exit(0);
    }

    private static List<Row> rows(String name, Supplier<List<Row>> scenario) {
        try {
            return scenario.get();
        } catch (RuntimeException e) {
            e.printStackTrace();
            return List.of(Row.failed(name, e));
        }
    }

    private static Map<String, Supplier<List<Row>>> scenarios(Scenarios scenarios, long[] backlogs) {
        Map<String, Supplier<List<Row>>> all = new LinkedHashMap<>();
        all.put("limit-50", scenarios::limitAt50);
        all.put("limit-200", scenarios::limitAt200);
        all.put("raw", scenarios::raw);
        all.put("permitted-15", scenarios::permittedFewer);
        all.put("drop", scenarios::drop);
        all.put("live", scenarios::live);
        all.put("backlog", () -> scenarios.backlogs(backlogs));
        all.put("instances", scenarios::instances);
        all.put("statements", scenarios::statements);
        all.put("start-up", scenarios::startUp);
        all.put("profile", scenarios::profile);
        return all;
    }

    private static String option(String[] args, String name, String otherwise) {
        return Arrays.stream(args)
                .filter(arg -> arg.startsWith("--" + name + "="))
                .map(arg -> arg.substring(name.length() + 3))
                .findFirst()
                .orElse(otherwise);
    }

    private static List<String> machine(boolean quick) throws IOException {
        var system = ManagementFactory.getOperatingSystemMXBean();
        long memory = system instanceof com.sun.management.OperatingSystemMXBean more ? more.getTotalMemorySize() : 0;
        return List.of(
                "Measured at " + Instant.now().truncatedTo(ChronoUnit.MINUTES)
                        + (quick ? ", quick mode: a few seconds each, which is too short to judge by" : ""),
                "",
                "| machine | |",
                "|---|---|",
                "| CPU | " + cpu() + ", " + Runtime.getRuntime().availableProcessors() + " processors |",
                "| memory | " + memory / (1 << 20) + " MiB |",
                "| JDK | " + System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version")
                        + " |",
                "| OS | " + system.getName() + " " + system.getVersion() + " " + system.getArch() + " |",
                String.format(Locale.ROOT, "| load before | %.1f |", system.getSystemLoadAverage()),
                "| runs on it | provider, live traffic, PostgreSQL and sweeping JVMs share this machine |");
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return "unknown";
        }
        String models = Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .distinct()
                .collect(Collectors.joining(", "));
        return models.isEmpty() ? "unknown" : models;
    }
}
