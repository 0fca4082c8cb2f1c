package dev.retention.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A child process with a JVM of its own. Its log is in a file. */
final class Child implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Process process;
    private final Thread reader;
    private final Path log;
    private final Map<String, String> told = new ConcurrentHashMap<>();

    Child(Path logs, List<String> jvm, String classPath, Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", classPath, main.getName()));
        Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
        log = logs.resolve(NUMBER.incrementAndGet() + "-" + main.getSimpleName() + ".log");
        try {
            Files.createDirectories(logs);
            process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(this::read, "child-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The class path without the library: neither its jars nor its class folders. */
    static String classPathWithout(String... parts) {
        return Arrays.stream(classPath().split(File.pathSeparator))
                .filter(entry -> Arrays.stream(parts).noneMatch(entry::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int equals = line.indexOf('=');
                if (line.startsWith(Measured.PREFIX) && equals > 0) {
                    told.put(line.substring(Measured.PREFIX.length(), equals), line.substring(equals + 1));
                }
            }
        } catch (IOException e) {
            // It was ended.
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to stop, by ending its input. */
    void stop() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    /** Waits for its end, and returns the values that it printed. */
    Map<String, String> await(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the process did not end within " + seconds + " s; see " + log);
            }
            reader.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException("the process ended with status " + process.exitValue() + "; see " + log);
        }
        return told;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
