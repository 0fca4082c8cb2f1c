package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An account that a person has written off: it is gone for good, and with it the audio of its recordings.
 *
 * @param account as recordings name it
 * @param by who wrote it off; null if not known, such as after a change by SQL
 * @param since when, by the database's time; null if not known
 * @param reason why
 */
public record WrittenOffAccount(
        String account, @Nullable String by, @Nullable Instant since, String reason) {}
