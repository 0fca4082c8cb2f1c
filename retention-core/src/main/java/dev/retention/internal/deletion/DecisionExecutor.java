package dev.retention.internal.deletion;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.AccountIdentification.Known;
import dev.retention.internal.deletion.AccountIdentification.Refused;
import dev.retention.internal.deletion.AccountIdentification.Unanswered;
import dev.retention.internal.deletion.AccountIdentification.Verdict;
import dev.retention.internal.deletion.AnswerRules.Answer;
import dev.retention.internal.deletion.Decision.AccountStep;
import dev.retention.internal.deletion.Decision.DecideWithheld;
import dev.retention.internal.deletion.Decision.DeleteNext;
import dev.retention.internal.deletion.Decision.Deleted;
import dev.retention.internal.deletion.Decision.KeepEvidence;
import dev.retention.internal.deletion.Decision.Quarantine;
import dev.retention.internal.deletion.Decision.RefusedUnsent;
import dev.retention.internal.deletion.Decision.Release;
import dev.retention.internal.deletion.Decision.Retry;
import dev.retention.internal.deletion.Decision.Row;
import dev.retention.internal.deletion.Decision.SendAgain;
import dev.retention.internal.deletion.Decision.Stop;
import dev.retention.internal.deletion.Decision.Withhold;
import dev.retention.internal.deletion.Dispatcher.Answered;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.support.Texts;
import dev.retention.internal.time.DatabaseTime;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Evidence;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks {@link AnswerRules} what follows and does it: moves a claim on, ends it with an outcome, or releases it. Decides
 * nothing itself. Used by the sweeping thread alone.
 */
final class DecisionExecutor {

    private static final Logger log = LoggerFactory.getLogger(DecisionExecutor.class);

    private final RecordingRepository repository;
    private final Storages storages;
    private final AnswerRules rules;
    private final DatabaseTime time;
    private final Duration initialBackoff;
    private final Dispatcher dispatcher;
    private final OutcomeRecorder recorder;
    private final Obstacles obstacles;
    private final Withheld withheld = new Withheld();
    private long postponed;

    DecisionExecutor(
            RecordingRepository repository,
            Storages storages,
            AnswerRules rules,
            DatabaseTime time,
            Dispatcher dispatcher,
            OutcomeRecorder recorder,
            Obstacles obstacles) {
        this.repository = repository;
        this.storages = storages;
        this.rules = rules;
        this.time = time;
        this.initialBackoff = rules.backoff().initial();
        this.dispatcher = dispatcher;
        this.recorder = recorder;
        this.obstacles = obstacles;
    }

    /** How many claims were released that may be claimed again: not those of an account that was stopped. */
    long postponed() {
        return postponed;
    }

    Withheld withheld() {
        return withheld;
    }

    /** Turns to the first storage that has not answered yet. */
    void begin(Claim claim, AccountState account, long claimedNanos) {
        Evidence evidence = claim.evidence();
        if (storages.next(claim.recording(), evidence).isEmpty()
                && AnswerRules.isLeftElsewhere(evidence, storages.externalMediaIsGone(evidence))) {
            // A person has requested a retry: storages that have proven nothing are asked again.
            evidence = evidence.proofs();
        }
        Optional<RecordingStorage> next = storages.next(claim.recording(), evidence);
        if (next.isEmpty()) {
            settle(claim, evidence);
        } else {
            PendingDeletion deletion = new PendingDeletion(claim, account, evidence, claimedNanos, next.get());
            dispatcher.add(turnTo(deletion, next.get()));
        }
    }

    private PendingDeletion turnTo(PendingDeletion deletion, RecordingStorage storage) {
        return deletion.at(storage, rules.looksUpFirst(deletion.isInDoubt(), storage instanceof RecordingLookup));
    }

    void answered(Answered answered, boolean leaseHalfOver) {
        PendingDeletion deletion = answered.deletion();
        DeletionResult result = answered.result();
        String storage = deletion.storage().name();
        if (result.kind() == Kind.TRY_LATER) {
            obstacles.failed(deletion.account, Causes.of(storage, result));
        }
        Answer answer = new Answer(storage, result, deletion.isLookUp(), answered.counts());
        Decision decision = rules.answered(answer, deletion.attempt(leaseHalfOver), deletion.account.facts());
        deletion.inDoubt(decision.inDoubt());
        if (decision.row() instanceof KeepEvidence) {
            keepEvidence(deletion, result);
        } else if (decision.row() instanceof Withhold withhold) {
            withheld.add(deletion, withhold, deletion.sentNanos() + answered.tookNanos());
        } else {
            carryOut(deletion, decision.row());
        }
        carryOut(deletion, decision.account());
    }

