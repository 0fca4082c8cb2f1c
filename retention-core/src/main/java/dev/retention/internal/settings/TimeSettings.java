package dev.retention.internal.settings;

import dev.retention.internal.support.Ticker;
import java.time.Clock;
import java.time.Duration;

/**
 * The clocks.
 *
 * @param clock our clock
 * @param ticker monotonic time, and waiting by it
 * @param maxClockSkew how far our clock and the database's may differ
 */
public record TimeSettings(Clock clock, Ticker ticker, Duration maxClockSkew) {}
