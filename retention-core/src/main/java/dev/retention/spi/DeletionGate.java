package dev.retention.spi;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The gate rows: one row per recording, for which claims and holds compete, and which is the evidence afterwards. The
 * row is created as {@link dev.retention.DeletionState#ACTIVE} by the first claim or hold.
 *
 * <p>A claim that may have been sent never returns to {@code ACTIVE}.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface DeletionGate {

    /**
     * Claims recordings for a first attempt, in one transaction: those whose gate row is {@code ACTIVE} and not held
     * (or missing), to which no hold by attribute applies, and whose engine row, read again in this transaction, is
     * still due, has the same key, account and creation time as the candidate, and is not flagged as held. They become
     * {@code DELETING}, in doubt, with the lease, and count against the run's budget.
     *
     * <p>In the same transaction it is read whether deleting is paused, and whether the criteria carry the fingerprint
     * that was confirmed: {@link DueCriteria#fingerprint}. If not, nothing is claimed, and the signal says why.
     *
     * <p>The transaction locks the epoch of the holds by attribute before it reads anything. A candidate in the scope
     * of such a hold is refused, and the hold is applied to it, so that it stays held whatever its row says later.
     * Nothing is claimed while such a hold names an attribute that is not mapped.
     *
     * <p>What is deleted is the storage key, so other rows that name it count too. These are the rows with the same
     * key, character by character, and the same account. A row without an account is of the storage's default account,
     * which may be any, so it counts for all. A candidate is refused
     *
     * <ul>
     *   <li>if a hold applies to another row, even if the engine has soft-deleted that row. Then the hold is applied to
     *       the candidate too. A hold remembers what a row named when it was applied, so the row may also be gone, or
     *       name another key by now;
     *   <li>if another live row is flagged as held or is not due under the criteria, or if it can't be read. Then the
     *       candidate's gate row gets the outcome {@code KEY_SHARED} with a cause that names the other row;
     *   <li>if the criteria are those of an erasure, and another live row is neither a candidate of this request nor in
     *       an erasure already. Then the same is written.
     * </ul>
     *
     * <p>An erasure also claims recordings in {@code DELETING} that no instance works on, since the lease has expired
     * or the attempt has ended: whatever their next attempt, but only if the candidate is the recording that was
     * claimed first. From then on they belong to the erasure and to no run, with its policy, cutoff and reason, so that
     * recovery continues them whatever the policies say. Otherwise these claims are as after {@link #reclaim}.
     *
     * <p>A recording whose row or gate row has a value that can't be read is neither claimed nor allowed to be sent,
     * and its gate row is left alone.
     *
     * @return the claims. A candidate is missing if it is held, was claimed by another instance, or its row has changed
     */
    Claims claim(ClaimRequest request);

    /**
     * Which of these a claim would refuse because of another row that names the same key, as the rows are now. For a
     * preview: changes nothing, and says nothing about the candidates' own rows.
     */
    Set<String> keptForOthers(Collection<Candidate> candidates, DueCriteria criteria);

    /**
     * Which of these name a key that may have been sent for another row: the gate row of the other one is not
     * {@code ACTIVE}. Says nothing about the candidates' own gate rows, and changes nothing.
     */
    Set<String> sentForOthers(Collection<Candidate> candidates);

    /**
     * Claims recordings in {@code DELETING} again whose lease has expired (or was released) and whose next attempt is
     * due, longest waiting first. What was kept only because deleting was paused (its cause has the code of
     * {@link Objection#PAUSED}) is due as soon as the pause has ended, however it ended; that applies once, to the next
     * claim. Held ones are included, marked {@link Claim#late()}. Their gate rows are in doubt from now on, while
     * {@link Claim#inDoubt()} says whether they were before; an attempt that ended without an outcome was in doubt.
     * Gate rows with a value that can't be read are left out.
     *
     * @param owner the instance
     * @param runId the run to which they belong from now on; null leaves them with the run that they belong to
     * @param now the database's time, or an earlier one by which they were due
     * @param leaseUntil when the new claims expire
     * @param limit the most to claim, at least 1
     * @return the claims, each with a new token; empty if there is nothing to claim, and while a hold by attribute
     *     names an attribute that is not mapped: other instances may know what it covers
     */
    List<Claim> reclaim(String owner, @Nullable String runId, Instant now, Instant leaseUntil, int limit);

    /**
     * The check before a request is sent, in a committed transaction. Returns the ids of those claims whose token is
     * current, to which no hold applies, and whose engine row is still due under the criteria, has the claim's key,
     * account and creation time, and is not flagged as held. Empty while deleting is paused, while the criteria carry
     * another fingerprint than the confirmed one ({@link DueCriteria#fingerprint}), and while a hold by attribute names
     * an attribute that is not mapped. Other rows that name the key count as for a claim; in an erasure each live one
     * must be in an erasure itself. Holds by attribute are applied to those of the recordings that are in their scope,
     * so that they stay held whatever their rows say later.
     */
    Set<String> verify(Collection<Claim> claims, DueCriteria criteria);

    /**
     * Why {@link #verify} would not return these claims, as the rows are now: asked about claims that it has refused.
     * Changes nothing. If several things forbid one, the first of them in the order of {@link Objection} is named.
     *
     * @return by the claims' ids; a claim that would be returned by now is missing
     */
    Map<String, Objection> objections(Collection<Claim> claims, DueCriteria criteria);

    /**
     * Releases claims for which this attempt certainly sent nothing. A first attempt returns to {@code ACTIVE}, as if
     * it had never been claimed, and to the run's budget; a hold that was placed meanwhile then holds it. A later
     * attempt remains {@code DELETING}, is not counted, is in doubt only if it was before, and is due again at
     * {@code nextAttempt}. Claims whose token is not current are ignored.
     */
    void release(Collection<Claim> unsent, Instant nextAttempt);

    /**
     * Records the outcomes of claims. A proof of deletion is recorded even if another instance has the claim by now;
     * every other outcome only while the claim's token is current. With a proof, the engine's row is soft-deleted in
     * the same transaction, if it is live and has the claim's key, account and creation time. So are all other live
     * rows with this key and exactly this account that were created before the proof, which is theirs too. Each gets a
     * gate row in {@code DELETED} with the same evidence, and an event {@code DELETED_WITH} that names the claim's
     * recording. Recording the same outcome twice changes nothing the second time. An event is written for the outcome
     * of a second or later attempt, and if the engine's row could not be soft-deleted.
     *
     * <p>If the database refuses one outcome, the others are recorded all the same. So are they if another transaction
     * has locked the row of one, such as the engine's: that one is left out after a short wait, and returned.
     *
     * @return what was not marked or not recorded
     * @throws dev.retention.RetentionException of the kind {@code UNAVAILABLE} if the database does not answer; some of
     *     the outcomes may have been recorded
     */
    Recorded record(Collection<ClaimOutcome> outcomes);

    /**
     * Soft-deletes the candidate's row, writes a gate row for it, and rolls both back. So a missing grant, a short
     * column or a trigger is noticed before the first request to a storage. The row is read again before the rollback,
     * since a database may accept a change and ignore it, and after it, since a table may keep what is rolled back.
     *
     * @param candidate the row
     * @param reason the longest reason that may have to be written
     * @return why the database refuses it, for people, or that another transaction has locked the row; empty if it does
     *     not
     * @throws dev.retention.RetentionException of the kind {@code UNAVAILABLE} if the database does not answer
     */
    Optional<String> rehearse(Candidate candidate, String reason);

    /**
     * Soft-deletes rows that are live again although the ledger proves that the recordings are deleted, such as after a
     * stale entity was saved. Only rows whose key, account and creation time are those of the claim are changed.
     *
     * @return the ids of the repaired rows; empty if none was
     */
    Set<String> repair(Collection<Candidate> candidates);

    /**
     * What could not be done when outcomes were recorded.
     *
     * @param notMarked the ids of recordings whose deletion was recorded, but whose engine row was not soft-deleted,
     *     since it is missing, is deleted already, or describes another recording by now. To an erasure, a row that is
     *     soft-deleted already is as it should be: it is left as it is
     * @param refused the outcomes that the database refused; nothing of them was recorded
     * @param locked the outcomes whose rows another transaction had locked; nothing of them was recorded, and the same
     *     call may succeed when that has ended
     */
    record Recorded(Set<String> notMarked, List<Refusal> refused, List<ClaimOutcome> locked) {

        /** Every outcome was recorded, and every row marked. */
        public static final Recorded ALL = new Recorded(Set.of(), List.of(), List.of());

        public Recorded {
            notMarked = Set.copyOf(notMarked);
            refused = List.copyOf(refused);
            locked = List.copyOf(locked);
        }

        /** No row was locked. */
        public Recorded(Set<String> notMarked, List<Refusal> refused) {
            this(notMarked, refused, List.of());
        }
    }

    /**
     * An outcome that the database refused.
     *
     * @param outcome the outcome, of which nothing was recorded
     * @param why what the database said, for people
     */
    record Refusal(ClaimOutcome outcome, String why) {}

    /**
     * What to claim.
     *
     * @param runId the run, which must not have ended; null for an erasure, which belongs to no run and has no budget
     * @param owner the instance
     * @param leaseUntil when the claims expire, by the database's time
     * @param criteria which recordings are due
     * @param reason the reason that the engine's rows get with their soft-delete; see {@link #reasonFor}
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

        /** The reason of the claim on this row, as it is when it is claimed: see {@link Claim#ENGINE_DELETED}. */
        public String reasonFor(Candidate row) {
            return row.deleted() != null && !criteria.isErasure() ? Claim.ENGINE_DELETED : reason;
        }
    }

    /**
     * What was claimed.
     *
     * @param claims the claims; may be empty
     * @param signal whether more can be claimed
     */
    record Claims(List<Claim> claims, Signal signal) {
        public Claims {
            claims = List.copyOf(claims);
        }
    }

    /** What forbids that a claim is sent. The names are also the codes of causes. */
    enum Objection {
        /** Deleting is paused. */
        PAUSED,
        /** What the criteria name is not what was confirmed: {@link DueCriteria#fingerprint}. */
        NOT_CONFIRMED,
        /** A hold by attribute names an attribute that is not mapped here: {@link HoldRegister#unmappedScopes}. */
        HOLD_UNMAPPED,
        /** The claim's token is not current: another attempt has it, or it has an outcome. */
        TAKEN_OVER,
        /** A hold applies to it. */
        HELD,
        /** The engine has no such row, or it can't be read. */
        ROW_MISSING,
        /** The engine's row is soft-deleted. */
        ROW_DELETED,
        /** The engine's row names another key, account or creation time than the claim. */
        ROW_CHANGED,
        /** The engine's row is flagged as held. */
        FLAGGED_AS_HELD,
        /** A policy or a retain-until keeps it. */
        NOT_DUE,
        /** Another row names its key, and must be kept. */
        KEY_SHARED
    }

    /** Whether more can be claimed. */
    enum Signal {
        /** The run continues. */
        GO_ON,
        /** The run's budget is used up, with these {@link Claims#claims() claims} included. */
        CAP_REACHED,
        /** Deleting is paused; nothing was claimed. */
        PAUSED,
        /** What the criteria name is not what was confirmed: {@link DueCriteria#fingerprint}; nothing was claimed. */
        NOT_CONFIRMED,
        /** The run has ended; nothing was claimed. */
        RUN_ENDED,
        /**
         * A hold by attribute names an attribute that is not mapped here, see {@link HoldRegister#unmappedScopes};
         * nothing was claimed.
         */
        HOLD_UNMAPPED
    }
}
