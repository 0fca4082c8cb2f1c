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

/** An {@link Instance} in a process of its own. */
final class ProcessInstance extends ChildInstance {

    private final Process process;
    private final Writer commands;
    private final Path log;
    private final Thread reader;
    private volatile boolean frozen;

    /**
     * @param settings as {@link Instance} reads them
     * @param lines gets what it writes to its standard output
     */
    ProcessInstance(
            Assignment assignment, Path folder, Map<String, String> settings, BiConsumer<ChildInstance, String> lines)
            throws IOException {
        super(assignment);
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
                lines.accept(this, line);
            }
        } catch (IOException e) {
            // It is gone.
        }
    }

    @Override
    Path log() {
        return log;
    }

    @Override
    boolean isReady() {
        return super.isReady() && !frozen;
    }

    @Override
    boolean isAlive() {
        return process.isAlive();
    }

    @Override
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
    @Override
    void kill() {
        process.toHandle().destroyForcibly();
    }

    @Override
    void freeze() throws IOException, InterruptedException {
        frozen = true;
        Signals.send("STOP", process.pid());
    }

    @Override
    void thaw() throws IOException, InterruptedException {
        Signals.send("CONT", process.pid());
        frozen = false;
    }

    @Override
    boolean awaitEnd(long seconds) throws InterruptedException {
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (ended) {
            reader.join(60_000);
        }
        return ended;
    }
}
