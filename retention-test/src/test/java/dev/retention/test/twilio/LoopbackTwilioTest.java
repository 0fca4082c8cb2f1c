package dev.retention.test.twilio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopbackTwilioTest {

    /** Only what hangs takes so long. */
    private static final Duration HUNG = Duration.ofMinutes(3);

    private static final String ACCOUNT = "AC" + "1".repeat(32);
    private static final String SUB = "AC" + "2".repeat(32);
    private static final String KEY = "SK" + "3".repeat(32);
    private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

    private volatile Instant now = Instant.parse("2026-06-01T00:00:00Z");
    private final LoopbackTwilio twilio = LoopbackTwilio.start(new Clock() {
                @Override
                public Instant instant() {
                    return now;
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            })
            .addAccount(ACCOUNT, "token")
            .addSubaccount(ACCOUNT, SUB, "sub-token")
            .addApiKey(ACCOUNT, KEY, "secret");
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        twilio.close();
    }

    private HttpRequest request(String method, String target, @Nullable String user, String password) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(twilio.baseUrl() + target))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(HUNG);
        if (user != null) {
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        }
        return request.build();
    }

    private HttpResponse<String> call(String method, String target) throws Exception {
        return call(method, target, ACCOUNT, "token");
    }

    private HttpResponse<String> call(String method, String target, @Nullable String user, String password)
            throws Exception {
        return client.send(request(method, target, user, password), HttpResponse.BodyHandlers.ofString());
    }

    private static String path(String account, String sid) {
        return "/2010-04-01/Accounts/" + account + "/Recordings/" + sid + ".json";
    }

    private static String list(String query) {
        return "/2010-04-01/Accounts/" + ACCOUNT + "/Recordings.json" + query;
    }

    @Test
    void deletesARecordingOnceAndShowsItAsDeletedForFortyDays() throws Exception {
        String sid = twilio.addRecording(ACCOUNT, CREATED);
        String path = path(ACCOUNT, sid);

        HttpResponse<String> deleted = call("DELETE", path);
        assertThat(deleted.statusCode()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        assertThat(deleted.headers().firstValue("Twilio-Request-Id").orElseThrow())
                .matches("RQ[0-9a-f]{32}");
        assertThat(deleted.headers().firstValue("Twilio-Concurrent-Requests")).contains("1");
        assertThat(deleted.headers().firstValue("Date")).contains("Mon, 01 Jun 2026 00:00:00 GMT");

        assertThat(call("DELETE", path).statusCode()).isEqualTo(404);
        assertThat(call("GET", path).body()).contains("\"code\": 20404", "\"status\": 404", "more_info");
        assertThat(call("GET", path + "?IncludeSoftDeleted=true").body()).contains("\"status\": \"deleted\"", sid);

        now = now.plus(Duration.ofDays(40)).minusSeconds(1);
        assertThat(call("GET", path + "?IncludeSoftDeleted=true").statusCode()).isEqualTo(200);
        now = now.plusSeconds(1);
        assertThat(call("GET", path + "?IncludeSoftDeleted=true").statusCode()).isEqualTo(404);
        assertThat(twilio.stored(ACCOUNT)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"processing", "in-progress", "absent", "failed"})
    void refusesToDeleteWhatIsNotCompleted(String status) throws Exception {
        String sid = "RE" + "a".repeat(32);
        twilio.addRecording(TwilioRecording.completed(ACCOUNT, sid, CREATED).withStatus(status));

        HttpResponse<String> response = call("DELETE", path(ACCOUNT, sid));

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("\"code\": 20009");
        assertThat(call("GET", path(ACCOUNT, sid)).body()).contains("\"status\": \"" + status + "\"");
    }

    @Test
    void letsOnlyTheRightCredentialsIn() throws Exception {
        String own = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        String subs = path(SUB, twilio.addRecording(SUB, CREATED));
        assertThat(call("GET", own, ACCOUNT, "token").statusCode()).isEqualTo(200);
        assertThat(call("GET", own, KEY, "secret").statusCode()).isEqualTo(200);
        assertThat(call("GET", subs, SUB, "sub-token").statusCode()).isEqualTo(200);
        assertThat(call("GET", subs, ACCOUNT, "token").statusCode()).isEqualTo(200);

        assertThat(call("GET", own, null, "").statusCode()).isEqualTo(401);
        assertThat(call("GET", own, ACCOUNT, "wrong").body()).contains("\"code\": 20003");
        assertThat(call("GET", own, SUB, "sub-token").statusCode()).isEqualTo(401);
        assertThat(call("GET", subs, KEY, "secret").statusCode()).isEqualTo(401);
        assertThat(call("GET", own.replace(ACCOUNT, KEY), KEY, "secret").statusCode())
                .isEqualTo(404);
        assertThat(call("GET", subs.replace(SUB, ACCOUNT)).statusCode()).isEqualTo(404);
    }

    @Test
    void pagesThroughAListByItsNextPageUri() throws Exception {
        List<String> sids = twilio.addRecordings(ACCOUNT, 7, CREATED, Duration.ofMinutes(1));
        twilio.addRecording(SUB, CREATED);
        twilio.deleteByHand(sids.get(3));
        List<String> seen = new ArrayList<>();
        Pattern sid = Pattern.compile("\"sid\": \"(RE[0-9a-f]{32})\"");
        Pattern next = Pattern.compile("\"next_page_uri\": \"([^\"]*)\"");
        String target = list("?PageSize=2");
        int pages = 0;
        while (target != null) {
            String body = call("GET", target).body();
            pages++;
            sid.matcher(body).results().forEach(m -> seen.add(m.group(1)));
            Matcher more = next.matcher(body);
            target = more.find() ? more.group(1) : null;
        }
        assertThat(pages).isEqualTo(3);
        sids.remove(3);
        assertThat(seen).containsExactlyInAnyOrderElementsOf(sids).doesNotHaveDuplicates();
        assertThat(call("GET", list("?IncludeSoftDeleted=true")).body()).contains("\"status\": \"deleted\"");
    }

    @Test
    void listsTheNewestOfOneAccountFirst() throws Exception {
        String oldest = twilio.addRecording(ACCOUNT, CREATED);
        String newest = twilio.addRecording(ACCOUNT, CREATED.plusSeconds(2));
        String middle = twilio.addRecording(ACCOUNT, CREATED.plusSeconds(1));
        String others = twilio.addRecording(SUB, CREATED.plusSeconds(3));
        String deleted = twilio.addRecording(ACCOUNT, CREATED.plusSeconds(4));
        twilio.deleteByHand(deleted);

        String page = call("GET", list("?PageSize=2")).body();

        assertThat(page).containsSubsequence(newest, middle).doesNotContain(oldest, others, deleted);
        assertThat(page).contains("\"page_size\": 2");
        assertThat(twilio.journal()).singleElement().satisfies(r -> {
            assertThat(r.method()).isEqualTo("GET");
            assertThat(r.account()).isEqualTo(ACCOUNT);
            assertThat(r.sid()).isNull();
            assertThat(r.rawPath()).isEqualTo(list("?PageSize=2"));
            assertThat(r.status()).isEqualTo(200);
        });
    }

    @Test
    void failsAListAsItFailsOtherRequests() throws Exception {
        twilio.failNext(1, TwilioFault.error(429, 20429).withRetryAfter("7"));
        assertThat(call("GET", list("")).statusCode()).isEqualTo(429);
        twilio.failShare(1, 1, TwilioFault.error(503, 20503), request -> request.sid() == null);
        assertThat(call("GET", list("")).statusCode()).isEqualTo(503);
        assertThat(call("GET", path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED)))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void showsOneRecordingUnderAnotherAccountUntilHealed() throws Exception {
        String falsified = twilio.addRecording(ACCOUNT, CREATED);
        String honest = twilio.addRecording(ACCOUNT, CREATED);
        twilio.showUnder(SUB, falsified);

        assertThat(call("GET", list("")).body()).contains("\"account_sid\": \"" + SUB, "\"account_sid\": \"" + ACCOUNT);
        assertThat(call("GET", path(ACCOUNT, falsified)).body()).contains("\"account_sid\": \"" + SUB);
        assertThat(call("GET", path(ACCOUNT, honest)).body()).contains("\"account_sid\": \"" + ACCOUNT);
        assertThat(call("GET", path(SUB, falsified)).statusCode()).isEqualTo(404);

        twilio.heal();
        assertThat(call("GET", list("")).body()).doesNotContain("\"account_sid\": \"" + SUB);
        assertThatIllegalArgumentException().isThrownBy(() -> twilio.showUnder(SUB, "RE" + "9".repeat(32)));
    }

    @Test
    void shiftsItsDateHeaderAloneAndLetsAFaultReplaceIt() throws Exception {
        twilio.setDateOffset(Duration.ofHours(-2));
        assertThat(call("GET", list("")).headers().allValues("Date")).containsExactly("Sun, 31 May 2026 22:00:00 GMT");
        assertThat(twilio.journal())
                .singleElement()
                .satisfies(r -> assertThat(r.time()).isEqualTo(now));

        twilio.failNext(1, TwilioFault.none().withHeader("date", "soon"));
        assertThat(call("GET", list("")).headers().allValues("Date")).containsExactly("soon");

        twilio.heal();
        assertThat(call("GET", list("")).headers().allValues("Date")).containsExactly("Mon, 01 Jun 2026 00:00:00 GMT");
    }

    @Test
    void filtersAListByDate() throws Exception {
        String first = twilio.addRecording(ACCOUNT, Instant.parse("2026-01-01T12:00:00Z"));
        String second = twilio.addRecording(ACCOUNT, Instant.parse("2026-01-02T12:00:00Z"));
        assertThat(call("GET", list("?DateCreated=2026-01-01")).body())
                .contains(first)
                .doesNotContain(second);
        assertThat(call("GET", list("?DateCreated%3C=2026-01-02")).body())
                .contains(first)
                .doesNotContain(second);
        assertThat(call("GET", list("?DateCreated%3E=2026-01-02T11:59:59")).body())
                .contains(second)
                .doesNotContain(first);
        assertThat(call("GET", list("?DateCreated=yesterday")).statusCode()).isEqualTo(400);
    }

    @Test
    void filtersAListByCallAndConference() throws Exception {
        TwilioRecording first = TwilioRecording.completed(ACCOUNT, "RE" + "a".repeat(32), CREATED);
        TwilioRecording second = TwilioRecording.completed(ACCOUNT, "RE" + "b".repeat(32), CREATED)
                .withRecorded(first.recorded());
        String conference = "CF" + "c".repeat(32);
        TwilioRecording third = TwilioRecording.completed(ACCOUNT, "RE" + "d".repeat(32), CREATED)
                .withRecorded(new TwilioRecording.Recorded("CA" + "e".repeat(32), conference));
        List.of(first, second, third).forEach(twilio::addRecording);

        assertThat(call("GET", list("?CallSid=" + first.recorded().call())).body())
                .contains(first.sid(), second.sid())
                .doesNotContain(third.sid());
        assertThat(call("GET", list("?ConferenceSid=" + conference)).body())
                .contains(third.sid(), "\"conference_sid\": \"" + conference)
                .doesNotContain(first.sid(), second.sid());
        assertThat(call("GET", list("?PageSize=1&CallSid=" + first.recorded().call()))
                        .body())
                .as("the next page has the same filters")
                .contains("CallSid=" + first.recorded().call() + "&PageSize=1&Page=1");
        assertThatIllegalArgumentException().isThrownBy(() -> new TwilioRecording.Recorded("CA1", null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TwilioRecording.Recorded("CA" + "1".repeat(32), "CF1"));
    }

    /** The parameters of {@code ListRecording} and {@code FetchRecording} in Twilio's OpenAPI document. */
    @Test
    void hasTheParametersOfTheOpenApiDocument() throws Exception {
        assertThat(RecordingsPage.PARAMETERS)
                .containsExactlyInAnyOrder(
                        "DateCreated",
                        "DateCreated<",
                        "DateCreated>",
                        "CallSid",
                        "ConferenceSid",
                        "IncludeSoftDeleted",
                        "PageSize",
                        "Page",
                        "PageToken");
        String path = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        assertThat(call("GET", path + "?IncludeSoftDeleted=false").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "DateUpdated=2026-01-01, DateUpdated",
        "DateCreated%3E2026-01-01, DateCreated>2026-01-01",
        "Status=completed, Status",
        "callsid=CA11111111111111111111111111111111, callsid",
        "CallSid=CA1, CallSid",
        "ConferenceSid=, ConferenceSid",
        "CallSid, CallSid",
        "IncludeSoftDeleted=yes, IncludeSoftDeleted",
        "PageSize=2&PageSize=3, PageSize"
    })
    void refusesAFilterThatItCanNotHonour(String query, String named) throws Exception {
        twilio.addRecording(ACCOUNT, CREATED);
        HttpResponse<String> response = call("GET", list("?" + query));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\": 20001", "'" + named + "'");
    }

    @Test
    void refusesAParameterOfARecordingThatItCanNotHonour() throws Exception {
        String path = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        assertThat(call("GET", path + "?IncludeSoftDeleted=maybe").statusCode()).isEqualTo(400);
        assertThat(call("GET", path + "?Expand=all").statusCode()).isEqualTo(400);
        assertThat(call("DELETE", path + "?IncludeSoftDeleted=true").statusCode())
                .isEqualTo(400);
        assertThat(twilio.stored(ACCOUNT)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "/2010-04-01/Accounts/AC11111111111111111111111111111111/Recordings/RE1.mp3",
        "/2010-04-01/Accounts/AC11111111111111111111111111111111/Calls/CA1/Recordings.json",
        "/2010-04-01/Accounts/AC11111111111111111111111111111111.json",
        "/v1/Recordings"
    })
    void saysThatItDoesNotHaveAPath(String path) throws Exception {
        for (String method : List.of("GET", "DELETE")) {
            HttpResponse<String> response = call(method, path);
            assertThat(response.statusCode()).isEqualTo(501);
            assertThat(response.body()).contains("LoopbackTwilio has no " + path, "/Recordings/{Sid}.json");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "?PageSize=1001, 20007",
        "?PageSize=0, 20007",
        "?Page=1, 21481",
        "?Page=-1, 21481",
        "?PageToken=PT7, 21481",
        "?PageSize=x, 20001"
    })
    void refusesAPageThatCannotBe(String query, int code) throws Exception {
        assertThat(call("GET", list(query)).body()).contains("\"code\": " + code);
    }

    @Test
    void journalsEachRequestWithItsEffect() throws Exception {
        String sid = twilio.addRecording(ACCOUNT, CREATED);
        twilio.failNextOn(sid, TwilioFault.error(500, 20500).applied(), TwilioFault.reset(), TwilioFault.none());
        call("DELETE", path(ACCOUNT, sid));
        assertThatIOException().isThrownBy(() -> call("DELETE", path(ACCOUNT, sid)));
        call("GET", path(ACCOUNT, sid) + "?IncludeSoftDeleted=true");

        assertThat(twilio.journal(sid)).hasSizeGreaterThanOrEqualTo(3);
        TwilioRequest first = twilio.journal().get(0);
        assertThat(first)
                .isEqualTo(TwilioRequest.builder(1, now, "DELETE", path(ACCOUNT, sid))
                        .account(ACCOUNT)
                        .sid(sid)
                        .status(500)
                        .applied(true)
                        .build());
        assertThat(twilio.journal().get(1).status()).isZero();
        assertThat(twilio.journal().get(1).applied()).isFalse();
    }

    @Test
    void appliesLateOnlyWhenTold() throws Exception {
        String sid = twilio.addRecording(ACCOUNT, CREATED);
        twilio.failNextOn(sid, TwilioFault.html(504).appliedLate());
        assertThat(call("DELETE", path(ACCOUNT, sid)).statusCode()).isEqualTo(504);
        assertThat(twilio.stored(ACCOUNT)).isEqualTo(1);
        assertThat(twilio.journal().get(0).applied()).isFalse();

        twilio.applyLate();

        assertThat(twilio.stored(ACCOUNT)).isZero();
        assertThat(twilio.journal().get(0).applied()).isTrue();
    }

    @Test
    void failsTheNextRequestsOrAShareOfThemUntilItIsHealed() throws Exception {
        String path = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        twilio.failNext(2, TwilioFault.error(429, 20429).withRetryAfter("3600"));
        HttpResponse<String> throttled = call("GET", path);
        assertThat(throttled.statusCode()).isEqualTo(429);
        assertThat(throttled.headers().firstValue("Retry-After")).contains("3600");
        assertThat(call("GET", path).statusCode()).isEqualTo(429);
        assertThat(call("GET", path).statusCode()).isEqualTo(200);

        twilio.failShare(0.5, 7, TwilioFault.empty(503));
        int failed = 0;
        for (int i = 0; i < 100; i++) {
            failed += call("GET", path).statusCode() == 503 ? 1 : 0;
        }
        assertThat(failed).isBetween(30, 70);

        twilio.heal();
        assertThat(call("GET", path).statusCode()).isEqualTo(200);
    }

    @Test
    void servesAHundredConnectionsAtOnceAndThrottlesBeyondTheAccountsLimit() throws Exception {
        String path = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        twilio.limitConcurrency(ACCOUNT, 60);
        twilio.pause();
        // The last one is decided when all others have their answers, and so within the limit.
        CountDownLatch others = new CountDownLatch(99);
        twilio.observe((request, user) -> {
            if (request.number() == 100) {
                await(others);
            }
            return null;
        });
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<HttpResponse<String>> call =
                    client.sendAsync(request("GET", path, ACCOUNT, "token"), HttpResponse.BodyHandlers.ofString());
            call.whenComplete((response, failure) -> others.countDown());
            calls.add(call);
        }
        assertThat(twilio.awaitRequests(100, HUNG)).isTrue();
        assertThat(twilio.mostInFlight()).isEqualTo(100);
        twilio.resume();

        int throttled = 0;
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            throttled += call.get(HUNG.toSeconds(), TimeUnit.SECONDS).statusCode() == 429 ? 1 : 0;
        }
        assertThat(throttled).isBetween(1, 99);
        assertThat(call("GET", path).statusCode()).isEqualTo(200);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(HUNG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void endsItsThreadsAndConnectionsWhenItIsClosed() throws Exception {
        String path = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        String name = "loopback-twilio-" + twilio.baseUrl().getPort();
        twilio.failNext(1, TwilioFault.noAnswer());
        CompletableFuture<HttpResponse<String>> hanging =
                client.sendAsync(request("GET", path, ACCOUNT, "token"), HttpResponse.BodyHandlers.ofString());
        assertThat(twilio.awaitRequests(1, HUNG)).isTrue();

        twilio.close();
        twilio.close();

        assertThat(hanging).failsWithin(HUNG).withThrowableThat().withCauseInstanceOf(IOException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.isAlive() && t.getName().startsWith(name));
        assertThat(twilio.connectionsOpen()).isZero();
    }

    @Test
    void answersNothingToWhatWaitsWhenItIsClosed() throws Exception {
        String path = path(ACCOUNT, twilio.addRecording(ACCOUNT, CREATED));
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        twilio.pause();
        for (int i = 0; i < 20; i++) {
            waiting.add(
                    client.sendAsync(request("DELETE", path, ACCOUNT, "token"), HttpResponse.BodyHandlers.ofString()));
        }
        assertThat(twilio.awaitRequests(20, HUNG)).isTrue();

        twilio.close();

        assertThat(waiting)
                .allSatisfy(call ->
                        assertThat(call).failsWithin(HUNG).withThrowableThat().withCauseInstanceOf(IOException.class));
        assertThat(twilio.journal()).noneMatch(TwilioRequest::applied);
    }

    @Test
    void refusesAFixtureThatTwilioCouldNotHave() {
        assertThatIllegalArgumentException().isThrownBy(() -> twilio.addAccount(KEY, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> twilio.addApiKey(ACCOUNT, ACCOUNT, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> twilio.addRecording("AC" + "9".repeat(32), CREATED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twilio.addRecording(TwilioRecording.completed(ACCOUNT, "RE1", CREATED)));
    }
}
