package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.Recording;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Claims recordings for a first attempt, within a transaction. Lock order: the epoch of holds, gate rows by id, then
 * the run.
 */
final class Claiming {

    private final EngineTable engine;

    Claiming(EngineTable engine) {
        this.engine = engine;
    }

    /** The run may not claim so many. Rolls the transaction back. */
    static final class BudgetShort extends RetentionException {
        private static final long serialVersionUID = 1L;
        private final transient List<Candidate> affordable;

        BudgetShort(List<Candidate> affordable) {
            super(Kind.REFUSED, "the run's budget is short");
            this.affordable = affordable;
        }

        List<Candidate> affordable() {
            return affordable;
        }
    }

    Claims claim(Session session, ClaimRequest request, List<Candidate> candidates) {
        // Before anything is read: later reads see every hold by attribute that was answered.
        InternalControl.HOLDS_EPOCH.lockShared(session);
        String runId = request.runId();
        Optional<SweepRun> run = runId == null
                ? Optional.empty()
                : JpaSweepRuns.find(session, runId).filter(found -> found.report() == null);
        if (runId != null && run.isEmpty()) {
            return new Claims(List.of(), Signal.RUN_ENDED);
        }
        Optional<Signal> forbidden = ClaimCheck.forbidden(session, request.criteria());
        if (forbidden.isPresent()) {
            return new Claims(List.of(), forbidden.get());
        }
        if (run.isPresent() && budgetLeft(run.get()) == 0) {
            return new Claims(List.of(), Signal.CAP_REACHED);
        }
        HoldScopes scopes = HoldScopes.active(session, engine);
        if (!scopes.unmapped().isEmpty()) {
            return new Claims(List.of(), Signal.HOLD_UNMAPPED);
        }
        SharedKeys keys = SharedKeys.of(
                session, engine, candidates.stream().map(Candidate::recording).toList());
        scopes.applyTo(session, keys.rows().values());
        Map<String, Candidate> due = stillDue(keys.rows(), scopes, candidates, request.criteria());
        new KeyClaims(session, keys, scopes, request.criteria()).removeKept(due);
        if (due.isEmpty()) {
            return new Claims(List.of(), Signal.GO_ON);
        }
        List<Claim> claims = new ArrayList<>();
        if (request.criteria().isErasure()) {
            claims.addAll(Reclaiming.takeOver(session, request, due));
            claims.forEach(claim -> due.remove(claim.id()));
        }
        Map<String, String> tokens = GateTable.drawTokens(due.keySet());
        Instant now = session.tables().dialect().now(session.sql());
        write(session, request, due, tokens, now);
        due.values().forEach(candidate -> claims.add(firstClaim(candidate, request, tokens)));
        session.evidence()
                .addAll(() -> claims.stream()
                        .map(claim -> EvidenceEntry.claim(claim, now))
                        .toList());
        if (claims.isEmpty() || run.isEmpty()) {
            return new Claims(claims, Signal.GO_ON);
        }
        SweepRun counted = count(session, run.get(), due);
        return new Claims(claims, budgetLeft(counted) == 0 ? Signal.CAP_REACHED : Signal.GO_ON);
    }

    /**
     * Claims what can be claimed, and removes the rest. Usually no row exists yet, and one insert is enough. Rows that
     * another transaction has locked are not waited for.
     */
    private static void write(
            Session session,
            ClaimRequest request,
            Map<String, Candidate> due,
            Map<String, String> tokens,
            Instant now) {
        String table = session.tables().deletion();
        Dialect dialect = session.tables().dialect();
        Map<String, Candidate> left = new TreeMap<>(due);
        Set<String> existing = dialect.insertWaitsForLocked() ? GateLocks.existing(session, left.keySet()) : Set.of();
        session.sql()
                .batch(left.values().stream()
                        .filter(candidate -> !existing.contains(candidate.id()))
                        .map(candidate -> claimed(candidate, request, tokens, now)
                                .text("recording_id", candidate.id())
                                .sql("held", "false")
                                .insertInto(table, "recording_id", dialect))
                        .toList());
        Set<String> won = existing.size() == left.size() ? new HashSet<>() : withTokens(session, tokens, left.keySet());
        left.keySet().removeAll(won);
        left.keySet().retainAll(GateLocks.lockFree(session, left.keySet()).keySet());
        if (!left.isEmpty()) {
            session.sql()
                    .batch(left.values().stream()
                            .map(candidate -> claimed(candidate, request, tokens, now)
                                    .clear("next_attempt_at", "failing_since", "outcome", "evidence", "deleted_at")
                                    .clear(GateTable.CAUSE)
                                    .update(
                                            table,
                                            "recording_id = ? and state = 'ACTIVE' and held = false and "
                                                    + GateRowReader.OUTCOME_KNOWN,
                                            candidate.id()))
                            .toList());
            won.addAll(withTokens(session, tokens, left.keySet()));
        }
        due.keySet().retainAll(won);
    }

