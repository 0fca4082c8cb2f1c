package dev.retention.internal.run;

import dev.retention.RetentionException;
import dev.retention.SweepEnd;
import dev.retention.SweepEvent;
import dev.retention.SweepReport;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.UnmappedHolds;
import dev.retention.internal.report.EvidenceNotice;
import dev.retention.internal.report.Tally;
import dev.retention.internal.safety.Brakes;
import dev.retention.internal.safety.Brakes.Verdict;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.time.ClockReading;
import dev.retention.spi.Controls;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.RunRequest;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether work may begin: a sweep, and with which run; a recovery; an erasure. Nothing is claimed or sent
 * before this decision.
 */
final class Admission {

    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    /** How often a sweep is judged, if runs of other instances start and end meanwhile. */
    private static final int MOST_TRIES = 10;

    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final Policies policies;
    private final Brakes brakes;

    Admission(RecordingRepository repository, SweepSettings settings, Policies policies, Brakes brakes) {
        this.repository = repository;
        this.settings = settings;
        this.policies = policies;
        this.brakes = brakes;
    }

    /** What was decided about a sweep. */
    sealed interface Decision {

        /**
         * It may begin with this run.
         *
         * @param databaseNow the database's time of the decision
         */
        record Admitted(SweepRun run, DueCriteria criteria, Instant databaseNow) implements Decision {}

        /** There is nothing to do: its run has ended already, or it may not begin, as the report says. */
        record Over(SweepReport report) implements Decision {}
    }

