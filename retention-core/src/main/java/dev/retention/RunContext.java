package dev.retention;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Marks what a thread logs with the run that it works for. */
final class RunContext {

    /** The key in the logging context. */
    static final String KEY = "retention.run";

    private RunContext() {}

    /** Does the work in the context of a run, and puts back what was there before. */
    static <T> T in(String runId, Supplier<T> work) {
        String before = MDC.get(KEY);
        MDC.put(KEY, runId);
        try {
            return work.get();
        } finally {
            set(before);
        }
    }

    /** The task, to be run on another thread in this one's context. */
    static Runnable carried(Runnable task) {
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
