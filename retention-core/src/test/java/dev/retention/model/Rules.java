package dev.retention.model;

import dev.retention.Cause;
import dev.retention.internal.account.AccountFacts;
import dev.retention.internal.deletion.AnswerRules;
import dev.retention.internal.deletion.AnswerRules.Answer;
import dev.retention.internal.deletion.AnswerRules.Attempt;
import dev.retention.internal.deletion.Backoff;
import dev.retention.internal.deletion.Decision;
import dev.retention.internal.deletion.Decision.DeleteNext;
import dev.retention.internal.deletion.Decision.Deleted;
import dev.retention.internal.deletion.Decision.KeepEvidence;
import dev.retention.internal.deletion.Decision.Quarantine;
import dev.retention.internal.deletion.Decision.RefusedUnsent;
import dev.retention.internal.deletion.Decision.Release;
import dev.retention.internal.deletion.Decision.Retry;
import dev.retention.internal.deletion.Decision.Row;
import dev.retention.internal.deletion.Decision.SendAgain;
import dev.retention.internal.deletion.Refusal;
import dev.retention.model.State.Ending;
import dev.retention.model.State.Phase;
import dev.retention.model.State.Worker;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Evidence;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What follows from answers, as the sweeper's own {@link AnswerRules} say. A mutant breaks them here: it changes what
 * they are asked or what they decided.
 */
final class Rules {

    private static final int MOST_ATTEMPTS = 3;
    private static final String STORAGE = "fake";
    private static final AnswerRules REAL =
            new AnswerRules(MOST_ATTEMPTS, new Backoff(Duration.ofMinutes(1), Duration.ofHours(1)), false);

    /** The model is about recordings, so that nothing speaks against the account. */
    private static final AccountFacts ACCOUNT = new AccountFacts(false, false, false, false, false, false, false);

    /**
     * Where a worker is after it.
     *
     * @param phase the worker's next phase; null when the claim is released
     * @param ending how the attempt ended; null when it goes on
     */
    record Consequence(@Nullable Phase phase, @Nullable Ending ending, boolean inDoubt) {}

    private record Question(DeletionResult result, boolean lookUp, int attempt, boolean sentBefore, boolean inDoubt) {}

    private final @Nullable Mutant mutant;
    private final Map<Question, Set<Consequence>> known = new HashMap<>();

    Rules(@Nullable Mutant mutant) {
        this.mutant = mutant;
    }

    private boolean is(Mutant candidate) {
        return mutant == candidate;
    }

    /**
     * What may follow from an answer: it depends on what the model leaves open, such as which of all further attempts
     * it is.
     */
    Set<Consequence> answered(DeletionResult result, boolean lookUp, Worker worker, boolean sentBefore) {
        Question question = new Question(result, lookUp, worker.attempt(), sentBefore, worker.inDoubt());
        return known.computeIfAbsent(question, this::answer);
    }

    private Set<Consequence> answer(Question question) {
        Set<Consequence> consequences = new LinkedHashSet<>();
        for (int number : numbers(question.attempt())) {
            for (boolean counts : List.of(true, false)) {
                for (boolean leaseHalfOver : List.of(false, true)) {
                    Attempt attempt =
                            new Attempt("r", number, question.sentBefore(), question.inDoubt(), leaseHalfOver);
                    Decision decision =
                            decide(new Answer(STORAGE, question.result(), question.lookUp(), counts), attempt);
                    consequences.add(consequence(decision.row(), decision.inDoubt(), question.result()));
                }
            }
        }
        return consequences;
    }

    private static List<Integer> numbers(int attempt) {
        return attempt == State.FURTHER ? List.of(2, MOST_ATTEMPTS, MOST_ATTEMPTS + 1) : List.of(attempt);
    }

    private Decision decide(Answer answer, Attempt attempt) {
        Kind kind = answer.result().kind();
        if (is(Mutant.NOT_FOUND_IS_SUCCESS) && kind == Kind.NOT_FOUND) {
            return real(answer, DeletionResult.alreadyGone("not found"), attempt);
        }
        if (is(Mutant.REFUSED_UNSENT_OF_A_FURTHER_ATTEMPT) && kind == Kind.REFUSED_UNSENT) {
            return real(answer, new Attempt("r", 1, attempt.sentBefore(), attempt.inDoubt(), false));
        }
        if (is(Mutant.REFUSED_UNSENT_AFTER_ANOTHER_TURN) && kind == Kind.REFUSED_UNSENT) {
            return real(answer, new Attempt("r", attempt.number(), false, attempt.inDoubt(), false));
        }
        Decision decision = real(answer, attempt);
        boolean failed = decision.row() instanceof Retry || decision.row() instanceof Quarantine;
        if (failed && is(Mutant.RELEASE_ON_FAILURE)
                || failed && is(Mutant.TIMEOUT_IS_FAILURE) && kind == Kind.TRY_LATER && decision.inDoubt()) {
            return decided(decision, new RefusedUnsent(new Cause("FAILED", STORAGE, "failed")));
        }
        if (is(Mutant.FIRST_ATTEMPT_UNCOUNTED)
                && attempt.number() == 1
                && answer.result().surelyNotApplied()
                && decision.row() instanceof Retry retry) {
            return decided(decision, new Retry(retry.outcome(), retry.cause(), retry.after(), false));
        }
        return decision;
    }

