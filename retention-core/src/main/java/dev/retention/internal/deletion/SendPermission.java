package dev.retention.internal.deletion;

import dev.retention.RetentionException;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.StopSignal;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.Objection;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a request may be sent now. Everything that this depends on is asked here: stopping, the account, the lease,
 * the attempts, the key, and the committed check of the rows, which also sees holds, a pause and changed policies.
 */
final class SendPermission {

    /** Nothing is deleted whose rows were last seen in a committed transaction longer ago than this. */
    static final Duration FRESH = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(SendPermission.class);

    /** What is decided about a request whose turn has come. */
    enum Verdict {
        SEND,
        /** It waits for the account or for its check; or it is not sent, since all work is being stopped. */
        WAIT,
        /** It can't be sent soon: its claim is released, so that other instances may claim it. */
        NOT_SOON,
        /** All attempts ended without a conclusive answer. */
        ATTEMPTS_USED_UP
    }

    /** The part of the database that a check needs. */
    interface Database {

        /** See {@link dev.retention.spi.DeletionGate#verify}. */
        Set<String> verify(Collection<Claim> claims, DueCriteria criteria);

        /** See {@link dev.retention.spi.DeletionGate#objections}. */
        Map<String, Objection> objections(Collection<Claim> claims, DueCriteria criteria);

        Instant now();

        static Database of(RecordingRepository repository) {
            return new Database() {
                @Override
                public Set<String> verify(Collection<Claim> claims, DueCriteria criteria) {
                    return repository.gate().verify(claims, criteria);
                }

                @Override
                public Map<String, Objection> objections(Collection<Claim> claims, DueCriteria criteria) {
                    return repository.gate().objections(claims, criteria);
                }

                @Override
                public Instant now() {
                    return repository.now();
                }
            };
        }
    }

    private final SweepSettings settings;
    private final StopSignal stop;
    private final DueCriteria criteria;
    private final AnswerRules rules;
    private final Database database;

    SendPermission(
            SweepSettings settings, StopSignal stop, DueCriteria criteria, AnswerRules rules, Database database) {
        this.settings = settings;
        this.stop = stop;
        this.criteria = criteria;
        this.rules = rules;
        this.database = database;
    }

    /** Sends no request. A look-up needs no check, since it deletes nothing. */
    Verdict judge(PendingDeletion deletion, long now) {
        AccountState account = deletion.account;
        if (!canBeSentSoon(deletion, now)) {
            return Verdict.NOT_SOON;
        }
        if (stop.isRequested() || !account.isIdentified() || !account.mayTry(now) || needsCheck(deletion, now)) {
            return Verdict.WAIT;
        }
        return !deletion.isLookUp() && rules.isUsedUp(deletion.claim.attempt())
                ? Verdict.ATTEMPTS_USED_UP
                : Verdict.SEND;
    }

    /** Whether a request may be sent for its account soon, and the rest of its lease is long enough for a request. */
    boolean canBeSentSoon(PendingDeletion deletion, long now) {
        return !deletion.account.isStopped()
                && deletion.account.waitNanos(now) <= FRESH.toNanos()
                && !isLeaseHalfOver(deletion, now);
    }

    /** A storage's call must end within half a lease, so that nothing is sent once half of it is over. */
    boolean isLeaseHalfOver(PendingDeletion deletion, long now) {
        return now - deletion.claimedNanos > settings.lease().toNanos() / 2;
    }

    private boolean needsCheck(PendingDeletion deletion, long now) {
        return !deletion.isLookUp() && (settings.dryRun() || !deletion.wasChecked(now, FRESH.toNanos()));
    }

    /** Why its key is not valid for any storage, so that nothing is sent; null if it may be valid. */
    @Nullable
    DeletionResult objectionToKey(PendingDeletion deletion) {
        String key = deletion.claim.recording().storageKey();
        if (deletion.isLookUp() || key != null && key.length() <= Storages.MAX_KEY_LENGTH) {
            return null;
        }
        return DeletionResult.refusedUnsent("a storage key of " + (key == null ? 0 : key.length())
                + " characters; 1 to " + Storages.MAX_KEY_LENGTH + " are possible");
    }

