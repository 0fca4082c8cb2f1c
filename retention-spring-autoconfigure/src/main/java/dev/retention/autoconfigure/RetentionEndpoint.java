package dev.retention.autoconfigure;

import dev.retention.Backlog;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.Pause;
import dev.retention.RetentionException;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.ReviewAnswer;
import dev.retention.SweepPlan;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.autoconfigure.RetentionStatus.Snapshot;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.spi.SweepRuns.SweepRun;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * What an operator sees and does over HTTP. Reading answers the {@link State}; a write operation answers it too, with the {@link Answer} to what was asked. What
 * can't be done, such as pausing twice, changes nothing and says so; what can't be meant is answered with 400. Ids, causes and times only: no
 * credential, no phone number and no storage key is shown.
 */
@WebEndpoint(id = "retention")
final class RetentionEndpoint {

    private static final Logger log = LoggerFactory.getLogger(RetentionEndpoint.class);
    private static final int DEFAULT_LIMIT = 20;
    private static final String OPERATIONS = "pause, resume, confirm, retry, accept, preview, sweep";

    private final RetentionOperations operations;
    private final RetentionSweeper sweeper;
    private final RetentionScheduler scheduler;
    private final RetentionStatus status;
    private final boolean dryRun;

    RetentionEndpoint(
            RetentionOperations operations,
            RetentionSweeper sweeper,
            RetentionScheduler scheduler,
            RetentionStatus status,
            boolean dryRun) {
        this.operations = operations;
        this.sweeper = sweeper;
        this.scheduler = scheduler;
        this.status = status;
        this.dryRun = dryRun;
    }

    /**
     * The state, with a page of the recordings that wait for a person.
     *
     * @param after only ids after this one, as {@link Waiting#next()} of the page before; the start unless given
     * @param limit the most recordings on the page; {@value #DEFAULT_LIMIT} unless given
     */
    @ReadOperation
    WebEndpointResponse<?> state(@Nullable String after, @Nullable Integer limit) {
        return answered(() -> state(after, limit == null ? DEFAULT_LIMIT : limit, null));
    }

    /**
     * Carries out an operation. Without one it answers the state.
     *
     * @param operation what to do
     * @param by who wants it; for all but preview and sweep
     * @param reason why; for pause
     * @param planId what to confirm
     * @param ids the engine's ids, separated by commas; for retry and accept
     */
    @WriteOperation
    WebEndpointResponse<?> operate(
            @Nullable String operation,
            @Nullable String by,
            @Nullable String reason,
            @Nullable String planId,
            @Nullable List<String> ids) {
        return answered(() -> {
            Answer answer = operation == null || operation.isBlank()
                    ? null
                    : switch (operation) {
                        case "pause" ->
                            pause(
                                    EndpointParameters.needed(operation, "by", by),
                                    EndpointParameters.needed(operation, "reason", reason));
                        case "resume" -> resume(EndpointParameters.needed(operation, "by", by));
                        case "confirm" ->
                            confirm(
                                    EndpointParameters.needed(operation, "planId", planId),
                                    EndpointParameters.needed(operation, "by", by));
                        case "retry" ->
                            reviewed(
                                    operation,
                                    operations.retry(
                                            EndpointParameters.neededIds(operation, ids),
                                            EndpointParameters.needed(operation, "by", by)));
                        case "accept" ->
                            reviewed(
                                    operation,
                                    operations.acceptUnproven(
                                            EndpointParameters.neededIds(operation, ids),
                                            EndpointParameters.needed(operation, "by", by)));
                        case "preview" -> preview();
                        case "sweep" -> sweep(by);
                        default ->
                            throw new IllegalArgumentException(
                                    "operation is '" + operation + "'; allowed are " + OPERATIONS);
                    };
            return state(null, DEFAULT_LIMIT, answer);
        });
    }

    private Answer pause(String by, String reason) {
        return operations.pause(by, reason)
                ? Answer.done("pause", "deleting is paused on all instances")
                : Answer.unchanged("pause", "deleting was paused before; nothing was changed");
    }

    private Answer resume(String by) {
        return operations.resume(by)
                ? Answer.done("resume", "deleting goes on with the next sweep or recovery")
                : Answer.unchanged("resume", "deleting was not paused; nothing was changed");
    }

    private Answer confirm(String planId, String by) {
        return operations.confirm(planId, by)
                ? Answer.done("confirm", "plan " + planId + " is confirmed; the next sweep may do what was refused")
                : Answer.unchanged(
                        "confirm",
                        "no plan " + planId + " waits: it is unknown, or was confirmed before; nothing was changed");
    }

    private Answer preview() {
        SweepReport report = sweeper.preview();
        return new Answer("preview", false, report.message(), null, report);
    }

