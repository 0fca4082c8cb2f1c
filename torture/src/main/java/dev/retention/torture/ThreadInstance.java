package dev.retention.torture;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Instance} in the harness's own process: it starts at once. Its death cuts it off from database and
 * provider; it can't be frozen.
 */
final class ThreadInstance extends ChildInstance {

    static {
        // Threads of the library end with it.
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (!(thrown instanceof Doom.Dead)) {
                thrown.printStackTrace();
            }
        });
    }

    private static final int MOST_FRAMES = 40;

    private final Instance instance;
    private final Thread worker;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopped;

    /**
     * @param settings as {@link Instance} reads them
     * @param lines gets what it tells
     */
    ThreadInstance(
            Assignment assignment, Map<String, String> settings, Pulse pulse, BiConsumer<ChildInstance, String> lines) {
        super(assignment);
        String[] given = settings.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .toArray(String[]::new);
        Telling telling = new Telling(line -> lines.accept(this, line), pulse);
        instance = new Instance(new InstanceSettings(given), telling, () -> daemon("burial", this::bury));
        worker = daemon(name(), this::work);
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void work() {
        try {
            instance.work();
        } catch (Doom.Dead e) {
            // It has reached its end.
        } finally {
            ended.countDown();
        }
    }

    /** A process that dies loses its connections. */
    private void bury() {
        instance.close();
    }

    @Override
    @Nullable
    Path log() {
        return null;
    }

    @Override
    boolean isAlive() {
        return !stopped && !instance.isDead();
    }

    @Override
    boolean command(String line) {
        if (!isAlive()) {
            return false;
        }
        if (line.equals(Clerk.STOP)) {
            daemon("stop", () -> {
                instance.stop();
                stopped = true;
            });
            return true;
        }
        try {
            instance.command(line);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Of its main thread. */
    @Override
    List<String> stacks() {
        return List.of(Stream.of(worker.getStackTrace())
                .limit(MOST_FRAMES)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining(" < ")));
    }

    @Override
    void kill() {
        if (isAlive()) {
            instance.die();
        }
    }

    @Override
    void freeze() {
        throw new UnsupportedOperationException("no process");
    }

    @Override
    void thaw() {
        throw new UnsupportedOperationException("no process");
    }

    @Override
    boolean awaitEnd(long seconds) throws InterruptedException {
        return ended.await(seconds, TimeUnit.SECONDS);
    }
}
