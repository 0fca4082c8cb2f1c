package dev.retention.internal.run;

import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.internal.account.AccountState;
import dev.retention.internal.deletion.DeletionPipeline;
import dev.retention.internal.recording.UnmappedHolds;
import dev.retention.internal.report.EndMessages;
import dev.retention.internal.report.Tally;
import dev.retention.internal.safety.Suspicions;
import dev.retention.internal.safety.Suspicions.Suspicion;
import dev.retention.spi.RecordingRepository;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a run: finds the worst end of its accounts, reports what the database holds, and logs it. */
final class Conclusion {

    private static final Logger log = LoggerFactory.getLogger(Conclusion.class);

    /** A person reads them. */
    private static final int MOST_PLANS = 10;

    private final RecordingRepository repository;
    private final JoinedRun run;
    private final DeletionPipeline pipeline;
    private final Supplier<List<String>> kept;
    private final Suspicions suspicions;
    private final String owner;

    /** @param kept further sentences for the report, about recordings that were kept */
    Conclusion(Resources resources, JoinedRun run, DeletionPipeline pipeline, Supplier<List<String>> kept) {
        this.repository = resources.repository();
        this.suspicions = new Suspicions(repository);
        this.owner = resources.settings().owner();
        this.run = run;
        this.pipeline = pipeline;
        this.kept = kept;
    }

    /** Leaves the run to others, or to the next recovery. */
    SweepReport leave() {
        SweepReport report = report(
                SweepEnd.STOPPED,
                "this instance left the run; another instance, the next sweep or the next recovery continues it");
        log.info("sweep left run={} {}", run.id(), report);
        return report;
    }

    /** Leaves the run to instances that map what a hold by attribute names, which this one does not. */
    SweepReport leaveForUnmappedHold() {
        String why = UnmappedHolds.objection(repository.holds())
                .orElse("a hold by attribute that this instance could not judge has ended meanwhile. Sweep again");
        return leave(why);
    }

    /** Leaves the run to instances that work with what was confirmed. */
    SweepReport leaveUnconfirmed() {
        return leave("this instance left the run, because its database, storages, policies or mapping are no longer"
                + " those that were confirmed. Configure all instances alike; the next sweep of this instance says what"
                + " differs");
    }

    private SweepReport leave(String why) {
        SweepReport report = report(SweepEnd.REFUSED, why);
        log.error("sweep left run={} {} message={}", run.id(), report, report.message());
        return report;
    }

    /**
     * Ends the run, unless another instance has ended it.
     *
     * @param message the message of the report if the run ends for this reason; null for the usual message
     */
    SweepReport end(SweepEnd reason, @Nullable String message) {
        SweepEnd worst = worst(reason);
        String plans = plans();
        SweepReport report = report(worst, worst == reason ? message : null, plans);
        if (!repository.runs().end(run.id(), report)) {
            report = Objects.requireNonNull(run.current().report(), "a run that has ended has a report");
        }
        String line = "sweep ended run={} {} message={}";
        if (isAsUsual(report.end())) {
            log.info(line, run.id(), report, report.message());
        } else if (report.end() == SweepEnd.PAUSED) {
            log.warn(line, run.id(), report, report.message());
        } else {
            log.error(line, run.id(), report, report.message());
        }
        return report;
    }

    private static boolean isAsUsual(SweepEnd end) {
        return end == SweepEnd.COMPLETED || end == SweepEnd.CAPPED || end == SweepEnd.OUT_OF_TIME;
    }

    /** What a person may confirm about accounts that were stopped by a suspicion alone; empty if there are none. */
    private String plans() {
        List<Suspicion> stopped = new ArrayList<>();
        List<@Nullable String> right = new ArrayList<>();
        for (AccountState account : pipeline.accounts()) {
            SweepEnd end = account.stopped();
            if (end != null && account.isStoppedBySuspicion() && stopped.size() < MOST_PLANS) {
                String why = account.label() + ": " + account.stopCause();
                stopped.add(new Suspicion(account.name(), end, why));
            } else if (end == null && account.isIdentified()) {
                right.add(account.name());
            }
        }
        long due = stopped.isEmpty()
                ? 0
                : repository.recordings().count(run.criteria()).due();
        List<String> plans = suspicions.settle(stopped, right, due, owner);
        return plans.isEmpty()
                ? ""
                : "If account and keys are right, such as for recordings that were deleted there long ago or rows of"
                        + " another kind, confirm plan "
                        + String.join(", plan ", plans)
                        + ": by RetentionOperations.confirm, the endpoint, or the setting retention.safety.confirm."
                        + " Each recording is then judged by itself";
    }

    private SweepReport report(SweepEnd end, @Nullable String message) {
        return report(end, message, "");
    }

    private SweepReport report(SweepEnd end, @Nullable String message, String plans) {
        Tally tally = Tally.of(repository, run.joined(), run.criteria());
        boolean nothingLeft = tally.remaining() == 0
                && !(run.criteria().softDeletedToo() && tally.softDeleted().count() > 0);
        SweepEnd honest = end == SweepEnd.CAPPED && nothingLeft ? SweepEnd.COMPLETED : end;
        List<String> sentences = new ArrayList<>();
        sentences.add(message != null ? message : EndMessages.of(honest, tally, run.joined(), pipeline.accounts()));
        if (!plans.isEmpty()) {
            sentences.add(plans);
        }
        sentences.addAll(kept.get());
        sentences.addAll(tally.incomplete());
        return tally.report(
                run.joined().started(), repository.now(), run.criteria(), honest, String.join(". ", sentences));
    }

    private SweepEnd worst(SweepEnd reason) {
        for (SweepEnd end : EndMessages.WORST_FIRST) {
            if (pipeline.accounts().stream().anyMatch(account -> account.stopped() == end)) {
                return end;
            }
        }
        return reason == SweepEnd.ALREADY_RUNNING ? SweepEnd.COMPLETED : reason;
    }
}