    void identified(AccountState account, Verdict verdict, long nowNanos) {
        if (verdict instanceof Unanswered unanswered) {
            account.notIdentified(unanswered.noAnswers(), nowNanos);
            for (DeletionResult noAnswer : unanswered.noAnswers()) {
                obstacles.failed(account, Causes.of(unanswered.storage(), noAnswer));
            }
            return;
        }
        account.identified(verdict instanceof Known);
        if (verdict instanceof Refused refused) {
            stop(account, refused.end(), refused.why());
        } else {
            // Of an account that was identified before: they are not its fault.
            decideWithheld(account);
        }
    }

    /** The next storage is asked once the evidence is committed. */
    private void keepEvidence(PendingDeletion deletion, DeletionResult result) {
        deletion.evidence(deletion.evidence().with(deletion.storage().name(), result));
        Optional<RecordingStorage> next = storages.next(deletion.claim.recording(), deletion.evidence());
        if (next.isEmpty()) {
            settle(deletion.claim, deletion.evidence());
        } else {
            recorder.addProgress(deletion);
            turnTo(deletion, next.get());
        }
    }

    /** Every storage has answered. */
    private void settle(Claim claim, Evidence evidence) {
        Row row = rules.settled(evidence, storages.externalMediaIsGone(evidence));
        if (row instanceof Deleted) {
            recorder.add(at -> ClaimOutcome.deleted(claim, evidence, at));
        } else if (row instanceof Quarantine quarantine) {
            logFailure(claim, quarantine.outcome(), quarantine.cause());
            recorder.add(at -> ClaimOutcome.quarantine(claim, quarantine.outcome(), quarantine.cause(), at)
                    .withEvidence(evidence));
        } else {
            throw new IllegalStateException("cannot settle by " + row);
        }
    }

    private void carryOut(PendingDeletion deletion, Row row) {
        if (row instanceof DeleteNext) {
            deletion.deleteNext();
            dispatcher.addFirst(deletion);
        } else if (row instanceof SendAgain) {
            dispatcher.addFirst(deletion);
        } else if (row instanceof Retry retry) {
            retry(deletion, retry);
        } else if (row instanceof Quarantine quarantine) {
            quarantine(deletion, quarantine);
        } else if (row instanceof RefusedUnsent refused) {
            logFailure(deletion.claim, DeletionOutcome.REFUSED_UNSENT, refused.cause());
            recorder.add(at -> ClaimOutcome.refusedUnsent(deletion.claim, refused.cause(), at));
        } else {
            throw new IllegalStateException("cannot carry out " + row);
        }
    }

    private void retry(PendingDeletion deletion, Retry retry) {
        if (retry.outcome() == DeletionOutcome.TRY_LATER || retry.outcome() == DeletionOutcome.STOPPED) {
            logFailure(deletion.claim, retry.outcome(), retry.cause());
        }
        Evidence evidence = deletion.evidence();
        boolean inDoubt = deletion.isInDoubt();
        recorder.add(at -> {
            ClaimOutcome counted = ClaimOutcome.retry(
                            deletion.claim, retry.outcome(), retry.cause(), at, at.plus(retry.after()))
                    .withEvidence(evidence)
                    .inDoubt(inDoubt);
            return retry.counts() ? counted : counted.uncounted();
        });
    }

    private void quarantine(PendingDeletion deletion, Quarantine quarantine) {
        logFailure(deletion.claim, quarantine.outcome(), quarantine.cause());
        Evidence evidence = deletion.evidence();
        boolean inDoubt = deletion.isInDoubt();
        recorder.add(at -> ClaimOutcome.quarantine(deletion.claim, quarantine.outcome(), quarantine.cause(), at)
                .withEvidence(evidence)
                .inDoubt(inDoubt));
    }

    private void carryOut(PendingDeletion deletion, AccountStep step) {
        if (step instanceof Stop stop) {
            stop(deletion.account, stop.end(), stop.why());
        } else if (step instanceof DecideWithheld) {
            // What was sent before their answers says nothing about the rights that the account had then.
            withheld.takeAnsweredBefore(deletion.account, deletion.sentNanos()).forEach(this::decide);
        }
    }

