package dev.retention.jpa;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.jpa.GateTable.GateRow;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a row of {@code retention_deletion}, also one that another version of the library has written. */
final class GateRowReader {

    /** Rows whose outcome, if any, this version can read: those of others are left alone. */
    static final String OUTCOME_KNOWN = "(outcome is null or outcome in ("
            + Stream.of(DeletionOutcome.values())
                    .map(outcome -> "'" + outcome + "'")
                    .collect(Collectors.joining(", "))
            + "))";

    /** Rows whose claim this version can read, too. */
    static final String READABLE = OUTCOME_KNOWN + " and recording_created_at is not null and policy is not null"
            + " and cutoff is not null and deletion_reason is not null";

    private static final Logger log = LoggerFactory.getLogger(GateRowReader.class);

    private GateRowReader() {}

    /** A row with a value that this version can't read, or without one that it needs, is {@code UNREADABLE}. */
    static GateRow row(Sql.Row row) throws SQLException {
        try {
            GateRow read = readable(row);
            return isComplete(read.entry()) ? read : unreadable(row);
        } catch (IllegalArgumentException | DateTimeException e) {
            return unreadable(row);
        } catch (SQLException e) {
            if (DatabaseFailure.saysOfAValue(e)) {
                return unreadable(row);
            }
            throw e;
        }
    }

    /** Whether it has all that a claim names, if there is one. */
    private static boolean isComplete(LedgerEntry entry) {
        return entry.state() != DeletionState.DELETING
                || entry.recordingCreated() != null
                        && entry.policy() != null
                        && entry.cutoff() != null
                        && entry.reason() != null;
    }

    private static GateRow unreadable(Sql.Row row) throws SQLException {
        log.debug(
                "recording={} is kept, because its ledger entry can't be read here: state={} outcome={}",
                row.text("recording_id"),
                row.text("state"),
                row.textOrNull("outcome"));
        LedgerEntry entry = LedgerEntry.builder(row.text("recording_id"), DeletionState.UNREADABLE)
                .storageKey(row.textOrNull("storage_key"))
                .account(row.textOrNull("account"))
                .held(row.flag("held"))
                .owner(row.textOrNull("owner"))
                .evidence(row.textOrNull("evidence"))
                .policy(row.textOrNull("policy"))
                .runId(row.textOrNull("run_id"))
                .build();
        return new GateRow(entry, null, true, null);
    }

    private static GateRow readable(Sql.Row row) throws SQLException {
        Long seconds = row.numberOrNull("audio_seconds");
        String outcome = row.textOrNull("outcome");
        LedgerEntry entry = LedgerEntry.builder(row.text("recording_id"), DeletionState.valueOf(row.text("state")))
                .storageKey(row.textOrNull("storage_key"))
                .account(row.textOrNull("account"))
                .recordingCreated(row.timeOrNull("recording_created_at"))
                .held(row.flag("held"))
                .attempts((int) row.number("attempts"))
                .owner(row.textOrNull("owner"))
                .leaseUntil(row.timeOrNull("lease_until"))
                .nextAttempt(row.timeOrNull("next_attempt_at"))
                .failingSince(row.timeOrNull("failing_since"))
                .claimedAt(row.timeOrNull("claimed_at"))
                .deletedAt(row.timeOrNull("deleted_at"))
                .outcome(outcome == null ? null : DeletionOutcome.valueOf(outcome))
                .evidence(row.textOrNull("evidence"))
                .cause(cause(row))
                .policy(row.textOrNull("policy"))
                .cutoff(row.timeOrNull("cutoff"))
                .runId(row.textOrNull("run_id"))
                .reason(row.textOrNull("deletion_reason"))
                .build();
        return new GateRow(
                entry,
                seconds == null ? null : Duration.ofSeconds(seconds),
                row.flag("in_doubt"),
                row.textOrNull("token"));
    }

    /** The state of this name; {@code UNREADABLE} for one of a later version. */
    static DeletionState state(String name) {
        return Stream.of(DeletionState.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(DeletionState.UNREADABLE);
    }

    /** The outcome of this name; empty for none, and for one of a later version. */
    static Optional<DeletionOutcome> known(@Nullable String outcome) {
        return Stream.of(DeletionOutcome.values())
                .filter(each -> each.name().equals(outcome))
                .findFirst();
    }

    private static @Nullable Cause cause(Sql.Row row) throws SQLException {
        String detail = row.textOrNull("cause");
        String code = row.textOrNull("cause_code");
        return detail == null || code == null ? null : new Cause(code, row.textOrNull("cause_storage"), detail);
    }
}
