package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that keeps this instance from deleting while a sweep, a recovery or an erasure runs.
 *
 * @param account the account that can't be used; null if it concerns all, or recordings name no account
 * @param cause why. Its code is {@code NOT_IDENTIFIED}, {@code NOT_ANSWERING}, {@code WAIT_REQUESTED},
 *     {@code THROTTLED}, {@code NO_ANSWER_YET}, {@code HOLD_UNMAPPED}, {@code NOT_CONFIRMED},
 *     {@code DATABASE_UNAVAILABLE} or {@code DATABASE_REFUSED}, or the name of the {@link SweepEnd} that stopped the
 *     account for the rest of the run
 * @param since when this began, by the database's time
 */
public record Obstacle(@Nullable String account, Cause cause, Instant since) {}
