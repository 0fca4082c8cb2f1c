package dev.retention;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the event log: something that people did, or that happens rarely.
 *
 * @param at when, by the database's time
 * @param kind what happened: {@code ATTEMPT, ROW_NOT_UPDATED, ROW_REPAIRED, HOLD_PLACED, HOLD_RELEASED, HOLD_EXPIRED,
 *     RETRY_GRANTED, ACCEPTED_UNPROVEN, ERASURE, ERASURE_HELD, PAUSED, RESUMED, SWEEP_REFUSED, PLAN_CONFIRMED,
 *     PLAN_LAPSED, CONFIRMATION_TAKEN, POLICIES_LENGTHENED, MAPPING_EXTENDED, FIRST_SWEEP, ACCOUNT_WRITTEN_OFF,
 *     ACCOUNT_REINSTATED}; later versions may add more
 * @param recordingId the recording; null if the event does not concern one recording
 * @param runId the run; null if the event does not belong to a run
 * @param actor the person or the instance; null if not known
 * @param detail more about it, for people; null if there is nothing more to say
 */
public record LedgerEvent(
        Instant at,
        String kind,
        @Nullable String recordingId,
        @Nullable String runId,
        @Nullable String actor,
        @Nullable String detail) {}
