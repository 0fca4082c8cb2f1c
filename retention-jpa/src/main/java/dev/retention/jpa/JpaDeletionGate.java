package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import dev.retention.jpa.ClaimCheck.Verified;
import dev.retention.jpa.Database.LostRace;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.jpa.Reclaiming.Claimant;
import dev.retention.jpa.Recordkeeping.Others;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DueCriteria;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The gate: which transactions there are, and what happens when one fails. What they do is in {@link Claiming},
 * {@link Reclaiming}, {@link ClaimCheck}, {@link ClaimRelease}, {@link Recordkeeping}, {@link Rehearsal} and
 * {@link RowRepair}.
 */
final class JpaDeletionGate implements DeletionGate {

    private static final int MOST_BUDGET_TRIES = 10;

    /** So long are outcomes whose rows are locked told from others; the rest of them is left out together. */
    private static final Duration LONGEST_AMONG_LOCKED = Duration.ofSeconds(2);

    private final Database database;
    private final Claiming claiming;
    private final Reclaiming reclaiming;
    private final ClaimCheck check;
    private final HoldStamping stamping;
    private final Recordkeeping recordkeeping;
    private final Rehearsal rehearsal;
    private final RowRepair repair;

    JpaDeletionGate(Database database, EngineTable engine) {
        this.database = database;
        this.claiming = new Claiming(engine);
        this.reclaiming = new Reclaiming(engine);
        this.check = new ClaimCheck(engine);
        this.stamping = new HoldStamping(database, engine);
        this.recordkeeping = new Recordkeeping(engine);
        this.rehearsal = new Rehearsal(database, engine);
        this.repair = new RowRepair(engine);
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
            // Other instances were faster: the same as a claim that got nothing.
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
    public Set<String> keptForOthers(Collection<Candidate> candidates, DueCriteria criteria) {
        return candidates.isEmpty()
                ? Set.of()
                : database.read(
                        "read the rows with the same keys",
                        session -> check.keptForOthers(session, candidates, criteria));
    }

    @Override
    public Set<String> sentForOthers(Collection<Candidate> candidates) {
        return candidates.isEmpty()
                ? Set.of()
                : database.read(
                        "read the rows with the same keys", session -> check.sentForOthers(session, candidates));
    }

    @Override
    public List<Claim> reclaim(String owner, @Nullable String runId, Instant now, Instant leaseUntil, int limit) {
        Claimant claimant = new Claimant(owner, runId, leaseUntil);
        try {
            return database.once(
                    "claim recordings again",
                    session -> reclaiming.reclaim(session, claimant, now, limit),
                    claimed -> Optional.of(claimed).filter(this::stand));
        } catch (LostRace e) {
            return List.of();
        }
    }

    /** Whether claims were committed though the commit seemed to fail: all of them were, or none. */
    private boolean stand(List<Claim> claims) {
        return claims.isEmpty() || database.read("read claims", session -> isOwned(session, claims));
    }

    private static boolean isOwned(Session session, List<Claim> claims) {
        Map<String, GateRow> rows =
                GateTable.find(session, claims.stream().map(Claim::id).toList());
        return !GateTable.owned(rows, claims).isEmpty();
    }

    @Override
    public Set<String> verify(Collection<Claim> claims, DueCriteria criteria) {
        Verified verified = database.read("verify claims", session -> check.verify(session, claims, criteria));
        if (!verified.inScope().isEmpty()) {
            stamping.stampNew(verified.inScope(), database.now());
        }
        return verified.allowed(claims);
    }

    @Override
    public Map<String, Objection> objections(Collection<Claim> claims, DueCriteria criteria) {
        return database.read("ask why claims are refused", session -> check.verify(session, claims, criteria))
                .objections();
    }

    @Override
    public void release(Collection<Claim> unsent, Instant nextAttempt) {
        database.repeatable("release claims", session -> ClaimRelease.release(session, unsent, nextAttempt));
    }

    @Override
    public Recorded record(Collection<ClaimOutcome> outcomes) {
        Set<String> notMarked = new HashSet<>();
        List<Refusal> refused = new ArrayList<>();
        List<ClaimOutcome> locked = new ArrayList<>();
        if (!outcomes.isEmpty()) {
            List<ClaimOutcome> all = List.copyOf(outcomes);
            Others others = Others.marked();
            try {
                notMarked.addAll(record(all, others, Effort.BRIEF));
            } catch (RetentionException e) {
                new Parts(notMarked, refused, locked).narrowDown(all, others, e);
            }
        }
        return new Recorded(notMarked, refused, locked);
    }

    private Set<String> record(List<ClaimOutcome> outcomes, Others others, Effort effort) {
        return database.repeatable(
                "record outcomes", session -> recordkeeping.record(session, outcomes, others), effort);
    }

    /**
     * Divides outcomes that the database did not take together, until it is known which of them it refuses, or whose
     * rows another transaction has locked. They are halved, so that one among hundreds costs some twenty transactions,
     * and the others are recorded; divided into more parts where each locked one costs a second. Each part is a
     * transaction, even when another part alone was at fault: nothing is concluded about outcomes that were not tried.
     */
    private final class Parts {

        private final Set<String> notMarked;
        private final List<Refusal> refused;
        private final List<ClaimOutcome> locked;
        private final long begun = System.nanoTime();

        Parts(Set<String> notMarked, List<Refusal> refused, List<ClaimOutcome> locked) {
            this.notMarked = notMarked;
            this.refused = refused;
            this.locked = locked;
        }

        void narrowDown(List<ClaimOutcome> outcomes, Others others, RetentionException why) {
            if (why.kind() == Kind.UNAVAILABLE) {
                throw why;
            }
            boolean areLocked = why instanceof LostRace race && !race.isDuplicate();
            boolean tooLong = System.nanoTime() - begun > LONGEST_AMONG_LOCKED.toNanos();
            if (areLocked && (outcomes.size() == 1 || tooLong)) {
                locked.addAll(outcomes);
                return;
            }
            if (outcomes.size() == 1) {
                alone(outcomes, others, why);
                return;
            }
            int size = outcomes.size();
            int parts = Math.min(size, areLocked ? database.dialect().partsAmongLocked() : 2);
            for (int part = 0; part < parts; part++) {
                tryPart(outcomes.subList(part * size / parts, (part + 1) * size / parts), Others.marked());
            }
        }

        private void tryPart(List<ClaimOutcome> part, Others others) {
            try {
                notMarked.addAll(record(part, others, Effort.SMALL));
            } catch (RetentionException e) {
                narrowDown(part, others, e);
            }
        }

        /** It may be another row with its key that the database refuses to mark. */
        private void alone(List<ClaimOutcome> one, Others others, RetentionException why) {
            if (others.wereMet()) {
                tryPart(one, Others.leftAlone());
            } else {
                refused.add(new Refusal(one.get(0), String.valueOf(why.getMessage())));
            }
        }
    }

    @Override
    public Optional<String> rehearse(Candidate candidate, String reason) {
        return rehearsal.rehearse(candidate, reason);
    }

    @Override
    public Set<String> repair(Collection<Candidate> candidates) {
        if (candidates.isEmpty()) {
            return Set.of();
        }
        return database.repeatable("repair rows", session -> repair.repair(session, candidates));
    }
}
