package dev.retention.torture;

import java.io.IOException;

/** Signals to processes that the harness has started. */
final class Signals {

    private Signals() {}

    static void send(String signal, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, String.valueOf(pid))
                .redirectErrorStream(true)
                .start()
                .waitFor();
    }
}
