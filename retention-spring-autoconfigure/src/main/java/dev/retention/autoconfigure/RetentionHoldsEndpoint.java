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
 * Legal holds over HTTP, apart from {@link RetentionEndpoint} so that they can be given to other people. What can't be done changes nothing and says so; what can't be
 * meant is answered with 400, and what the ledger or the database refuses with 409.
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
     * @param offset how many to skip; none unless given
     * @param limit the most on the page; {@value #DEFAULT_LIMIT} unless given
     */
    @ReadOperation
    WebEndpointResponse<?> list(@Nullable Integer offset, @Nullable Integer limit) {
        return answered(() -> new Page(holds.list(offset == null ? 0 : offset, limit == null ? DEFAULT_LIMIT : limit)));
    }

    /**
     * Places or releases a hold.
     *
     * @param operation {@code place} or {@code release}
     * @param holdId the caller's name for the hold
     * @param ids the engine's ids, separated by commas; to place a hold on recordings
     * @param attribute with {@code value} and in place of {@code ids}: to place a hold on all recordings whose attribute has that value, also on those to come
     * @param by who wants it
     * @param reason why; to place
     * @param until when a hold on recordings ends by itself, such as {@code 2030-01-01T00:00:00Z}; never unless given
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
                                "operation place takes 'ids', with or without 'until', or 'attribute' and 'value'");
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
                                    "no hold " + hold + " stands: it is unknown, or has ended; nothing was changed",
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
        return new Answer("place", true, "all that match are held, also those to come", null, summary);
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
     * What became of an operation.
     *
     * @param changed whether anything was changed
     * @param recordings of a hold on recordings, by id
     * @param matching of a hold by attribute
     */
    record Answer(
            String operation,
            boolean changed,
            String message,
            @Nullable Map<String, HoldAnswer> recordings,
            @Nullable HoldSummary matching)
            implements OperationResponseBody {}
}
