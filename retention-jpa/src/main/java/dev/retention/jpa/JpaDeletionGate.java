package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.LostRace;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DueCriteria;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The gate: which transactions there are, and what happens when one fails. {@link Claiming} and {@link Recordkeeping} say what they do. */
final class JpaDeletionGate implements DeletionGate {

    private static final int MOST_BUDGET_TRIES = 10;

    private final Database database;
    private final Claiming claiming;
    private final Recordkeeping recordkeeping;

    JpaDeletionGate(Database database, EngineTable engine) {
        this.database = database;
        this.claiming = new Claiming(engine);
        this.recordkeeping = new Recordkeeping(engine);
    }

    @Override
    public Claims claim(ClaimRequest request) {
        List<Candidate> candidates = request.candidates();
        try {
            for (int attempt = 0; attempt < MOST_BUDGET_TRIES; attempt++) {
                try {
                    return claim(request, candidates);
                } catch (Claiming.BudgetShort e) {
                    candidates = e.affordable();
                }
            }
        } catch (LostRace e) {
            // Others were faster, which is what a claim that got nothing says.
        }
        return new Claims(List.of(), Signal.GO_ON);
    }

    private Claims claim(ClaimRequest request, List<Candidate> candidates) {
        return database.once(
                "claim recordings",
                session -> claiming.claim(session, request, candidates),
                claimed -> Optional.of(claimed).filter(result -> stand(result.claims())));
    }

    @Override
    public List<Claim> reclaim(String owner, @Nullable String runId, Instant now, Instant leaseUntil, int limit) {
        try {
            return database.once(
                    "claim recordings again",
                    session -> claiming.reclaim(session, owner, runId, now, leaseUntil, limit),
                    claimed -> Optional.of(claimed).filter(this::stand));
        } catch (LostRace e) {
            return List.of();
        }
    }

    /** Whether claims were committed though the commit seemed to fail: all of them were, or none. */
    private boolean stand(List<Claim> claims) {
        return claims.isEmpty()
                || database.read(
                        "read claims",
                        session -> !claiming.owned(session, claims).isEmpty());
    }

    @Override
    public Set<String> verify(Collection<Claim> claims, DueCriteria criteria) {
        return database.read("verify claims", session -> claiming.verify(session, claims, criteria));
    }

    @Override
    public void giveBack(Collection<Claim> unsent, Instant nextAttempt) {
        database.repeatable("give claims back", session -> claiming.giveBack(session, unsent, nextAttempt));
    }

    @Override
    public Set<String> record(Collection<ClaimOutcome> outcomes) {
        if (outcomes.isEmpty()) {
            return Set.of();
        }
        try {
            return recordTogether(outcomes);
        } catch (RetentionException e) {
            if (outcomes.size() == 1) {
                throw e;
            }
            return recordOneByOne(outcomes);
        }
    }

    private Set<String> recordTogether(Collection<ClaimOutcome> outcomes) {
        return database.repeatable("record outcomes", session -> recordkeeping.record(session, outcomes));
    }

    private Set<String> recordOneByOne(Collection<ClaimOutcome> outcomes) {
        Set<String> notSoftDeleted = new HashSet<>();
        List<RetentionException> failures = new ArrayList<>();
        for (ClaimOutcome outcome : outcomes) {
            try {
                notSoftDeleted.addAll(recordTogether(List.of(outcome)));
            } catch (RetentionException e) {
                failures.add(e);
                if (Database.isAway(e)) {
                    // The others would each wait for the same answer.
                    break;
                }
            }
        }
        if (!failures.isEmpty()) {
            RetentionException first = failures.get(0);
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
        return notSoftDeleted;
    }

    @Override
    public void rehearse(Candidate candidate, String reason) {
        database.rehearse(
                "rehearse the deletion of recording " + candidate.id(),
                session -> recordkeeping.rehearse(session, candidate, reason));
    }

    @Override
    public Set<String> repair(Collection<Candidate> candidates) {
        if (candidates.isEmpty()) {
            return Set.of();
        }
        return database.repeatable("repair rows", session -> recordkeeping.repair(session, candidates));
    }
}