    /** Whether a sweep may begin, and with which run. */
    Decision sweep(String key) {
        ClockReading clocks = clocks();
        Optional<String> objection = clocks.objection();
        if (objection.isPresent()) {
            SweepReport report = notStarted(clocks, SweepEnd.CLOCKS_DISAGREE, objection.get());
            log.error("sweep not started {} message={}", report, report.message());
            return new Decision.Over(report);
        }
        repository.holds().expire(clocks.database());
        endOverdueRun(clocks);
        Optional<String> unmapped = UnmappedHolds.objection(repository.holds());
        if (unmapped.isPresent()) {
            return refused(clocks, unmapped.get());
        }
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Optional<Decision> decision = judge(key, clocks);
            if (decision.isPresent()) {
                return decision.get();
            }
        }
        throw RetentionException.unavailable("the sweep was not started, because other instances kept"
                + " starting and ending runs while it was judged. Sweep again");
    }

    /**
     * A sweep gets the kind of run for which it was judged. One that was judged for joining never opens a run, since
     * nobody has judged how many recordings it may delete.
     *
     * @return empty if the runs have changed meanwhile, so that it has to be judged again
     */
    private Optional<Decision> judge(String key, ClockReading clocks) {
        Optional<String> tooShort = tooShort(clocks.judged());
        if (tooShort.isPresent()) {
            return Optional.of(refused(clocks, "Nothing was sent: " + tooShort.get()));
        }
        String latest = repository.runs().latest().map(SweepRun::id).orElse(null);
        boolean opens = toJoin(key).isEmpty();
        if (opens) {
            extendHolds(clocks);
        }
        Verdict verdict = brakes.judge(policies.at(clocks.judged()), clocks.database(), opens);
        if (verdict.refusal() != null) {
            return Optional.of(refused(clocks, verdict.refusal()));
        }
        Optional<SweepRun> run =
                opens ? repository.runs().joinOrOpenAfter(latest, request(key, clocks, verdict.budget())) : toJoin(key);
        return run.map(found -> join(found, clocks, verdict.fingerprint()));
    }

    /** Why nothing may be judged by the policies at this instant: one of them keeps for less time than is allowed. */
    private Optional<String> tooShort(Instant judged) {
        List<String> tooShort = policies.tooShort(judged);
        return tooShort.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join("; ", tooShort) + ". Correct the policy, then sweep again");
    }

    private Decision refused(ClockReading clocks, String why) {
        SweepReport report = notStarted(clocks, SweepEnd.REFUSED, why);
        log.error("sweep refused {} message={}", report, report.message());
        return new Decision.Over(report);
    }

    private void extendHolds(ClockReading clocks) {
        long newlyHeld = repository.holds().extendScopes(clocks.database());
        if (newlyHeld > 0) {
            log.info("holds by attribute apply to more recordings than before newlyHeld={}", newlyHeld);
        }
    }

    /** The run of this key, open or ended, or else the open run. */
    private Optional<SweepRun> toJoin(String key) {
        return repository.runs().withKey(key).or(() -> repository.runs().open());
    }

    private RunRequest request(String key, ClockReading clocks, @Nullable Long budget) {
        Long own = settings.maxDeletions();
        Long most = budget == null || own != null && own < budget ? own : budget;
        return new RunRequest(
                key,
                settings.owner(),
                clocks.judged(),
                clocks.database(),
                clocks.database().plus(settings.maxDuration()),
                Policies.text(policies.at(clocks.judged())),
                most);
    }

    private Decision join(SweepRun run, ClockReading clocks, String fingerprint) {
        SweepReport past = run.report();
        if (past != null) {
            log.info("sweep not started, because the run of its fire time has ended run={} {}", run.id(), past);
            return new Decision.Over(past);
        }
        Optional<String> tooShort = tooShort(run.judgedAt());
        if (tooShort.isPresent()) {
            return refused(clocks, "The run that is open was not joined: " + tooShort.get());
        }
        return hasOurPolicies(run) ? admitted(run, new Clearance(clocks, fingerprint)) : otherPolicies(run, clocks);
    }

    private Decision otherPolicies(SweepRun run, ClockReading clocks) {
        SweepReport report = notStarted(
                clocks,
                SweepEnd.REFUSED,
                "run " + run.id()
                        + " is open with other policies than this instance has, so this instance does not join it."
                        + " Configure the same policies on all instances, then sweep again");
        log.error("sweep not joined {} message={}", report, report.message());
        return new Decision.Over(report);
    }

    private Decision.Admitted admitted(SweepRun run, Clearance clearance) {
        return new Decision.Admitted(
                run, policies.at(run.judgedAt()).under(clearance.fingerprint()), clearance.database());
    }

    /**
     * Work without a run of its own may begin.
     *
     * @param clocks as they were then
     * @param fingerprint of what this instance works with, as it was judged
     */
    record Clearance(ClockReading clocks, String fingerprint) {

        Instant judged() {
            return clocks.judged();
        }

        Instant database() {
            return clocks.database();
        }
    }

    /** Whether recovery may begin. */
    Optional<Clearance> recovery() {
        ClockReading clocks = clocks();
        Optional<String> disagreement = clocks.objection();
        if (disagreement.isPresent()) {
            log.error("recovery not started: {}", disagreement.get());
            return Optional.empty();
        }
        Optional<String> tooShort = tooShort(clocks.judged());
        if (tooShort.isPresent()) {
            log.error("recovery not started: {}", tooShort.get());
            return Optional.empty();
        }
        Verdict verdict = judgeWithoutRun(clocks);
        if (verdict.refusal() != null) {
            log.debug("recovery not started: {}", verdict.refusal());
            return Optional.empty();
        }
        repository.holds().expire(clocks.database());
        Optional<String> unmapped = UnmappedHolds.objection(repository.holds());
        if (unmapped.isPresent()) {
            log.warn("recovery not started: {}", unmapped.get());
            return Optional.empty();
        }
        if (!settings.dryRun()) {
            endOverdueRun(clocks);
        }
        return Optional.of(new Clearance(clocks, verdict.fingerprint()));
    }

    /** The open run that all its instances have left, if recovery may continue it. */
    Optional<Decision.Admitted> abandonedRun(Clearance clearance) {
        if (settings.dryRun()) {
            return Optional.empty();
        }
        Instant quietSince = clearance.database().minus(settings.lease());
        return repository
                .runs()
                .open()
                .filter(run -> run.aliveAt().isBefore(quietSince))
                .filter(run -> !repository.runs().hasLiveClaims(run.id(), clearance.database()))
                .filter(run -> tooShort(run.judgedAt()).isEmpty() && hasOurPolicies(run))
                .map(run -> admitted(run, clearance));
    }

    /**
     * Lets an erasure begin.
     *
     * @throws RetentionException when it may not
     */
    Clearance erasure() {
        if (settings.dryRun()) {
            throw RetentionException.misuse(
                    "nothing is erased: this is a dry run, which never deletes. Switch it off, then erase again");
        }
        ClockReading clocks = clocks();
        clocks.objection().ifPresent(objection -> {
            throw RetentionException.refused("nothing is erased: " + objection);
        });
        Verdict verdict = judgeWithoutRun(clocks);
        if (verdict.refusal() != null) {
            throw RetentionException.refused("nothing is erased: " + verdict.refusal()
                    + ". Start a sweep: its message says how to confirm that");
        }
        if (repository.controls().all().containsKey(Controls.PAUSED)) {
            throw RetentionException.refused("nothing is erased: deleting is paused. Resume it, then erase again");
        }
        repository.holds().expire(clocks.database());
        UnmappedHolds.objection(repository.holds()).ifPresent(objection -> {
            throw RetentionException.refused("nothing is erased: " + objection);
        });
        return new Clearance(clocks, verdict.fingerprint());
    }

    /** Something else may be confirmed now than when this instance was judged. Tells of an obstacle that this makes. */
    void reviewConfirmation() {
        judgeWithoutRun(clocks());
    }

    private Verdict judgeWithoutRun(ClockReading clocks) {
        return settings.dryRun()
                ? brakes.judgeDryRun(clocks.database())
                : brakes.judgeWithoutRun(policies.at(clocks.judged()), clocks.database());
    }

    /** A run whose time is up ends first, so that a new one can be opened. */
    private void endOverdueRun(ClockReading clocks) {
        repository
                .runs()
                .open()
                .filter(run -> !run.deadline().isAfter(clocks.database()))
                .ifPresent(run -> {
                    DueCriteria criteria = policies.at(run.judgedAt());
                    SweepReport report = Tally.of(repository, run, criteria)
                            .report(
                                    run.started(),
                                    clocks.database(),
                                    criteria,
                                    SweepEnd.OUT_OF_TIME,
                                    "all instances left the run before it was done, and it reached its maximum"
                                            + " duration. The next sweep deletes the recordings that remain");
                    if (repository.runs().end(run.id(), report)) {
                        log.warn("sweep ended run={} {} message={}", run.id(), report, report.message());
                    }
                });
    }

    private boolean hasOurPolicies(SweepRun run) {
        return run.policies().equals(Policies.text(policies.at(run.judgedAt())));
    }

    ClockReading clocks() {
        return ClockReading.now(repository, settings);
    }

    /** The report of a sweep that does not begin. */
    SweepReport notStarted(ClockReading clocks, SweepEnd end, String message) {
        String full = EvidenceNotice.in(message, repository.evidence());
        SweepReport report = SweepReport.builder(clocks.database(), clocks.database(), end, full)
                .build();
        settings.telemetry().tell(new SweepEvent.SweepEnded(null, report));
        return report;
    }
}
