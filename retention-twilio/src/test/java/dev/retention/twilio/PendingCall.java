package dev.retention.twilio;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call on a thread of its own, to be watched while it waits. */
final class PendingCall<T> {

    private final FutureTask<T> task;
    private final Thread thread;

    private PendingCall(Callable<T> call) {
        task = new FutureTask<>(call);
        thread = new Thread(task, "pending call");
        thread.setDaemon(true);
    }

    static <T> PendingCall<T> start(Callable<T> call) {
        PendingCall<T> pending = new PendingCall<>(call);
        pending.thread.start();
        return pending;
    }

    Thread thread() {
        return thread;
    }

    boolean isDone() {
        return task.isDone();
    }

    /** Its result, which must come without any further event. */
    T result() throws InterruptedException, ExecutionException {
        try {
            return task.get(TwilioFixture.HUNG.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            AssertionError hung = new AssertionError("it hangs");
            hung.setStackTrace(thread.getStackTrace());
            throw hung;
        }
    }

    /**
     * Waits until the head of an answer has been read, and the body is being read. Nothing outside shows that but the
     * thread's stack.
     */
    void awaitReadingOfABody() {
        long end = System.nanoTime() + TwilioFixture.HUNG.toNanos();
        while (!isReadingABody()) {
            if (isDone() || end - System.nanoTime() <= 0) {
                throw new AssertionError("it reads no body");
            }
            Thread.onSpinWait();
        }
    }

    private boolean isReadingABody() {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().startsWith(Transport.class.getName())
                        && frame.getMethodName().equals("body"));
    }
}
