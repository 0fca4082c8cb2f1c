package dev.retention;

import org.jspecify.annotations.Nullable;

/**
 * Marks sweeps, and the requests that they make, in a trace. Unlike a {@link SweepListener} it is called on the very thread that does the work, before and
 * after it, so it must not block. What it throws is logged once and ignored.
 */
public interface SweepTracer {

    /** A sweep starts on this thread. */
    Span sweepStarts();

    /**
     * A request to a storage starts on this thread.
     *
     * @param sweep the sweep that makes it, as this tracer returned it; null for recovery and erasing
     * @param storage the storage's name
     */
    Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation);

    /** Something that lasts. */
    interface Span {

        /**
         * It ends, on the thread on which it started.
         *
         * @param result a {@link SweepEnd} or the kind of a storage's answer, by its name; {@code FAILED} where there is none
         * @param failure what was thrown; null when nothing was
         */
        void end(String result, @Nullable Throwable failure);
    }
}
