package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.NOW;
import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRequest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TwilioIdentificationTest {

    private static final String OTHER = "AC00000000000000000000000000000002";
    private static final String KEY = "SK" + "4".repeat(32);

    private final TwilioFixture fixture = TwilioFixture.withoutLooking();

    @AfterEach
    void close() {
        fixture.close();
    }

    private DeletionResult objection() {
        return objection(fixture.storage.identify(null));
    }

    private static DeletionResult objection(Identification identification) {
        return Objects.requireNonNull(identification.objection(), "nothing speaks against it");
    }

    // Whose recordings they are

    @Test
    void hasNothingAgainstTheAccountThatItAskedForWithOneRequestForASmallPage() {
        List<String> sids = fixture.twilio.addRecordings(ACCOUNT, 30, CREATED, Duration.ofMinutes(1));

        assertThat(fixture.storage.identify(null)).isEqualTo(new Identification(null, NOW));

        assertThat(fixture.twilio.journal())
                .singleElement()
                .extracting(TwilioRequest::method, TwilioRequest::rawPath, TwilioRequest::status)
                .containsExactly("GET", "/2010-04-01/Accounts/" + ACCOUNT + "/Recordings.json?PageSize=20", 200);
        assertThat(sids).allMatch(fixture::isStored);
    }

    @Test
    void takesTheAccountByItsNameToo() {
        fixture.add();
        assertThat(fixture.storage.identify(ACCOUNT).objection()).isNull();
    }

    @Test
    void hasNothingAgainstAnAccountWithoutRecordings() {
        assertThat(fixture.storage.identify(null)).isEqualTo(new Identification(null, NOW));
        assertThat(fixture.wire()).containsExactly("GET 200");
    }

    @Test
    void refusesAnAccountThatTwilioDoesNotKnow() {
        fixture.twilio.failNext(1, TwilioFault.error(404, 20404));

        DeletionResult objection = objection();

        assertThat(objection.kind()).isEqualTo(Kind.REFUSED);
        assertThat(objection.detail()).contains("404", "20404", "no account " + ACCOUNT, "region");
        assertThat(fixture.wire()).containsExactly("GET 404");
    }

    @Test
    void refusesAnAddressThatKnowsNoSuchPage() {
        fixture.twilio.failNext(1, TwilioFault.html(404));
        assertThat(objection().kind()).isEqualTo(Kind.REFUSED);
    }

    @Test
    void asksForEachAccountWithItsOwnCredentials() {
        fixture.twilio.addAccount(OTHER, "other-token");
        fixture.twilio.addRecording(OTHER, CREATED);
        try (TwilioRecordingStorage storage = TwilioFixture.builder(fixture.twilio)
                .credentials(account -> Optional.of(TwilioCredentials.authToken(account, "other-token")))
                .build()) {
            assertThat(storage.identify(OTHER).objection()).isNull();
            assertThat(storage.identify(ACCOUNT).objection()).isNull();
        }
        assertThat(fixture.twilio.journal()).extracting(TwilioRequest::account).containsExactly(OTHER, ACCOUNT);
    }

    @Test
    void hasNothingAgainstAnAccountWhoseRecordingsAreEachRefusedUnsent() {
        for (String account : List.of("", "no account", KEY, OTHER)) {
            assertThat(fixture.storage.identify(account)).isEqualTo(Identification.NOTHING_KNOWN);
            assertThat(fixture.storage
                            .delete(recording("RE" + "a".repeat(32), account))
                            .kind())
                    .isEqualTo(Kind.REFUSED_UNSENT);
        }
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    @Test
    void stopsUnsentForAnAccountWithoutCredentials() {
        try (TwilioRecordingStorage storage = TwilioFixture.builder(fixture.twilio)
                .credentials(account -> Optional.empty())
                .build()) {
            assertThat(objection(storage.identify(OTHER)).kind()).isEqualTo(Kind.STOP);
        }
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    @Test
    void triesLaterWhenTheCredentialsCannotBeTold() {
        try (TwilioRecordingStorage storage = TwilioFixture.builder(fixture.twilio)
                .credentials(account -> {
                    throw new IllegalStateException("vault says canary");
                })
                .build()) {
            DeletionResult objection = objection(storage.identify(OTHER));
            assertThat(objection.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(objection.detail()).doesNotContain("canary");
        }
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    // Who is let in

    @ParameterizedTest
    @CsvSource({
        "401, 20003",
        "403, 20003",
        "403, 70051",
        "401, 70051",
        "403, 20403",
        "400, 10001",
        "400, 20426",
        "407, 0"
    })
    void stopsWhenItIsNotLetIn(int status, int code) {
        fixture.add();
        fixture.twilio.failNext(1, TwilioFault.error(status, code));

        DeletionResult objection = objection();

        assertThat(objection.kind()).isEqualTo(Kind.STOP);
        assertThat(objection.detail()).contains(String.valueOf(status), ACCOUNT).doesNotContain("API key");
        assertThat(fixture.twilio.journal()).hasSize(1);
    }

    @Test
    void stopsWithAWrongToken() {
        try (TwilioRecordingStorage storage =
                TwilioFixture.builder(fixture.twilio).authToken("wrong").build()) {
            assertThat(objection(storage.identify(null)).kind()).isEqualTo(Kind.STOP);
        }
        assertThat(fixture.wire()).containsExactly("GET 401");
    }

    @Test
    void stopsWithAKeyThatMayNotListAndSaysWhichPermissionsItNeeds() {
        fixture.twilio.addApiKey(ACCOUNT, KEY, "key-secret");
        fixture.twilio.failShare(1, 1, TwilioFault.error(403, 70051), request -> request.sid() == null);
        String sid = fixture.add();
        try (TwilioRecordingStorage storage = TwilioFixture.builder(fixture.twilio)
                .authToken(null)
                .apiKey(KEY, "key-secret")
                .build()) {
            DeletionResult objection = objection(storage.identify(null));

            assertThat(objection.kind()).isEqualTo(Kind.STOP);
            assertThat(objection.detail()).contains("as " + KEY, "permissions to list, read and delete recordings");
            assertThat(storage.lookUp(recording(sid)).kind())
                    .as("which it may do")
                    .isEqualTo(Kind.STILL_THERE);

            fixture.twilio.heal();
            assertThat(storage.identify(null).objection()).isNull();
        }
    }

    @Test
    void stopsWhenTwilioRefusesTheRequestItself() {
        fixture.twilio.failNext(1, TwilioFault.error(400, 20007));
        assertThat(objection().kind()).isEqualTo(Kind.STOP);
    }

    // No answer yet

    @ParameterizedTest
    @CsvSource({"429, 20429", "400, 70005"})
    void waitsAsLongAsTwilioAsks(int status, int code) {
        fixture.twilio.failNext(1, TwilioFault.error(status, code).withRetryAfter("37"));
        assertThat(objection().kind()).isEqualTo(Kind.TRY_LATER);

        fixture.twilio.failNext(1, TwilioFault.error(status, code).withRetryAfter("37"));
        assertThat(objection().after()).isEqualTo(Duration.ofSeconds(37));
    }

    static Stream<Arguments> noAnswers() {
        String page = "{\"recordings\": [{\"account_sid\": \"" + ACCOUNT + "\"}]}";
        return Stream.of(
                json("{}"),
                json("[]"),
                json(""),
                json("null"),
                json("{\"recordings\": null}"),
                json("{\"recordings\": {}}"),
                json("{\"recordings\": \"none\"}"),
                json("{\"recordings\": [7]}"),
                json("{\"recordings\": [{}]}"),
                json("{\"recordings\": [{\"account_sid\": null}]}"),
                json("{\"recordings\": [{\"account_sid\": \"+15005550006\"}]}"),
                json("{\"recordings\": [], \"recordings\": []}"),
                json(page.substring(1)),
                json(page.substring(0, page.length() - 1)),
                json(page + "{}"),
                Arguments.of(TwilioFault.body(200, "text/html", page)),
                Arguments.of(TwilioFault.body(201, "application/json", page)),
                Arguments.of(TwilioFault.body(206, "application/json", page)),
                Arguments.of(TwilioFault.empty(200)),
                Arguments.of(TwilioFault.empty(204)),
                Arguments.of(TwilioFault.html(200)),
                Arguments.of(TwilioFault.html(400)),
                Arguments.of(TwilioFault.redirect(302, "/2010-04-01/Accounts/" + ACCOUNT + "/Recordings.json")),
                Arguments.of(TwilioFault.redirect(307, "/")),
                Arguments.of(TwilioFault.truncatedBody(200)),
                Arguments.of(TwilioFault.hugeBody(200, 50L << 20)),
                Arguments.of(TwilioFault.hugeBody(500, 50L << 20)),
                Arguments.of(TwilioFault.error(408, 20001)),
                Arguments.of(TwilioFault.error(500, 20500)),
                Arguments.of(TwilioFault.html(502)),
                Arguments.of(TwilioFault.empty(503)),
                Arguments.of(TwilioFault.reset()));
    }

    private static Arguments json(String body) {
        return Arguments.of(TwilioFault.body(200, "application/json", body));
    }

    @ParameterizedTest
    @MethodSource("noAnswers")
    void triesLaterForWhatIsNoPageOfRecordings(TwilioFault fault) {
        fixture.add();
        fixture.twilio.failNext(1, fault);

        DeletionResult objection = objection();

        assertThat(objection.kind()).as(objection.toString()).isEqualTo(Kind.TRY_LATER);
        assertThat(objection.detail()).doesNotContain("+1");
        assertThat(fixture.twilio.journal()).hasSize(1);
    }

    @Test
    void believesTheSamePageWhenItIsWhole() {
        fixture.twilio.failNext(
                1,
                TwilioFault.body(
                        200, "application/json", "{\"recordings\": [{\"account_sid\": \"" + ACCOUNT + "\"}]}"));
        assertThat(fixture.storage.identify(null).objection()).isNull();
    }

    @Test
    void readsAPageOfRecordingsWithLongMediaUrls() {
        String url = "https://calls.example.com/" + "x".repeat(8_000);
        for (String sid : fixture.twilio.addRecordings(ACCOUNT, 25, CREATED, Duration.ofMinutes(1))) {
            fixture.twilio.addRecording(
                    fixture.twilio.recording(sid).orElseThrow().withMediaUrl(url));
        }
        assertThat(fixture.storage.identify(null).objection()).isNull();
    }

    @Test
    void endsAtOnceWhenInterruptedAndKeepsTheFlag() throws Exception {
        fixture.twilio.failNext(1, TwilioFault.noAnswer());
        boolean[] flag = new boolean[1];
        PendingCall<DeletionResult> call = PendingCall.start(() -> {
            DeletionResult objection = objection();
            flag[0] = Thread.currentThread().isInterrupted();
            return objection;
        });
        fixture.awaitRequests(1);

        call.thread().interrupt();

        assertThat(call.result().kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(flag[0]).isTrue();
    }

    @Test
    void asksNothingForAThreadThatIsInterruptedAlready() {
        Thread.currentThread().interrupt();

        DeletionResult objection = objection();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(objection.kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    @Test
    void asksNothingOnceClosed() {
        fixture.storage.close();
        assertThat(objection().kind()).isEqualTo(Kind.TRY_LATER);
        assertThat(fixture.twilio.journal()).isEmpty();
    }

    // What time it is there

    @ParameterizedTest
    @CsvSource({"PT0S", "PT2H", "PT-2H", "P400D"})
    void tellsTheTimeOfTwiliosClock(Duration offset) {
        fixture.twilio.setDateOffset(offset);
        assertThat(fixture.storage.identify(null).time()).isEqualTo(NOW.plus(offset));
    }

    @Test
    void tellsTheTimeWithAnObjectionToo() {
        fixture.twilio.setDateOffset(Duration.ofHours(2));
        fixture.twilio.failNext(1, TwilioFault.error(401, 20003));
        assertThat(fixture.storage.identify(null).time()).isEqualTo(NOW.plus(Duration.ofHours(2)));
    }

    @ParameterizedTest
    @CsvSource({
        "soon",
        "''",
        "2026-11-23T03:00:00Z",
        "'Tue, 23 Nov 2026 03:00:00 GMT'",
        "'Mon, 31 Feb 2026 03:00:00 GMT'",
        "1795402800"
    })
    void tellsNoTimeThatItCannotRead(String date) {
        fixture.twilio.failNext(1, TwilioFault.none().withHeader("Date", date));
        assertThat(fixture.storage.identify(null)).isEqualTo(Identification.NOTHING_KNOWN);
    }

    @Test
    void tellsNoTimeWithoutAnAnswer() {
        fixture.twilio.failNext(1, TwilioFault.reset());
        assertThat(fixture.storage.identify(null).time()).isNull();
    }
}
