package dev.retention.autoconfigure;

import dev.retention.Pause;
import dev.retention.RetentionException;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.ReviewAnswer;
import dev.retention.SweepReport;
import dev.retention.autoconfigure.EndpointState.Answer;
import dev.retention.autoconfigure.EndpointState.Waiting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * What an operator sees and does over HTTP. A read operation returns the {@link EndpointState}; a write operation
 * returns it too, with the {@link Answer} of the operation. An operation without effect, such as pausing twice, changes
 * nothing and says so; one that is not valid is answered with 400. Ids, causes and times only: no credential, no phone
 * number and no storage key is shown.
 */
@WebEndpoint(id = "retention")
final class RetentionEndpoint {

    private static final Logger log = LoggerFactory.getLogger(RetentionEndpoint.class);
    private static final int DEFAULT_LIMIT = 20;
    private static final String OPERATIONS =
            "pause, resume, confirm, retry, accept, write-off, reinstate, preview, sweep";

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
     * The state, with a page of the recordings that need a decision.
     *
     * @param after only ids after this one, as {@link Waiting#next()} of the page before; the first page unless given
     * @param limit the most recordings on the page; {@value #DEFAULT_LIMIT} unless given
     */
    @ReadOperation
    WebEndpointResponse<?> state(@Nullable String after, @Nullable Integer limit) {
        return answered(() -> state(after, limit == null ? DEFAULT_LIMIT : limit, null));
    }

    /**
     * Carries out an operation. Without one it returns the state.
     *
     * @param operation what to do
     * @param by who wants it; for all but preview and sweep
     * @param reason why; for pause and write-off
     * @param planId what to confirm
     * @param ids the engine's ids, separated by commas; for retry and accept
     * @param account the account; for write-off and reinstate
     */
    @WriteOperation
    WebEndpointResponse<?> operate(
            @Nullable String operation,
            @Nullable String by,
            @Nullable String reason,
            @Nullable String planId,
            @Nullable List<String> ids,
            @Nullable String account) {
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
                        case "write-off" ->
                            writeOff(
                                    EndpointParameters.needed(operation, "account", account),
                                    EndpointParameters.needed(operation, "by", by),
                                    EndpointParameters.needed(operation, "reason", reason));
                        case "reinstate" ->
                            reinstate(
                                    EndpointParameters.needed(operation, "account", account),
                                    EndpointParameters.needed(operation, "by", by));
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
                : Answer.unchanged("pause", "deleting was paused before, so nothing was changed");
    }

    private Answer resume(String by) {
        return operations.resume(by)
                ? Answer.done("resume", "deleting continues with the next sweep or recovery")
                : Answer.unchanged("resume", "deleting was not paused, so nothing was changed");
    }

    private Answer confirm(String planId, String by) {
        return operations.confirm(planId, by)
                ? Answer.done("confirm", "plan " + planId + " is confirmed; the next sweep may do what was refused")
                : Answer.unchanged(
                        "confirm",
                        "no plan " + planId + " can be confirmed: it is unknown or was confirmed before, so nothing was"
                                + " changed");
    }

    private Answer writeOff(String account, String by, String reason) {
        return operations.writeOff(account, by, reason)
                ? Answer.done(
                        "write-off",
                        "account " + account + " is written off: while its storage refuses it, sweeps record its due"
                                + " recordings as accepted")
                : Answer.unchanged("write-off", "it was written off before, so nothing was changed");
    }

    private Answer reinstate(String account, String by) {
        return operations.reinstate(account, by)
                ? Answer.done("reinstate", "account " + account + " is no longer written off")
                : Answer.unchanged("reinstate", "it was not written off, so nothing was changed");
    }

    private Answer preview() {
        SweepReport report = sweeper.preview();
        return new Answer("preview", false, report.message(), null, report);
    }

    private Answer sweep(@Nullable String by) {
        Optional<Pause> pause = operations.paused();
        if (pause.isPresent()) {
            return Answer.unchanged(
                    "sweep",
                    "deleting was paused by " + pause.get().by() + " at "
                            + pause.get().since() + ", so nothing was started. Resume it, then sweep again");
        }
        boolean started = scheduler.sweepNow();
        log.info("sweep requested by={} started={}", by == null ? "unknown" : by, started);
        return started
                ? Answer.done("sweep", "a sweep starts now; read the state again to see how it ends")
                : Answer.unchanged(
                        "sweep", "this instance sweeps already, or is shutting down, so nothing was started");
    }

    private static Answer reviewed(String operation, Map<String, ReviewAnswer> recordings) {
        long done =
                recordings.values().stream().filter(ReviewAnswer.DONE::equals).count();
        return new Answer(
                operation, done > 0, done + " of " + recordings.size() + " recordings were changed", recordings, null);
    }

    private EndpointState state(@Nullable String after, int limit, @Nullable Answer answer) {
        Pause pause = operations.paused().orElse(null);
        Waiting quarantined = Waiting.of(operations.quarantined(after, limit), limit);
        return EndpointState.builder(status.fresh(), quarantined)
                .answer(answer)
                .pause(pause)
                .dryRun(dryRun)
                .sweeping(scheduler.isSweeping())
                .nextSweep(scheduler.nextSweep().orElse(null))
                .policies(answer == null ? sweeper.countByPolicy() : null)
                .build();
    }

    private static WebEndpointResponse<?> answered(Supplier<EndpointState> state) {
        try {
            return new WebEndpointResponse<>(OperationResponseBody.of(Shown.of(state.get())));
        } catch (IllegalArgumentException e) {
            return new WebEndpointResponse<>(
                    new Refusal(String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_BAD_REQUEST);
        } catch (RetentionException e) {
            log.error("the state of retention could not be read, because the database failed. Check the database", e);
            return new WebEndpointResponse<>(
                    new Refusal(String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
        }
    }

    /** Why there is no state to show. After a 400 nothing was done; after a 503 the state has to be read again. */
    record Refusal(String error) implements OperationResponseBody {}
}
