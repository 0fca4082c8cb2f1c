package com.example.voice.demo;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What the demo prints: numbered stages with the seconds since its start, and a progress line while it works. */
final class DemoOutput {

    private static final int STAGES = 11;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final long started = System.nanoTime();
    private int stage;

    /** The progress of something that takes a while, each second until it is closed. */
    interface Progress extends AutoCloseable {
        @Override
        void close();
    }

    void stage(String title) {
        stage++;
        double seconds = (System.nanoTime() - started) / 1e9;
        out.printf(Locale.ROOT, "%n[%d/%d, %.1f s] %s%n%n", stage, STAGES, seconds, title);
    }

    void say(String line) {
        out.println("  " + line);
    }

    /** A text of several sentences. */
    void paragraph(String text) {
        TextTable.wrap(text, TextTable.WIDTH - 2).forEach(this::say);
        out.println();
    }

    void print(TextTable table) {
        out.print(table);
    }

    Progress progress(LongSupplier done, String what) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        timer.scheduleAtFixedRate(() -> say("… %,d %s".formatted(done.getAsLong(), what)), 1, 1, TimeUnit.SECONDS);
        return timer::shutdownNow;
    }

    void nowTry() {
        out.println();
        say("Nothing was deleted but due recordings and the erased one. Now try:");
        out.println();
        say("- its settings:   examples/spring-boot/src/main/resources/application.yaml");
        say("- its log:        examples/spring-boot/target/demo.log");
        say("- your own:       docs/ten-minutes.md, from a dependency to the first sweep");
        say("- the mornings:   docs/operations.md, what each refusal means and what to do");
    }
}
