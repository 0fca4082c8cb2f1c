package dev.retention.autoconfigure;

import dev.retention.HoldAnswer;
import dev.retention.HoldSummary;
import dev.retention.LegalHold;
import dev.retention.LegalHolds;
import dev.retention.RetentionException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * Legal holds over HTTP. They have an endpoint of their own, so that other people can have access to it than to
 * {@link RetentionEndpoint}. An operation that has nothing to do says so. Wrong parameters are answered with 400, and
 * what the database refuses with 409; both change nothing.
 */
@WebEndpoint(id = "retentionholds")
final class RetentionHoldsEndpoint {

    private static final int DEFAULT_LIMIT = 20;

    private final LegalHolds holds;

    RetentionHoldsEndpoint(LegalHolds holds) {
        this.holds = holds;
    }

    /**
     * The holds, newest first, ended ones included.
     *
     * @param offset how many to skip; 0 by default
     * @param limit the most on the page; {@value #DEFAULT_LIMIT} by default
     */
    @ReadOperation
    WebEndpointResponse<?> list(@Nullable Integer offset, @Nullable Integer limit) {
        return answered(() -> new Page(holds.list(offset == null ? 0 : offset, limit == null ? DEFAULT_LIMIT : limit)));
    }

    /**
     * Places or releases a hold.
     *
     * @param operation {@code place} or {@code release}
     * @param holdId the hold's id, such as a case number
     * @param ids the engine's ids, separated by commas, to place a hold on recordings
     * @param attribute together with {@code value} and instead of {@code ids}, to place a hold on all recordings whose
     *     attribute has that value, including future ones
     * @param value the attribute's value
     * @param by the person who wants it
     * @param reason why; needed to place a hold
     * @param until when a hold on recordings expires, such as {@code 2030-01-01T00:00:00Z}; never by default
     */
    @WriteOperation
    WebEndpointResponse<?> operate(
            @Nullable String operation,
            @Nullable String holdId,
            @Nullable List<String> ids,
            @Nullable String attribute,
            @Nullable String value,
            @Nullable String by,
            @Nullable String reason,
            @Nullable String until) {
        return answered(() -> {
            if (operation == null || operation.isBlank()) {
                return new Page(holds.list(0, DEFAULT_LIMIT));
            }
            String hold = EndpointParameters.needed(operation, "holdId", holdId);
            String who = EndpointParameters.needed(operation, "by", by);
            return switch (operation) {
                case "place" -> {
                    String why = EndpointParameters.needed(operation, "reason", reason);
                    boolean byAttribute = attribute != null || value != null;
                    if (byAttribute && (ids != null || until != null)) {
                        throw new IllegalArgumentException(
                                "operation place needs either 'ids', perhaps with 'until', or 'attribute' and 'value'");
                    }
                    yield byAttribute
                            ? placedWhere(holds.placeWhere(
                                    hold,
                                    EndpointParameters.needed(operation, "attribute", attribute),
                                    EndpointParameters.needed(operation, "value", value),
                                    who,
                                    why))
                            : placed(holds.place(
                                    hold, EndpointParameters.neededIds(operation, ids), who, why, instant(until)));
                }
                case "release" ->
                    holds.release(hold, who)
                            ? new Answer("release", true, "hold " + hold + " has ended", null, null)
                            : new Answer(
                                    "release",
                                    false,
                                    "there is no hold " + hold + ", or it has ended; nothing was changed",
                                    null,
                                    null);
                default ->
                    throw new IllegalArgumentException("operation is '" + operation + "'; allowed are place, release");
            };
        });
    }

    private static Answer placed(Map<String, HoldAnswer> answers) {
        long held = answers.values().stream().filter(HoldAnswer.HELD::equals).count();
        return new Answer(
                "place",
                answers.values().stream().anyMatch(a -> a == HoldAnswer.HELD || a == HoldAnswer.LATE),
                held + " of " + answers.size() + " recordings are held",
                answers,
                null);
    }

    private static Answer placedWhere(HoldSummary summary) {
        return new Answer("place", true, "all matching recordings are held, including future ones", null, summary);
    }

    private static @Nullable Instant instant(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            return Instant.parse(text.strip());
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "until is '" + text + "'; allowed is an instant such as 2030-01-01T00:00:00Z");
        }
    }

    private static WebEndpointResponse<?> answered(Supplier<OperationResponseBody> answer) {
        try {
            return new WebEndpointResponse<>(answer.get());
        } catch (IllegalArgumentException e) {
            return new WebEndpointResponse<>(
                    new RetentionEndpoint.Refusal(String.valueOf(e.getMessage())),
                    WebEndpointResponse.STATUS_BAD_REQUEST);
        } catch (RetentionException e) {
            return new WebEndpointResponse<>(new RetentionEndpoint.Refusal(String.valueOf(e.getMessage())), 409);
        }
    }

    /** A page of holds. */
    record Page(List<LegalHold> holds) implements OperationResponseBody {}

    /**
     * The result of an operation.
     *
     * @param operation the operation
     * @param changed whether anything was changed
     * @param message what happened
     * @param recordings the answers of a hold on recordings, by id; null otherwise
     * @param matching the answer of a hold by attribute; null otherwise
     */
    record Answer(
            String operation,
            boolean changed,
            String message,
            @Nullable Map<String, HoldAnswer> recordings,
            @Nullable HoldSummary matching)
            implements OperationResponseBody {}
}
