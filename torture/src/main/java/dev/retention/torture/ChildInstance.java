package dev.retention.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A process that runs one {@link Instance}, from the harness's side. */
final class ChildInstance {

    final int number;
    final int slot;
    final Odd odd;
    private final Process process;
    private final Writer commands;
    private final Path log;
    private final Thread reader;
    private final AtomicInteger sweeps = new AtomicInteger();
    private volatile boolean ready;
    private volatile boolean frozen;
    private volatile boolean worked;
    private volatile @Nullable String lastSweep;

    /**
     * @param settings as {@link Instance} reads them
     * @param lines gets what it writes to its standard output
     */
    ChildInstance(
            Assignment assignment, Path folder, Map<String, String> settings, BiConsumer<ChildInstance, String> lines)
            throws IOException {
        this.number = assignment.number();
        this.slot = assignment.slot();
        this.odd = assignment.odd();
        this.log = folder.resolve("i" + number + ".log");
        List<String> command = Launch.prepared().command(assignment.trace(), assignment.zone());
        settings.forEach((name, value) -> command.add(name + "=" + value));
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        reader = new Thread(() -> read(lines), "i" + number);
        reader.setDaemon(true);
        reader.start();
    }

    private void read(BiConsumer<ChildInstance, String> lines) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("@READY")) {
                    ready = true;
                }
                lines.accept(this, line);
            }
        } catch (IOException e) {
            // It is gone.
        }
    }

    String name() {
        return "i" + number;
    }

    Path log() {
        return log;
    }

    boolean isReady() {
        return ready && process.isAlive() && !frozen;
    }

    /** It has claimed something. */
    void worked() {
        worked = true;
    }

    /** Whether it is in the middle of its work. */
    boolean isAtWork() {
        return isReady() && worked && !isOdd();
    }

    void swept(String report) {
        lastSweep = report;
        sweeps.incrementAndGet();
    }

    /** How many sweeps have ended. */
    int sweeps() {
        return sweeps.get();
    }

    @Nullable
    String lastSweep() {
        return lastSweep;
    }

    boolean isOdd() {
        return odd != Odd.NONE;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns whether the command could be handed over. */
    boolean command(String line) {
        synchronized (commands) {
            try {
                commands.write(line + "\n");
                commands.flush();
                return true;
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** What it has written is still read: the process itself would close its output with what is in it. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    void freeze() throws IOException, InterruptedException {
        frozen = true;
        Signals.send("STOP", process.pid());
    }

    void thaw() throws IOException, InterruptedException {
        Signals.send("CONT", process.pid());
        frozen = false;
    }

    /** Whether it has ended within this time, and everything that it wrote was heard. */
    boolean awaitEnd(long seconds) throws InterruptedException {
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (ended) {
            reader.join(60_000);
        }
        return ended;
    }
}