    /** The run stops for the account. */
    void stop(AccountState account, SweepEnd end, String why) {
        if (!account.isStopped()) {
            log.error(
                    "{} is stopped for the rest of the run: cause={} {}. Correct this cause; the next sweep continues"
                            + " with the account",
                    account.label(),
                    end,
                    why);
        }
        account.stop(end, why);
        // That may have stopped others, too.
        withheld.accounts().stream().filter(AccountState::isStopped).forEach(this::decideWithheld);
    }

    /** No further answers come by which withheld recordings could be decided. */
    void decideWithheld() {
        withheld.accounts().forEach(this::decideWithheld);
    }

    /** The same for one account. */
    private void decideWithheld(AccountState account) {
        withheld.take(account).forEach(this::decide);
    }

    private void decide(Withheld.Entry entry) {
        PendingDeletion deletion = entry.deletion();
        Cause cause = Causes.withheld(deletion.account);
        carryOut(
                deletion,
                cause == null
                        ? entry.withhold().otherwise()
                        : rules.withheldStopped(deletion.attempt(false), entry.withhold(), cause));
    }

    /** Before the leases of withheld claims expire: then they would be claimed again, as if nobody had asked. */
    void decideWithheld(long ifClaimedBeforeNanos) {
        withheld.accounts().stream()
                .filter(account -> withheld.hasClaimedBefore(account, ifClaimedBeforeNanos))
                .forEach(this::decideWithheld);
    }

    void usedUp(List<PendingDeletion> deletions) {
        deletions.forEach(deletion -> carryOut(deletion, rules.usedUp()));
    }

    /** Their turn did not come. */
    void notSent(List<PendingDeletion> deletions) {
        List<PendingDeletion> unsent = new ArrayList<>();
        for (PendingDeletion deletion : deletions) {
            postponed += deletion.account.isStopped() ? 0 : 1;
            Row row = rules.notSent(
                    deletion.attempt(false),
                    deletion.isSent(),
                    deletion.storage().name());
            if (row instanceof Release) {
                unsent.add(deletion);
            } else {
                carryOut(deletion, row);
            }
        }
        release(unsent, "not sent");
    }

    /**
     * The check before the send refused them.
     *
     * @param unconfirmed whether another mapping may be the confirmed one: this one may read another key from each row
     */
    void refusedByCheck(List<PendingDeletion> deletions, SendPermission permission, boolean unconfirmed) {
        List<PendingDeletion> unsent = new ArrayList<>();
        Set<String> changed =
                unconfirmed || permission.isDryRun() ? Set.of() : ChangedRows.among(repository.recordings(), deletions);
        Map<String, Refusal> refusals = permission.whyRefused(deletions);
        for (PendingDeletion deletion : deletions) {
            String id = deletion.claim.id();
            Refusal why = refusals.getOrDefault(id, Refusal.ENDED);
            Row row = rules.refusedByCheck(deletion.attempt(false), deletion.isSent(), changed.contains(id), why);
            if (row instanceof Release) {
                postponed += deletion.account.isStopped() ? 0 : 1;
                unsent.add(deletion);
            } else {
                if (row instanceof Retry retry) {
                    log.warn(
                            "recording={} is not deleted and remains claimed: cause={} {}. Recovery looks it up later",
                            id,
                            retry.cause().code(),
                            retry.cause());
                }
                carryOut(deletion, row);
            }
        }
        release(unsent, "refused by the check: " + Refusal.causes(refusals.values()));
    }

    private void release(List<PendingDeletion> unsent, String why) {
        if (unsent.isEmpty()) {
            return;
        }
        log.debug("{} claims released: {}", unsent.size(), why);
        List<Claim> claims = unsent.stream().map(deletion -> deletion.claim).toList();
        try {
            repository.gate().release(claims, time.now().plus(initialBackoff));
        } catch (RetentionException e) {
            log.warn(
                    "{} claims could not be released: {}. Recovery continues the claims when their leases have expired",
                    claims.size(),
                    e.getMessage());
        }
    }

    private static void logFailure(Claim claim, DeletionOutcome outcome, Cause cause) {
        log.warn(
                "recording={}{} attempt={} outcome={} cause={}",
                claim.id(),
                Texts.pair(" account", claim.recording().account()),
                claim.attempt(),
                outcome,
                cause);
    }
}
