package dev.retention;

/**
 * Is told what a sweeper does. It can neither stop nor delay a sweep.
 *
 * <p><b>Threads.</b> Each listener is told on a daemon thread of its own, one event after the other, in the order in which they happened, and a moment
 * later. A listener may block; while {@value Telemetry#MOST_WAITING} events wait for it, further ones are dropped, which is logged once and counted:
 * {@link RetentionSweeper#droppedEvents()}. What must not be missed is in the ledger.
 *
 * <p><b>Transactions.</b> There is none. What an event says was recorded is committed.
 *
 * <p><b>Errors.</b> What it throws is logged, and it is told the next event all the same.
 */
@FunctionalInterface
public interface SweepListener {

    /** Takes note of an event. */
    void on(SweepEvent event);
}
