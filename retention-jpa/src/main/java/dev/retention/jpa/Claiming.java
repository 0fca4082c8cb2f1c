package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.EngineTable.EngineRow;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionGate.Signal;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Recording;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes claims and gives them back, within a transaction. Lock order: the epoch of holds, gate rows by id, then the run. */
final class Claiming {

    /** All that a claim writes, in the order of its parameters; the id comes last. */
    private static final List<String> CLAIMED = List.of(
            "token",
            "owner",
            "lease_until",
            "run_id",
            "claimed_at",
            "storage_key",
            "account",
            "recording_created_at",
            "audio_seconds",
            "policy",
            "cutoff",
            "deletion_reason",
            "recording_id");

    private static final String FIRST = ", state, held, in_doubt, attempts";
    private static final String FIRST_VALUES = ", 'DELETING', false, true, 1";

    /** For rows that are there already, since they were held or claimed before. */
    private static final String CLAIM = " set " + String.join(" = ?, ", CLAIMED.subList(0, CLAIMED.size() - 1))
            + " = ?, state = 'DELETING', in_doubt = true, attempts = 1, next_attempt_at = null, failing_since = null,"
            + " outcome = null, evidence = null, cause = null, deleted_at = null"
            + " where recording_id = ? and state = 'ACTIVE' and held = false";

    private static final String RECLAIM =
            " set in_doubt = true, attempts = attempts + 1, token = ?, owner = ?, lease_until = ?,"
                    + " next_attempt_at = null, run_id = coalesce(?, run_id) where recording_id = ? and state = 'DELETING'";

    private static final String UNCLAIM = " set state = 'ACTIVE', " + GateTable.AS_IF_NEVER_CLAIMED
            + " where recording_id = ? and token = ? and state = 'DELETING'";

    private static final String GIVE_UP =
            " set token = null, lease_until = null, attempts = attempts - 1, in_doubt = ?,"
                    + " next_attempt_at = ? where recording_id = ? and token = ? and state = 'DELETING'";

    private final EngineTable engine;

    Claiming(EngineTable engine) {
        this.engine = engine;
    }

    /** The run may not claim so many. Rolls the transaction back. */
    static final class BudgetShort extends RetentionException {
        private static final long serialVersionUID = 1L;
        private final transient List<Candidate> affordable;

        BudgetShort(List<Candidate> affordable) {
            super("the run's budget is short");
            this.affordable = affordable;
        }

        List<Candidate> affordable() {
            return affordable;
        }
    }

    Claims claim(Session session, ClaimRequest request, List<Candidate> candidates) {
        // Before anything is read: what is read then knows every hold by attribute that was answered.
        HoldScopes.lockShared(session);
        String runId = request.runId();
        Optional<SweepRun> run = runId == null
                ? Optional.empty()
                : JpaSweepRuns.find(session, runId).filter(found -> found.report() == null);
        if (runId != null && run.isEmpty()) {
            return new Claims(List.of(), Signal.RUN_ENDED);
        }
        if (isPaused(session)) {
            return new Claims(List.of(), Signal.PAUSED);
        }
        if (run.isPresent() && budgetLeft(run.get()) == 0) {
            return new Claims(List.of(), Signal.CAP_REACHED);
        }
        Map<String, EngineRow> rows = engine.find(
                session.entityManager(), candidates.stream().map(Candidate::id).toList());
        HoldScopes scopes = HoldScopes.lasting(session);
        scopes.lieOn(session, rows.values());
        Map<String, Candidate> due = stillDue(rows, scopes, candidates, request.criteria());
        if (due.isEmpty()) {
            return new Claims(List.of(), Signal.GO_ON);
        }
        Map<String, String> tokens = drawTokens(due.keySet());
        write(session, request, due, tokens);
        if (due.isEmpty()) {
            return new Claims(List.of(), Signal.GO_ON);
        }
        List<Claim> claims = due.values().stream()
                .map(candidate -> firstClaim(candidate, request, tokens))
                .toList();
        if (run.isEmpty()) {
            return new Claims(claims, Signal.GO_ON);
        }
        SweepRun counted = count(session, run.get(), due);
        return new Claims(claims, budgetLeft(counted) == 0 ? Signal.CAP_REACHED : Signal.GO_ON);
    }

