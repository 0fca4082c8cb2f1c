package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEntry;
import dev.retention.LedgerEvent;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.Candidate;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DeletionGate.Claims;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Evidence;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the contracts of all ports have in common: runs, claims, outcomes, holds and the ledger of the running test's
 * repository.
 */
abstract class PortContract extends FixtureRows {

    static final Duration LEASE = Duration.ofMinutes(10);
    static final String REASON = "retention_policy";
    static final String EVIDENCE = "fake: DELETED 204";
    static final Evidence BUCKET = Evidence.NONE.with("bucket", DeletionResult.deleted("204"));

    PortContract(RepositoryFixture fixture) {
        super(fixture);
    }

    final RunRequest request(String key, @Nullable Long maxDeletions) {
        return new RunRequest(key, "one", NOW, dbNow, dbNow.plus(Duration.ofHours(4)), "default=90d", maxDeletions);
    }

    final SweepRun openRun(String key, @Nullable Long maxDeletions) {
        return joinOrOpen(request(key, maxDeletions));
    }

    /** As somebody does who has judged the request right before. */
    final SweepRun joinOrOpen(RunRequest request) {
        return repository.runs().joinOrOpenAfter(latestRunId(), request).orElseThrow();
    }

    final @Nullable String latestRunId() {
        return repository.runs().latest().map(SweepRun::id).orElse(null);
    }

    final SweepRun openRun() {
        return openRun("run", null);
    }

    /** Claims them for an erasure. */
    final List<Claim> erase(EngineRow... rows) {
        return erase(repository, List.of(rows));
    }

    final List<Claim> erase(RecordingRepository instance, List<EngineRow> rows) {
        return instance.gate()
                .claim(new ClaimRequest(
                        null, "one", dbNow.plus(LEASE), DueCriteria.erasure(NOW), "request 17", candidates(rows)))
                .claims();
    }

    /** One that no policy wants deleted. */
    final EngineRow youngRow(int n) {
        return row(n, NOW.minus(Duration.ofDays(1)));
    }

    final SweepRun run(SweepRun read) {
        return run(repository, read);
    }

    static SweepRun run(RecordingRepository instance, SweepRun read) {
        return instance.runs().find(read.id()).orElseThrow();
    }

    final Claims claim(SweepRun run, EngineRow... rows) {
        return claim(run, List.of(rows));
    }

    final Claims claim(SweepRun run, List<EngineRow> rows) {
        return claim(repository, run, criteria(), candidates(rows));
    }

    final Claims claim(RecordingRepository instance, SweepRun run, DueCriteria criteria, List<Candidate> candidates) {
        return instance.gate()
                .claim(new ClaimRequest(run.id(), "one", dbNow.plus(LEASE), criteria, REASON, candidates));
    }

    final Claim claimOne() {
        return only(claim(openRun(), insert(dueRow(1))).claims());
    }

    final List<Claim> reclaim(Instant now) {
        return repository.gate().reclaim("two", null, now, now.plus(LEASE), 1000);
    }

    final Set<String> verified(Claim claim) {
        return repository.gate().verify(List.of(claim), criteria());
    }

    final void releaseClaim(Claim claim) {
        repository.gate().release(List.of(claim), dbNow);
    }

    final void record(ClaimOutcome... outcomes) {
        repository.gate().record(List.of(outcomes));
    }

    final ClaimOutcome deleted(Claim claim) {
        return deleted(claim, DeletionOutcome.DELETED, dbNow);
    }

    final ClaimOutcome deleted(Claim claim, DeletionOutcome outcome, Instant at) {
        DeletionResult proof = switch (outcome) {
            case DELETED -> DeletionResult.deleted("204");
            case ALREADY_GONE -> DeletionResult.alreadyGone("204");
            case NOTHING_STORED -> DeletionResult.nothingStored("204");
            default -> throw new IllegalArgumentException("no proof: " + outcome);
        };
        return ClaimOutcome.deleted(claim, Evidence.NONE.with("fake", proof), at);
    }

    final ClaimOutcome progress(Claim claim) {
        return ClaimOutcome.progress(claim, BUCKET, dbNow).inDoubt(true);
    }

    final ClaimOutcome retry(Claim claim, Instant next) {
        return retry(claim, next, true);
    }

    final ClaimOutcome retry(Claim claim, Instant next, boolean inDoubt) {
        return ClaimOutcome.retry(
                        claim, DeletionOutcome.TRY_LATER, new Cause("TIMEOUT", "fake", "timed out"), dbNow, next)
                .inDoubt(inDoubt);
    }

    final ClaimOutcome quarantine(Claim claim) {
        return ClaimOutcome.quarantine(
                        claim, DeletionOutcome.REFUSED, new Cause("REFUSED", "fake", "refused for good"), dbNow)
                .inDoubt(false);
    }

    final ClaimOutcome refusedUnsent(Claim claim) {
        return ClaimOutcome.refusedUnsent(claim, new Cause("REFUSED_UNSENT", "fake", "no key of this storage"), dbNow);
    }

    final Map<String, HoldAnswer> hold(String holdId, EngineRow row) {
        return hold(holdId, List.of(row.id()));
    }

    final Map<String, HoldAnswer> hold(String holdId, List<?> rowsOrIds) {
        List<String> ids = rowsOrIds.stream()
                .map(each -> each instanceof EngineRow row ? row.id() : each.toString())
                .toList();
        return repository.holds().place(holdId, ids, "dpo", "dispute", null, dbNow);
    }

    static List<String> texts(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }

    final LedgerEvent event(String kind) {
        return new LedgerEvent(dbNow, kind, null, null, "ops", null);
    }

    final @Nullable String setting(String name) {
        Control control = repository.controls().all().get(name);
        return control == null ? null : control.setting();
    }

    final LedgerEntry entry(EngineRow row) {
        return entry(row.id());
    }

    final LedgerEntry entry(String id) {
        return only(repository.ledger().find(List.of(id)));
    }

    final SweepReport report(SweepEnd end) {
        return SweepReport.builder(dbNow, dbNow.plusSeconds(30), end, "one sentence, and “what to do”")
                .deleted(1)
                .failed(1)
                .held(1)
                .withoutKey(2)
                .remaining(4)
                .undated(5)
                .engineDeleted(6)
                .cutoffs(Map.of("default", CUTOFF))
                .audioFreed(Duration.ofSeconds(61))
                .build();
    }

    /** Seals all evidence, by steps that need no tree. */
    final void sealAll() {
        for (int seals = 0; repository.evidence().seal(1000, SealSteps.COUNTING).isPresent(); seals++) {
            assertThat(seals).isLessThan(1000);
        }
    }

    static List<String> ids(Collection<Claim> claims) {
        return claims.stream().map(Claim::id).toList();
    }

    static EngineRow rowOf(List<EngineRow> rows, Claim claim) {
        return rows.stream()
                .filter(row -> row.id().equals(claim.id()))
                .findFirst()
                .orElseThrow();
    }

    static Claim claimOf(List<Claim> claims, EngineRow row) {
        return claims.stream()
                .filter(claim -> claim.id().equals(row.id()))
                .findFirst()
                .orElseThrow();
    }

    static String runIdOf(Claim claim) {
        return Objects.requireNonNull(claim.runId());
    }
}
