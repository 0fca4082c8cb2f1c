package dev.retention.internal.run;

import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.EraseAnswer;
import dev.retention.LedgerEntry;
import dev.retention.internal.recording.SameRecording;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.HoldRegister.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an erasure answers for a recording, by its row, its ledger entry and the holds by attribute. Pure: only the
 * ledger proves that a recording is deleted, and only its state says whether anything may have been sent.
 *
 * @param now the database's time
 * @param scopes the holds by attribute
 * @param criteria of the erasure
 */
record EraseAnswers(Instant now, List<Scope> scopes, DueCriteria criteria) {

    /** The answer for a recording that needs no request; empty for one that is to be deleted now. */
    Optional<EraseAnswer> before(@Nullable Candidate row, @Nullable LedgerEntry entry) {
        DeletionState state = state(entry);
        if (row == null) {
            return Optional.of(state == DeletionState.DELETED ? EraseAnswer.ALREADY_DELETED : EraseAnswer.UNKNOWN);
        }
        if (!criteria.isPossible(row.recording().created())) {
            return Optional.of(ofUndated(entry));
        }
        if (state == DeletionState.UNREADABLE) {
            return Optional.of(EraseAnswer.UNREADABLE);
        }
        if (entry == null || state == DeletionState.ACTIVE) {
            return unclaimed(row, entry);
        }
        if (state == DeletionState.DELETED) {
            return Optional.of(deletedBefore(row, entry));
        }
        if (isHeld(row, entry)) {
            return Optional.of(EraseAnswer.LATE);
        }
        return state == DeletionState.QUARANTINED ? Optional.of(quarantined(entry)) : inFlight(row, entry);
    }

    /**
     * The answer for a recording whose row has no creation time, or an impossible one: what was deleted was another
     * recording with its id.
     */
    static EraseAnswer ofUndated(@Nullable LedgerEntry entry) {
        return state(entry) == DeletionState.DELETED ? EraseAnswer.CHANGED : EraseAnswer.UNKNOWN;
    }

    /** The answer for a recording whose row can't be read: which recording the row names is not known. */
    EraseAnswer ofUnreadable(@Nullable LedgerEntry entry) {
        if (entry == null) {
            return EraseAnswer.UNREADABLE;
        }
        return switch (entry.state()) {
            case ACTIVE -> entry.held() ? EraseAnswer.HELD : EraseAnswer.UNREADABLE;
            case DELETING -> entry.held() ? EraseAnswer.LATE : unreadableInFlight(entry);
            case QUARANTINED -> entry.held() ? EraseAnswer.LATE : quarantined(entry);
            case DELETED, UNREADABLE -> EraseAnswer.UNREADABLE;
        };
    }

    private EraseAnswer unreadableInFlight(LedgerEntry entry) {
        if (isOfErasure(entry)) {
            return EraseAnswer.PENDING;
        }
        return isOwned(entry) ? EraseAnswer.BUSY : EraseAnswer.UNREADABLE;
    }

    private EraseAnswer deletedBefore(Candidate row, LedgerEntry entry) {
        if (SameRecording.is(row.recording(), entry)) {
            return EraseAnswer.ALREADY_DELETED;
        }
        return isHeld(row, entry) ? EraseAnswer.HELD : EraseAnswer.CHANGED;
    }

    private Optional<EraseAnswer> unclaimed(Candidate row, @Nullable LedgerEntry entry) {
        if (isHeld(row, entry)) {
            return Optional.of(EraseAnswer.HELD);
        }
        return row.recording().storageKey() == null ? Optional.of(EraseAnswer.WITHOUT_KEY) : Optional.empty();
    }

    private Optional<EraseAnswer> inFlight(Candidate row, LedgerEntry entry) {
        if (!SameRecording.is(row.recording(), entry)) {
            return Optional.of(EraseAnswer.CHANGED);
        }
        if (isOfErasure(entry)) {
            // Recovery continues it at its next attempt, not sooner however often a person repeats the erasure.
            Instant next = entry.nextAttempt();
            boolean waits = isOwned(entry) || next != null && next.isAfter(now);
            return waits ? Optional.of(EraseAnswer.PENDING) : Optional.empty();
        }
        return isOwned(entry) ? Optional.of(EraseAnswer.BUSY) : Optional.empty();
    }

    /** The answer for a recording that was to be deleted, once this erasure has done all that it can. */
    EraseAnswer after(@Nullable Candidate row, @Nullable LedgerEntry entry) {
        if (entry == null) {
            return row != null && isHeld(row, null) ? EraseAnswer.HELD : EraseAnswer.NOT_STARTED;
        }
        boolean held = entry.held() || row != null && isHeld(row, entry);
        return switch (entry.state()) {
            case DELETED -> EraseAnswer.ERASED;
            case QUARANTINED -> held ? EraseAnswer.LATE : quarantined(entry);
            case DELETING -> held ? EraseAnswer.LATE : unfinished(entry);
            case ACTIVE -> held ? EraseAnswer.HELD : notSent(entry.outcome());
            case UNREADABLE -> EraseAnswer.UNREADABLE;
        };
    }

    private EraseAnswer unfinished(LedgerEntry entry) {
        if (isOfErasure(entry)) {
            return EraseAnswer.PENDING;
        }
        return isOwned(entry) ? EraseAnswer.BUSY : EraseAnswer.NOT_STARTED;
    }

    private static EraseAnswer notSent(@Nullable DeletionOutcome outcome) {
        if (outcome == null) {
            return EraseAnswer.NOT_STARTED;
        }
        return outcome == DeletionOutcome.KEY_SHARED ? EraseAnswer.SHARED : EraseAnswer.QUARANTINED;
    }

    private static DeletionState state(@Nullable LedgerEntry entry) {
        return entry == null ? DeletionState.ACTIVE : entry.state();
    }

    private boolean isHeld(Candidate row, @Nullable LedgerEntry entry) {
        return entry != null && entry.held()
                || row.flaggedHeld()
                || scopes.stream()
                        .anyMatch(scope -> scope.covers(row.recording().attributes()));
    }

    private boolean isOwned(LedgerEntry entry) {
        Instant leaseUntil = entry.leaseUntil();
        return leaseUntil != null && leaseUntil.isAfter(now);
    }

    private static boolean isOfErasure(LedgerEntry entry) {
        return DueCriteria.ERASURE.equals(entry.policy());
    }

    private static EraseAnswer quarantined(LedgerEntry entry) {
        return entry.outcome() == DeletionOutcome.UNPROVEN ? EraseAnswer.UNPROVEN : EraseAnswer.QUARANTINED;
    }
}