    /** Claims what can be claimed, and takes the rest out. Nearly always no row is there yet, and one insert does it. */
    private static void write(
            Session session, ClaimRequest request, Map<String, Candidate> due, Map<String, String> tokens) {
        Instant now = session.tables().dialect().now(session.sql());
        Map<String, @Nullable Object[]> rows = new TreeMap<>();
        due.forEach((id, candidate) -> rows.put(id, claimParameters(candidate, request, tokens, now)));
        String table = session.tables().deletion();
        String insert = session.tables()
                .dialect()
                .insertIfAbsent(
                        table,
                        String.join(", ", CLAIMED) + FIRST,
                        Sql.marks(CLAIMED.size()) + FIRST_VALUES,
                        "recording_id");
        session.sql().batch(insert, rows.values());
        Set<String> won = withTokens(session, tokens, rows.keySet());
        rows.keySet().removeAll(won);
        if (!rows.isEmpty()) {
            session.sql().batch("update " + table + CLAIM, rows.values());
            won.addAll(withTokens(session, tokens, rows.keySet()));
        }
        due.keySet().retainAll(won);
    }

    private static boolean isPaused(Session session) {
        return !session.sql()
                .query(
                        "select name from " + session.tables().control() + " where name = 'paused'",
                        row -> row.text("name"))
                .isEmpty();
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
            stillDue(rows.get(candidate.id()), scopes, candidate.recording(), criteria)
                    .ifPresent(row -> due.put(row.id(), row));
        }
        return due;
    }

    private static Optional<Candidate> stillDue(
            @Nullable EngineRow row, HoldScopes scopes, Recording recording, DueCriteria criteria) {
        return Optional.ofNullable(row)
                .filter(found -> found.names(recording) && !found.flaggedHeld() && !scopes.cover(found))
                .flatMap(EngineRow::candidate)
                .filter(criteria::isDue);
    }

    private static @Nullable Object[] claimParameters(
            Candidate candidate, ClaimRequest request, Map<String, String> tokens, Instant now) {
        Recording recording = candidate.recording();
        DueCriteria.Rule rule = request.criteria().governing(recording.attributes());
        return new @Nullable Object[] {
            tokens.get(candidate.id()),
            StoredText.cut(request.owner(), StoredText.NAME),
            request.leaseUntil(),
            request.runId(),
            now,
            StoredText.key(recording.storageKey()),
            StoredText.account(recording.account()),
            recording.created(),
            Sql.number(Optional.ofNullable(candidate.duration())
                    .map(Duration::toSeconds)
                    .orElse(null)),
            StoredText.cut(rule.policy(), StoredText.NAME),
            Sql.time(rule.cutoff()),
            StoredText.cut(request.reason(), StoredText.REASON),
            candidate.id()
        };
    }

    private static Map<String, String> drawTokens(Collection<String> ids) {
        Map<String, String> tokens = new HashMap<>();
        ids.forEach(id -> tokens.put(id, UUID.randomUUID().toString()));
        return tokens;
    }

    /** Which rows have their token: what a batch says of its own effect is not to be trusted with every driver. */
    private static Set<String> withTokens(Session session, Map<String, String> tokens, Collection<String> ids) {
        Set<String> won = new HashSet<>();
        GateTable.tokens(session, ids).forEach((id, token) -> {
            if (known(tokens.get(id)).equals(token)) {
                won.add(id);
            }
        });
        return won;
    }

    /** Counts against the budget, unless the run has ended or deleting was paused meanwhile. */
    private static SweepRun count(Session session, SweepRun run, Map<String, Candidate> claimed) {
        long more = claimed.size();
        int counted = session.sql()
                .update(
                        "update " + session.tables().run()
                                + " set claimed = claimed + ? where run_id = ? and open_mark = 1"
                                + " and (max_deletions is null or claimed + ? <= max_deletions)"
                                + " and not exists (select 1 from "
                                + session.tables().control() + " where name = 'paused')",
                        more,
                        run.id(),
                        more);
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
        return new Claim(
                candidate.recording(),
                known(tokens.get(candidate.id())),
                request.runId(),
                1,
                false,
                false,
                Sql.micros(request.leaseUntil()),
                rule.policy(),
                Objects.requireNonNull(rule.cutoff(), "due without a cutoff"),
                null,
                null,
                request.reason(),
                candidate.duration());
    }

    List<Claim> reclaim(
            Session session, String owner, @Nullable String runId, Instant now, Instant leaseUntil, int limit) {
        List<String> waiting = session.sql()
                .query(
                        "select recording_id from " + session.tables().deletion()
                                + " where state = 'DELETING' and (lease_until is null or lease_until <= ?)"
                                + " and (next_attempt_at is null or next_attempt_at <= ?)"
                                + " order by coalesce(next_attempt_at, lease_until, claimed_at), recording_id limit ?",
                        row -> row.text("recording_id"),
                        now,
                        now,
                        limit);
        Map<String, GateRow> locked = GateTable.lock(session, waiting);
        List<GateRow> won = waiting.stream()
                .map(locked::get)
                .filter(Objects::nonNull)
                .filter(row -> row.isReclaimable(now))
                .toList();
        Map<String, String> tokens = drawTokens(won.stream().map(GateRow::id).toList());
        session.sql()
                .batch(
                        "update " + session.tables().deletion() + RECLAIM,
                        won.stream()
                                .map(GateRow::id)
                                .sorted()
                                .map(id -> reclaimParameters(id, tokens, owner, leaseUntil, runId))
                                .toList());
        Map<String, EngineRow> rows = engine.find(
                session.entityManager(), won.stream().map(GateRow::id).toList());
        return won.stream()
                .map(row -> furtherClaim(row, rows.get(row.id()), tokens, runId, leaseUntil))
                .toList();
    }

    private static @Nullable Object[] reclaimParameters(
            String id, Map<String, String> tokens, String owner, Instant leaseUntil, @Nullable String runId) {
        return new @Nullable Object[] {tokens.get(id), StoredText.cut(owner, StoredText.NAME), leaseUntil, runId, id};
    }

    /** What was claimed first, whatever the engine's row says by now; only attributes are as they are now. */
    private static Claim furtherClaim(
            GateRow gate,
            @Nullable EngineRow row,
            Map<String, String> tokens,
            @Nullable String runId,
            Instant leaseUntil) {
        return new Claim(
                new Recording(
                        gate.id(),
                        gate.storageKey(),
                        gate.account(),
                        known(gate.created()),
                        row == null ? Map.of() : row.attributes()),
                known(tokens.get(gate.id())),
                runId == null ? gate.runId() : runId,
                Math.max(2, gate.attempts() + 1),
                gate.inDoubt(),
                gate.held(),
                Sql.micros(leaseUntil),
                known(gate.policy()),
                known(gate.cutoff()),
                gate.evidence(),
                gate.failingSince(),
                known(gate.reason()),
                gate.duration());
    }

    private static <T> T known(@Nullable T value) {
        return Objects.requireNonNull(value, "a claimed row has all that a claim names");
    }

    /** The rows that still are the claims'. */
    Map<String, GateRow> owned(Session session, Collection<Claim> claims) {
        return owned(GateTable.find(session, claims.stream().map(Claim::id).toList()), claims);
    }

    private static Map<String, GateRow> owned(Map<String, GateRow> rows, Collection<Claim> claims) {
        Map<String, GateRow> owned = new LinkedHashMap<>();
        for (Claim claim : claims) {
            GateRow row = rows.get(claim.id());
            if (row != null && row.isOwnedBy(claim)) {
                owned.put(row.id(), row);
            }
        }
        return owned;
    }

    Set<String> verify(Session session, Collection<Claim> claims, DueCriteria criteria) {
        if (isPaused(session)) {
            return Set.of();
        }
        Map<String, GateRow> owned = owned(session, claims);
        Map<String, EngineRow> rows = engine.find(session.entityManager(), owned.keySet());
        HoldScopes scopes = HoldScopes.lasting(session);
        return claims.stream()
                .filter(claim -> {
                    GateRow gate = owned.get(claim.id());
                    return gate != null && gate.isOwnedBy(claim) && !gate.held();
                })
                .filter(claim -> stillDue(rows.get(claim.id()), scopes, claim.recording(), criteria)
                        .isPresent())
                .map(Claim::id)
                .collect(Collectors.toSet());
    }

    /** Returns how many it gave back. */
    int giveBack(Session session, Collection<Claim> unsent, Instant nextAttempt) {
        Map<String, GateRow> rows =
                GateTable.lock(session, unsent.stream().map(Claim::id).toList());
        Map<String, Claim> owned = new TreeMap<>();
        for (Claim claim : unsent) {
            GateRow row = rows.get(claim.id());
            if (row != null && row.isOwnedBy(claim)) {
                owned.put(claim.id(), claim);
            }
        }
        List<@Nullable Object[]> unclaimed = new ArrayList<>();
        List<@Nullable Object[]> givenUp = new ArrayList<>();
        Map<String, Long> budgets = new TreeMap<>();
        for (Claim claim : owned.values()) {
            if (claim.attempt() == 1) {
                unclaimed.add(new @Nullable Object[] {claim.id(), claim.token()});
                if (claim.runId() != null) {
                    budgets.merge(claim.runId(), 1L, Long::sum);
                }
            } else {
                givenUp.add(new @Nullable Object[] {claim.inDoubt(), nextAttempt, claim.id(), claim.token()});
            }
        }
        session.sql().batch("update " + session.tables().deletion() + UNCLAIM, unclaimed);
        session.sql().batch("update " + session.tables().deletion() + GIVE_UP, givenUp);
        budgets.forEach((runId, many) -> session.sql()
                .update(
                        "update " + session.tables().run() + " set claimed = claimed - ? where run_id = ?",
                        many,
                        runId));
        return owned.size();
    }
}
