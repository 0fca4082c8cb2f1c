package dev.retention;

import org.jspecify.annotations.Nullable;

/**
 * Marks sweeps, and their requests to storages, in a trace. Unlike a {@link SweepListener}, it is called on the thread
 * that does the work, before and after the work, so it must not block. It is called from several threads at once. What
 * it throws is logged and otherwise ignored; the work continues.
 */
public interface SweepTracer {

    /** A sweep starts on this thread. Returns its span, which ends on the same thread. */
    Span sweepStarts();

    /**
     * A request to a storage starts on this thread. Returns its span, which ends on the same thread.
     *
     * @param sweep the span of the sweep that makes the request, as this tracer returned it; null for recovery and for
     *     an erasure
     * @param storage the storage's name
     * @param operation the operation that is requested
     */
    Span requestStarts(@Nullable Span sweep, String storage, StorageOperation operation);

    /** A piece of work with a start and an end. */
    interface Span {

        /**
         * The work ends. Called once, on the thread on which it started.
         *
         * @param result the name of a {@link SweepEnd}, or of the kind of the storage's answer; {@code KNOWN} if the
         *     storage has identified the account; {@code FAILED} if there was no answer
         * @param failure what was thrown; null if nothing was
         */
        void end(String result, @Nullable Throwable failure);
    }
}
