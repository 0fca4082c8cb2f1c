package dev.retention.internal.recording;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.spi.Candidate;
import dev.retention.spi.HoldRegister.Scope;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The status of a due recording before a sweep touches it, and how a report counts it. */
public enum DueStatus {
    /** Nothing prevents a claim. */
    CLAIMABLE,
    HELD,
    /** Not deletable yet, or kept by a check. */
    DEFERRED,
    /** Kept for another row that names the same key. Each sweep tries it again: the other row may be due by then. */
    KEY_SHARED,
    /** In flight after a failure, or kept where no storage can delete it. */
    FAILED,
    UNPROVEN,
    QUARANTINED,
    /** Recorded as deleted, but the engine's row is live. */
    LIVE_AGAIN,
    /** Its ledger entry can't be read by this version. */
    UNREADABLE;

    /** The status by the ledger entry alone. */
    public static DueStatus of(LedgerEntry entry) {
        return switch (entry.state()) {
            case ACTIVE -> entry.held() ? HELD : ofActive(entry.outcome());
            case DELETING -> entry.held() ? HELD : ofOutcome(entry.outcome(), FAILED);
            case QUARANTINED -> ofOutcome(entry.outcome(), QUARANTINED);
            case DELETED -> LIVE_AGAIN;
            case UNREADABLE -> UNREADABLE;
        };
    }

    private static DueStatus ofActive(@Nullable DeletionOutcome outcome) {
        if (outcome == null) {
            return CLAIMABLE;
        }
        return outcome == DeletionOutcome.KEY_SHARED ? KEY_SHARED : QUARANTINED;
    }

    /** Whether a sweep tries to claim it. */
    public boolean isToBeClaimed() {
        return this == CLAIMABLE || this == KEY_SHARED;
    }

    /** The status of a row, also by the holds by attribute, which no claim may have met yet. */
    public static DueStatus of(
            Candidate candidate, @Nullable LedgerEntry entry, Storages storages, List<Scope> scopes) {
        DueStatus status = of(candidate, entry, storages);
        return status.isToBeClaimed()
                        && scopes.stream()
                                .anyMatch(scope ->
                                        scope.covers(candidate.recording().attributes()))
                ? HELD
                : status;
    }

    /**
     * The status of a row by its hold flag and its ledger entry. A key that was refused before anything was sent is
     * judged again when the key, the account, the creation time or the storages have changed.
     */
    public static DueStatus of(Candidate candidate, @Nullable LedgerEntry entry, Storages storages) {
        if (candidate.flaggedHeld()) {
            return HELD;
        }
        if (entry == null) {
            return CLAIMABLE;
        }
        DueStatus status = of(entry);
        boolean refusedUnsent = entry.state() == DeletionState.ACTIVE && status == QUARANTINED;
        return refusedUnsent && !sameJudgement(candidate, entry, storages) ? CLAIMABLE : status;
    }

    private static boolean sameJudgement(Candidate candidate, LedgerEntry entry, Storages storages) {
        String key = candidate.recording().storageKey();
        String account = candidate.recording().account();
        boolean sameKey = key != null && (key.equals(entry.storageKey()) || key.length() > Storages.MAX_KEY_LENGTH);
        boolean sameAccount = account == null ? entry.account() == null : account.equals(entry.account());
        Instant judged = entry.recordingCreated();
        boolean sameTime = judged == null
                || judged.truncatedTo(ChronoUnit.MICROS)
                        .equals(candidate.recording().created().truncatedTo(ChronoUnit.MICROS));
        Cause cause = entry.cause();
        // Without one, no storage may hold it.
        boolean sameStorage = cause != null
                && (cause.storage() == null
                        ? !storages.mayHold(candidate.recording())
                        : storages.haveName(cause.storage()));
        return sameKey && sameAccount && sameTime && sameStorage;
    }

    private static DueStatus ofOutcome(@Nullable DeletionOutcome outcome, DueStatus otherwise) {
        if (outcome == null) {
            return otherwise;
        }
        return switch (outcome) {
            case NOT_YET, KEPT -> DEFERRED;
            case UNPROVEN -> UNPROVEN;
            case KEPT_ELSEWHERE -> FAILED;
            default -> otherwise;
        };
    }
}