    private Answer sweep(@Nullable String by) {
        boolean started = scheduler.sweepNow();
        log.info("sweep asked for by={} started={}", by == null ? "unknown" : by, started);
        return started
                ? Answer.done("sweep", "a sweep starts now; read the state again to see how it ends")
                : Answer.unchanged("sweep", "this instance sweeps already, or is shutting down; nothing was started");
    }

    private static Answer reviewed(String operation, Map<String, ReviewAnswer> recordings) {
        long done =
                recordings.values().stream().filter(ReviewAnswer.DONE::equals).count();
        return new Answer(
                operation, done > 0, done + " of " + recordings.size() + " recordings were changed", recordings, null);
    }

    private State state(@Nullable String after, int limit, @Nullable Answer answer) {
        Pause pause = operations.paused().orElse(null);
        List<LedgerEntry> page = operations.quarantined(after, limit);
        String next = page.size() < limit ? null : page.get(page.size() - 1).recordingId();
        Snapshot now = status.fresh();
        List<Run> runs = now.recentRuns().stream().map(Run::of).toList();
        return new State(
                answer,
                now.attention(),
                pause != null,
                pause,
                dryRun,
                scheduler.isSweeping(),
                scheduler.nextSweep().orElse(null),
                runs.isEmpty() ? null : runs.get(0),
                runs,
                now.backlog(),
                answer == null ? sweeper.countByPolicy() : null,
                now.plans(),
                new Waiting(page.stream().map(Quarantined::of).toList(), next));
    }

    private static WebEndpointResponse<?> answered(Supplier<State> state) {
        try {
            return new WebEndpointResponse<>(state.get());
        } catch (IllegalArgumentException e) {
            return new WebEndpointResponse<>(
                    new Refusal(String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_BAD_REQUEST);
        } catch (RetentionException e) {
            log.error("the endpoint could not answer", e);
            return new WebEndpointResponse<>(
                    new Refusal(String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }

    /**
     * How things stand.
     *
     * @param answer what became of the operation that was asked for
     * @param attention why a person should look, as health says it too
     * @param paused whether deleting is paused on all instances
     * @param pause by whom, since when and why
     * @param dryRun whether this instance never deletes
     * @param sweeping whether this instance sweeps by its schedule or by this endpoint
     * @param nextSweep when this instance sweeps next by itself; absent for never
     * @param latestRun the run that was started last; absent before the first
     * @param recentRuns the last ten, newest first
     * @param backlog what is due and not deleted yet, and for how long
     * @param policies what each policy governs; absent after an operation, since counting reads all live rows
     * @param plans the refused sweeps that may be confirmed
     * @param quarantined recordings that wait for a person
     */
    record State(
            @Nullable Answer answer,
            List<Attention> attention,
            boolean paused,
            @Nullable Pause pause,
            boolean dryRun,
            boolean sweeping,
            @Nullable Instant nextSweep,
            @Nullable Run latestRun,
            List<Run> recentRuns,
            Backlog backlog,
            @Nullable List<PolicyCounts> policies,
            List<SweepPlan> plans,
            Waiting quarantined)
            implements OperationResponseBody {}

    /**
     * What became of an operation.
     *
     * @param changed whether anything was changed
     * @param recordings of retry and accept, by id
     * @param preview of preview: what a sweep would do, and what it would be refused for
     */
    record Answer(
            String operation,
            boolean changed,
            String message,
            @Nullable Map<String, ReviewAnswer> recordings,
            @Nullable SweepReport preview) {

        static Answer done(String operation, String message) {
            return new Answer(operation, true, message, null, null);
        }

        static Answer unchanged(String operation, String message) {
            return new Answer(operation, false, message, null, null);
        }
    }

    /**
     * A run.
     *
     * @param claimed how many recordings it has claimed until now
     * @param report how it ended; absent while it is under way
     */
    record Run(
            String id,
            Instant started,
            Instant deadline,
            long claimed,
            @Nullable SweepReport report) {

        static Run of(SweepRun run) {
            return new Run(run.id(), run.started(), run.deadline(), run.claimed(), run.report());
        }
    }

    /**
     * A page of the recordings that wait for a person.
     *
     * @param next what to give as {@code after} for the next page; absent on the last one
     */
    record Waiting(List<Quarantined> recordings, @Nullable String next) {}

    /** A recording that waits for a person. */
    record Quarantined(
            String id,
            DeletionState state,
            @Nullable DeletionOutcome outcome,
            @Nullable String cause,
            @Nullable Instant failingSince,
            int attempts,
            boolean held) {

        static Quarantined of(LedgerEntry entry) {
            return new Quarantined(
                    entry.recordingId(),
                    entry.state(),
                    entry.outcome(),
                    entry.cause(),
                    entry.failingSince(),
                    entry.attempts(),
                    entry.held());
        }
    }

    /** Why there is no state to show. After a 400 nothing was done; after a 503 the state has to be read again. */
    record Refusal(String error) implements OperationResponseBody {}
}
