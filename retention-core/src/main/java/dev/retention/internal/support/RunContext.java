package dev.retention.internal.support;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Puts the id of the run into the logging context of the threads that work for it. */
public final class RunContext {

    /** The key in the logging context. */
    public static final String KEY = "retention.run";

    private RunContext() {}

    /** Does the work in the context of a run, and restores the context that was there before. */
    public static <T> T in(String runId, Supplier<T> work) {
        String before = MDC.get(KEY);
        MDC.put(KEY, runId);
        try {
            return work.get();
        } finally {
            set(before);
        }
    }

    /** The task, which another thread will run in this thread's context. */
    public static Runnable carried(Runnable task) {
        String runId = MDC.get(KEY);
        return () -> {
            set(runId);
            try {
                task.run();
            } finally {
                set(null);
            }
        };
    }

    private static void set(@Nullable String runId) {
        if (runId == null) {
            MDC.remove(KEY);
        } else {
            MDC.put(KEY, runId);
        }
    }
}
