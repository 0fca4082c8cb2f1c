package dev.retention;

import dev.retention.spi.Candidate;
import dev.retention.spi.HoldRegister.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a due recording stands before a sweep touches it, and how a report counts it. */
enum Standing {
    /** Nothing keeps it from being claimed. */
    CLAIMABLE,
    HELD,
    /** In the door, and not to blame: not deletable yet, or waiting since it must be kept. */
    DEFERRED,
    /** In the door, after a failure; or kept where no storage can delete it. */
    FAILED,
    UNPROVEN,
    QUARANTINED,
    /** The ledger says that it is deleted, but the engine's row is live. */
    LIVE_AGAIN;

    /** How a ledger entry stands by itself. */
    static Standing of(LedgerEntry entry) {
        return switch (entry.state()) {
            case ACTIVE -> entry.held() ? HELD : entry.outcome() == null ? CLAIMABLE : QUARANTINED;
            case DELETING -> entry.held() ? HELD : ofOutcome(entry.outcome(), FAILED);
            case QUARANTINED -> ofOutcome(entry.outcome(), QUARANTINED);
            case DELETED -> LIVE_AGAIN;
        };
    }

    /** The same, where holds by attribute may lie on it that no claim has met yet. */
    static Standing of(Candidate candidate, @Nullable LedgerEntry entry, Storages storages, List<Scope> scopes) {
        Standing standing = of(candidate, entry, storages);
        return standing == CLAIMABLE
                        && scopes.stream()
                                .anyMatch(scope ->
                                        scope.covers(candidate.recording().attributes()))
                ? HELD
                : standing;
    }

    /** How a row of the engine's table stands. A key that was refused unsent is judged anew once it, the account or the storages have changed. */
    static Standing of(Candidate candidate, @Nullable LedgerEntry entry, Storages storages) {
        if (candidate.flaggedHeld()) {
            return HELD;
        }
        if (entry == null) {
            return CLAIMABLE;
        }
        Standing standing = of(entry);
        boolean refusedUnsent = entry.state() == DeletionState.ACTIVE && standing == QUARANTINED;
        return refusedUnsent && !sameJudgement(candidate, entry, storages) ? CLAIMABLE : standing;
    }

    private static boolean sameJudgement(Candidate candidate, LedgerEntry entry, Storages storages) {
        String key = candidate.recording().storageKey();
        String account = candidate.recording().account();
        boolean sameKey = key != null && (key.equals(entry.storageKey()) || key.length() > Work.MAX_KEY_LENGTH);
        boolean sameAccount = account == null ? entry.account() == null : account.equals(entry.account());
        String cause = entry.cause();
        int colon = cause == null ? -1 : cause.indexOf(": ");
        boolean sameStorage = cause != null && colon > 0 && storages.haveName(cause.substring(0, colon));
        return sameKey && sameAccount && sameStorage;
    }

    private static Standing ofOutcome(@Nullable DeletionOutcome outcome, Standing otherwise) {
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
