package dev.retention;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The threads that call storages: virtual ones where the JVM has them, a bounded pool elsewhere. */
final class Workers {

    private static final @Nullable MethodHandle VIRTUAL = virtual();

    private Workers() {}

    /**
     * An executor of daemon threads that end with it.
     *
     * @param most how many tasks its user runs at once
     */
    static ExecutorService create(int most) {
        ExecutorService virtual = VIRTUAL == null ? null : virtual(VIRTUAL);
        return virtual != null ? virtual : pool(most);
    }

    private static ExecutorService pool(int most) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory threads = task -> {
            Thread thread = new Thread(task, "retention-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(most, most, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static @Nullable ExecutorService virtual(MethodHandle executor) {
        try {
            return (ExecutorService) executor.invoke();
        } catch (Throwable e) {
            // Found, but not to be had: a preview of it, as in Java 19 and 20.
            return null;
        }
    }

    /** Since Java 21; ours must load on 17. */
    private static @Nullable MethodHandle virtual() {
        try {
            return MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
