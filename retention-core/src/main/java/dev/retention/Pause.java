package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why nothing is deleted at present.
 *
 * @param by who paused it, where that is known
 * @param since since when, by the database's time, where that is known
 * @param reason why; empty where nobody said
 */
public record Pause(@Nullable String by, @Nullable Instant since, String reason) {}