    private static Decision real(Answer answer, Attempt attempt) {
        return REAL.answered(answer, attempt, ACCOUNT);
    }

    private static Decision real(Answer answer, DeletionResult instead, Attempt attempt) {
        return real(new Answer(answer.storage(), instead, answer.lookUp(), answer.counts()), attempt);
    }

    private static Decision decided(Decision decision, Row instead) {
        return new Decision(instead, decision.inDoubt(), decision.account());
    }

    private static Consequence consequence(Row row, boolean inDoubt, @Nullable DeletionResult result) {
        if (row instanceof KeepEvidence && result != null) {
            return consequence(REAL.settled(Evidence.NONE.with(STORAGE, result), false), inDoubt, null);
        }
        if (row instanceof DeleteNext) {
            return new Consequence(Phase.LOOKED_UP, null, inDoubt);
        }
        if (row instanceof SendAgain) {
            return new Consequence(Phase.READY_AGAIN, null, inDoubt);
        }
        return row instanceof Release
                ? new Consequence(null, null, inDoubt)
                : new Consequence(Phase.ENDED, ending(row), inDoubt);
    }

    private static Ending ending(Row row) {
        if (row instanceof Deleted) {
            return Ending.PROVEN;
        }
        if (row instanceof Retry retry) {
            return retry.counts() ? Ending.TRY_LATER : Ending.TRY_LATER_UNCOUNTED;
        }
        if (row instanceof RefusedUnsent) {
            return Ending.REFUSED_UNSENT;
        }
        if (row instanceof Quarantine quarantine) {
            return switch (quarantine.outcome()) {
                case UNPROVEN -> Ending.UNPROVEN;
                case ATTEMPTS_USED_UP -> Ending.ATTEMPTS_USED_UP;
                default -> Ending.REFUSED;
            };
        }
        throw new IllegalStateException("the model has no ending for " + row);
    }

    boolean looksUpFirst(Worker worker) {
        return REAL.looksUpFirst(worker.inDoubt() && !is(Mutant.NO_LOOK_UP), true);
    }

    /** Whether the attempt may be one that may still be sent. */
    boolean maySend(Worker worker) {
        return numbers(worker.attempt()).stream().anyMatch(number -> !REAL.isUsedUp(number));
    }

    /** What follows when the attempt may be one too many. */
    Set<Consequence> usedUp(Worker worker) {
        return numbers(worker.attempt()).stream().anyMatch(REAL::isUsedUp)
                ? Set.of(consequence(REAL.usedUp(), worker.inDoubt(), null))
                : Set.of();
    }

    /** What follows when its turn does not come. */
    Consequence notSent(Worker worker, boolean sent) {
        boolean told = sent && !is(Mutant.RELEASE_CLAIM_OF_WHAT_WAS_SENT);
        return consequence(REAL.notSent(attempt(worker, sent), told, STORAGE), worker.inDoubt(), null);
    }

    /** What follows when the check before the send refuses it. */
    Consequence refusedByCheck(Worker worker, boolean sent) {
        return consequence(
                REAL.refusedByCheck(
                        attempt(worker, sent), sent, false, new Refusal(Cause.of("KEPT", "refused"), false)),
                worker.inDoubt(),
                null);
    }

    private static Attempt attempt(Worker worker, boolean sent) {
        return new Attempt("r", worker.attempt(), sent, worker.inDoubt(), false);
    }

    /** How an attempt is recorded that ended so. The rules decide at the answer, and not later. */
    Ending recorded(Ending ending, boolean wrongAccount) {
        if (is(Mutant.NOT_FOUND_PLUS_LATER_ACCOUNT_PROBE) && ending == Ending.UNPROVEN && !wrongAccount) {
            Answer asProof = new Answer(STORAGE, DeletionResult.alreadyGone("the account is right"), false, true);
            Decision decision = real(asProof, new Attempt("r", 1, false, false, false));
            Ending proven = consequence(decision.row(), false, asProof.result()).ending();
            return proven == null ? ending : proven;
        }
        return ending;
    }
}
