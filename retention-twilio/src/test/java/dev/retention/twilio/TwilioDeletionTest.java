package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.NOW;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every answer to a DELETE, without a look before it. */
class TwilioDeletionTest {

    private final TwilioFixture fixture = TwilioFixture.withoutLooking();

    @AfterEach
    void close() {
        fixture.close();
    }

    private DeletionResult delete(String sid) {
        return fixture.storage.delete(recording(sid));
    }

    @Test
    void deletesWithOneRequestAndKeepsTheEvidence() {
        String sid = fixture.add();
        String other = fixture.add();

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.DELETED);
        assertThat(result.detail())
                .startsWith("DELETE 204, Twilio-Request-Id RQ")
                .contains("media not looked at")
                .endsWith("2026-11-23T03:00:00Z");
        assertThat(fixture.wire()).containsExactly("DELETE 204");
        assertThat(fixture.twilio.journal().get(0).rawPath())
                .isEqualTo("/2010-04-01/Accounts/" + ACCOUNT + "/Recordings/" + sid + ".json");
        assertThat(fixture.isStored(sid)).isFalse();
        assertThat(fixture.isStored(other)).isTrue();
    }

    static Stream<Arguments> answersThatProveNothing() {
        return Stream.of(
                Arguments.of(TwilioFault.empty(200), false),
                Arguments.of(TwilioFault.html(200), false),
                Arguments.of(TwilioFault.body(200, "application/json", "{\"status\": \"deleted\"}"), false),
                Arguments.of(TwilioFault.empty(202), false),
                Arguments.of(TwilioFault.empty(205), false),
                Arguments.of(TwilioFault.redirect(301, "/2010-04-01/"), false),
                Arguments.of(TwilioFault.redirect(302, "/"), false),
                Arguments.of(TwilioFault.redirect(307, "/"), false),
                Arguments.of(TwilioFault.redirect(308, "/"), false),
                Arguments.of(TwilioFault.error(500, 20500), false),
                Arguments.of(TwilioFault.empty(500), false),
                Arguments.of(TwilioFault.html(502), false),
                Arguments.of(TwilioFault.error(503, 20503), false),
                Arguments.of(TwilioFault.error(504, 20504), false),
                Arguments.of(TwilioFault.error(503, 20003), false),
                Arguments.of(TwilioFault.truncatedBody(500), false),
                Arguments.of(TwilioFault.truncatedBody(200), false),
                Arguments.of(TwilioFault.hugeBody(500, 50L << 20), false),
                Arguments.of(TwilioFault.hugeBody(200, 50L << 20), false),
                Arguments.of(TwilioFault.reset(), false),
                Arguments.of(TwilioFault.reset().applied(), false),
                Arguments.of(TwilioFault.empty(408), false),
                Arguments.of(TwilioFault.empty(400), false),
                Arguments.of(TwilioFault.html(400), false),
                Arguments.of(TwilioFault.body(400, "text/html", "{\"code\": 20001}"), false),
                Arguments.of(TwilioFault.body(400, "application/json", "{\"code\": 20001} {}"), false),
                Arguments.of(TwilioFault.error(429, 20429), true),
                Arguments.of(TwilioFault.html(429), true),
                Arguments.of(TwilioFault.empty(429), true),
                Arguments.of(TwilioFault.error(400, 70005), true),
                Arguments.of(TwilioFault.error(403, 70005), true));
    }

    @ParameterizedTest
    @MethodSource("answersThatProveNothing")
    void triesLaterWithOneRequestOnTheWireWhenTheAnswerProvesNothing(TwilioFault fault, boolean throttled) {
        String sid = fixture.add();
        fixture.twilio.failOn(sid, fault);

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(result.isThrottled()).isEqualTo(throttled);
        assertThat(result.surelyNotApplied())
                .as("of these only what was throttled was surely not processed")
                .isEqualTo(throttled);
        assertThat(result.after()).isNull();
        assertThat(fixture.twilio.journal()).hasSize(1);
    }

    @Test
    void handsOnHowManyRequestsTheAccountHasUnderWay() {
        String deleted = fixture.add();
        assertThat(delete(deleted).concurrency()).isEqualTo(1);

        String throttled = fixture.add();
        fixture.twilio.failOn(throttled, TwilioFault.error(429, 20429));
        assertThat(delete(throttled).concurrency()).isEqualTo(1);

        String reset = fixture.add();
        fixture.twilio.failOn(reset, TwilioFault.reset());
        assertThat(delete(reset).concurrency()).isNull();

        assertThat(fixture.storage.lookUp(recording(fixture.add())).concurrency())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"7, 7", "0, 0", "999999, 999999", "1000000,", "-1,", "+1,", "٣,", "many,"})
    void takesAConcurrencyOnlyWhereItIsANumber(String header, @Nullable Integer expected) {
        assertThat(new Outcome.Answer(204, null, null, null, null, header, null).concurrentRequests())
                .isEqualTo(expected);
    }

    static Stream<Arguments> answersThatStop() {
        return Stream.of(
                        TwilioFault.error(401, 20003),
                        TwilioFault.empty(401),
                        TwilioFault.html(401),
                        TwilioFault.error(403, 70051),
                        TwilioFault.error(400, 20003),
                        TwilioFault.error(400, 20005),
                        TwilioFault.error(400, 20006),
                        TwilioFault.error(400, 10001),
                        TwilioFault.error(400, 90010),
                        TwilioFault.error(400, 20403),
                        TwilioFault.error(400, 70051),
                        TwilioFault.error(400, 20151),
                        TwilioFault.error(400, 20160),
                        TwilioFault.error(400, 20008),
                        TwilioFault.error(404, 20005),
                        TwilioFault.truncatedBody(401))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("answersThatStop")
    void stopsWithOneRequestOnTheWireWhenCredentialsOrAccountAreRefused(TwilioFault fault) {
        String sid = fixture.add();
        fixture.twilio.failOn(sid, fault);

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.STOP);
        assertThat(result.detail()).contains(ACCOUNT);
        assertThat(fixture.twilio.journal()).hasSize(1);
        assertThat(fixture.isStored(sid)).isTrue();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(TwilioFault.error(403, 20003), TwilioFault.html(403), TwilioFault.error(405, 20004))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesARecordingAloneWhoseAccountCanBeListed(TwilioFault fault) {
        String sid = fixture.add();
        fixture.twilio.failOn(sid, fault);

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.REFUSED);
        assertThat(result.code()).isIn("TWILIO_20003", "HTTP_403", "TWILIO_20004");
        assertThat(result.detail()).contains("can be listed");
        assertThat(fixture.twilio.journal()).as("the deletion and a list").hasSize(2);
        assertThat(fixture.isStored(sid)).isTrue();
        assertThat(delete(fixture.add()).kind()).isEqualTo(Kind.DELETED);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesALookUpAloneToo(TwilioFault fault) {
        String sid = fixture.add();
        fixture.twilio.failOn(sid, fault);

        assertThat(fixture.storage.lookUp(recording(sid)).kind()).isEqualTo(Kind.REFUSED);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void stopsWhenTheListIsRefusedToo(TwilioFault fault) {
        String sid = fixture.add();
        fixture.twilio.failShare(1, 1, fault);

        assertThat(delete(sid).kind()).isEqualTo(Kind.STOP);
        assertThat(fixture.storage.lookUp(recording(sid)).kind()).isEqualTo(Kind.STOP);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void stopsWhenTheListIsNotAnswered(TwilioFault fault) {
        String sid = fixture.add();
        fixture.twilio.failNext(1, fault);
        fixture.twilio.failShare(1, 1, TwilioFault.empty(503), request -> request.sid() == null);

        assertThat(delete(sid).kind()).isEqualTo(Kind.STOP);
    }

    /** Such as by a gateway that lets no DELETE pass. */
    @Test
    void stopsAfterManyRefusalsInARow() {
        fixture.twilio.failShare(1, 1, TwilioFault.html(405), request -> request.sid() != null);
        for (int n = 0; n < RefusedAlone.MOST_IN_A_ROW; n++) {
            assertThat(delete(fixture.add()).kind()).as("%d", n).isEqualTo(Kind.REFUSED);
        }
        assertThat(delete(fixture.add()).kind()).isEqualTo(Kind.STOP);
        assertThat(delete(fixture.add()).kind()).as("counted again").isEqualTo(Kind.REFUSED);
    }

    @Test
    void aDeletionEndsTheRowOfRefusals() {
        TwilioFault refused = TwilioFault.error(403, 20003);
        for (int n = 0; n < 3 * RefusedAlone.MOST_IN_A_ROW; n++) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, refused);
            assertThat(delete(sid).kind()).as("%d", n).isEqualTo(Kind.REFUSED);
            if (n % 15 == 0) {
                assertThat(delete(fixture.add()).kind()).isEqualTo(Kind.DELETED);
            }
        }
    }

    static Stream<Arguments> retryAfters() {
        return Stream.of(
                Arguments.of("0", Duration.ZERO),
                Arguments.of("3600", Duration.ofHours(1)),
                Arguments.of("999999999", Duration.ofDays(1)),
                Arguments.of("Mon, 23 Nov 2026 03:00:30 GMT", Duration.ofSeconds(30)),
                Arguments.of("Mon, 23 Nov 2026 02:00:00 GMT", Duration.ZERO),
                Arguments.of("-5", null),
                Arguments.of("1e3", null),
                Arguments.of("99999999999999999999", null),
                Arguments.of("٣٦٠٠", null),
                Arguments.of("soon", null));
    }

    @ParameterizedTest
    @MethodSource("retryAfters")
    void handsRetryAfterOnWhereItIsReadable(String header, @Nullable Duration expected) {
        String sid = fixture.add();
        fixture.twilio.failOn(sid, TwilioFault.error(429, 20429).withRetryAfter(header));
        assertThat(delete(sid)).satisfies(r -> {
            assertThat(r.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(r.surelyNotApplied()).isTrue();
            assertThat(r.after()).isEqualTo(expected);
        });

        fixture.twilio.heal();
        fixture.twilio.failOn(sid, TwilioFault.error(503, 20503).withRetryAfter(header));
        assertThat(delete(sid)).satisfies(r -> {
            assertThat(r.surelyNotApplied()).isFalse();
            assertThat(r.after()).isEqualTo(expected);
        });
        assertThat(fixture.twilio.journal()).hasSize(2);
    }

    @Test
    void countsA204ThatCarriesABodyAndNeverReadsThatBodyAsTheNextAnswer() {
        String sid = fixture.add();
        String kept = fixture.add();
        fixture.twilio.failOn(
                sid,
                TwilioFault.body(204, "text/plain", "HTTP/1.1 204 No Content\r\n\r\n")
                        .applied());
        fixture.twilio.failOn(kept, TwilioFault.error(500, 20500));

        assertThat(delete(sid).kind()).isEqualTo(Kind.DELETED);
        assertThat(delete(kept).kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(fixture.isStored(kept)).isTrue();
        assertThat(fixture.twilio.connectionsAccepted()).isEqualTo(2);
    }

    @Test
    void givesUpTheConnectionOfABodyThatIsTooLongInPlaceOfReadingAllOfIt() {
        String sid = fixture.add();
        fixture.twilio.failNextOn(sid, TwilioFault.hugeBody(500, 50L << 20));
        delete(sid);
        assertThat(delete(sid).kind()).isEqualTo(Kind.DELETED);
        assertThat(fixture.twilio.connectionsAccepted()).isEqualTo(2);
    }

    @Test
    void neverReadsBytesThatFollowAnAnswerAsTheNextAnswer() {
        String sid = fixture.add();
        String kept = fixture.add();
        fixture.twilio.failOn(
                sid,
                TwilioFault.unannouncedBytes(204, "HTTP/1.1 204 No Content\r\n\r\n")
                        .applied());
        fixture.twilio.failOn(kept, TwilioFault.error(500, 20500));

        assertThat(delete(sid).kind()).isEqualTo(Kind.DELETED);
        assertThat(delete(kept).kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(fixture.isStored(kept)).isTrue();
    }

    @Test
    void reusesOneConnectionForOneDeletionAfterAnother() {
        for (int i = 0; i < 5; i++) {
            assertThat(delete(fixture.add()).kind()).isEqualTo(Kind.DELETED);
        }
        assertThat(fixture.twilio.connectionsAccepted()).isEqualTo(1);
    }

    @Test
    void provesARecordingGoneThatTwilioShowsAsDeleted() {
        String sid = fixture.add();
        fixture.twilio.deleteByHand(sid);

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.ALREADY_GONE);
        assertThat(result.detail()).contains("DELETE 404, code 20404").contains("status \"deleted\"");
        assertThat(fixture.wire()).containsExactly("DELETE 404", "GET 200");
        assertThat(fixture.twilio.journal().get(1).rawPath()).endsWith(sid + ".json?IncludeSoftDeleted=true");
    }

    @Test
    void provesNothingForARecordingThatTwilioDoesNotKnow() {
        assertThat(delete("RE" + "f".repeat(32)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(fixture.wire()).containsExactly("DELETE 404", "GET 404");
    }

    @Test
    void triesLaterWhenA404IsContradictedByTheLookUp() {
        String sid = fixture.add();
        fixture.twilio.failNextOn(sid, TwilioFault.error(404, 20404));

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(result.surelyNotApplied()).isFalse();
        assertThat(fixture.wire()).containsExactly("DELETE 404", "GET 200");
        assertThat(fixture.isStored(sid)).isTrue();
    }

    static Stream<Arguments> faultsOfALookUp() {
        return Stream.of(
                Arguments.of(TwilioFault.error(503, 20503), Kind.TRY_LATER),
                Arguments.of(TwilioFault.error(429, 20429), Kind.TRY_LATER),
                Arguments.of(TwilioFault.html(200), Kind.TRY_LATER),
                Arguments.of(TwilioFault.reset(), Kind.TRY_LATER),
                Arguments.of(TwilioFault.error(401, 20003), Kind.STOP),
                Arguments.of(TwilioFault.empty(404), Kind.NOT_FOUND));
    }

    @ParameterizedTest
    @MethodSource("faultsOfALookUp")
    void provesNothingWhenTheLookUpAfterA404Fails(TwilioFault fault, Kind expected) {
        String sid = fixture.add();
        fixture.twilio.deleteByHand(sid);
        fixture.twilio.failNextOn(sid, TwilioFault.html(404), fault);

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(expected);
        if (expected == Kind.TRY_LATER) {
            assertThat(result.surelyNotApplied())
                    .as("the next attempt must begin with a look-up")
                    .isFalse();
        }
        assertThat(fixture.twilio.journal()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "processing, NOT_YET",
        "in-progress, NOT_YET",
        "paused, NOT_YET",
        "stopped, NOT_YET",
        "absent, NOTHING_STORED",
        "failed, NOTHING_STORED"
    })
    void tellsUnfinishedRecordingsFromThoseWithoutMedia(String status, Kind expected) {
        String sid = fixture.add();
        fixture.twilio.addRecording(
                TwilioRecording.completed(ACCOUNT, sid, CREATED).withStatus(status));

        assertThat(delete(sid).kind()).isEqualTo(expected);
        assertThat(fixture.wire()).containsExactly("DELETE 409", "GET 200");
    }

    @Test
    void takesA409ByItselfForNotYetAndNeverForNothingStored() {
        String sid = fixture.add();
        fixture.twilio.failNextOn(sid, TwilioFault.error(409, 20009));
        assertThat(delete(sid).kind()).isEqualTo(Kind.NOT_YET);

        fixture.twilio.failNextOn(sid, TwilioFault.empty(409), TwilioFault.error(500, 20500));
        assertThat(delete(sid).kind()).isEqualTo(Kind.NOT_YET);
        assertThat(fixture.isStored(sid)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {20001, 20422, 21220})
    void refusesForGoodWhenTwilioRefusesThisOneRecording(int code) {
        String sid = fixture.add();
        fixture.twilio.failNextOn(sid, TwilioFault.error(code == 20422 ? 422 : 400, code));

        DeletionResult result = delete(sid);

        assertThat(result.kind()).isEqualTo(Kind.REFUSED);
        assertThat(result.detail()).contains("code " + code);
        assertThat(fixture.isStored(sid)).isTrue();
    }

    @Test
    void findsOutByALookUpThatAnUnansweredDeletionWasAppliedLate() {
        String sid = fixture.add();
        fixture.twilio.failNextOn(sid, TwilioFault.error(503, 20503).appliedLate());
        assertThat(delete(sid).surelyNotApplied()).isFalse();
        assertThat(fixture.storage.lookUp(recording(sid)).kind()).isEqualTo(Kind.STILL_THERE);

        fixture.twilio.applyLate();

        assertThat(fixture.storage.lookUp(recording(sid)).kind()).isEqualTo(Kind.ALREADY_GONE);
        assertThat(fixture.twilio.journal(sid).get(0).applied()).isTrue();
        assertThat(NOW).isEqualTo(fixture.twilio.recording(sid).orElseThrow().deleted());
    }

    @Test
    void yieldsToTheAccountsConcurrencyLimit() {
        String sid = fixture.add();
        fixture.twilio.limitConcurrency(ACCOUNT, 0);

        assertThat(delete(sid)).satisfies(r -> {
            assertThat(r.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(r.surelyNotApplied()).isTrue();
        });
        assertThat(fixture.wire()).containsExactly("DELETE 429");
        assertThat(fixture.isStored(sid)).isTrue();
    }
}
