package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The pause of deleting that is in force, on all instances.
 *
 * @param by who paused it; null if not known, such as after a change by SQL
 * @param since when it began, by the database's time; null if not known
 * @param reason why; empty if no reason was given
 */
public record Pause(@Nullable String by, @Nullable Instant since, String reason) {}
