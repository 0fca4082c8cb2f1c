package dev.retention.test;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.Recording;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The gate's row of one recording. A row that a table holds is never changed: transactions change copies. */
final class GateRow {

    private final String id;
    DeletionState state = DeletionState.ACTIVE;
    boolean held;

    /** The key that the engine's row named when it was held; null while it is not held. */
    @Nullable
    String heldKey;

    @Nullable
    String heldAccount;

    @Nullable
    String storageKey;

    @Nullable
    String account;

    @Nullable
    Instant created;

    @Nullable
    Duration duration;

    @Nullable
    String policy;

    @Nullable
    Instant cutoff;

    @Nullable
    String reason;

    @Nullable
    Instant claimedAt;

    @Nullable
    String runId;

    int attempts;

    @Nullable
    String token;

    @Nullable
    String owner;

    @Nullable
    Instant leaseUntil;

    @Nullable
    Instant nextAttempt;

    @Nullable
    Instant failingSince;

    boolean inDoubt;

    @Nullable
    Instant deletedAt;

    @Nullable
    DeletionOutcome outcome;

    @Nullable
    String evidence;

    @Nullable
    Cause cause;

    GateRow(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    GateRow copy() {
        GateRow copy = new GateRow(id);
        copy.state = state;
        copy.held = held;
        copy.heldKey = heldKey;
        copy.heldAccount = heldAccount;
        copy.storageKey = storageKey;
        copy.account = account;
        copy.created = created;
        copy.duration = duration;
        copy.policy = policy;
        copy.cutoff = cutoff;
        copy.reason = reason;
        copy.claimedAt = claimedAt;
        copy.runId = runId;
        copy.attempts = attempts;
        copy.token = token;
        copy.owner = owner;
        copy.leaseUntil = leaseUntil;
        copy.nextAttempt = nextAttempt;
        copy.failingSince = failingSince;
        copy.inDoubt = inDoubt;
        copy.deletedAt = deletedAt;
        copy.outcome = outcome;
        copy.evidence = evidence;
        copy.cause = cause;
        return copy;
    }

    boolean isClaimable() {
        return state == DeletionState.ACTIVE && !held;
    }

    /** Whether it says that the recording of this row is deleted. An id may have been used again. */
    boolean isDeletionOf(EngineRow row) {
        return state == DeletionState.DELETED && row.names(storageKey, account, created);
    }

    /** Whether it was looked up under a hold, and waits to be looked up again. */
    boolean isKeptInTheDoor() {
        return state == DeletionState.DELETING && outcome == DeletionOutcome.KEPT && token == null;
    }

    boolean isOwnedBy(Claim claim) {
        return state == DeletionState.DELETING && claim.token().equals(token);
    }

    boolean leaseLastsBeyond(Instant now) {
        return state == DeletionState.DELETING && leaseUntil != null && leaseUntil.isAfter(now);
    }

    /** Since when a new attempt could have been made. */
    Instant waitingSince() {
        Instant lease = Optional.ofNullable(leaseUntil).orElse(Instant.MIN);
        Instant next = Optional.ofNullable(nextAttempt).orElse(Instant.MIN);
        return lease.isAfter(next) ? lease : next;
    }

    /** What the claim names as the recording: as it was when it was claimed first, apart from the attributes. */
    Recording recording(Map<String, String> attributes) {
        if (created == null) {
            throw new IllegalStateException("recording " + id + " was never claimed");
        }
        return new Recording(id, storageKey, account, created, attributes);
    }

    /** @param resumed whether deleting is not paused, so that what is kept by that alone is due */
    boolean isDueAgain(Instant now, boolean resumed) {
        return nextAttempt == null || !nextAttempt.isAfter(now) || resumed && isKeptByPause();
    }

    /** The code alone could be a storage's. */
    private boolean isKeptByPause() {
        return outcome == DeletionOutcome.KEPT && cause != null && cause.code().equals(Objection.PAUSED.name());
    }

    void beginAttempt(String by, Instant lease) {
        state = DeletionState.DELETING;
        token = UUID.randomUUID().toString();
        owner = by;
        leaseUntil = lease;
        nextAttempt = null;
        attempts++;
        inDoubt = true;
        if (cause != null && isKeptByPause()) {
            // Only once: whatever ends this attempt decides when the next one is due.
            cause = Cause.of(DeletionOutcome.KEPT.name(), cause.detail());
        }
    }

    /** Ends the attempt without saying how. */
    void endAttempt(boolean counted) {
        token = null;
        leaseUntil = null;
        if (!counted) {
            attempts--;
        }
    }

    /** Back to {@code ACTIVE}; only the hold outlasts it. */
    GateRow unclaimed() {
        GateRow fresh = new GateRow(id);
        fresh.held = held;
        fresh.heldKey = heldKey;
        fresh.heldAccount = heldAccount;
        return fresh;
    }

    void deleted(ClaimOutcome proof) {
        Recording proven = proof.claim().recording();
        state = DeletionState.DELETED;
        storageKey = proven.storageKey();
        account = proven.account();
        created = proven.created();
        reason = proof.claim().reason();
        deletedAt = proof.at();
        outcome = proof.outcome();
        evidence = proof.evidence().text();
        cause = null;
        nextAttempt = null;
        failingSince = null;
        endAttempt(proof.countsAsAttempt());
    }

    LedgerEntry entry() {
        return LedgerEntry.builder(id, state)
                .storageKey(storageKey)
                .account(account)
                .recordingCreated(created)
                .held(held)
                .attempts(attempts)
                .owner(owner)
                .leaseUntil(leaseUntil)
                .nextAttempt(nextAttempt)
                .failingSince(failingSince)
                .claimedAt(claimedAt)
                .deletedAt(deletedAt)
                .outcome(outcome)
                .evidence(evidence)
                .cause(cause)
                .policy(policy)
                .cutoff(cutoff)
                .runId(runId)
                .reason(reason)
                .build();
    }
}
