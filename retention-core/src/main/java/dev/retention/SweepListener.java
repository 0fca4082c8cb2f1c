package dev.retention;

import dev.retention.internal.telemetry.Telemetry;

/**
 * Receives the events of a sweeper. It can neither stop nor delay a sweep.
 *
 * <p><b>Threads.</b> The sweeper calls each listener on a daemon thread of its own, one event after the other, in the
 * order in which they happened, shortly afterwards. A listener may block. While {@value Telemetry#MOST_WAITING} events
 * wait for it, further ones are dropped; this is logged once and counted, see {@link RetentionSweeper#droppedEvents()}.
 * Events are for monitoring: read the ledger if nothing may be missed.
 *
 * <p><b>Transactions.</b> None is open during a call. Outcomes in events are committed.
 *
 * <p><b>Errors.</b> What a listener throws is logged, and it receives the next event.
 */
@FunctionalInterface
public interface SweepListener {

    /** Handles an event. */
    void on(SweepEvent event);
}
