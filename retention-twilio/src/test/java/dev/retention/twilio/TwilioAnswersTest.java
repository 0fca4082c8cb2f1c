package dev.retention.twilio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What follows from each answer, without a server. */
class TwilioAnswersTest {

    private static final Instant NOW = Instant.parse("2026-11-23T03:00:00.123Z");
    private static final String SID = "RE0000000000000000000000000000000a";
    private static final String OTHER_SID = "RE0000000000000000000000000000000b";
    private static final String ACCOUNT = "AC00000000000000000000000000000001";
    private static final String OTHER_ACCOUNT = "AC00000000000000000000000000000002";
    private static final String KEY = "SK00000000000000000000000000000003";
    private static final String REQUEST = "RQ00000000000000000000000000000004";
    private static final String OTHER_REQUEST = "RQ00000000000000000000000000000005";

    private static Question question(Question.Operation operation) {
        return new Question(operation, ACCOUNT, KEY, operation == Question.Operation.LIST ? null : SID);
    }

    /** A body by its name in the tables below. */
    private static @Nullable String body(String name) {
        int colon = name.indexOf(':');
        String value = name.substring(colon + 1);
        return switch (colon < 0 ? name : name.substring(0, colon)) {
            case "unread" -> null;
            case "empty" -> "";
            case "html" -> "<!DOCTYPE html><html><body>code 20003</body></html>";
            case "error" -> "{\"code\": " + value + ", \"message\": \"as Twilio says it\", \"status\": 400}";
            case "status" -> recording(SID, ACCOUNT, value, null);
            case "elsewhere" -> recording(SID, ACCOUNT, value, "https://calls.example.com/canary.wav");
            case "recording" -> recording(OTHER_SID, ACCOUNT, value, null);
            case "account" -> recording(SID, OTHER_ACCOUNT, value, null);
            case "page" ->
                "{\"recordings\": ["
                        + value.replace("own", recording(SID, ACCOUNT, "completed", null))
                                .replace("other", recording(SID, OTHER_ACCOUNT, "completed", null))
                                .replace('+', ',')
                        + "]}";
            default -> name;
        };
    }

    private static String recording(String sid, String account, String status, @Nullable String media) {
        return "{\"sid\": \"" + sid + "\", \"account_sid\": \"" + account + "\", \"status\": \"" + status
                + "\", \"date_created\": \"Fri, 02 Jan 2026 03:04:05 -0000\", \"media_url\": "
                + (media == null ? "null" : "\"" + media + "\"") + "}";
    }