    /** The result of a check of rows. */
    record Checked(List<PendingDeletion> allowed, List<PendingDeletion> refused) {

        /** Whether there was nothing to check. */
        boolean isEmpty() {
            return allowed.isEmpty() && refused.isEmpty();
        }
    }

    /** Asks the database about those whose last check is too long ago, before any of them is sent. */
    Checked check(List<PendingDeletion> ready, long now) {
        List<PendingDeletion> unchecked = ready.stream()
                .filter(deletion -> needsCheck(deletion, now) && !deletion.account.isStopped())
                .toList();
        Checked checked = new Checked(new ArrayList<>(), new ArrayList<>());
        if (!unchecked.isEmpty()) {
            Set<String> allowed =
                    verify(unchecked.stream().map(deletion -> deletion.claim).toList());
            for (PendingDeletion deletion : unchecked) {
                boolean may = allowed.contains(deletion.claim.id()) && !settings.dryRun();
                (may ? checked.allowed : checked.refused).add(deletion);
            }
        }
        return checked;
    }

    boolean isDryRun() {
        return settings.dryRun();
    }

    /**
     * Why a check refused them, by their ids. One that is missing is refused no longer: what forbade it has ended
     * since. Nothing is known of any of them if the database does not answer.
     */
    Map<String, Refusal> whyRefused(Collection<PendingDeletion> refused) {
        Map<String, Refusal> refusals = new HashMap<>();
        if (settings.dryRun()) {
            refused.forEach(deletion -> refusals.put(deletion.claim.id(), Refusal.DRY_RUN));
            return refusals;
        }
        try {
            byCriteria(
                    refused.stream().map(deletion -> deletion.claim).toList(),
                    (claims, due) -> database.objections(claims, due)
                            .forEach((id, objection) -> refusals.put(id, Refusal.of(objection))));
        } catch (RetentionException e) {
            log.debug("the next check finds out why deletions are refused: {}", e.getMessage());
        }
        return refusals;
    }

    /** Asked as the last thing before a deletion is sent. Used on worker threads. */
    DeletionPermit permit(PendingDeletion deletion) {
        return () -> {
            boolean lasts = maySendNow(deletion);
            if (!lasts) {
                deletion.notPermitted();
            }
            return lasts;
        };
    }

    /** Much time may have passed since it was judged: by a tracer, a queue, a connection. */
    private boolean maySendNow(PendingDeletion deletion) {
        long now = settings.ticker().nanos();
        if (stop.isRequested() || !canBeSentSoon(deletion, now)) {
            return false;
        }
        return !needsCheck(deletion, now) || isAllowed(deletion, now);
    }

    private boolean isAllowed(PendingDeletion deletion, long now) {
        Claim claim = deletion.claim;
        try {
            if (settings.dryRun() || !verify(List.of(claim)).contains(claim.id())) {
                return false;
            }
        } catch (RetentionException e) {
            log.warn(
                    "recording={} is not deleted now, because the database failed to check its row: {}. The"
                            + " deletion is tried again",
                    claim.id(),
                    e.getMessage());
            return false;
        }
        // The time before the database was asked, not after: a change in between may not have been seen.
        deletion.checkedAt(now);
        long answered = settings.ticker().nanos();
        return !stop.isRequested() && !needsCheck(deletion, answered) && !isLeaseHalfOver(deletion, answered);
    }

    private Set<String> verify(List<Claim> claims) {
        Set<String> allowed = new HashSet<>();
        byCriteria(claims, (concerned, due) -> allowed.addAll(database.verify(concerned, due)));
        return allowed;
    }

    /** An erasure is due whatever the policies say, also when recovery continues it. */
    private void byCriteria(List<Claim> claims, BiConsumer<List<Claim>, DueCriteria> question) {
        Map<Boolean, List<Claim>> byKind = claims.stream()
                .collect(Collectors.partitioningBy(claim -> claim.policy().equals(DueCriteria.ERASURE)));
        byKind.forEach((erasure, concerned) -> {
            if (!concerned.isEmpty()) {
                DueCriteria due = erasure ? criteria.forErasure(database.now()) : criteria;
                question.accept(concerned, due);
            }
        });
    }
}
