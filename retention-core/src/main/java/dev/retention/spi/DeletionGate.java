package dev.retention.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one row per recording over which claims and holds contend, and which afterwards is the evidence. The row is created as
 * {@link dev.retention.DeletionState#ACTIVE} by whoever comes first, a claim or a hold.
 *
 * <p>{@code DELETING} is a one-way door: nothing that may have been sent ever returns to {@code ACTIVE}.
 */
public interface DeletionGate {

    /**
     * Claims recordings for a first attempt, in one transaction: those whose gate row is {@code ACTIVE} and not held (or missing), on which no hold by attribute lies, and whose
     * engine row, read again in this transaction, is still due, has the same key, account and creation time as the candidate, and is
     * not flagged as held. They become {@code DELETING}, in doubt, with the lease, and count against the run's budget.
     *
     * <p>The transaction locks the epoch of the holds by attribute before it reads anything. A candidate on which such a hold lies is refused and
     * marked as held.
     *
     * @return the claims; candidates that are missing in it were lost to a hold, another sweeper or a change of the row
     */
    Claims claim(ClaimRequest request);

    /**
     * Claims recordings in {@code DELETING} again whose lease has run out (or was given up) and whose next attempt is due, longest waiting
     * first. Held ones are included, marked {@link Claim#late()}. Their stored state is in doubt again from here on, while
     * {@link Claim#inDoubt()} tells what it was before; an attempt that ended without an outcome was in doubt.
     *
     * @param runId the run that they shall count for; null leaves them with the run that claimed them first
     */
    List<Claim> reclaim(String owner, @Nullable String runId, Instant now, Instant leaseUntil, int limit);

    /**
     * The committed check before a send: the ids of those claims that still hold their token, are not held, on which no hold by attribute lies, and whose engine row is
     * still due under the criteria, with the claim's key, account and creation time, and is not flagged as held. None while deleting is paused.
     */
    Set<String> verify(Collection<Claim> claims, DueCriteria criteria);

    /**
     * Gives up claims for which this attempt certainly sent nothing. A first attempt returns to {@code ACTIVE}, as if it had never been
     * claimed, and to the run's budget; a hold that came meanwhile is then absolute. A later attempt stays {@code DELETING}, uncounted, is as much in
     * doubt as before, and is due again at {@code nextAttempt}. Claims whose token is outdated are ignored.
     */
    void giveBack(Collection<Claim> unsent, Instant nextAttempt);

    /**
     * Records what became of claims. A proof of deletion is recorded whoever holds the claim by now; everything else only
     * while the claim's token is current. With a proof the engine's row is soft-deleted in the same transaction, provided that it is live and
     * has the claim's key, account and creation time. Recording the same outcome twice changes nothing the second time. An outcome of an attempt
     * beyond the first, and one whose engine row could not be soft-deleted, leaves an event.
     *
     * <p>If the batch fails, it is repeated one by one; one that fails alone is thrown at the end, after all others were recorded.
     *
     * @return the ids whose engine row was not soft-deleted, since it is gone, is deleted already, or names another recording by now
     */
    Set<String> record(Collection<ClaimOutcome> outcomes);

    /**
     * Soft-deletes the candidate's row with the longest reason, writes a gate row beside it, and rolls both back, so that a missing grant, a short column or a trigger
     * shows before the first remote call.
     *
     * @throws dev.retention.RetentionException when the database refuses it
     */
    void rehearse(Candidate candidate, String reason);

    /**
     * Soft-deletes the rows of recordings that the ledger proves to be deleted, though the engine's row is live again, such as after a stale
     * entity was saved. Only rows whose key, account and creation time are those of the claim.
     *
     * @return the ids that were repaired
     */
    Set<String> repair(Collection<Candidate> candidates);

    /**
     * What to claim.
     *
     * @param runId the run, which must not have ended; null for an erasure, which belongs to none and is bounded by no budget
     * @param owner the instance
     * @param leaseUntil by the database's time
     * @param criteria what is due
     * @param reason what the engine's row will name as the reason
     * @param candidates the rows, as they were read
     */
    record ClaimRequest(
            @Nullable String runId,
            String owner,
            Instant leaseUntil,
            DueCriteria criteria,
            String reason,
            List<Candidate> candidates) {
        public ClaimRequest {
            candidates = List.copyOf(candidates);
        }
    }

    /**
     * What was claimed.
     *
     * @param claims the claims
     * @param signal whether there may be more
     */
    record Claims(List<Claim> claims, Signal signal) {
        public Claims {
            claims = List.copyOf(claims);
        }
    }

    /** What a claim says about the run. */
    enum Signal {
        /** The run goes on. */
        GO_ON,
        /** The run's budget is used up; with {@link Claims#claims()} it was filled exactly. */
        CAP_REACHED,
        /** Deleting is paused; nothing was claimed. */
        PAUSED,
        /** The run has ended; nothing was claimed. */
        RUN_ENDED
    }
}
