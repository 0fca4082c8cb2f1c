package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something out of the ordinary, in the order in which it was written.
 *
 * @param at when, by the database's time
 * @param kind what: {@code ATTEMPT, ROW_NOT_UPDATED, ROW_REPAIRED, HOLD_PLACED, HOLD_RELEASED, HOLD_EXPIRED, RETRY_GRANTED, ACCEPTED_UNPROVEN,
 *     ERASURE, PAUSED, RESUMED, SWEEP_REFUSED, PLAN_CONFIRMED, POLICIES_LENGTHENED, FIRST_SWEEP}
 * @param recordingId the recording, where it concerns one
 * @param runId the run, where it concerns one
 * @param actor the person or instance
 * @param detail more about it
 */
public record LedgerEvent(
        Instant at,
        String kind,
        @Nullable String recordingId,
        @Nullable String runId,
        @Nullable String actor,
        @Nullable String detail) {}
