package dev.retention.torture;

import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.spi.RecordingRepository;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Does in an instance what people ask it for: a command each line. */
final class Clerk implements AutoCloseable {

    /** The command that ends an instance. */
    static final String STOP = "stop";

    private final Telling telling;
    private final LegalHolds holds;
    private final RetentionSweeper sweeper;
    private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "clerk");
        thread.setDaemon(true);
        return thread;
    });

    Clerk(Telling telling, RecordingRepository repository, RetentionSweeper sweeper) {
        this.telling = telling;
        this.holds = LegalHolds.of(repository);
        this.sweeper = sweeper;
    }

    /** Until the end of the input, or until it is told to stop. Returns whether it was told. */
    boolean obey(BufferedReader in) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals(STOP)) {
                return true;
            }
            obey(line);
        }
        return false;
    }

    void obey(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "hold" -> soon(() -> hold(words));
            case "release" -> soon(() -> release(words));
            case "holdWhere" -> soon(() -> holdWhere(words));
            case "erase" -> soon(() -> erase(words));
            default -> throw new IllegalArgumentException(line);
        }
    }

    private void soon(Runnable task) {
        threads.execute(() -> {
            try {
                task.run();
            } catch (Doom.Dead e) {
                // Nobody waits for the answer any more.
            }
        });
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    private void hold(String[] words) {
        try {
            long until = Long.parseLong(words[2]);
            Map<String, HoldAnswer> answers = holds.place(
                    words[1],
                    List.of(words[3].split(",")),
                    "dpo",
                    "litigation",
                    until == 0 ? null : Instant.ofEpochMilli(until));
            long answered = System.nanoTime();
            StringBuilder text = new StringBuilder();
            answers.forEach((id, answer) -> text.append(text.isEmpty() ? "" : ",")
                    .append(id)
                    .append('=')
                    .append(answer));
            telling.tell("HOLD " + words[1] + " " + answered + " " + text);
        } catch (RuntimeException e) {
            telling.tell("HOLD " + words[1] + " failed");
        }
    }

    private void holdWhere(String[] words) {
        try {
            HoldSummary summary = holds.placeWhere(words[1], "tenant", words[2], "dpo", "litigation");
            long answered = System.nanoTime();
            telling.tell("WHERE " + words[1] + " " + answered + " held=" + summary.held() + " late=" + summary.late()
                    + " deleted=" + summary.alreadyDeleted());
        } catch (RuntimeException e) {
            telling.tell("WHERE " + words[1] + " failed");
        }
    }

    private void release(String[] words) {
        try {
            telling.tell("RELEASE " + words[1] + " " + holds.release(words[1], "dpo"));
        } catch (RuntimeException e) {
            telling.tell("RELEASE " + words[1] + " failed");
        }
    }

    private void erase(String[] words) {
        try {
            StringBuilder text = new StringBuilder();
            RetentionOperations.of(sweeper)
                    .erase(List.of(words[1].split(",")), "dpo", InstanceSettings.ERASURE)
                    .forEach((id, answer) -> text.append(' ').append(answer));
            telling.tell("ERASED" + text);
        } catch (RuntimeException e) {
            telling.failed("erase", e);
        }
    }
}