    private static Outcome.Answer answer(int status, String body, String requestId) {
        String text = body(body);
        return new Outcome.Answer(
                status,
                body.equals("html") ? "text/html" : "application/json",
                requestId,
                "7",
                null,
                null,
                text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable DeletionResult meaning(Question.Operation operation, Outcome outcome) {
        Question asked = question(operation);
        return switch (operation) {
            case DELETE ->
                Answers.toDelete(asked, outcome, Answers.Media.AT_TWILIO, NOW) instanceof Answers.Settled settled
                        ? settled.result()
                        : null;
            case LOOK_UP -> Answers.toLookUp(asked, outcome, NOW);
            case LIST -> Answers.toList(asked, outcome, NOW);
        };
    }

    /** The columns: operation, status, body; then the kind, the code, and whether a deletion was surely not applied. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DELETE  | 204 | empty                | DELETED         | DELETED           | false
            DELETE  | 204 | unread               | DELETED         | DELETED           | false
            DELETE  | 200 | empty                | TRY_LATER       | HTTP_200          | false
            DELETE  | 200 | status:deleted       | TRY_LATER       | HTTP_200          | false
            DELETE  | 200 | error:20003          | TRY_LATER       | HTTP_200          | false
            DELETE  | 200 | recording:deleted    | MISMATCH        | OTHER_RECORDING   | false
            DELETE  | 202 | account:deleted      | MISMATCH        | OTHER_ACCOUNT     | false
            DELETE  | 205 | empty                | TRY_LATER       | HTTP_205          | false
            DELETE  | 302 | html                 | TRY_LATER       | HTTP_302          | false
            DELETE  | 302 | recording:deleted    | TRY_LATER       | HTTP_302          | false
            DELETE  | 400 | error:20001          | REFUSED         | TWILIO_20001      | true
            DELETE  | 400 | recording:deleted    | TRY_LATER       | HTTP_400          | false
            DELETE  | 400 | html                 | TRY_LATER       | HTTP_400          | false
            DELETE  | 400 | unread               | TRY_LATER       | HTTP_400          | false
            DELETE  | 401 | error:20003          | STOP            | TWILIO_20003      | true
            DELETE  | 401 | unread               | STOP            | HTTP_401          | true
            DELETE  | 403 | html                 | STOP            | HTTP_403          | true
            DELETE  | 403 | error:70005          | TRY_LATER       | TWILIO_70005      | true
            DELETE  | 405 | error:20004          | STOP            | TWILIO_20004      | true
            DELETE  | 407 | html                 | STOP            | HTTP_407          | true
            DELETE  | 404 | error:20005          | STOP            | TWILIO_20005      | true
            DELETE  | 408 | empty                | TRY_LATER       | HTTP_408          | false
            DELETE  | 429 | error:20429          | TRY_LATER       | TWILIO_20429      | true
            DELETE  | 429 | html                 | TRY_LATER       | HTTP_429          | true
            DELETE  | 400 | error:20429          | TRY_LATER       | TWILIO_20429      | true
            DELETE  | 500 | error:20500          | TRY_LATER       | TWILIO_20500      | false
            DELETE  | 500 | unread               | TRY_LATER       | HTTP_500          | false
            DELETE  | 502 | html                 | TRY_LATER       | HTTP_502          | false
            DELETE  | 503 | error:20003          | TRY_LATER       | TWILIO_20003      | false
            LOOK_UP | 200 | status:completed     | STILL_THERE     | STILL_THERE       | true
            LOOK_UP | 200 | status:COMPLETED     | STILL_THERE     | STILL_THERE       | true
            LOOK_UP | 200 | status:deleted       | ALREADY_GONE    | ALREADY_GONE      | false
            LOOK_UP | 200 | status:absent        | NOTHING_STORED  | NOTHING_STORED    | false
            LOOK_UP | 200 | status:failed        | NOTHING_STORED  | NOTHING_STORED    | false
            LOOK_UP | 200 | status:in-progress   | NOT_YET         | NOT_COMPLETE      | true
            LOOK_UP | 200 | status:processing    | NOT_YET         | NOT_COMPLETE      | true
            LOOK_UP | 200 | status:paused        | NOT_YET         | NOT_COMPLETE      | true
            LOOK_UP | 200 | status:stopped       | NOT_YET         | NOT_COMPLETE      | true
            LOOK_UP | 200 | status:expunged      | TRY_LATER       | UNKNOWN_STATUS    | false
            LOOK_UP | 200 | status:              | TRY_LATER       | UNKNOWN_STATUS    | false
            LOOK_UP | 200 | elsewhere:completed  | KEPT_ELSEWHERE  | KEPT_ELSEWHERE    | true
            LOOK_UP | 200 | elsewhere:deleted    | KEPT_ELSEWHERE  | KEPT_ELSEWHERE    | true
            LOOK_UP | 200 | recording:deleted    | MISMATCH        | OTHER_RECORDING   | false
            LOOK_UP | 200 | account:deleted      | MISMATCH        | OTHER_ACCOUNT     | false
            LOOK_UP | 201 | recording:completed  | MISMATCH        | OTHER_RECORDING   | false
            LOOK_UP | 200 | unread               | TRY_LATER       | UNREADABLE_ANSWER | false
            LOOK_UP | 200 | empty                | TRY_LATER       | UNREADABLE_ANSWER | false
            LOOK_UP | 200 | html                 | TRY_LATER       | UNREADABLE_ANSWER | false
            LOOK_UP | 200 | {}                   | TRY_LATER       | UNREADABLE_ANSWER | false
            LOOK_UP | 200 | error:20404          | TRY_LATER       | UNREADABLE_ANSWER | false
            LOOK_UP | 201 | status:deleted       | TRY_LATER       | HTTP_201          | false
            LOOK_UP | 204 | empty                | TRY_LATER       | HTTP_204          | false
            LOOK_UP | 302 | html                 | TRY_LATER       | HTTP_302          | false
            LOOK_UP | 400 | error:20001          | TRY_LATER       | TWILIO_20001      | false
            LOOK_UP | 400 | html                 | TRY_LATER       | HTTP_400          | false
            LOOK_UP | 401 | error:20003          | STOP            | TWILIO_20003      | true
            LOOK_UP | 404 | error:20404          | NOT_FOUND       | NOT_FOUND         | false
            LOOK_UP | 404 | html                 | NOT_FOUND       | NOT_FOUND         | false
            LOOK_UP | 404 | recording:deleted    | NOT_FOUND       | NOT_FOUND         | false
            LOOK_UP | 410 | empty                | NOT_FOUND       | NOT_FOUND         | false
            LOOK_UP | 429 | error:20429          | TRY_LATER       | TWILIO_20429      | true
            LOOK_UP | 500 | error:20500          | TRY_LATER       | TWILIO_20500      | false
            LIST    | 200 | page:                |                 |                   |
            LIST    | 200 | page:own             |                 |                   |
            LIST    | 200 | page:own+own         |                 |                   |
            LIST    | 200 | page:own+other       | MISMATCH        | OTHER_ACCOUNT     | false
            LIST    | 200 | page:other+own       | MISMATCH        | OTHER_ACCOUNT     | false
            LIST    | 200 | page:7+other         | MISMATCH        | OTHER_ACCOUNT     | false
            LIST    | 200 | page:own+7           | TRY_LATER       | UNREADABLE_ANSWER | false
            LIST    | 200 | {"recordings": {}}   | TRY_LATER       | UNREADABLE_ANSWER | false
            LIST    | 200 | {}                   | TRY_LATER       | UNREADABLE_ANSWER | false
            LIST    | 200 | unread               | TRY_LATER       | UNREADABLE_ANSWER | false
            LIST    | 200 | html                 | TRY_LATER       | UNREADABLE_ANSWER | false
            LIST    | 201 | page:own             | TRY_LATER       | HTTP_201          | false
            LIST    | 302 | html                 | TRY_LATER       | HTTP_302          | false
            LIST    | 400 | error:20007          | STOP            | TWILIO_20007      | true
            LIST    | 400 | html                 | TRY_LATER       | HTTP_400          | false
            LIST    | 403 | error:70051          | STOP            | TWILIO_70051      | true
            LIST    | 404 | error:20404          | REFUSED         | TWILIO_20404      | true
            LIST    | 404 | html                 | REFUSED         | HTTP_404          | true
            LIST    | 410 | empty                | REFUSED         | HTTP_410          | true
            LIST    | 429 | error:20429          | TRY_LATER       | TWILIO_20429      | true
            LIST    | 503 | empty                | TRY_LATER       | HTTP_503          | false
            """)
    void decidesByOperationStatusAndBody(
            Question.Operation operation,
            int status,
            String body,
            @Nullable Kind kind,
            @Nullable String code,
            @Nullable Boolean surelyNotApplied) {
        DeletionResult result = meaning(operation, answer(status, body, REQUEST));

        if (kind == null) {
            assertThat(result).isNull();
            return;
        }
        assertThat(Objects.requireNonNull(result).kind()).as(result.toString()).isEqualTo(kind);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.surelyNotApplied()).isEqualTo(surelyNotApplied);
        assertThat(result.detail()).doesNotContain("canary", "as Twilio says it");
        assertThat(meaning(operation, answer(status, body, REQUEST)))
                .as("the same answer means the same again")
                .isEqualTo(result);
        assertThat(Objects.requireNonNull(meaning(operation, answer(status, body, OTHER_REQUEST)))
                        .code())
                .as("a request id does not tell causes apart")
                .isEqualTo(code);
    }

    @Test
    void givesAnswersThatDifferByTheirRequestIdOneCodeAndTwoDetails() {
        DeletionResult one = meaning(Question.Operation.DELETE, answer(500, "error:20500", REQUEST));
        DeletionResult other = meaning(Question.Operation.DELETE, answer(500, "error:20500", OTHER_REQUEST));

        assertThat(Objects.requireNonNull(one).code())
                .isEqualTo(Objects.requireNonNull(other).code());
        assertThat(one.detail()).contains(REQUEST).isNotEqualTo(other.detail());
        assertThat(other.detail()).contains(OTHER_REQUEST);
    }

    @ParameterizedTest
    @CsvSource({
        "404, error:20404, NOT_FOUND",
        "404, html, NOT_FOUND",
        "410, empty, NOT_FOUND",
        "409, error:20009, NOT_COMPLETE",
        "409, html, NOT_COMPLETE",
        "400, error:20009, NOT_COMPLETE",
        "400, error:20409, NOT_COMPLETE",
        "422, error:20001, UNPROCESSABLE",
        "422, html, UNPROCESSABLE",
        "400, error:20422, UNPROCESSABLE"
    })
    void needsALookUpWhereADeletionIsNotDecidedByItsAnswer(int status, String body, Answers.Unsettled.Reason reason) {
        Answers.Deletion meaning = Answers.toDelete(
                question(Question.Operation.DELETE), answer(status, body, REQUEST), Answers.Media.NOT_LOOKED_AT, NOW);

        assertThat(meaning).isInstanceOfSatisfying(Answers.Unsettled.class, unsettled -> {
            assertThat(unsettled.reason()).isEqualTo(reason);
            assertThat(unsettled.code())
                    .isEqualTo(body.startsWith("error:") ? "TWILIO_" + body.substring(6) : "HTTP_" + status);
        });
    }

    private static DeletionResult lookUp(Kind kind) {
        return switch (kind) {
            case ALREADY_GONE -> DeletionResult.alreadyGone("seen as deleted");
            case NOTHING_STORED -> DeletionResult.nothingStored("seen as absent");
            case NOT_FOUND -> DeletionResult.notFound();
            case KEPT_ELSEWHERE -> DeletionResult.keptElsewhere("calls.example.com");
            case STILL_THERE -> DeletionResult.stillThere();
            case NOT_YET -> DeletionResult.notYet("processing").withCode("NOT_COMPLETE");
            case TRY_LATER ->
                DeletionResult.tryLater("503", Duration.ofSeconds(7), false).withCode("HTTP_503");
            case STOP -> DeletionResult.stop("401").withCode("HTTP_401");
            case MISMATCH -> DeletionResult.mismatch("another").withCode("OTHER_RECORDING");
            default -> throw new IllegalArgumentException(kind + " is no result of a look-up");
        };
    }

    /** The columns: the deletion's answer, the look-up's result; then kind, code, and whether surely not applied. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOT_FOUND     | ALREADY_GONE   | ALREADY_GONE   | ALREADY_GONE    | false
            NOT_FOUND     | NOTHING_STORED | NOTHING_STORED | NOTHING_STORED  | false
            NOT_FOUND     | NOT_FOUND      | NOT_FOUND      | NOT_FOUND       | false
            NOT_FOUND     | KEPT_ELSEWHERE | KEPT_ELSEWHERE | KEPT_ELSEWHERE  | true
            NOT_FOUND     | STILL_THERE    | TRY_LATER      | CONTRADICTED    | false
            NOT_FOUND     | NOT_YET        | NOT_YET        | NOT_COMPLETE    | true
            NOT_FOUND     | TRY_LATER      | TRY_LATER      | HTTP_503        | false
            NOT_FOUND     | STOP           | STOP           | HTTP_401        | true
            NOT_FOUND     | MISMATCH       | MISMATCH       | OTHER_RECORDING | false
            NOT_COMPLETE  | ALREADY_GONE   | ALREADY_GONE   | ALREADY_GONE    | false
            NOT_COMPLETE  | NOTHING_STORED | NOTHING_STORED | NOTHING_STORED  | false
            NOT_COMPLETE  | NOT_FOUND      | NOT_YET        | TWILIO_1        | true
            NOT_COMPLETE  | KEPT_ELSEWHERE | KEPT_ELSEWHERE | KEPT_ELSEWHERE  | true
            NOT_COMPLETE  | STILL_THERE    | NOT_YET        | TWILIO_1        | true
            NOT_COMPLETE  | NOT_YET        | NOT_YET        | NOT_COMPLETE    | true
            NOT_COMPLETE  | TRY_LATER      | NOT_YET        | TWILIO_1        | true
            NOT_COMPLETE  | STOP           | STOP           | HTTP_401        | true
            NOT_COMPLETE  | MISMATCH       | MISMATCH       | OTHER_RECORDING | false
            UNPROCESSABLE | ALREADY_GONE   | ALREADY_GONE   | ALREADY_GONE    | false
            UNPROCESSABLE | NOTHING_STORED | NOTHING_STORED | NOTHING_STORED  | false
            UNPROCESSABLE | NOT_FOUND      | TRY_LATER      | TWILIO_1        | true
            UNPROCESSABLE | KEPT_ELSEWHERE | KEPT_ELSEWHERE | KEPT_ELSEWHERE  | true
            UNPROCESSABLE | STILL_THERE    | REFUSED        | TWILIO_1        | true
            UNPROCESSABLE | NOT_YET        | NOT_YET        | NOT_COMPLETE    | true
            UNPROCESSABLE | TRY_LATER      | TRY_LATER      | TWILIO_1        | true
            UNPROCESSABLE | STOP           | STOP           | HTTP_401        | true
            UNPROCESSABLE | MISMATCH       | MISMATCH       | OTHER_RECORDING | false
            """)
    void decidesByTheAnswerToADeletionAndTheLookUpAfterIt(
            Answers.Unsettled.Reason reason, Kind found, Kind kind, String code, boolean surelyNotApplied) {
        DeletionResult result = new Answers.Unsettled(reason, "DELETE 4xx", "TWILIO_1").after(lookUp(found));

        assertThat(result.kind()).as(result.toString()).isEqualTo(kind);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.surelyNotApplied()).isEqualTo(surelyNotApplied);
    }

    @Test
    void keepsBothAnswersAsEvidenceThatARecordingIsGone() {
        DeletionResult gone = new Answers.Unsettled(Answers.Unsettled.Reason.NOT_FOUND, "DELETE 404", "TWILIO_1")
                .after(lookUp(Kind.ALREADY_GONE));
        assertThat(gone.detail()).isEqualTo("DELETE 404; then seen as deleted");
    }

    @ParameterizedTest
    @EnumSource(Question.Operation.class)
    void provesNothingWithoutAnAnswer(Question.Operation operation) {
        for (boolean sent : List.of(false, true)) {
            DeletionResult result = meaning(operation, new Outcome.Failure("RESET", "the connection broke", sent));
            assertThat(Objects.requireNonNull(result).kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.code()).isEqualTo("RESET");
            assertThat(result.surelyNotApplied()).isEqualTo(!sent);
            assertThat(result.detail()).contains(operation.toString(), "the connection broke");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TRY_LATER, TRY_LATER, HTTP_503, true",
        "MISMATCH, MISMATCH, OTHER_RECORDING, false",
        "NOT_FOUND, NOT_FOUND, NOT_FOUND, false",
        "STOP, STOP, HTTP_401, true",
        "NOT_YET, NOT_YET, NOT_COMPLETE, true",
        "ALREADY_GONE, ALREADY_GONE, ALREADY_GONE, false"
    })
    void saysOfALookThatKeptADeletionBackThatNoneWasSent(Kind found, Kind kind, String code, boolean surelyNotApplied) {
        DeletionResult result = Answers.withoutDelete(lookUp(found));

        assertThat(result.kind()).isEqualTo(kind);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.surelyNotApplied()).isEqualTo(surelyNotApplied);
        if (kind == Kind.TRY_LATER || kind == Kind.MISMATCH) {
            assertThat(result.detail()).endsWith("; no DELETE was sent");
        }
        assertThat(result.after()).isEqualTo(lookUp(found).after());
    }

    @Test
    void countsAThrottledLookAsNoAttemptToo() {
        DeletionResult result = Answers.withoutDelete(
                DeletionResult.throttled("429", Duration.ofSeconds(7)).withCode("HTTP_429"));
        assertThat(result.isThrottled()).isTrue();
        assertThat(result.after()).isEqualTo(Duration.ofSeconds(7));
        assertThat(result.code()).isEqualTo("HTTP_429");
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 408, 429, 500})
    void handsOnTheWaitThatTheOtherSideAsksFor(int status) {
        for (Question.Operation operation : Question.Operation.values()) {
            DeletionResult result = meaning(operation, answer(status, "empty", REQUEST));
            assertThat(Objects.requireNonNull(result).after()).isEqualTo(Duration.ofSeconds(7));
        }
    }

    @ParameterizedTest
    @EnumSource(Answers.Media.class)
    void keepsTheRequestIdTheMediaAndTheTimeAsEvidenceOfADeletion(Answers.Media media) {
        Answers.Deletion meaning =
                Answers.toDelete(question(Question.Operation.DELETE), answer(204, "empty", REQUEST), media, NOW);
        assertThat(((Answers.Settled) meaning).result().detail())
                .startsWith("DELETE 204, Twilio-Request-Id " + REQUEST + ", media ")
                .endsWith(", 2026-11-23T03:00:00Z");
    }

    @Test
    void hasCodesOfTheFormThatACauseNeedsAndEachOnce() throws Exception {
        List<String> codes = Arrays.stream(TwilioCauseCodes.class.getDeclaredFields())
                .filter(field -> Modifier.isPublic(field.getModifiers()))
                .map(field -> {
                    try {
                        return field.getName() + "=" + field.get(null);
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
        assertThat(codes).hasSizeGreaterThan(15).doesNotHaveDuplicates().allSatisfy(code -> {
            String[] nameAndValue = code.split("=");
            assertThat(nameAndValue[1]).isEqualTo(nameAndValue[0]);
            assertThat(Cause.requireCode(nameAndValue[1])).isNotEmpty();
        });
        assertThat(Cause.requireCode(TwilioCauseCodes.ofError(20003))).isEqualTo("TWILIO_20003");
        assertThat(Cause.requireCode(TwilioCauseCodes.ofError(Integer.MIN_VALUE)))
                .isNotEmpty();
        assertThat(Cause.requireCode(TwilioCauseCodes.ofStatus(502))).isEqualTo("HTTP_502");
    }
}
