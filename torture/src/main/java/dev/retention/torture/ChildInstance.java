package dev.retention.torture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An {@link Instance}, from the harness's side. */
abstract class ChildInstance {

    final int number;
    final int slot;
    final Odd odd;
    private final AtomicInteger sweeps = new AtomicInteger();
    private volatile boolean ready;
    private volatile boolean worked;
    private volatile boolean metUnreadable;
    private volatile @Nullable String lastSweep;

    ChildInstance(Assignment assignment) {
        this.number = assignment.number();
        this.slot = assignment.slot();
        this.odd = assignment.odd();
    }

    String name() {
        return "i" + number;
    }

    /** Where it logs; null where it has no log of its own. */
    abstract @Nullable Path log();

    /** It takes commands. */
    void ready() {
        ready = true;
    }

    boolean isReady() {
        return ready && isAlive();
    }

    /** It has claimed something. */
    void worked() {
        worked = true;
    }

    /** Whether it is in the middle of its work. */
    boolean isAtWork() {
        return isReady() && worked && !isOdd();
    }

    /** Its sweep has read rows that it can't read completely. */
    void metUnreadable() {
        metUnreadable = true;
    }

    /** Whether it has, in the sweep that ends now. */
    boolean hasMetUnreadable() {
        boolean met = metUnreadable;
        metUnreadable = false;
        return met;
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

    abstract boolean isAlive();

    /** Returns whether the command could be handed over. */
    abstract boolean command(String line);

    /** What it has told is still heard. */
    abstract void kill();

    abstract void freeze() throws IOException, InterruptedException;

    abstract void thaw() throws IOException, InterruptedException;

    /** What its threads are doing, a line each; empty where that can't be seen from here. */
    List<String> stacks() {
        return List.of();
    }

    /** Whether it has ended within this time, and everything that it told was heard. */
    abstract boolean awaitEnd(long seconds) throws InterruptedException;
}
