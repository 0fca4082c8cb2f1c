package dev.retention.internal.run;

import dev.retention.DeletionOutcome;
import dev.retention.EraseAnswer;
import dev.retention.LedgerEntry;
import dev.retention.Obstacle;
import dev.retention.RetentionException;
import dev.retention.ReviewAnswer;
import dev.retention.SweepEnd;
import dev.retention.SweepEvent;
import dev.retention.SweepReport;
import dev.retention.SweepTracer.Span;
import dev.retention.internal.deletion.InstanceLimits;
import dev.retention.internal.evidence.Sealer;
import dev.retention.internal.policy.Policies;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.run.ActiveWork.Turn;
import dev.retention.internal.run.Admission.Clearance;
import dev.retention.internal.run.Admission.Decision;
import dev.retention.internal.safety.Brakes;
import dev.retention.internal.safety.Plans;
import dev.retention.internal.safety.WriteOffs;
import dev.retention.internal.settings.SafetySettings;
import dev.retention.internal.settings.SweepSettings;
import dev.retention.internal.support.RunContext;
import dev.retention.internal.support.StopSignal;
import dev.retention.internal.time.ClockReading;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what a sweeper is asked for: asks for admission, runs the work, and stops it on closing. */
public final class RunCoordinator {

    private static final Logger log = LoggerFactory.getLogger(RunCoordinator.class);

    /** How long closing waits beyond the shutdown timeout, for the database. */
    private static final Duration TO_WIND_UP = Duration.ofSeconds(5);

    private final Resources resources;
    private final RecordingRepository repository;
    private final SweepSettings settings;
    private final Policies policies;
    private final Brakes brakes;
    private final WriteOffs writeOffs;
    private final Admission admission;
    private final ActiveWork active = new ActiveWork();
    private final DryRunClaims dryRunClaims;

    public RunCoordinator(
            RecordingRepository repository,
            Storages storages,
            Policies policies,
            SweepSettings settings,
            SafetySettings safety,
            InstanceLimits limits,
            Sealer sealer) {
        this.resources = new Resources(repository, storages, settings, limits, sealer);
        this.repository = repository;
        this.settings = settings;
        this.policies = policies;
        this.brakes = new Brakes(repository, storages, policies, settings, safety, sealer::lostHeads);
        this.writeOffs = new WriteOffs(repository, storages);
        this.admission = new Admission(repository, settings, policies, brakes);
        this.dryRunClaims = new DryRunClaims(repository, settings);
    }

    /** What limits its requests, which another sweeper may share. */
    public InstanceLimits limits() {
        return resources.limits();
    }

    /**
     * Sweeps with the run of this key, or with the run that is open. If the ages of the open run were judged before the
     * fire time, the run of the fire time follows.
     */
    public SweepReport sweep(RunKey key) {
        active.refuseIfClosed();
        refuseTransaction();
        return settings.dryRun() ? preview() : traced(span -> sweep(key, span));
    }

    private SweepReport sweep(RunKey key, Span span) {
        Optional<Turn> turn;
        try {
            turn = active.beginSweep();
        } catch (InterruptedException e) {
            // Database drivers fail on a thread whose interrupt is pending, so the report comes first.
            SweepReport report =
                    notStarted(SweepEnd.STOPPED, "the thread was interrupted before the sweep began. Sweep again");
            Thread.currentThread().interrupt();
            return report;
        }
        if (turn.isEmpty()) {
            return notStarted(
                    SweepEnd.ALREADY_RUNNING, active.whatSweeps() + ". Wait until it has ended, then sweep again");
        }
        try {
            return active.isClosed()
                    ? notStarted(
                            SweepEnd.STOPPED,
                            "this sweeper was closed before the sweep began. The next sweep deletes all due recordings")
                    : sweep(key, turn.get(), span);
        } finally {
            active.end(turn.get());
        }
    }

    private SweepReport sweep(RunKey key, Turn turn, Span span) {
        while (true) {
            Decision decision = admission.sweep(key.text());
            if (decision instanceof Decision.Over over) {
                return over.report();
            }
            Decision.Admitted admitted = (Decision.Admitted) decision;
            Worked worked = work(admitted, turn, span);
            if (turn.stop().isLeaving()) {
                return worked.report();
            }
            if (worked.unconfirmed()) {
                continue;
            }
            if (!precedes(admitted.run(), key)) {
                return worked.report();
            }
            log.info(
                    "run={} judged the ages at {}, before the fire time {}. The run of that fire time starts now",
                    admitted.run().id(),
                    admitted.run().judgedAt(),
                    key.fireTime());
        }
    }

    private static boolean precedes(SweepRun run, RunKey key) {
        Instant fireTime = key.fireTime();
        return fireTime != null
                && !run.key().equals(key.text())
                && run.judgedAt().isBefore(fireTime);
    }

    private SweepReport notStarted(SweepEnd end, String message) {
        SweepReport report = admission.notStarted(admission.clocks(), end, message);
        log.warn("sweep not started {} message={}", report, report.message());
        return report;
    }

    /** Whether the run of a fire time was opened, by whichever instance. */
    public boolean hasRun(Instant fireTime) {
        return repository.runs().withKey(RunKey.scheduled(fireTime).text()).isPresent();
    }

    public SweepReport preview() {
        active.refuseIfClosed();
        ClockReading clocks = admission.clocks();
        SweepReport report = clocks.objection()
                .map(objection -> SweepReport.builder(
                                clocks.database(), clocks.database(), SweepEnd.CLOCKS_DISAGREE, objection)
                        .build())
                .orElseGet(() -> new Preview(resources, policies.at(clocks.judged()), brakes).run());
        log.info("sweep previewed {}", report);
        return report;
    }

