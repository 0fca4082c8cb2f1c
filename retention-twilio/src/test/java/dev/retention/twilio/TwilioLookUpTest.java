package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TwilioLookUpTest {

    private static final String SID = "RE0000000000000000000000000000000a";

    private final TwilioFixture fixture = TwilioFixture.withoutLooking();

    @AfterEach
    void close() {
        fixture.close();
    }

    private DeletionResult lookUp() {
        return fixture.storage.lookUp(recording(SID));
    }

    private static TwilioRecording completed() {
        return TwilioRecording.completed(ACCOUNT, SID, CREATED);
    }

    @ParameterizedTest
    @CsvSource({
        "completed, STILL_THERE",
        "processing, NOT_YET",
        "in-progress, NOT_YET",
        "paused, NOT_YET",
        "stopped, NOT_YET",
        "absent, NOTHING_STORED",
        "failed, NOTHING_STORED",
        "deleted, ALREADY_GONE",
        "expunged, TRY_LATER",
        "'', TRY_LATER"
    })
    void readsTheStatusWithOneRequestAndChangesNothing(String status, Kind expected) {
        fixture.twilio.addRecording(completed().withStatus(status));

        assertThat(lookUp().kind()).isEqualTo(expected);

        assertThat(fixture.wire()).containsExactly("GET 200");
        assertThat(fixture.twilio.recording(SID).orElseThrow().status()).isEqualTo(status);
    }

    @Test
    void repeatsAnUnknownStatusOnlyWhereItIsAWord() {
        fixture.twilio.addRecording(completed().withStatus("expunged"));
        assertThat(lookUp().detail()).contains("\"expunged\"");
        for (String status : List.of("+15005550006", "said to Jane Doe", "x".repeat(21))) {
            fixture.twilio.addRecording(completed().withStatus(status));
            assertThat(lookUp().detail())
                    .contains("unknown status (unreadable)")
                    .doesNotContain(status);
        }
    }

    @Test
    void keepsTheRequestIdAsEvidenceThatItIsGone() {
        fixture.twilio.addRecording(completed());
        fixture.twilio.deleteByHand(SID);
        assertThat(lookUp().detail()).contains("look-up 200", "Twilio-Request-Id RQ", "2026-11-23T03:00:00Z");
    }

    @Test
    void provesNothingForARecordingThatTwilioDoesNotKnow() {
        assertThat(lookUp().kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(fixture.wire()).containsExactly("GET 404");
    }

    @ParameterizedTest
    @CsvSource({
        "https://calls.s3.amazonaws.com/secret/path.wav?sig=canary, calls.s3.amazonaws.com",
        "https://user:canary@calls.example.com/x, calls.example.com",
        "https://api.twilio.com.evil.example/x, api.twilio.com.evil.example",
        "https://nottwilio.com/x, nottwilio.com",
        "s3://my-bucket/canary.wav, my-bucket",
        "'https://evil.example\\@api.twilio.com/x', an address that is no readable URL",
        "canary, an address that is no readable URL"
    })
    void namesTheHostAloneOfMediaThatLiesElsewhere(String url, String where) {
        fixture.twilio.addRecording(completed().withMediaUrl(url));
        assertThat(lookUp()).satisfies(r -> {
            assertThat(r.kind()).isEqualTo(Kind.KEPT_ELSEWHERE);
            assertThat(r.detail()).isEqualTo(where);
        });
    }

    @ParameterizedTest
    @CsvSource({"deleted", "absent", "failed", "processing"})
    void holdsMediaElsewhereToBeKeptWhateverTheStatus(String status) {
        fixture.twilio.addRecording(
                completed().withMediaUrl("https://calls.example.com/x").withStatus(status));
        assertThat(lookUp().kind()).isEqualTo(Kind.KEPT_ELSEWHERE);
    }

    @ParameterizedTest
    @CsvSource({"http://api.twilio.com/x", "https://API.Twilio.COM/x", "https://media.dublin.ie1.twilio.com/x", "''"})
    void findsMediaAtTwilio(String url) {
        fixture.twilio.addRecording(completed().withMediaUrl(url));
        assertThat(lookUp().kind()).isEqualTo(Kind.STILL_THERE);
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                json("{}"),
                json("[]"),
                json("null"),
                json(""),
                json("{\"status\": \"deleted\"}"),
                json("{\"sid\": \"" + SID + "\", \"status\": \"deleted\"}"),
                json(about(SID, ACCOUNT, "null")),
                json(about(SID, ACCOUNT, "7")),
                json(about(SID, ACCOUNT, "\"deleted\", \"status\": \"completed\"")),
                json(about(SID, ACCOUNT, "\"deleted\", \"media_url\": 7")),
                json(about(SID, ACCOUNT, "\"deleted\"") + "{}"),
                json(about(SID, ACCOUNT, "\"deleted\"").substring(1)),
                Arguments.of(TwilioFault.body(200, "text/html", about(SID, ACCOUNT, "\"deleted\""))),
                Arguments.of(TwilioFault.body(201, "application/json", about(SID, ACCOUNT, "\"deleted\""))),
                Arguments.of(TwilioFault.empty(204)),
                Arguments.of(TwilioFault.redirect(302, "/")),
                Arguments.of(TwilioFault.html(200)),
                Arguments.of(TwilioFault.truncatedBody(200)),
                Arguments.of(TwilioFault.hugeBody(200, 50L << 20)),
                Arguments.of(TwilioFault.html(502)),
                Arguments.of(TwilioFault.reset()));
    }

    private static String about(String sid, String account, String status) {
        return "{\"sid\": \"" + sid + "\", \"account_sid\": \"" + account + "\", \"status\": " + status + "}";
    }

    private static Arguments json(String body) {
        return Arguments.of(TwilioFault.body(200, "application/json", body));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void provesNothingByAnAnswerThatIsNotAboutThisRecording(TwilioFault fault) {
        fixture.twilio.addRecording(completed());
        fixture.twilio.failOn(SID, fault);

        DeletionResult result = lookUp();

        assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(result.surelyNotApplied()).isFalse();
        assertThat(fixture.twilio.journal()).hasSize(1);
    }

    @Test
    void believesTheSameAnswerWhenItIsWhole() {
        fixture.twilio.addRecording(completed());
        fixture.twilio.failOn(SID, TwilioFault.body(200, "application/json", about(SID, ACCOUNT, "\"deleted\"")));
        assertThat(lookUp().kind()).isEqualTo(Kind.ALREADY_GONE);
    }

    @Test
    void stopsWhenTheCredentialsAreRefused() {
        fixture.twilio.failOn(SID, TwilioFault.error(401, 20003));
        assertThat(lookUp().kind()).isEqualTo(Kind.STOP);
    }

    @Test
    void repeatsNoHeaderThatIsNotARequestId() {
        fixture.twilio.addRecording(completed().withStatus("absent"));
        fixture.twilio.failOn(SID, TwilioFault.body(200, "application/json", about(SID, ACCOUNT, "\"absent\"")));
        assertThat(lookUp().detail()).contains("Twilio-Request-Id RQ");
        Outcome.Answer forged = new Outcome.Answer(204, null, "call +15005550006", null, null, null, null);
        assertThat(forged.requestIdText()).isEqualTo("no Twilio-Request-Id");
    }
}
