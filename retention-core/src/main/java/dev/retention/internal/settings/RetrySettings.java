package dev.retention.internal.settings;

import java.time.Duration;

/**
 * How often a recording is tried, and how long it waits in between.
 *
 * @param maxAttempts attempts before it needs a decision
 * @param initialBackoff the wait after the first failed attempt
 * @param maxBackoff the longest wait
 */
public record RetrySettings(int maxAttempts, Duration initialBackoff, Duration maxBackoff) {}
