package dev.retention.jpa;

import dev.retention.LedgerEntry;
import dev.retention.jpa.Database.Session;
import dev.retention.jpa.GateTable.GateRow;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Evidence;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.Recording;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Claims rows again whose attempt ended without a result, within a transaction. Lock order: gate rows by id. */
final class Reclaiming {

    private final EngineTable engine;

    Reclaiming(EngineTable engine) {
        this.engine = engine;
    }

    /**
     * On whose behalf rows are claimed again.
     *
     * @param runId the run that they count for; null leaves them with the run that claimed them first
     */
    record Claimant(String owner, @Nullable String runId, Instant leaseUntil) {}

    List<Claim> reclaim(Session session, Claimant claimant, Instant now, int limit) {
        if (!HoldScopes.active(session, engine).unmapped().isEmpty()) {
            return List.of();
        }
        boolean resumed = !ClaimCheck.isPaused(session);
        List<String> waiting = session.sql()
                .query(
                        "select recording_id from " + session.tables().deletion()
                                + " where state = 'DELETING' and (lease_until is null or lease_until <= ?)"
                                + " and (next_attempt_at is null or next_attempt_at <= ?"
                                + (resumed ? " or " + GateTable.KEPT_BY_PAUSE : "") + ") and " + GateRowReader.READABLE
                                + " order by coalesce(next_attempt_at, lease_until, claimed_at), recording_id limit ?",
                        row -> row.text("recording_id"),
                        now,
                        now,
                        limit);
        Map<String, GateRow> locked = GateLocks.lockFree(session, waiting);
        List<GateRow> won = waiting.stream()
                .map(locked::get)
                .filter(Objects::nonNull)
                .filter(row -> row.isReclaimable(now, resumed))
                .toList();
        List<String> ids = won.stream().map(GateRow::id).toList();
        Map<String, String> tokens = GateTable.drawTokens(ids);
        session.sql()
                .batch(ids.stream()
                        .sorted()
                        .map(id -> reclaimed(tokens.get(id), claimant.owner(), claimant.leaseUntil())
                                .textUnlessNull("run_id", claimant.runId())
                                .update(session.tables().deletion(), "recording_id = ? and state = 'DELETING'", id))
                        .toList());
        Map<String, EngineRow> rows = engine.find(session, ids);
        List<Claim> claims = won.stream()
                .map(row -> claim(row, rows.get(row.id()), known(tokens.get(row.id())), claimant))
                .toList();
        session.evidence()
                .addAll(() -> claims.stream()
                        .map(claim -> EvidenceEntry.claim(claim, now))
                        .toList());
        return claims;
    }

    private static Columns reclaimed(@Nullable String token, String owner, Instant leaseUntil) {
        return new Columns()
                .sql("in_doubt", "true")
                .sql("attempts", "attempts + 1")
                .text("token", token)
                .text("owner", StoredText.cut(owner, StoredText.NAME))
                .time("lease_until", leaseUntil)
                // Only once: whatever ends this attempt decides when the next one is due.
                .sql("cause_code", "case when " + GateTable.KEPT_BY_PAUSE + " then outcome else cause_code end")
                .clear("next_attempt_at");
    }

    /**
     * Claims for an erasure what is in flight and nobody works on, whatever its next attempt: a person wants it erased,
     * so that no policy matters which keeps it longer. From then on it is the erasure's.
     *
     * @param due candidates that are due by their rows, by id
     */
    static List<Claim> takeOver(Session session, ClaimRequest request, Map<String, Candidate> due) {
        Instant now = session.tables().dialect().now(session.sql());
        Map<String, GateRow> leftOver = GateLocks.lockFree(session, due.keySet());
        leftOver.values()
                .removeIf(gate -> !gate.isLeftOver(now)
                        || gate.entry().held()
                        || !gate.isFor(known(due.get(gate.id())).recording()));
        Map<String, String> tokens = GateTable.drawTokens(leftOver.keySet());
        DueCriteria.Rule rule = request.criteria().fallback();
        session.sql()
                .batch(leftOver.keySet().stream()
                        .map(id -> reclaimed(tokens.get(id), request.owner(), request.leaseUntil())
                                .clear("run_id")
                                .text("policy", StoredText.cut(rule.policy(), StoredText.NAME))
                                .time("cutoff", rule.cutoff())
                                .text("deletion_reason", StoredText.cut(request.reason(), StoredText.REASON))
                                .update(session.tables().deletion(), "recording_id = ? and state = 'DELETING'", id))
                        .toList());
        return leftOver.values().stream()
                .map(gate -> again(
                                gate,
                                Claim.builder(
                                        known(due.get(gate.id())).recording(),
                                        known(tokens.get(gate.id())),
                                        Sql.micros(request.leaseUntil()),
                                        rule.policy(),
                                        known(rule.cutoff()),
                                        request.reason()))
                        .build())
                .toList();
    }

    /** What was claimed first, whatever the engine's row says by now; only attributes are as they are now. */
    private static Claim claim(GateRow gate, @Nullable EngineRow row, String token, Claimant claimant) {
        LedgerEntry entry = gate.entry();
        Recording recording = new Recording(
                gate.id(),
                entry.storageKey(),
                entry.account(),
                known(entry.recordingCreated()),
                row == null ? Map.of() : row.attributes());
        Claim.Builder claim = Claim.builder(
                recording,
                token,
                Sql.micros(claimant.leaseUntil()),
                known(entry.policy()),
                known(entry.cutoff()),
                known(entry.reason()));
        return again(gate, claim)
                .runId(claimant.runId() == null ? entry.runId() : claimant.runId())
                .build();
    }

    /** What a further attempt continues. */
    private static Claim.Builder again(GateRow gate, Claim.Builder claim) {
        LedgerEntry entry = gate.entry();
        return claim.attempt(Math.max(2, entry.attempts() + 1))
                .inDoubt(gate.inDoubt())
                .late(entry.held())
                .evidence(Evidence.parse(entry.evidence()))
                .failingSince(entry.failingSince())
                .duration(gate.duration());
    }

    private static <T> T known(@Nullable T value) {
        return Objects.requireNonNull(value, "a claimed row has all that a claim names");
    }
}
