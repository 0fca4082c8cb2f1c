package dev.retention.internal.support;

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

/** The threads that call storages: virtual threads if the JVM has them, else a bounded pool. */
public final class Workers {

    private static final @Nullable MethodHandle VIRTUAL = virtual();

    private Workers() {}

    /**
     * An executor of daemon threads that end with it.
     *
     * @param most how many tasks its user runs at once
     */
    public static ExecutorService create(int most) {
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
            // Java 19 and 20 have the method, but only as a preview that must be enabled.
            return null;
        }
    }

    /** Found by reflection: the method exists since Java 21, and this class must load on Java 17. */
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
