package dev.retention.internal.safety;

import java.time.Instant;

/**
 * A plan that a person has confirmed.
 *
 * @param plan the plan's id
 * @param since when it was confirmed, by the database's time
 * @param ceiling how many recordings it allows to be deleted
 */
record Confirmation(String plan, Instant since, long ceiling) {}