    private static long budgetLeft(SweepRun run) {
        Long most = run.maxDeletions();
        return most == null ? Long.MAX_VALUE : Math.max(0, most - run.claimed());
    }

    /** As the rows are now, in the order of the candidates. */
    private static Map<String, Candidate> stillDue(
            Map<String, EngineRow> rows, HoldScopes scopes, List<Candidate> candidates, DueCriteria criteria) {
        Map<String, Candidate> due = new LinkedHashMap<>();
        for (Candidate candidate : candidates) {
            ClaimCheck.stillDue(rows.get(candidate.id()), scopes, candidate.recording(), criteria)
                    .ifPresent(row -> due.put(row.id(), row));
        }
        return due;
    }

    private static Columns claimed(Candidate candidate, ClaimRequest request, Map<String, String> tokens, Instant now) {
        Recording recording = candidate.recording();
        DueCriteria.Rule rule = request.criteria().governing(recording.attributes());
        Duration duration = candidate.duration();
        return new Columns()
                .text("token", tokens.get(candidate.id()))
                .text("owner", StoredText.cut(request.owner(), StoredText.NAME))
                .time("lease_until", request.leaseUntil())
                .text("run_id", request.runId())
                .time("claimed_at", now)
                .text("storage_key", StoredText.key(recording.storageKey()))
                .text("account", StoredText.account(recording.account()))
                .time("recording_created_at", recording.created())
                .number("audio_seconds", duration == null ? null : duration.toSeconds())
                .text("policy", StoredText.cut(rule.policy(), StoredText.NAME))
                .time("cutoff", rule.cutoff())
                .text("deletion_reason", StoredText.cut(request.reasonFor(candidate), StoredText.REASON))
                .sql("state", "'DELETING'")
                .sql("in_doubt", "true")
                .sql("attempts", "1");
    }

    /** Which rows have their token: not every driver reports reliably how many rows a batch changed. */
    private static Set<String> withTokens(Session session, Map<String, String> tokens, Collection<String> ids) {
        Set<String> won = new HashSet<>();
        GateTable.tokens(session, ids).forEach((id, token) -> {
            if (known(tokens.get(id)).equals(token)) {
                won.add(id);
            }
        });
        return won;
    }

    /**
     * Counts against the budget, unless the run has ended or deleting was paused meanwhile. Returns the run as it is
     * then, if it has a budget.
     */
    private static SweepRun count(Session session, SweepRun run, Map<String, Candidate> claimed) {
        long more = claimed.size();
        int counted = session.sql()
                .update(
                        "update " + session.tables().run()
                                + " set claimed = claimed + ? where run_id = ? and open_mark = 1"
                                + " and (max_deletions is null or claimed + ? <= max_deletions)"
                                + " and not exists (select 1 from "
                                + session.tables().control() + " where name = " + JpaControls.PAUSED + ")",
                        more,
                        run.id(),
                        more);
        if (counted == 1 && run.maxDeletions() == null) {
            return run;
        }
        SweepRun now = JpaSweepRuns.find(session, run.id()).orElse(run);
        if (counted == 1) {
            return now;
        }
        // Ended or paused: the next try finds that out in a transaction of its own.
        long affordable = Math.min(budgetLeft(now), more - 1);
        throw new BudgetShort(
                claimed.values().stream().limit(Math.max(1, affordable)).toList());
    }

    private static Claim firstClaim(Candidate candidate, ClaimRequest request, Map<String, String> tokens) {
        DueCriteria.Rule rule =
                request.criteria().governing(candidate.recording().attributes());
        return Claim.builder(
                        candidate.recording(),
                        known(tokens.get(candidate.id())),
                        Sql.micros(request.leaseUntil()),
                        rule.policy(),
                        Objects.requireNonNull(rule.cutoff(), "due without a cutoff"),
                        request.reasonFor(candidate))
                .runId(request.runId())
                .attempt(1)
                .duration(candidate.duration())
                .build();
    }

    private static <T> T known(@Nullable T value) {
        return Objects.requireNonNull(value, "a claimed row has all that a claim names");
    }
}