    /**
     * Continues expired claims and an abandoned run. A dry run claims none of them, and only looks them up. Returns how
     * many claims these were.
     */
    public int recover() {
        active.refuseIfClosed();
        refuseTransaction();
        Optional<Turn> turn = active.beginRecovery();
        if (turn.isEmpty()) {
            return 0;
        }
        try {
            Optional<Clearance> clearance = admission.recovery();
            return clearance.isEmpty() ? 0 : recover(clearance.get(), turn.get());
        } finally {
            active.end(turn.get());
        }
    }

    private int recover(Clearance clearance, Turn turn) {
        admission.abandonedRun(clearance).ifPresent(abandoned -> {
            log.warn(
                    "all instances have left run={}, so recovery continues it",
                    abandoned.run().id());
            traced(span -> work(abandoned, turn, span).report());
        });
        DueCriteria criteria = policies.at(clearance.judged()).under(clearance.fingerprint());
        Recovery recovery = new Recovery(resources, turn.stop(), criteria);
        int taken = settings.dryRun() ? recovery.run(dryRunClaims) : recovery.run();
        if (recovery.isUnconfirmed()) {
            admission.reviewConfirmation();
        }
        if (taken > 0) {
            log.info("recovery ended recordings={}", taken);
            resources.sealer().afterWork();
        }
        return taken;
    }

    public Map<String, EraseAnswer> erase(Collection<String> ids, String by, String reason) {
        active.refuseIfClosed();
        refuseTransaction();
        Clearance clearance = admission.erasure();
        StopSignal stop = active.beginErasure();
        try {
            DueCriteria due = policies.at(clearance.judged()).under(clearance.fingerprint());
            Erasure erasure = new Erasure(resources, stop, due, by, reason);
            Map<String, EraseAnswer> answers = erasure.run(ids);
            resources.sealer().afterWork();
            if (erasure.isUnconfirmed()) {
                admission.reviewConfirmation();
            }
            log.info("erasure by={} recordings={} answers={}", by, answers.size(), counted(answers));
            return answers;
        } finally {
            active.end(stop);
        }
    }

    private static Map<EraseAnswer, Long> counted(Map<String, EraseAnswer> answers) {
        return answers.values().stream()
                .collect(Collectors.groupingBy(answer -> answer, TreeMap::new, Collectors.counting()));
    }

    /** @param unconfirmed whether the run was left because its terms are no longer those that were confirmed */
    private record Worked(SweepReport report, boolean unconfirmed) {}

    private Worked work(Decision.Admitted admitted, Turn turn, Span span) {
        String runId = admitted.run().id();
        turn.worksOn(runId);
        Sweep sweep = new Sweep(
                resources,
                turn.stop(),
                admitted,
                span,
                (run, refused) -> writeOffs.accept(run, refused, this::tellAccepted));
        SweepReport report = RunContext.in(runId, sweep::run);
        resources.sealer().afterWork();
        settings.telemetry().tell(new SweepEvent.SweepEnded(runId, report));
        if (sweep.isUnconfirmed()) {
            admission.reviewConfirmation();
        }
        return new Worked(report, sweep.isUnconfirmed());
    }

    private SweepReport traced(Function<Span, SweepReport> sweep) {
        Span span = settings.telemetry().sweepStarts();
        try {
            SweepReport report = sweep.apply(span);
            span.end(report.end().name(), null);
            return report;
        } catch (Throwable e) {
            span.end("FAILED", e);
            throw e;
        }
    }

    private void refuseTransaction() {
        if (repository.callerHasTransaction()) {
            throw RetentionException.misuse(
                    "the caller has a transaction open, but claims must be committed before anything is sent. Call this"
                            + " outside of transactions");
        }
    }

    /** Tells listeners what a person has accepted as deleted. */
    public void tellAccepted(Map<String, ReviewAnswer> answers, Instant at) {
        List<String> accepted = answers.entrySet().stream()
                .filter(answer -> answer.getValue() == ReviewAnswer.DONE)
                .map(Map.Entry::getKey)
                .toList();
        if (!accepted.isEmpty() && settings.telemetry().isListenedTo()) {
            settings.telemetry()
                    .tell(repository.ledger().find(accepted).stream()
                            .map(entry -> accepted(entry, at))
                            .toList());
        }
    }

    private static SweepEvent accepted(LedgerEntry entry, Instant at) {
        return new SweepEvent.OutcomeRecorded(
                entry.runId(),
                entry.recordingId(),
                entry.policy() == null ? "" : entry.policy(),
                DeletionOutcome.ACCEPTED_UNPROVEN,
                entry.attempts(),
                null,
                at);
    }

    /** What keeps this instance from deleting, because it was not confirmed; as of the last judgement. */
    public Optional<Obstacle> unconfirmed() {
        return brakes.obstacle();
    }

    /** See {@link Plans#confirm}. Whether it ends an obstacle of this instance is found out at once. */
    public boolean confirm(String planId, String by) {
        boolean confirmed = brakes.plans().confirm(planId, by);
        if (confirmed) {
            try {
                admission.reviewConfirmation();
            } catch (RetentionException e) {
                log.debug("plan={} is confirmed. The next recovery or sweep judges by it", planId, e);
            }
        }
        return confirmed;
    }

    /** The refused sweeps that may be confirmed. */
    public Plans plans() {
        return brakes.plans();
    }

    /** The accounts that are gone for good. */
    public WriteOffs writeOffs() {
        return writeOffs;
    }

    /** Stops all work, and returns when it has ended or the time for that is over. */
    public void close() {
        active.close(settings.shutdownTimeout().plus(TO_WIND_UP));
        settings.telemetry().close();
    }
}
