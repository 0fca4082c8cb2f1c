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
import java.util.function.BiConsumer;

/** A process that runs one {@link Instance}, from the harness's side. */
final class ChildInstance {

    final int number;
    final int slot;
    final Odd odd;
    private final Process process;
    private final Writer commands;
    private final Path log;
    private final Thread reader;
    private volatile long readyNanos;
    private volatile boolean frozen;
    private volatile boolean swept;

    ChildInstance(
            int number,
            int slot,
            Odd odd,
            boolean trace,
            Path folder,
            Map<String, String> settings,
            BiConsumer<ChildInstance, String> lines)
            throws IOException {
        this.number = number;
        this.slot = slot;
        this.odd = odd;
        this.log = folder.resolve("i" + number + ".log");
        List<String> command = Launch.prepared()
                .command(trace, List.of("Asia/Tokyo", "America/New_York", "UTC").get(slot % 3));
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
                    readyNanos = System.nanoTime();
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
        return readyNanos != 0 && process.isAlive() && !frozen;
    }

    /** Whether it has had some time to work. */
    boolean isSettled() {
        return isReady() && System.nanoTime() - readyNanos > TimeUnit.MILLISECONDS.toNanos(2_500);
    }

    void swept() {
        swept = true;
    }

    boolean hasSwept() {
        return swept;
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

    void kill() {
        process.destroyForcibly();
    }

    void freeze() throws IOException, InterruptedException {
        frozen = true;
        Signals.send("STOP", process.pid());
    }

    void thaw() throws IOException, InterruptedException {
        Signals.send("CONT", process.pid());
        frozen = false;
    }

    boolean awaitEnd(long seconds) throws InterruptedException {
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (ended) {
            reader.join(5_000);
        }
        return ended;
    }
}
